import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";

const BATCHES = new URL("../../test/batches.mjs", import.meta.url).href;

/** The runner is plain JavaScript, which nothing compiled may import by name. */
const { batchesOf } = (await import(BATCHES)) as {
  readonly batchesOf: (files: readonly string[], textOf: (file: string) => string) => string[][];
};

const PURE =
  'import t from "tap";\nt.test("a", (t) => t.end());\nvoid t.test("b", async () => {});';

void t.test("what touches more than its own tests has a process of its own", (t) => {
  const texts: Record<string, string> = {
    limit: `${PURE}\nt.setTimeout(1);`,
    teardown: `${PURE}\nt.teardown(() => {});`,
    waits: `const server = await start();\n${PURE}`,
    port: `import { createServer } from "node:http";\n${PURE}`,
    program: `${PURE}\nprocess.exitCode = 0;`,
    pure: PURE,
    files: `import { mkdtempSync } from "node:fs";\n${PURE}\n// t.setTimeout(1) of a process`,
    inside: `${PURE}\nt.test("c", async (t) => {\n  t.teardown(await start());\n});`,
  };
  const batches = batchesOf(Object.keys(texts), (file) => texts[file] ?? "");
  const alone = ["limit", "teardown", "waits", "port", "program", "files"];
  t.same(batches, [...alone.map((file) => [file]), ["pure", "inside"]]);
  t.end();
});

void t.test("batches are of like size, and hold every file once", (t) => {
  const files = Array.from({ length: 25 }, (_, i) => `f${i}`);
  const batches = batchesOf(files, () => PURE);
  t.same(
    batches.map((batch) => batch.length),
    [9, 9, 7],
  );
  t.same(batches.flat(), files);
  t.same(
    batchesOf([], () => PURE),
    [],
  );
  t.end();
});

void t.test("files in one process count as they do in several", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-batches-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const tap = JSON.stringify(import.meta.resolve("tap"));
  const write = (name: string, body: string): string => {
    const file = join(folder, name);
    writeFileSync(file, `import t from ${tap};\n${body}\n`);
    return `import ${JSON.stringify(file)};`;
  };
  const one = write("1.mjs", 't.test("one", (t) => setTimeout(() => t.end(), 20));');
  const two = write("2.mjs", 't.test("two", (t) => t.end());\nt.test("three", (t) => t.end());');
  const thrown = write("3.mjs", 't.test("four", () => { throw new Error("no"); });');
  const crashed = write("4.mjs", 't.test("five", () => process.exit(0));');
  const run = (...imports: string[]) => {
    const args = ["--input-type=module", "--eval", imports.join("\n")];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const roots = (pattern: RegExp): number => stdout.match(pattern)?.length ?? 0;
    return { status, ok: roots(/^ok /gm), notOk: roots(/^not ok /gm) };
  };
  t.same(run(one, two), { status: 0, ok: 3, notOk: 0 });
  t.match(run(one, thrown, two), { status: 1, ok: 3, notOk: 1 }, "who fails stops nobody");
  t.not(run(one, crashed, two).status, 0, "who ends the process does not end well");
  t.end();
});
