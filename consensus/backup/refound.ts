import { confStateOf } from "raft-ts";
import type { OrderedMap } from "../store/ordered-map.js";
import type { LoadedStore } from "../store/store-loader.js";

/**
 * How far the revision jumps. Clients may have seen later revisions than the snapshot has; none of
 * those may come again with another content. At 3,000 writes a second it is four days.
 */
export const SKIPPED_REVISIONS = 1_000_000_000;

const ALL = Number.MAX_SAFE_INTEGER;

/**
 * Makes what was loaded from `map` the beginning of a new group with this one member, and writes it
 * there. Nobody of the group before is a member any more, and history is compacted: a watch from
 * before must begin anew. Rejects with what the map throws.
 */
export async function refound(store: LoadedStore, memberId: string): Promise<void> {
  const { mvcc, batches, marker } = store;
  const { applied } = marker;
  const before = mvcc.members.all().map(({ id }) => id);
  mvcc.removeMembers(before, applied.index);
  mvcc.revision += SKIPPED_REVISIONS;
  mvcc.compactRevision = mvcc.revision;
  mvcc.removeCompacted(ALL, ALL);
  await batches.flush({
    applied,
    revision: mvcc.revision,
    compactRevision: mvcc.compactRevision,
    duplicatesFloor: mvcc.duplicates.floor,
    storedHash: mvcc.index.storedHash.toString(),
    confState: confStateOf([memberId]),
  });
}

/** Live keys of a store. */
export function liveKeys({ mvcc }: LoadedStore): number {
  let count = 0;
  let next: string | null = "";
  while (next !== null) {
    const slice = mvcc.index.slice(
      { from: next, end: null },
      { revision: mvcc.revision, max: 10_000 },
    );
    count += slice.found.length;
    next = slice.next;
  }
  return count;
}

/** What tells two stores apart. */
export interface StoreSummary {
  /** As `member list` shows it of a server that has applied the same. */
  readonly hash: string;
  readonly revision: number;
  readonly keys: number;
}

export function summaryOf(store: LoadedStore): StoreSummary {
  return { hash: store.mvcc.hash(), revision: store.mvcc.revision, keys: liveKeys(store) };
}

/** A map that holds a snapshot, and what was loaded from it. */
export interface OpenedSnapshot {
  readonly map: OrderedMap;
  readonly store: LoadedStore;
}
