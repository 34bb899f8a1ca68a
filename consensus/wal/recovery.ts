import type { Entry, HardState, LogStart } from "raft-ts";
import { AssertionError } from "../../base/assert.js";
import { readRecord, type SegmentHead } from "./record.js";

/** What a segment file holds, as far as it can be read. */
export interface SegmentScan {
  readonly head: SegmentHead | null;
  /** Where a snapshot took the place of every earlier segment; null when none did. */
  readonly restart: LogStart | null;
  readonly entries: readonly Entry[];
  /** The last one; null when there is none. */
  readonly hardState: HardState | null;
  /** Whole batches end here; what follows is not to be used. */
  readonly validBytes: number;
  /** The number of the last whole batch; 0 when there is none. */
  readonly lastBatch: number;
  /**
   * - clean: the file ends with a whole batch.
   * - torn: what follows was being written when the process or the machine stopped; it was never
   *   acknowledged.
   * - damaged: what follows was once whole, for a later batch can be read behind it.
   */
  readonly end: "clean" | "torn" | "damaged";
}

/**
 * Reads one segment. Only whole batches count: half a batch was never acknowledged. `batchBefore`
 * is the last whole batch of the segments before it; 0: not known.
 */
export function scanSegment(file: Buffer, batchBefore = 0): SegmentScan {
  let head: SegmentHead | null = null;
  let restart: LogStart | null = null;
  let hardState: HardState | null = null;
  const entries: Entry[] = [];
  let pending: ReturnType<typeof readRecord>[] = [];
  let validBytes = 0;
  let lastBatch = 0;
  for (let found = readRecord(file, 0); found !== null; found = readRecord(file, found.end)) {
    pending.push(found);
    if (!found.lastOfBatch) continue;
    for (const one of pending) {
      if (one?.record.kind === "head") head = one.record.head;
      if (one?.record.kind === "restart") restart = one.record.start;
      if (one?.record.kind === "hardState") hardState = one.record.hardState;
      if (one?.record.kind === "entry") entries.push(one.record.entry);
    }
    pending = [];
    validBytes = found.end;
    lastBatch = found.batch;
  }
  const end =
    validBytes === file.length ? "clean" : kindOfEnd(file, validBytes, lastBatch || batchBefore);
  return { head, restart, entries, hardState, validBytes, lastBatch, end };
}

/**
 * The unreadable batch is the one after `lastBatch`, or where that is not known the first of which
 * a record can be read; a record of a still later one proves that it was whole once.
 */
function kindOfEnd(file: Buffer, from: number, lastBatch: number): "torn" | "damaged" {
  let torn = lastBatch === 0 ? null : lastBatch + 1;
  for (let at = from; at < file.length; at += 8) {
    const found = tryReadRecord(file, at);
    torn ??= found?.batch ?? null;
    if (found !== null && torn !== null && found.batch > torn) return "damaged";
  }
  return "torn";
}

function tryReadRecord(file: Buffer, at: number): ReturnType<typeof readRecord> {
  try {
    return readRecord(file, at);
  } catch {
    return null; // Garbage that happens to pass for a header of an unknown format.
  }
}

/** The segments together: what the log says, and what must be cut. */
export interface LogScan {
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
  readonly memberId: string | null;
  /** Where the log begins and ends, also when it holds no entry; null when there is no log. */
  readonly firstIndex: number | null;
  readonly lastIndex: number | null;
  readonly lastBatch: number;
  /**
   * The torn end of the last segment, to be cut before anything is appended; null when there is
   * none.
   */
  readonly cut: { readonly segment: string; readonly validBytes: number } | null;
  /** Why the log cannot be used; null when it can. */
  readonly damage: {
    readonly segment: string;
    readonly offset: number;
    readonly why: string;
  } | null;
}

/**
 * Puts the segments together, oldest first. A later entry with the same index replaces the earlier
 * and all after it.
 */
export function assembleLog(
  segments: readonly { readonly name: string; readonly scan: SegmentScan }[],
): LogScan {
  const entries: Entry[] = [];
  let hardState: HardState = { term: 0, vote: null, commit: 0 };
  let memberId: string | null = null;
  let lastBatch = 0;
  let cut: LogScan["cut"] = null;
  let firstIndex: number | null = null;
  let lastIndex: number | null = null;
  let hasRestarted = false;
  const result = (damage: LogScan["damage"]): LogScan => {
    return { entries, hardState, memberId, firstIndex, lastIndex, lastBatch, cut, damage };
  };
  const damaged = (segment: string, offset: number, why: string): LogScan =>
    result({ segment, offset, why });
  for (const [i, { name, scan }] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (scan.end === "damaged" || (scan.end === "torn" && !isLast))
      return damaged(name, scan.validBytes, "a record does not match its checksum");
    if (scan.end === "torn") cut = { segment: name, validBytes: scan.validBytes };
    // A crash while a segment was being created leaves the last one without its head.
    if (scan.head === null && isLast && scan.entries.length === 0) continue;
    if (scan.head === null) return damaged(name, 0, "the segment has no head");
    memberId ??= scan.head.memberId;
    if (memberId !== scan.head.memberId)
      return damaged(name, 0, `the segment belongs to member ${scan.head.memberId}`);
    if (scan.restart !== null) {
      entries.length = 0;
      firstIndex = scan.head.firstIndex;
      lastIndex = scan.restart.index;
      hasRestarted = true;
    }
    firstIndex ??= scan.head.firstIndex;
    if (lastIndex !== null && scan.head.firstIndex > lastIndex + 1)
      return damaged(name, 0, `it begins at ${scan.head.firstIndex}, after ${lastIndex}`);
    lastIndex = scan.head.firstIndex - 1;
    hardState = scan.hardState ?? hardState;
    lastBatch = Math.max(lastBatch, scan.lastBatch);
    for (const entry of scan.entries) {
      // Another leader's entry in place of one of an earlier segment, which a snapshot outdated.
      // What stands behind a snapshot of the leader's is committed up to there: nothing replaces it.
      if (entry.index < firstIndex && !hasRestarted) {
        entries.length = 0;
        firstIndex = entry.index;
      }
      const at = entry.index - firstIndex;
      if (at > entries.length || at < 0)
        return damaged(name, 0, `entry ${entry.index} does not follow ${lastIndex}`);
      entries.length = at;
      entries.push(entry);
      lastIndex = entry.index;
    }
  }
  return result(null);
}

/** What was found of each of the three: log, newest readable snapshot, LevelDB. */
export interface RecoveryFindings {
  readonly log: {
    readonly firstIndex: number | null;
    readonly lastIndex: number | null;
    readonly damaged: boolean;
  };
  /** The newest snapshot whose checksum holds. */
  readonly snapshot: LogStart | null;
  /** Newer snapshots that could not be read. */
  readonly snapshotDamaged: boolean;
  /** LevelDB: whole (its chain of batches verified), broken, or not there. */
  readonly store:
    | { readonly state: "absent" }
    | { readonly state: "broken"; readonly why: string }
    | { readonly state: "whole"; readonly applied: LogStart };
}

/**
 * - start: nothing was ever written.
 * - replay: LevelDB is whole; the log's entries after `from` are applied to it.
 * - rebuild: LevelDB is thrown away and made again from the snapshot (null: from nothing) and the
 *   log after it.
 * - refuse: going on could lose an acknowledged write.
 */
export type RecoveryPlan =
  | { readonly action: "start" }
  | { readonly action: "replay"; readonly from: LogStart }
  | { readonly action: "rebuild"; readonly from: LogStart | null; readonly why: string }
  | {
      readonly action: "refuse";
      readonly code: "WalCorrupt" | "SnapshotCorrupt";
      readonly why: string;
    };

interface RecoveryRow {
  readonly name: string;
  readonly when: (f: RecoveryFindings) => boolean;
  readonly plan: (f: RecoveryFindings) => RecoveryPlan;
}

const ZERO: LogStart = { index: 0, term: 0 };

/** True when the log holds everything after `index`. */
function continues(f: RecoveryFindings, index: number): boolean {
  if (f.log.firstIndex === null) return true;
  return f.log.firstIndex <= index + 1;
}

/** True when the log ends before `index`: something acknowledged was cut off. */
function fallsShort(f: RecoveryFindings, index: number): boolean {
  // A log emptied below a snapshot ends where the snapshot does.
  return (f.log.lastIndex ?? f.snapshot?.index ?? 0) < index;
}

function wholeStore(f: RecoveryFindings): LogStart | null {
  return f.store.state === "whole" ? f.store.applied : null;
}

/** Read from the top; exactly one row matches every input (a test holds that). */
export const RECOVERY_ROWS: readonly RecoveryRow[] = [
  {
    name: "damaged log",
    when: (f) => f.log.damaged,
    plan: () => ({
      action: "refuse",
      code: "WalCorrupt",
      why: "the log is damaged before its end",
    }),
  },
  {
    name: "whole store, log ends before what the store has applied",
    when: (f) => !f.log.damaged && fallsShort(f, wholeStore(f)?.index ?? 0),
    plan: (f) => ({
      action: "refuse",
      code: "WalCorrupt",
      why: `the log ends at ${f.log.lastIndex ?? 0}, but ${wholeStore(f)?.index ?? 0} was applied`,
    }),
  },
  {
    name: "nothing anywhere",
    when: (f) => usable(f) && isEmpty(f) && f.store.state === "absent",
    plan: () => ({ action: "start" }),
  },
  {
    name: "whole store, log goes on from it",
    when: (f) => usable(f) && canReplay(f),
    plan: (f) => ({ action: "replay", from: wholeStore(f) ?? ZERO }),
  },
  {
    name: "no usable store, log goes on from the snapshot or from the beginning",
    when: (f) =>
      usable(f) && !(isEmpty(f) && f.store.state === "absent") && !canReplay(f) && canRebuild(f),
    plan: (f) => ({ action: "rebuild", from: f.snapshot, why: whyRebuild(f) }),
  },
  {
    name: "no usable store, and no snapshot that the log goes on from",
    when: (f) =>
      usable(f) && !(isEmpty(f) && f.store.state === "absent") && !canReplay(f) && !canRebuild(f),
    plan: (f) => ({
      action: "refuse",
      code: "SnapshotCorrupt",
      why: `the log begins at ${f.log.firstIndex ?? 0}, no readable snapshot reaches up to there`,
    }),
  },
];

function usable(f: RecoveryFindings): boolean {
  return !f.log.damaged && !fallsShort(f, wholeStore(f)?.index ?? 0);
}

function isEmpty(f: RecoveryFindings): boolean {
  return f.log.firstIndex === null && f.snapshot === null && !f.snapshotDamaged;
}

function canReplay(f: RecoveryFindings): boolean {
  const applied = wholeStore(f);
  return applied !== null && continues(f, applied.index);
}

function canRebuild(f: RecoveryFindings): boolean {
  // Without a log nothing says how far the damaged snapshot went.
  if (f.snapshotDamaged && f.log.firstIndex === null) return false;
  if (f.snapshot === null) return f.log.firstIndex === null || f.log.firstIndex === 1;
  return continues(f, f.snapshot.index);
}

function whyRebuild(f: RecoveryFindings): string {
  if (f.store.state === "absent") return "there is no store";
  if (f.store.state === "broken") return f.store.why;
  return "the log does not go on from the store";
}

/** What to do with what was found. Pure: the rows above, read from the top. */
export function planRecovery(findings: RecoveryFindings): RecoveryPlan {
  for (const row of RECOVERY_ROWS) if (row.when(findings)) return row.plan(findings);
  throw new AssertionError("no row of the recovery table matches");
}
