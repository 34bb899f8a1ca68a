import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function block(language: string): string {
  const text = readme.split(`\`\`\`${language}\n`)[1]?.split("\n```")[0];
  if (text === undefined) throw new Error(`the README has no block of ${language}`);
  return text;
}

void t.test("the counter of the README runs as it stands, and prints what it says", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raft-ts-readme-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const door = JSON.stringify(new URL("raft-ts.js", import.meta.url).href);
  const program = block("js");
  t.ok(program.split("\n").length < 80, "about sixty lines");
  const path = join(folder, "counter.mjs");
  writeFileSync(path, program.replace('"raft-ts"', door));
  const printed = execFileSync(process.execPath, [path], { timeout: 20_000 }).toString();
  t.equal(printed.trim(), block("text"));
});
