import { crc32 } from "node:zlib";
import t from "tap";
import { encodeBatch, readRecord, type WalRecord } from "./record.js";

const RECORDS: readonly WalRecord[] = [
  { kind: "head", head: { memberId: "server-1", firstIndex: 1 } },
  { kind: "hardState", hardState: { term: 3, vote: "server-1", commit: 7 } },
  { kind: "hardState", hardState: { term: 2 ** 40, vote: null, commit: 0 } },
  { kind: "entry", entry: { term: 3, index: 8, data: Buffer.from("hello") } },
  { kind: "entry", entry: { term: 3, index: 9, data: Buffer.alloc(0) } },
];

void t.test("what was written is read", async (t) => {
  const file = encodeBatch(RECORDS, 5);
  t.equal(file.length % 8, 0);
  let at = 0;
  for (const [i, record] of RECORDS.entries()) {
    const found = readRecord(file, at);
    t.same(found?.record, record);
    t.equal(found?.batch, 5);
    t.equal(found?.lastOfBatch, i === RECORDS.length - 1);
    at = found?.end ?? 0;
  }
  t.equal(at, file.length);
});

void t.test("a captured record of format 1 is still read", async (t) => {
  const captured = Buffer.from(
    "36a8c67b0000001503010000000000000000000500000000" +
      "00000003000000000000000868656c6c6f00000000000000",
    "hex",
  );
  t.same(readRecord(captured, 0)?.record, RECORDS[3]);
  t.same(encodeBatch(RECORDS.slice(3, 4), 5), captured);
});

void t.test("every flipped bit is noticed", async (t) => {
  const file = encodeBatch(RECORDS.slice(3, 4), 1);
  // Padding carries nothing; everything else counts.
  const meaningful = 20 + 16 + 5;
  for (let bit = 0; bit < meaningful * 8; bit += 1) {
    const flipped = Buffer.from(file);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (readRecord(flipped, 0) !== null) t.fail(`bit ${bit}`);
  }
});

void t.test("zlib's checksum is CRC-32 as everybody knows it", async (t) => {
  t.equal(crc32("123456789"), 0xcbf43926);
});

void t.test("an unknown format is refused, not misread", async (t) => {
  const file = encodeBatch(RECORDS.slice(0, 1), 1);
  file[20] = 9;
  file.writeUInt32BE(crc32(file.subarray(4, 20 + file.readUInt32BE(4))), 0);
  t.throws(() => readRecord(file, 0), { code: "Malformed" });
});
