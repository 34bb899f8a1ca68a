import { rmSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { messageOf } from "../../base/errors.js";
import { ConsensusError, toDiskError } from "../consensus-errors.js";
import type { MapPair, MapRange, OrderedMap } from "./ordered-map.js";

const BUFFERS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;

type LevelDb = Level<Buffer, Buffer>;

/**
 * Opens LevelDB in `folder`. It is not trusted with anything: batches are not synced, and what is
 * in it can be made again from snapshot and log. Throws what LevelDB throws.
 */
export async function openLevelMap(folder: string): Promise<OrderedMap> {
  const db: LevelDb = new Level<Buffer, Buffer>(folder, {
    ...BUFFERS,
    cacheSize: 16 * 1024 * 1024,
    writeBufferSize: 8 * 1024 * 1024,
  });
  await db.open();
  return {
    get: (key) => {
      try {
        return db.getSync(key);
      } catch (error) {
        throw toStoreCorrupt(error, folder);
      }
    },
    write: async (batch) => {
      try {
        // Put by put: a list of operations costs three times as much to hand over.
        const chained = db.batch();
        for (const { key, value } of batch)
          if (value === null) chained.del(key);
          else chained.put(key, value);
        await chained.write();
      } catch (error) {
        throw toDiskError(asSystemError(error), folder);
      }
    },
    scan: (range) =>
      scan(db, range).catch((error: unknown) => {
        throw toStoreCorrupt(error, folder);
      }),
    view: () => {
      const snapshot = db.snapshot();
      return {
        scan: (range) =>
          scan(db, range, snapshot).catch((error: unknown) => {
            throw toStoreCorrupt(error, folder);
          }),
        close: () => snapshot.close(),
      };
    },
    sizeBytes: () => sizeOf(folder),
    close: () => db.close(),
  };
}

/** Throws LevelDB away; the next open begins with nothing. */
export function destroyLevelMap(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

async function scan(
  db: LevelDb,
  { from, end, limit, limitBytes }: MapRange,
  snapshot?: ReturnType<LevelDb["snapshot"]>,
): Promise<MapPair[]> {
  const iterator = db.iterator({
    gte: from,
    lt: end,
    limit,
    fillCache: false,
    highWaterMarkBytes: 1024 * 1024,
    ...(snapshot === undefined ? {} : { snapshot }),
  });
  try {
    const found: MapPair[] = [];
    let size = 0;
    for (;;) {
      const pairs = await iterator.nextv(limit);
      if (pairs.length === 0) return found;
      for (const pair of pairs) {
        if (size >= limitBytes) return found;
        found.push(pair);
        size += pair[0].length + pair[1].length;
      }
    }
  } finally {
    await iterator.close();
  }
}

/** What LevelDB says of tables it cannot read. */
function toStoreCorrupt(error: unknown, folder: string): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code !== "LEVEL_CORRUPTION" && code !== "LEVEL_IO_ERROR") return error;
  return new ConsensusError(
    "StoreCorrupt",
    `${folder} cannot be read (${messageOf(error)}): ` +
      "start the server again, it rebuilds the store from snapshot and log",
    { details: { folder }, cause: error },
  );
}

/** LevelDB hands on what the system said as text alone. */
function asSystemError(error: unknown): unknown {
  const isFull = error instanceof Error && error.message.includes("No space left on device");
  return isFull ? Object.assign(error, { code: "ENOSPC" }) : error;
}

/** What its files take up. LevelDB's own statistics leave out what is in its log alone. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for (const name of await readdir(folder)) {
    // Tables come and go while it is looked.
    const file = await stat(join(folder, name)).catch(() => null);
    size += file?.size ?? 0;
  }
  return size;
}
