import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";

/**
 * npm 11 and later refuse to install from a lock that leaves out a package for another platform,
 * and npm leaves those out that its registry does not offer. The remedy: npm install, from a
 * registry that has them all.
 */

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(import.meta.dirname, "../../../package-lock.json"), "utf8");
const { packages } = JSON.parse(text) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/** Where Node.js looks for a package from the folder of another, the nearest first. */
function candidates(from: string, name: string): string[] {
  const parents = [...from.matchAll(/\/node_modules\//g)].map(({ index }) => from.slice(0, index));
  return [from, ...parents.reverse(), ""].map((folder) =>
    folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`,
  );
}

t.test("the lock names every package of every platform", async (t) => {
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => candidates(from, name).every((path) => packages[path] === undefined))
      .map((name) => `${name}, for ${from}`),
  );
  t.same(missing, []);
});

t.test("the lock names no registry", async (t) => {
  t.notMatch(text, /"resolved": "https?:/);
});
