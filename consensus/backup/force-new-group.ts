import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Entry, isJoint } from "raft-ts";
import type { Logger } from "../../base/logger.js";
import type { Computer } from "../computer.js";
import { recoverDataDir } from "../data-dir.js";
import { type Identity, readIdentity } from "../group/identity.js";
import { realComputer } from "../real-computer.js";
import { Replica } from "../store/replica.js";
import { snapshotName, writeSnapshot } from "../store/snapshot-file.js";
import { restoreSnapshot } from "./snapshot-files.js";

/** How a forced start came out. */
export interface ForcedGroup {
  readonly identity: Identity;
  /** Where the data of the group before is kept; null: the member was alone already. */
  readonly keptIn: string | null;
}

/**
 * After the loss of the majority: makes this member's data a new group of one, under a new id, so
 * that nobody of the old group can get in again. Everything in its log counts, also what the old
 * group had not committed: nothing acknowledged that reached this member is lost. The old folder is
 * kept beside the new one. A member that is alone stays as it is. Null: the folder is nobody's.
 * Throws ConsensusError.
 */
export async function forceNewGroup(dataDir: string, logger: Logger): Promise<ForcedGroup | null> {
  const computer = realComputer({ fsync: true, record: null });
  const forced = `${dataDir}.forced`;
  // An earlier try ended between the last two steps.
  if (!existsSync(dataDir) && existsSync(forced)) renameSync(forced, dataDir);
  const identity = existsSync(dataDir) ? readIdentity(computer.files, dataDir) : null;
  if (identity === null) return null;
  const work = mkdtempSync(`${dataDir}.export-`);
  try {
    const file = await exportStore(computer, { dataDir, identity, logger, folder: work });
    if (file === null) return { identity, keptIn: null };
    rmSync(forced, { recursive: true, force: true });
    const made = await restoreSnapshot({ file, dataDir: forced, name: identity.name });
    const keptIn = join(dirname(dataDir), `${basename(dataDir)}.before-${made.memberId}`);
    renameSync(dataDir, keptIn);
    renameSync(forced, dataDir);
    computer.files.fsyncFolder(dirname(dataDir));
    logger.warn("a new group begins with this member alone", {
      clusterId: made.clusterId,
      memberId: made.memberId,
      revision: made.revision,
      keptIn,
    });
    const { clusterId, memberId, name, isFounder } = made;
    return { identity: { clusterId, memberId, name, isFounder }, keptIn };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function changesMembers({ type }: Entry): boolean {
  return type === "EntryConfChangeV2";
}

/** Writes everything the member has as a snapshot into `folder`; null when it is a group of one. */
async function exportStore(
  computer: Computer,
  options: {
    readonly dataDir: string;
    readonly identity: Identity;
    readonly folder: string;
    readonly logger: Logger;
  },
): Promise<string | null> {
  const { dataDir, identity, folder, logger } = options;
  const { memberId, isFounder } = identity;
  const lock = await computer.lockDataDir(dataDir);
  try {
    const data = await recoverDataDir(computer, { dataDir, memberId, isFounder, logger });
    const { confState, entries } = data.raft;
    const replica = new Replica(data.store, {
      map: data.map,
      confState,
      onFatal: () => {},
      yieldTurn: computer.yieldTurn,
    });
    try {
      const { voters } = confState;
      const isSettled = !isJoint(confState) && !entries.some(changesMembers);
      if (isSettled && voters.length === 1 && voters[0] === memberId) return null;
      // Who belonged to the old group does not matter any more.
      replica.apply(entries, () => confState);
      const { view, at } = await replica.view();
      const runner = computer.openDisk({ folder, name: null });
      try {
        await writeSnapshot(view, at, runner);
      } finally {
        await runner.close();
        await view.close();
      }
      return join(folder, snapshotName(at));
    } finally {
      await replica.close();
    }
  } finally {
    await lock.release();
  }
}
