import { hasCode, messageOf } from "../../base/errors.js";
import {
  appliedOfMarker,
  BatchStore,
  type BatchMarker,
  decodeMarker,
  MARKERS_KEPT,
} from "./batch-store.js";
import { Duplicates } from "./duplicates.js";
import { readMember } from "./member-table.js";
import { Mvcc } from "./mvcc.js";
import { isWhole, type MapPair, type OrderedMap } from "./ordered-map.js";
import {
  decodeRecord,
  mapKey,
  parseMapKey,
  PREFIX,
  type Prefix,
  sumOfSealed,
  unseal,
} from "./store-record.js";

/** A store that can go on after `marker.applied`. */
export interface LoadedStore {
  readonly batches: BatchStore;
  readonly mvcc: Mvcc;
  readonly marker: BatchMarker;
  /** The applied indexes under which duplicates are stored, ascending. */
  readonly duplicateBatches: readonly number[];
}

export type LoadResult =
  | { readonly state: "absent" }
  | { readonly state: "broken"; readonly why: string }
  | { readonly state: "whole"; readonly store: LoadedStore };

const SLICE = 1000;
const SLICE_BYTES = 4 * 1024 * 1024;
/** The store before its first batch. */
export const FIRST_MARKER: BatchMarker = {
  applied: { index: 0, term: 0 },
  revision: 1,
  compactRevision: 0,
  duplicatesFloor: 0,
  storedHash: "",
  confState: null,
};

async function loadMembers(map: OrderedMap, mvcc: Mvcc): Promise<void> {
  for await (const [key, sealed] of pairs(map, PREFIX.member)) {
    const { number, rest } = parseMapKey(key);
    const reader = unseal(key, sealed);
    // Oldest first: the key's number is the index at which a member left.
    if (number > 0) mvcc.members.leave(rest.toString("latin1"), number);
    else mvcc.members.set(readMember(reader));
  }
}

/** A store over an empty map. */
export function emptyStore(map: OrderedMap): LoadedStore {
  const batches = new BatchStore(map, { oldest: 1, next: 1 });
  return { batches, mvcc: new Mvcc(batches), marker: FIRST_MARKER, duplicateBatches: [] };
}

/**
 * Reads everything in the map, checks every checksum and the chain of batches, and builds the state
 * in memory. What does not add up is an answer, for the store can be rebuilt.
 */
export async function loadStore(map: OrderedMap): Promise<LoadResult> {
  try {
    const chain = await loadMarkers(map);
    if (chain === null) return { state: "absent" };
    if ("why" in chain) return { state: "broken", why: chain.why };
    const { marker } = chain;
    const batches = new BatchStore(map, chain);
    const mvcc = new Mvcc(batches);
    mvcc.revision = marker.revision;
    mvcc.compactRevision = marker.compactRevision;
    mvcc.duplicates = new Duplicates(marker.duplicatesFloor);
    for await (const [key, sealed] of pairs(map, PREFIX.lease)) {
      const id = parseMapKey(key).number;
      mvcc.leases.set(id, { id, ttlMs: unseal(key, sealed).u53(), keys: new Set() });
    }
    await loadMembers(map, mvcc);
    const duplicateBatches: number[] = [];
    for await (const [key, sealed] of pairs(map, PREFIX.duplicates)) {
      duplicateBatches.push(parseMapKey(key).number);
      mvcc.duplicates.load(unseal(key, sealed));
    }
    const why = await loadRecords(map, mvcc);
    if (why !== null) return { state: "broken", why };
    // A damaged table can leave records out without any of those it still gives being wrong.
    const stored = mvcc.index.storedHash.toString();
    if (marker.storedHash !== "" && marker.storedHash !== stored)
      return { state: "broken", why: `records are missing: ${stored}, not ${marker.storedHash}` };
    return { state: "whole", store: { batches, mvcc, marker, duplicateBatches } };
  } catch (error) {
    if (hasCode(error, "StoreCorrupt") || hasCode(error, "Malformed"))
      return { state: "broken", why: messageOf(error) };
    throw error;
  }
}

type Chain = { readonly marker: BatchMarker; readonly oldest: number; readonly next: number };

/** The chain of batches: a number that is missing means that LevelDB lost a batch in the middle. */
async function loadMarkers(map: OrderedMap): Promise<Chain | { readonly why: string } | null> {
  let oldest: number | null = null;
  let next = 0;
  let appliedIndex = 0;
  let last = null as MapPair | null;
  for await (const pair of pairs(map, PREFIX.batch)) {
    const [key, sealed] = pair;
    const batch = parseMapKey(key).number;
    const { index } = appliedOfMarker(key, sealed);
    if (oldest !== null && next !== batch)
      return { why: `batch ${next} is missing, ${batch} is there` };
    if (appliedIndex > index) return { why: `batch ${batch} goes back from ${appliedIndex}` };
    oldest ??= batch;
    next = batch + 1;
    appliedIndex = index;
    last = pair;
  }
  if (oldest === null || last === null) return null;
  if (oldest !== 1 && next - oldest < MARKERS_KEPT)
    return { why: `the batches before ${oldest} are missing` };
  return { marker: decodeMarker(...last), oldest, next };
}

async function loadRecords(map: OrderedMap, mvcc: Mvcc): Promise<string | null> {
  for await (const [mapped, sealed] of pairs(map, PREFIX.record)) {
    const { number: revision, rest } = parseMapKey(mapped);
    if (revision > mvcc.revision)
      return `revision ${revision} is there, the last batch ends with ${mvcc.revision}`;
    const { createRevision, version, lease } = decodeRecord(mapped, sealed);
    const key = rest.toString("latin1");
    const before = mvcc.index.get(key);
    const stored = { sum: sumOfSealed(sealed), sizeBytes: mapped.length + sealed.length };
    mvcc.index.put(key, { modRevision: revision, createRevision, version, lease, ...stored });
    mvcc.attach(key, { from: before?.lease ?? 0, to: lease });
  }
  return null;
}

async function* pairs(map: OrderedMap, prefix: Prefix): AsyncGenerator<MapPair> {
  const end = Buffer.from([prefix + 1]);
  let from: Buffer = mapKey(prefix, 0);
  for (;;) {
    const range = { from, end, limit: SLICE, limitBytes: SLICE_BYTES };
    const slice = await map.scan(range);
    yield* slice;
    const last = slice.at(-1);
    if (last === undefined || isWhole(slice, range)) return;
    from = Buffer.concat([last[0], Buffer.from([0])]);
  }
}
