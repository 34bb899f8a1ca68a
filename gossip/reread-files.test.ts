import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { RereadFiles } from "./reread-files.js";

void t.test("files are handed out when one of them changed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-reread-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const paths = ["a", "b"].map((name) => join(folder, name));
  const write = (a: string, b: string): void =>
    [a, b].forEach((text, i) => writeFileSync(paths[i] ?? "", text));
  const files = new RereadFiles(paths);
  const read = async (): Promise<string[] | undefined> => (await files.read())?.map(String);

  await t.rejects(read(), { code: "ENOENT" });
  write("1", "2");
  t.strictSame(await read(), ["1", "2"]);
  t.equal(await read(), undefined, "nothing changed");
  write("1", "3");
  t.strictSame(await read(), ["1", "3"]);
  rmSync(paths[1] ?? "");
  await t.rejects(read(), { code: "ENOENT" });
  write("1", "3");
  t.strictSame(await read(), ["1", "3"], "after a failure all is new");
});
