import { assert } from "./assert.js";
import { isVoter } from "./conf-state.js";
import type { Core } from "./core.js";
import { Leadership } from "./leadership.js";
import type { MsgAppResp, MsgHeartbeatResp } from "./messages.js";
import { isQuorum, jointCommittedIndex } from "./quorum.js";
import { acknowledgeRound, releaseEarlyReads, sendHeartbeats } from "./reads.js";
import { appendOwn, followMembers, leadershipOf, sendAppend } from "./replication.js";
import type { PeerId } from "./types.js";

const EMPTY = new Uint8Array(0);

export function becomeLeader(core: Core): void {
  assert(core.role === "candidate", `${core.role} cannot become leader`);
  core.role = "leader";
  core.leader = core.id;
  core.resetTimers();
  core.votes.clear();
  // Raft's single-server bug of 2015: what an earlier leader began is finished, or gone, before
  // the membership changes again. The log may hold such a beginning anywhere.
  const pendingConfIndex = core.plants("OverlappingConfChange") ? 0 : core.log.lastIndex;
  core.leadership = new Leadership(core.id, pendingConfIndex);
  followMembers(core);
  for (const progress of core.leadership.progress.values()) progress.recentActive = false;
  // Raft paper §8: only an entry of its own term tells a leader what is committed.
  appendOwn(core, EMPTY);
}

export function tickLeader(core: Core): void {
  const lead = leadershipOf(core);
  lead.ticks += 1;
  core.sinceLeader = 0;
  if (core.electionElapsed >= core.config.electionTicks) {
    core.electionElapsed = 0;
    // Thesis §3.10: who has not taken over within an election timeout will not.
    lead.leadTransferee = null;
    if (!checkQuorum(core)) return core.becomeFollower(core.term, null);
  }
  lead.heartbeatElapsed += 1;
  if (lead.heartbeatElapsed < core.config.heartbeatTicks) return;
  lead.heartbeatElapsed = 0;
  sendHeartbeats(core);
}

export function handleAppResp(core: Core, m: MsgAppResp): void {
  const progress = leadershipOf(core).progress.get(m.from);
  if (progress === undefined) return;
  progress.recentActive = true;
  if (m.reject) {
    // Everybody's log matches at 0: who refuses even that has nothing to apply entries to.
    if (m.index === 0 && progress.match === 0) progress.lacksStart = true;
    // Whole terms are skipped at a time (thesis §5.3.2): our log cannot match theirs above their
    // hint's term.
    const hint = core.log.findConflict(m.hintIndex, m.hintTerm).index;
    if (progress.maybeDecrease(m.index, hint)) sendAppend(core, m.from, true);
    return;
  }
  assert(m.index <= core.log.lastIndex, `${m.from} acknowledges ${m.index}, which we never sent`);
  const wasPaused = progress.isPaused();
  const isNews = progress.maybeUpdate(m.index);
  const isKnown = isNews || m.index === progress.match;
  if (progress.state === "Probe" && isKnown) progress.becomeReplicate();
  // Whatever became of the snapshot: the log reaches back to what the follower has.
  if (progress.state === "Snapshot" && progress.match + 1 >= core.log.firstIndex)
    progress.becomeReplicate();
  const lead = leadershipOf(core);
  if (isNews) maybeCommit(core);
  if (isNews || wasPaused) lead.appendOwed = true;
  maybeSendTimeoutNow(core, m.from);
}

export function handleHeartbeatResp(core: Core, m: MsgHeartbeatResp): void {
  const progress = leadershipOf(core).progress.get(m.from);
  if (progress === undefined) return;
  progress.recentActive = true;
  progress.resume();
  if (progress.match < core.log.lastIndex) sendAppend(core, m.from, true);
  if (m.context !== 0) acknowledgeRound(core, m);
}

/** Leader only: commits what a quorum has. */
export function maybeCommit(core: Core): void {
  const lead = leadershipOf(core);
  const { log } = core;
  // We count ourselves only up to what our own disk has (thesis §10.2.1).
  const index = jointCommittedIndex(core.confState, (voter) =>
    voter === core.id ? log.stable : (lead.progress.get(voter)?.match ?? 0),
  );
  if (index <= log.committed) return;
  // Raft paper §5.4.2: entries of earlier terms are never committed by counting.
  if (log.term(index) !== core.term && !core.plants("CommitByCounting")) return;
  const released = log.sizeOf(log.committed + 1, index, core.term);
  lead.uncommittedSize = Math.max(0, lead.uncommittedSize - released);
  log.commitTo(index);
  lead.appendOwed = true;
  releaseEarlyReads(core);
}

/** Leader only: what the shell knows of the way of a snapshot to `peer`. */
export function reportSnapshot(
  core: Core,
  peer: PeerId,
  status: "SnapshotFinish" | "SnapshotFailure",
): void {
  const progress = core.leadership?.progress.get(peer);
  if (progress?.state !== "Snapshot") return;
  if (status === "SnapshotFailure") progress.pendingSnapshot = 0;
  progress.becomeProbe();
  // Its answer, or that to the next heartbeat, says how to go on; before, nothing is to be said.
  progress.probeSent = true;
}

/** Leader only: a message to `peer` did not arrive, and those after it may not either. */
export function reportLost(core: Core, peer: PeerId): void {
  const progress = core.leadership?.progress.get(peer);
  if (progress?.state === "Replicate") progress.becomeProbe();
}

/** Leader only: hands leadership to `transferee`, at the latest within an election timeout. */
export function transferTo(core: Core, transferee: PeerId): boolean {
  const lead = leadershipOf(core);
  if (transferee === core.id || !isVoter(core.confState, transferee)) return false;
  if (lead.leadTransferee === transferee) return true;
  lead.leadTransferee = transferee;
  core.electionElapsed = 0;
  if (!maybeSendTimeoutNow(core, transferee)) sendAppend(core, transferee, true);
  return true;
}

/** Whoever takes over must have everything: it could not be elected otherwise. */
function maybeSendTimeoutNow(core: Core, to: PeerId): boolean {
  const lead = leadershipOf(core);
  if (lead.leadTransferee !== to) return false;
  if (lead.progress.get(to)?.match !== core.log.lastIndex) return false;
  // Those who defend us will not refuse it: our lease is worth nothing until the term ends.
  lead.isLeaseBroken = true;
  core.send({ type: "MsgTimeoutNow", to });
  return true;
}

/**
 * Thesis §6.2: a leader that no majority answers steps down, so that its clients look elsewhere.
 */
function checkQuorum(core: Core): boolean {
  const active = new Set([core.id]);
  for (const [peer, progress] of leadershipOf(core).progress) {
    if (progress.recentActive) active.add(peer);
    progress.recentActive = false;
  }
  return isQuorum(core.confState, active);
}
