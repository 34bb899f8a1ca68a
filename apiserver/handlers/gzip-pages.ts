import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";
import { assert } from "../../base/assert.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { combineCrc32, crc32Shift } from "./crc32-combine.js";

/** Objects on a page: what one changed object costs to compress again, about 2 ms. */
const PAGE_OBJECTS = 64;
/** Pages that are compressed ahead of the one that is sent. */
const AHEAD = 4;
/** RFC 1952 §2.3: magic, deflate, no flags, no time, the fastest compression, Unix. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);
const STORED_BYTES_MAX = 0xffff;

const deflate = promisify(deflateRaw);

/** A piece of a deflate stream that begins and ends at a byte, and refers to nothing before it. */
interface Piece {
  readonly deflated: Buffer;
  readonly crc: number;
  readonly sizeBytes: number;
  /** Of `crc32Shift`. */
  readonly shift: number;
}

/** Objects that stood in some list one after another; told by keys and revisions: less memory. */
interface Page {
  readonly keys: readonly string[];
  readonly revisions: readonly number[];
  readonly piece: Promise<Piece>;
}

/**
 * Pages by their first object, which they live as long as. Lists of everything in a namespace, or
 * of everything, have the same pages: a list of 10,000 objects of which one changed since
 * compresses 64.
 */
const PAGES = new WeakMap<CachedObject, Page>();

/** A list in JSON: its objects' stored bytes, separated by commas, between head and tail. */
export interface StoredList {
  readonly head: Buffer;
  readonly objects: readonly CachedObject[];
  readonly tail: Buffer;
}

/**
 * The list as one gzip file, in chunks of at least `chunkBytes` but for the last. `emit` is called
 * in order and is waited for. Throws what `emit` throws.
 */
export async function gzipList(
  list: StoredList,
  options: { readonly chunkBytes: number; readonly emit: (chunk: Buffer) => Promise<void> },
): Promise<void> {
  const { chunkBytes, emit } = options;
  let parts: Buffer[] = [HEADER, stored(list.head)];
  let size = 0;
  let crc = crc32(list.head);
  let total = list.head.length;
  const add = (piece: Piece): void => {
    parts.push(piece.deflated);
    size += piece.deflated.length;
    crc = combineCrc32(crc, piece.crc, piece.shift);
    total += piece.sizeBytes;
  };
  let first = true;
  for await (const piece of piecesOf(list.objects)) {
    if (!first) add(COMMA);
    first = false;
    add(piece);
    if (size < chunkBytes) continue;
    await emit(Buffer.concat(parts));
    parts = [];
    size = 0;
  }
  crc = combineCrc32(crc, crc32(list.tail), crc32Shift(list.tail.length));
  total += list.tail.length;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(total % 2 ** 32, 4);
  parts.push(stored(list.tail, true), trailer);
  await emit(Buffer.concat(parts));
}

async function* piecesOf(objects: readonly CachedObject[]): AsyncGenerator<Piece> {
  const started: Promise<Piece>[] = [];
  let at = 0;
  while (at < objects.length || started.length > 0) {
    while (at < objects.length && started.length < AHEAD) {
      const page = pageAt(objects, at);
      // Whoever waits for the piece meets its failure; until then it is nobody's.
      page.piece.catch(() => {});
      started.push(page.piece);
      at += page.keys.length;
    }
    const next = started.shift();
    if (next !== undefined) yield await next;
  }
}

/** The page that begins with the object at `at`: one that is known, or a new one. */
function pageAt(objects: readonly CachedObject[], at: number): Page {
  const first = objects[at];
  assert(first !== undefined, "a page begins with an object");
  const known = PAGES.get(first);
  if (known !== undefined && isAt(known, objects, at)) return known;
  const content = objects.slice(at, endOfNewPage(objects, at));
  const page: Page = {
    keys: content.map(({ key }) => key),
    revisions: content.map(({ revision }) => revision),
    piece: compress(content),
  };
  PAGES.set(first, page);
  page.piece.catch(() => PAGES.delete(first));
  return page;
}

function isAt(page: Page, objects: readonly CachedObject[], at: number): boolean {
  return page.keys.every((key, n) => {
    const object = objects[at + n];
    return object !== undefined && object.revision === page.revisions[n] && object.key === key;
  });
}

/**
 * A new page ends where a known one begins, unless that is small: what is put in between others
 * must not leave ever smaller pages. It also ends with its namespace.
 */
function endOfNewPage(objects: readonly CachedObject[], at: number): number {
  const limit = Math.min(objects.length, at + PAGE_OBJECTS);
  const namespace = objects[at]?.namespace;
  for (let end = at + 1; end < limit; end += 1) {
    const object = objects[end];
    if (object === undefined || object.namespace !== namespace) return end;
    const next = PAGES.get(object);
    if (next === undefined || !isAt(next, objects, end)) continue;
    if (next.keys.length >= PAGE_OBJECTS / 2) return end;
  }
  return limit;
}

async function compress(objects: readonly CachedObject[]): Promise<Piece> {
  const bytes = Buffer.concat(
    objects.flatMap(({ value }, n) => (n === 0 ? [value] : [COMMA_TEXT, value])),
  );
  // A full flush ends at a byte and forgets what came before.
  const deflated = await deflate(bytes, {
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  return pieceOf(bytes, deflated);
}

function pieceOf(bytes: Buffer, deflated: Buffer): Piece {
  const sizeBytes = bytes.length;
  return { deflated, crc: crc32(bytes), sizeBytes, shift: crc32Shift(sizeBytes) };
}

/** RFC 1951 §3.2.4: blocks that are not compressed, for a few bytes. */
function stored(bytes: Buffer, final = false): Buffer {
  assert(bytes.length <= STORED_BYTES_MAX, `a stored block of ${bytes.length} bytes`);
  const head = Buffer.alloc(5);
  head.writeUInt8(final ? 1 : 0, 0);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([head, bytes]);
}

const COMMA_TEXT = Buffer.from(",");
const COMMA = pieceOf(COMMA_TEXT, stored(COMMA_TEXT));
