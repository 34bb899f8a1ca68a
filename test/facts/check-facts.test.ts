import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const CHECK = fileURLToPath(new URL("./check-facts.js", import.meta.url));

function check(folder: string): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK, folder], {
    encoding: "utf8",
  });
  return { code: status, text: stdout + stderr };
}

void t.test("what is missing fails, one file after another", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-facts-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const files = ["openapi-definitions.json", "openapi-operations.jsonl", "protobuf-fields.json"];
  for (const file of files) {
    const { code, text } = check(folder);
    t.equal(code, 1);
    t.match(text, `${file} is missing`);
    t.match(text, /\d+ passed, \d+ failed\n/u);
    writeFileSync(join(folder, file), file.endsWith("l") ? "" : "{}");
  }
  mkdirSync(join(folder, "roundtrip"));
  const { code, text } = check(folder);
  t.equal(code, 1, "empty files are no facts");
  t.match(text, "nothing to compare");
});

void t.test("without a folder it says how it is called", async (t) => {
  t.equal(spawnSync(process.execPath, [CHECK]).status, 2);
});
