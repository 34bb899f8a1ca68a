import { assert } from "./assert.js";
import { membersOf } from "./conf-state.js";
import type { Core } from "./core.js";
import type { Leadership } from "./leadership.js";
import { Progress } from "./progress.js";
import type { EntryType, Index, PeerId } from "./types.js";

/** The leadership of a core that leads. */
export function leadershipOf(core: Core): Leadership {
  assert(core.leadership !== null, `${core.role} ${core.id} does not lead`);
  return core.leadership;
}

/** Appends an entry of the leader's own; limits are the caller's business. */
export function appendOwn(core: Core, data: Uint8Array, type: EntryType = "EntryNormal"): Index {
  const lead = leadershipOf(core);
  const index = core.log.lastIndex + 1;
  const entry = { term: core.term, index, data };
  core.log.append(type === "EntryNormal" ? entry : { ...entry, type });
  lead.uncommittedSize += data.length;
  lead.appendOwed = true;
  return index;
}

/** Whoever is new is followed, whoever left is forgotten. */
export function followMembers(core: Core): void {
  const { progress } = leadershipOf(core);
  const members = membersOf(core.confState);
  for (const peer of progress.keys()) if (!members.includes(peer)) progress.delete(peer);
  for (const peer of members) {
    if (peer === core.id || progress.has(peer)) continue;
    const added = new Progress(core.log.lastIndex + 1, core.config);
    // It could not answer yet: that is no reason to step down at the next check.
    added.recentActive = true;
    progress.set(peer, added);
  }
}

/** Sends what followers are owed. */
export function flushAppends(core: Core): void {
  const lead = core.leadership;
  if (lead?.appendOwed !== true) return;
  lead.appendOwed = false;
  for (const [peer, progress] of lead.progress) {
    // A follower with nothing to receive is still told what is committed.
    const isNews = progress.lacksCommit(core.log.committed);
    const mayWait =
      core.config.lazyCommit === true && progress.commitSent >= progress.commitAwaited;
    sendAppend(core, peer, isNews && !mayWait);
  }
}

/** Some follower has not been told what is committed. */
export function owesCommit(core: Core): boolean {
  if (core.leadership === null) return false;
  for (const progress of core.leadership.progress.values())
    if (progress.lacksCommit(core.log.committed)) return true;
  return false;
}

/** Leader only: tells everybody what is committed who has not been told. */
export function tellCommit(core: Core): void {
  for (const [peer, progress] of leadershipOf(core).progress)
    if (progress.lacksCommit(core.log.committed)) sendAppend(core, peer, true);
}

/**
 * Leader only: something of `peer`'s own waits for the entry at `index`; it is told at once when
 * that is committed. See RaftConfig.lazyCommit.
 */
export function awaitCommit(core: Core, peer: PeerId, index: Index): void {
  const lead = leadershipOf(core);
  const progress = lead.progress.get(peer);
  if (progress === undefined || core.config.lazyCommit !== true) return;
  progress.commitAwaited = Math.max(progress.commitAwaited, index);
  if (progress.lacksCommit(core.log.committed)) lead.appendOwed = true;
}

/**
 * Sends as many MsgApps as flow control lets out; with `sendIfEmpty` one even when there is nothing
 * new.
 */
export function sendAppend(core: Core, to: PeerId, sendIfEmpty: boolean): void {
  const { log, config } = core;
  const progress = leadershipOf(core).progress.get(to);
  if (progress === undefined) return;
  let mayBeEmpty = sendIfEmpty;
  while (!progress.isPaused()) {
    const prevIndex = progress.next - 1;
    const prevTerm = log.term(prevIndex);
    if (prevTerm === null || progress.lacksStart) return sendSnapshot(core, to, progress);
    const entries = log.slice(progress.next, config.messageSizeMaxBytes);
    if (entries.length === 0 && !mayBeEmpty) return;
    mayBeEmpty = false;
    const commit = log.committed;
    core.send({ type: "MsgApp", to, prevIndex, prevTerm, entries, commit });
    let size = 0;
    for (const entry of entries) size += entry.data.length;
    progress.sent(entries.at(-1)?.index ?? null, size);
    progress.commitSent = commit;
    if (entries.length === 0) return;
  }
}

/** A follower lacks what the log no longer holds, and the shell has no snapshot that fits. */
export function wantsSnapshot(core: Core): boolean {
  if (core.leadership === null || hasSnapshot(core)) return false;
  const { firstIndex } = core.log;
  for (const { state, recentActive, next, lacksStart } of core.leadership.progress.values())
    if (state !== "Snapshot" && recentActive && (lacksStart || next < firstIndex)) return true;
  return false;
}

export function broadcastHeartbeat(core: Core, context: number): void {
  for (const [to, progress] of leadershipOf(core).progress) {
    // Never beyond what the follower is known to have: its log may still differ there.
    const commit = Math.min(core.log.committed, progress.match);
    core.send({ type: "MsgHeartbeat", to, commit, context });
    progress.commitSent = Math.max(progress.commitSent, commit);
  }
}

/** One at a time to a follower; who is silent gets none. */
function sendSnapshot(core: Core, to: PeerId, progress: Progress): void {
  const { snapshot } = core;
  if (snapshot === null || !hasSnapshot(core) || !progress.recentActive) return;
  core.send({ type: "MsgSnap", to, snapshot });
  if (core.plants("SecondSnapshot")) return;
  progress.becomeSnapshot(snapshot.index);
}

/** The snapshot at hand reaches to where the log begins. */
function hasSnapshot({ snapshot, log }: Core): boolean {
  return snapshot !== null && snapshot.index >= log.firstIndex - 1;
}
