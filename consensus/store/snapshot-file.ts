import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { LogStart } from "raft-ts";
import { ByteReader, ByteWriter, MalformedError } from "../bytes.js";
import { failPoint } from "../fail-point.js";
import type { DiskRunner } from "../wal/disk-runner.js";
import type { FileSystem } from "../wal/file-system.js";
import {
  isWhole,
  type MapPair,
  type MapView,
  type MapWrite,
  type OrderedMap,
} from "./ordered-map.js";

/** The format of a snapshot file; a reader refuses what is newer. */
export const SNAPSHOT_VERSION = 1;

const MAGIC = 0x524d_534e; // RMSN
const HEADER_BYTES = 4 + 1 + 8 + 8 + 4;
const CHUNK_HEADER_BYTES = 8;
const END_BYTES = 4 + 8 + 4;
/** Marks the end; no chunk is so long. */
const END = 0xffff_ffff;
const PAIRS_PER_SCAN = 200;
const CHUNK_BYTES = 256 * 1024;
const TEMPORARY = ".tmp";
const NAME = /^(\d{16})-(\d{16})\.snap$/;

/** The name of the snapshot that holds everything up to an index; names sort by index. */
export function snapshotName({ index, term }: LogStart): string {
  return `${String(index).padStart(16, "0")}-${String(term).padStart(16, "0")}.snap`;
}

/** The snapshots in a folder, newest first. */
export function listSnapshots(names: readonly string[]): { name: string; at: LogStart }[] {
  const found: { name: string; at: LogStart }[] = [];
  for (const name of names) {
    const parts = NAME.exec(name);
    if (parts !== null)
      found.push({ name, at: { index: Number(parts[1]), term: Number(parts[2]) } });
  }
  return found.sort((a, b) => b.at.index - a.at.index);
}

/** Of the names in a folder: snapshots taken here that are not whole; not those being received. */
export function halfTaken(names: readonly string[]): string[] {
  return names.filter(
    (name) => name.endsWith(TEMPORARY) && NAME.test(name.slice(0, -TEMPORARY.length)),
  );
}

/**
 * Writes everything of `view` as a snapshot that holds the log up to `at`. The file appears under
 * its name only once it was read back and found whole. Rejects with what the disk threw.
 */
export async function writeSnapshot(
  view: MapView,
  at: LogStart,
  runner: DiskRunner,
): Promise<void> {
  const name = snapshotName(at);
  const header = new ByteWriter(HEADER_BYTES).u32(MAGIC).u8(SNAPSHOT_VERSION);
  header.u53(at.index).u53(at.term);
  header.u32(crc32(header.finish()));
  let crc = crc32(header.finish());
  let count = 0;
  await runner.run({ type: "create", name: `${name}${TEMPORARY}`, bytes: header.finish() });
  for await (const chunk of chunks(view)) {
    crc = crc32(chunk.bytes, crc);
    count += chunk.count;
    await runner.run({ type: "append", bytes: chunk.bytes });
    failPoint("snapshot-write");
  }
  const end = new ByteWriter(END_BYTES).u32(END).u53(count);
  end.u32(crc32(end.finish()));
  crc = crc32(end.finish(), crc);
  await runner.run({ type: "append", bytes: end.finish() });
  await runner.run({ type: "publish", name: `${name}${TEMPORARY}`, as: name, crc });
}

/**
 * Reads a snapshot into an empty map. Throws MalformedError when anything in it is not as it was
 * written; the map must then be thrown away. `hasTail`: something else follows it in the file.
 */
export async function readSnapshot(
  files: FileSystem,
  { path, hasTail = false }: { readonly path: string; readonly hasTail?: boolean },
  map: OrderedMap,
): Promise<LogStart> {
  let at: LogStart | null = null;
  for (const part of snapshotParts(files, path, hasTail)) {
    if (part.type === "header") at = part.at;
    else await map.write(part.writes);
  }
  if (at === null) throw new MalformedError("no header");
  return at;
}

/** True when the snapshot can be read from its beginning to its end. */
export function isSnapshotWhole(files: FileSystem, folder: string, name: string): boolean {
  try {
    for (const part of snapshotParts(files, join(folder, name)))
      if (part.type === "header" && snapshotName(part.at) !== name) return false;
    return true;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

type Part =
  | { readonly type: "header"; readonly at: LogStart }
  | { readonly type: "pairs"; readonly writes: readonly MapWrite[] };

function* snapshotParts(files: FileSystem, path: string, hasTail = false): Generator<Part> {
  const header = new ByteReader(files.readPart(path, 0, HEADER_BYTES));
  if (header.u32() !== MAGIC) throw new MalformedError("not a snapshot");
  const version = header.u8();
  if (version !== SNAPSHOT_VERSION)
    throw new MalformedError(`snapshot format ${version} is not known`);
  const at = { index: header.u53(), term: header.u53() };
  checkSum(files.readPart(path, 0, HEADER_BYTES - 4), header.u32());
  yield { type: "header", at };
  let offset = HEADER_BYTES;
  let count = 0;
  for (;;) {
    const head = new ByteReader(files.readPart(path, offset, CHUNK_HEADER_BYTES));
    const length = head.u32();
    if (length === END) break;
    const payload = files.readPart(path, offset + CHUNK_HEADER_BYTES, length);
    if (payload.length !== length) throw new MalformedError("a chunk is cut off");
    checkSum(payload, head.u32());
    const writes = readPairs(payload);
    count += writes.length;
    yield { type: "pairs", writes };
    offset += CHUNK_HEADER_BYTES + length;
  }
  const end = files.readPart(path, offset, hasTail ? END_BYTES : END_BYTES + 1);
  const reader = new ByteReader(end, 4);
  if (reader.u53() !== count) throw new MalformedError(`${count} pairs are not as many as written`);
  checkSum(end.subarray(0, END_BYTES - 4), reader.u32());
  reader.end();
}

function readPairs(payload: Buffer): MapWrite[] {
  const reader = new ByteReader(payload);
  const writes: MapWrite[] = [];
  while (reader.remaining > 0) writes.push({ key: reader.bytes(), value: reader.bytes() });
  return writes;
}

async function* chunks(view: MapView): AsyncGenerator<{ bytes: Buffer; count: number }> {
  const end = Buffer.from([0xff]);
  let from: Buffer = Buffer.from([0]);
  let writer = startChunk();
  let count = 0;
  for (;;) {
    const range = { from, end, limit: PAIRS_PER_SCAN, limitBytes: CHUNK_BYTES };
    const pairs: MapPair[] = await view.scan(range);
    for (const [key, value] of pairs) {
      writer.bytes(key).bytes(value);
      count += 1;
      if (writer.length < CHUNK_BYTES) continue;
      yield { bytes: endChunk(writer), count };
      writer = startChunk();
      count = 0;
    }
    const last = pairs.at(-1);
    if (last === undefined || isWhole(pairs, range)) break;
    from = Buffer.concat([last[0], Buffer.from([0])]);
  }
  if (count > 0) yield { bytes: endChunk(writer), count };
}

function startChunk(): ByteWriter {
  return ByteWriter.owning(CHUNK_BYTES + 64 * 1024)
    .u32(0)
    .u32(0);
}

function endChunk(writer: ByteWriter): Buffer {
  const payload = writer.finish().subarray(CHUNK_HEADER_BYTES);
  writer.patchU32(0, payload.length);
  writer.patchU32(4, crc32(payload));
  return writer.finish();
}

function checkSum(bytes: Buffer, expected: number): void {
  if (crc32(bytes) !== expected) throw new MalformedError("a checksum does not match");
}
