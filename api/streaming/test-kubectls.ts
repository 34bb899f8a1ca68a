import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** A kubectl on this computer. */
export interface InstalledKubectl {
  /** Such as 1.33. */
  readonly version: string;
  /** 33 of 1.33. */
  readonly minor: number;
  readonly path: string;
}

/** How many there must be where the environment promises all from 1.27 to 1.33. */
const MATRIX_SIZE = 7;

/**
 * For tests: every kubectl on this computer, oldest first: `kubectl.1.27` … beside the one on PATH,
 * or that one alone. Throws when there is none, and when KUBECTL_MATRIX=1 promises seven and there
 * are fewer.
 */
export function installedKubectls(): readonly InstalledKubectl[] {
  const found = (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, "kubectl"))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("no kubectl on PATH: apt-get install kubernetes-client");
  const all = sideBySide(dirname(realpathSync(found)));
  if (process.env["KUBECTL_MATRIX"] === "1" && all.length < MATRIX_SIZE)
    throw new Error(`KUBECTL_MATRIX=1 but only ${all.length} kubectls beside ${found}`);
  if (all.length > 0) return all;
  const minor = minorOf(found);
  return [{ version: `1.${minor}`, minor, path: found }];
}

/** The path of one of the installed kubectls, such as 1.33. Throws when it is not there. */
export function kubectlPath(version: string): string {
  const found = installedKubectls().find((kubectl) => kubectl.version === version);
  if (found === undefined) throw new Error(`kubectl ${version} is not on this computer`);
  return found.path;
}

/** The oldest and the newest: what differs between versions mostly differs between these. */
export function oldestAndNewestKubectl(): readonly InstalledKubectl[] {
  const all = installedKubectls();
  return all.length <= 2 ? all : all.filter((_, at) => at === 0 || at === all.length - 1);
}

function sideBySide(folder: string): InstalledKubectl[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const minor = /^kubectl\.1\.(\d+)$/.exec(name)?.[1];
      return minor === undefined ? [] : [{ minor: Number(minor), path: join(folder, name) }];
    })
    .sort((a, b) => a.minor - b.minor)
    .map(({ minor, path }) => ({ version: `1.${minor}`, minor, path }));
}

function minorOf(path: string): number {
  const said = execFileSync(path, ["version", "--client", "-o", "json"]).toString();
  const { clientVersion } = JSON.parse(said) as { clientVersion: { minor: string } };
  return Number.parseInt(clientVersion.minor, 10);
}
