import { basename, dirname, join } from "node:path";
import { type ConfState, confStateOf, EMPTY_CONF_STATE } from "raft-ts";
import type { Index, LogStart, RaftState } from "raft-ts";
import { hasCode, messageOf } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import { MalformedError } from "./bytes.js";
import type { Computer } from "./computer.js";
import { ConsensusError, toDiskError } from "./consensus-errors.js";
import type { OrderedMap } from "./store/ordered-map.js";
import {
  isSnapshotWhole,
  listSnapshots,
  readSnapshot,
  snapshotName,
} from "./store/snapshot-file.js";
import { emptyStore, type LoadedStore, type LoadResult, loadStore } from "./store/store-loader.js";
import type { FileSystem } from "./wal/file-system.js";
import { planRecovery, type RecoveryPlan } from "./wal/recovery.js";
import { type FoundLog, readLog } from "./wal/wal.js";

const MIB = 1024 * 1024;
/** A server must not start with less: it could not even say why it stops. */
const FREE_MIN_BYTES = 64 * MIB;

/** The folders within a data folder. */
export interface DataFolders {
  readonly wal: string;
  readonly snapshots: string;
  readonly store: string;
}

export function foldersOf(dataDir: string): DataFolders {
  return {
    wal: join(dataDir, "wal"),
    snapshots: join(dataDir, "snapshots"),
    store: join(dataDir, "store"),
  };
}

/** Everything a member starts from. */
export interface RecoveredData {
  readonly log: FoundLog;
  readonly raft: RaftState & { readonly confState: ConfState };
  readonly map: OrderedMap;
  readonly store: LoadedStore;
  /** The newest snapshot; null when there is none. */
  readonly snapshot: LogStart | null;
}

/** Makes the folder and checks that there is room. Throws DiskFull. */
export function prepareDataDir(files: FileSystem, dataDir: string): void {
  try {
    files.makeFolder(dataDir);
    const freeBytes = files.freeBytes(dataDir);
    if (freeBytes >= FREE_MIN_BYTES) return;
    throw new ConsensusError(
      "DiskFull",
      `${Math.floor(freeBytes / MIB)} MiB free for ${dataDir}, ${FREE_MIN_BYTES / MIB} MiB needed`,
      { details: { dataDir, freeBytes } },
    );
  } catch (error) {
    throw toDiskError(error, dataDir);
  }
}

/**
 * Brings log, snapshot and store together, as the recovery table says. Throws WalCorrupt,
 * SnapshotCorrupt, UnknownFormat, WrongMember; the caller holds the folder's lock.
 */
export async function recoverDataDir(
  computer: Computer,
  options: {
    readonly dataDir: string;
    readonly memberId: string;
    /** The group began with this member alone; otherwise it waits for a snapshot. */
    readonly isFounder: boolean;
    readonly logger: Logger;
    /** For tests alone; see PlantedBug. */
    readonly plantedBug?: string | null;
  },
): Promise<RecoveredData> {
  const { files } = computer;
  const folders = foldersOf(options.dataDir);
  const log = readLogIn(files, folders.wal);
  refuseDamage(log, folders.wal);
  const { memberId } = log.scan;
  if (memberId !== null && memberId !== options.memberId)
    throw new ConsensusError(
      "WrongMember",
      `the data folder ${options.dataDir} belongs to ${memberId}, not to ${options.memberId}`,
      { details: { dataDir: options.dataDir, memberId } },
    );
  const snapshots = findSnapshots(files, folders.snapshots, log.scan.lastIndex);
  const { map, found } = await openFoundStore({ computer, logger: options.logger }, folders.store);
  const { firstIndex, lastIndex } = log.scan;
  const plan = planRecovery({
    log: { firstIndex, lastIndex, damaged: false },
    snapshot: snapshots.newest,
    snapshotDamaged: snapshots.damaged,
    store:
      found.state === "whole" ? { state: "whole", applied: found.store.marker.applied } : found,
  });
  const ready = await carryOut(plan, { computer, folders, map, found, logger: options.logger });
  const first = options.isFounder ? confStateOf([options.memberId]) : EMPTY_CONF_STATE;
  const stored = ready.store.marker.confState ?? first;
  const losesJoint = options.plantedBug === "JointLostOnRestore" && plan.action === "rebuild";
  const confState = losesJoint
    ? { ...stored, votersOutgoing: [], learnersNext: [], autoLeave: false }
    : stored;
  const raft = { ...raftState(log, ready.store), confState };
  return { ...ready, log, raft, snapshot: snapshots.newest };
}

/**
 * LevelDB as it was left; one that does not even open is as broken as one with gaps. Some damage
 * LevelDB meets with an assertion of its own, which ends the process: a file tells the next start
 * that this one died while it read, and that start reads nothing.
 */
async function openFoundStore(
  { computer, logger }: { readonly computer: Computer; readonly logger: Logger },
  folder: string,
): Promise<{ map: OrderedMap; found: LoadResult }> {
  const { files } = computer;
  const reading = `${folder}.reading`;
  if (files.readdir(dirname(folder)).includes(basename(reading))) {
    logger.warn("an earlier start ended while it read the store: it is not read again", { folder });
    computer.destroyMap(folder);
    files.remove(reading);
    const why = "an earlier start ended while it read it";
    return { map: await computer.openMap(folder), found: { state: "broken", why } };
  }
  // Not synced: that a process dies loses no file, and after a power loss nothing is known anyway.
  files.open(reading, "create").close();
  const result = await readFoundStore(computer, folder);
  files.remove(reading);
  return result;
}

async function readFoundStore(
  computer: Computer,
  folder: string,
): Promise<{ map: OrderedMap; found: LoadResult }> {
  let map: OrderedMap;
  try {
    map = await computer.openMap(folder);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    if (hasCode(cause, "LEVEL_LOCKED")) throw error;
    computer.destroyMap(folder);
    const why = `it does not open: ${messageOf(cause ?? error)}`;
    return { map: await computer.openMap(folder), found: { state: "broken", why } };
  }
  return { map, found: await loadStore(map) };
}

interface Found {
  readonly computer: Computer;
  readonly folders: DataFolders;
  readonly map: OrderedMap;
  readonly found: LoadResult;
  readonly logger: Logger;
}

async function carryOut(
  plan: RecoveryPlan,
  { computer, folders, map, found, logger }: Found,
): Promise<{ map: OrderedMap; store: LoadedStore }> {
  if (plan.action === "refuse") {
    await map.close();
    const help =
      "restore the data folder from a snapshot, or remove it and let this member join again";
    throw new ConsensusError(plan.code, `${plan.why}: ${help}`, { details: { ...folders } });
  }
  if (plan.action === "start") return { map, store: emptyStore(map) };
  if (plan.action === "replay" && found.state === "whole") return { map, store: found.store };
  await map.close();
  const why = plan.action === "rebuild" ? plan.why : "";
  const from = plan.action === "rebuild" ? plan.from : null;
  logger.warn("the store is rebuilt from snapshot and log", { why, snapshot: from?.index ?? 0 });
  computer.destroyMap(folders.store);
  const rebuilt = await computer.openMap(folders.store);
  if (from === null) return { map: rebuilt, store: emptyStore(rebuilt) };
  await readSnapshot(
    computer.files,
    { path: join(folders.snapshots, snapshotName(from)) },
    rebuilt,
  );
  const loaded = await loadStore(rebuilt);
  if (loaded.state !== "whole") {
    await rebuilt.close();
    throw new ConsensusError(
      "SnapshotCorrupt",
      `the snapshot at ${from.index} holds no whole store`,
    );
  }
  return { map: rebuilt, store: loaded.store };
}

function readLogIn(files: FileSystem, folder: string): FoundLog {
  try {
    return readLog(files, folder);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw toDiskError(error, folder);
    throw new ConsensusError(
      "UnknownFormat",
      `${folder}: ${messageOf(error)}: use a newer release`,
      {
        details: { folder },
        cause: error,
      },
    );
  }
}

function refuseDamage({ scan }: FoundLog, folder: string): void {
  if (scan.damage === null) return;
  const { segment, offset, why } = scan.damage;
  throw new ConsensusError(
    "WalCorrupt",
    `the log is damaged before its end (${join(folder, segment)} at byte ${offset}: ${why}): ` +
      "it may hold acknowledged writes, so nothing is skipped. Restore the data folder from a " +
      "snapshot, or remove it and let this member join again",
    { details: { folder, segment, offset } },
  );
}

/**
 * Half-written snapshots are removed; the newest whole one counts. Not one beyond the end of the
 * log: it was received, and the log does not stand behind it yet. A store made from it would be
 * ahead of the log; the leader sends it again.
 */
function findSnapshots(
  files: FileSystem,
  folder: string,
  logEnd: Index | null,
): { newest: LogStart | null; damaged: boolean } {
  files.makeFolder(folder);
  const names = files.readdir(folder);
  for (const name of names) if (name.endsWith(".tmp")) files.remove(join(folder, name));
  let damaged = false;
  for (const { name, at } of listSnapshots(names)) {
    if (at.index > (logEnd ?? at.index)) continue;
    if (isSnapshotWhole(files, folder, name)) return { newest: at, damaged };
    damaged = true;
  }
  return { newest: null, damaged };
}

/** What the state machine holds need not be in the log that the core sees. */
function raftState({ scan }: FoundLog, { marker }: LoadedStore): RaftState {
  const start = marker.applied;
  const { term, vote, commit } = scan.hardState;
  return {
    hardState: { term: Math.max(term, start.term), vote, commit: Math.max(commit, start.index) },
    start,
    // Copies, for what was read are views into whole segments.
    entries: scan.entries
      .filter((entry) => entry.index > start.index)
      .map((entry) => ({ ...entry, data: Buffer.from(entry.data) })),
    applied: start.index,
  };
}
