import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type FsyncRecordLine, recordedFileSystem } from "./fsync-record.js";

function use(fsync: boolean): readonly FsyncRecordLine[] {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  const record = join(folder, "record.jsonl");
  try {
    const files = recordedFileSystem({ fsync, record });
    const file = files.open(join(folder, "a"), "create");
    file.append(Buffer.alloc(3));
    file.fdatasync();
    file.append(Buffer.alloc(4));
    file.close();
    files.rename(join(folder, "a"), join(folder, "b"));
    files.fsyncFolder(folder);
    const again = files.open(join(folder, "b"), "existing");
    again.append(Buffer.alloc(1));
    again.fdatasync();
    again.close();
    files.truncate(join(folder, "b"), 2);
    files.remove(join(folder, "b"));
    const lines = readFileSync(record, "utf8").replaceAll(folder, "").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as FsyncRecordLine);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void t.test("takes down what is durable, once it is", (t) => {
  t.same(use(true), [
    { op: "create", path: "/a" },
    { op: "sync", path: "/a", size: 3 },
    { op: "rename", path: "/a", to: "/b" },
    { op: "syncFolder", path: "" },
    { op: "sync", path: "/b", size: 8 },
    { op: "sync", path: "/b", size: 2 },
    { op: "remove", path: "/b" },
  ]);
  t.end();
});

void t.test("without fsync nothing is", (t) => {
  const ops = use(false).map(({ op }) => op);
  t.same(ops, ["create", "rename", "remove"]);
  t.end();
});
