import t from "tap";
import { ByteReader, ByteWriter } from "../bytes.js";
import type { ApplyResult } from "./apply-result.js";
import { Duplicates } from "./duplicates.js";

const SESSION = "0123456789abcdef";
const done: ApplyResult = { type: "txn", response: { succeeded: true, revision: 2, results: [] } };
const several = (count: number): ApplyResult => ({
  type: "txns",
  results: Array.from({ length: count }, () => done),
});
const origin = (sequence: number, resentSince: number | null = null) => ({
  session: SESSION,
  sequence,
  resentSince,
});

void t.test("it remembers so many outcomes, not so many proposals", (t) => {
  const table = new Duplicates(0);
  for (let n = 1; n <= 1000; n += 1) table.remember(origin(n), n, several(100));
  const known = Array.from({ length: 1000 }, (_, n) => n + 1).filter(
    (n) => table.lookUp(origin(n)) !== null,
  );
  t.equal(known.length, 163, "16,384 outcomes");
  t.equal(known[0], 838, "the latest");
  t.equal(table.floor, 837);
  t.equal(table.lookUp(origin(800, 799)), "unknown", "what is forgotten is not taken for new");
  for (let n = 1001; n <= 60_000; n += 1) table.remember(origin(n), n, done);
  t.equal(table.floor, 60_000 - 16_384);
  t.end();
});

void t.test("what comes from the disk is the table that was written", (t) => {
  const table = new Duplicates(0);
  const written = new ByteWriter(64);
  for (let n = 1; n <= 400; n += 1) table.remember(origin(n), n, n % 2 === 0 ? several(90) : done);
  table.takeFresh(written);
  const loaded = new Duplicates(table.floor);
  loaded.load(new ByteReader(written.finish()));
  t.equal(loaded.hash.toString(), table.hash.toString());
  for (const one of [table, loaded])
    for (let n = 401; n <= 500; n += 1) one.remember(origin(n), n, several(7));
  t.equal(loaded.floor, table.floor);
  t.equal(loaded.hash.toString(), table.hash.toString(), "and goes on as the table does");
  t.end();
});
