import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "raft-ts";
import t from "tap";
import { AppendDisk, type DiskRequest } from "./append-disk.js";
import { inlineRunner } from "./disk-runner.js";
import { nodeFileSystem } from "./node-file-system.js";
import { readLog, Wal } from "./wal.js";

const files = nodeFileSystem({ fsync: false });

function entry(index: number): Entry {
  return { term: 1, index, data: Buffer.alloc(100, index) };
}

/** The log in a folder, opened as a member would; notes what it asks of the disk. */
function open(folder: string): { wal: Wal; requests: DiskRequest[] } {
  const found = readLog(files, folder);
  const disk = new AppendDisk(files, { folder, name: found.segments.at(-1)?.name ?? null });
  const inner = inlineRunner(disk);
  const requests: DiskRequest[] = [];
  const run = (request: DiskRequest): Promise<void> => {
    requests.push(request);
    return inner.run(request);
  };
  const config = { folder, memberId: "a", segmentSizeBytes: 500 };
  return { wal: new Wal(config, { runner: { ...inner, run }, found }), requests };
}

function folderFor(t: { teardown(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-wal-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

function indexes(folder: string): number[] {
  return readLog(files, folder).scan.entries.map((one) => one.index);
}

void t.test("what comes while the disk works shares the next write", async (t) => {
  const { wal, requests } = open(folderFor(t));
  const hardState = { term: 1, vote: "a", commit: 0 };
  await Promise.all([1, 2, 3, 4].map((index) => wal.append(hardState, [entry(index)])));
  t.equal(requests.length, 2, "one for the first, one for the three that came meanwhile");
  await wal.close();
});

void t.test("segments are filled one after the other, and dropped below a snapshot", async (t) => {
  const folder = folderFor(t);
  const { wal } = open(folder);
  const hardState = { term: 1, vote: "a", commit: 0 };
  for (let index = 1; index <= 20; index += 1) await wal.append(hardState, [entry(index)]);
  const before = files.readdir(folder);
  t.ok(before.length >= 4, `${before.length} segments`);
  await wal.dropBelow(10);
  const after = files.readdir(folder);
  t.ok(after.length < before.length);
  t.same(after, before.slice(-after.length), "the oldest went");
  const left = indexes(folder);
  t.ok((left[0] ?? 99) <= 11, "nothing after the snapshot is missing");
  t.equal(left.at(-1), 20);
  await wal.append(hardState, [entry(21)]);
  await wal.close();
  const reopened = open(folder).wal;
  await reopened.append(hardState, [entry(22), entry(23)]);
  await reopened.dropBelow(99);
  await reopened.close();
  t.equal(indexes(folder).at(-1), 23);
  t.match(readLog(files, folder).scan, { hardState, lastIndex: 23, damage: null });
});

void t.test("an entry that replaces earlier ones is what is read", async (t) => {
  const folder = folderFor(t);
  const { wal } = open(folder);
  await wal.append(null, [entry(1), entry(2), entry(3)]);
  await wal.append(null, [{ ...entry(2), term: 2 }]);
  await wal.close();
  const { entries } = readLog(files, folder).scan;
  t.same(
    entries.map((one) => [one.index, one.term]),
    [
      [1, 1],
      [2, 2],
    ],
  );
});

void t.test("a snapshot takes the place of the log in one step", async (t) => {
  const folder = folderFor(t);
  const { wal, requests } = open(folder);
  const hardState = { term: 1, vote: "a", commit: 3 };
  for (let index = 1; index <= 9; index += 1) await wal.append(hardState, [entry(index)]);
  const before = readdirSync(folder);
  t.ok(before.length > 1, "several segments");
  // What was not written yet belongs to what is replaced.
  const late = [wal.append(null, [entry(10)]), wal.append(null, [entry(11)])];
  wal.restartAt({ index: 50, term: 2 });
  const newState = { term: 2, vote: null, commit: 50 };
  await Promise.all([...late, wal.append(newState, [])]);
  await wal.append(null, [{ ...entry(51), term: 2 }]);
  await wal.close();
  t.same(indexes(folder), [51]);
  const { scan } = readLog(files, folder);
  t.match(scan, { firstIndex: 51, lastIndex: 51, hardState: newState });
  t.notOk(
    readdirSync(folder).some((name) => before.includes(name)),
    "old segments are gone",
  );
  const created = requests.filter(({ type }) => type === "create" || type === "remove");
  t.same(
    created.slice(-2).map(({ type }) => type),
    ["create", "remove"],
    "in that order",
  );
  const again = open(folder);
  await again.wal.append(null, [{ ...entry(52), term: 2 }]);
  await again.wal.close();
  t.same(indexes(folder), [51, 52], "and it goes on from there");
});

void t.test("what an unfinished restart left behind counts no longer", async (t) => {
  const folder = folderFor(t);
  const first = open(folder);
  for (let index = 1; index <= 9; index += 1) await first.wal.append(null, [entry(index)]);
  await first.wal.close();
  const old = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const);
  const { wal } = open(folder);
  wal.restartAt({ index: 50, term: 2 });
  await wal.append({ term: 2, vote: null, commit: 50 }, []);
  await wal.close();
  // As if the machine had stopped before the old segments were removed.
  for (const [name, bytes] of old) writeFileSync(join(folder, name), bytes);
  const { scan } = readLog(files, folder);
  t.match(scan, { firstIndex: 51, lastIndex: 50, damage: null, entries: [] });
});
