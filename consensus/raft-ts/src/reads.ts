import type { Core } from "./core.js";
import type { Leadership } from "./leadership.js";
import type { MsgHeartbeatResp } from "./messages.js";
import { isQuorum } from "./quorum.js";
import type { PendingRead } from "./read-only.js";
import { awaitCommit, broadcastHeartbeat, leadershipOf } from "./replication.js";
import type { PeerId } from "./types.js";

/** Reads that wait for a leader to commit in its term, or for heartbeats; more are not answered. */
const PENDING_READS_MAX = 10_000;

/** Leader only: takes in a read; false when too many wait already. */
export function addRead(
  core: Core,
  request: { readonly from: PeerId; readonly context: number },
): boolean {
  const lead = leadershipOf(core);
  if (lead.earlyReads.length + lead.readOnly.size >= PENDING_READS_MAX) return false;
  const read = { ...request, index: core.log.committed };
  const hasCommitted = core.log.term(core.log.committed) === core.term;
  // Thesis §6.4: before its first commit a new leader does not know what is committed.
  if (hasCommitted || core.plants("StaleReadIndex")) confirmReads(core, [read]);
  else lead.earlyReads.push(read);
  return true;
}

/** The leader has committed in its term: reads that came before may go on. */
export function releaseEarlyReads(core: Core): void {
  const lead = leadershipOf(core);
  const reads = lead.earlyReads;
  lead.earlyReads = [];
  confirmReads(core, reads);
}

/** Leader only: heartbeats to all, a round of their own where a lease is to be had. */
export function sendHeartbeats(core: Core): void {
  const { readOnly, ticks } = leadershipOf(core);
  broadcastHeartbeat(core, core.leases ? readOnly.open([], ticks) : readOnly.pendingRound);
}

/** A follower has answered a round of heartbeats: reads are confirmed, the lease extended. */
export function acknowledgeRound(core: Core, m: MsgHeartbeatResp): void {
  const lead = leadershipOf(core);
  const done = lead.readOnly.acknowledge(m.context, m.from, (acks) =>
    isQuorum(core.confState, acks),
  );
  for (const round of done) {
    for (const read of round.reads) answerRead(core, read);
    if (round.number > lead.leaseRoundMin) lead.leaseFrom = round.sentTick;
  }
  if (done.some(({ number }) => number === lead.lastRound)) leave(core, lead);
}

/** Leader only: time has passed that no tick has told of. */
export function dropLeaseAfterPause(core: Core, lead: Leadership): void {
  if (!core.plants("LeaseOutlivesPause")) lead.dropLease();
}

/** The others know that we have no vote any more: one that has everything takes over. */
function leave(core: Core, lead: Leadership): void {
  const to = core.confState.voters.find(
    (voter) => lead.progress.get(voter)?.match === core.log.lastIndex,
  );
  if (to !== undefined) core.send({ type: "MsgTimeoutNow", to });
  core.becomeFollower(core.term, null);
}

function confirmReads(core: Core, reads: readonly PendingRead[]): void {
  if (reads.length === 0) return;
  const lead = leadershipOf(core);
  const index = core.log.committed;
  const now = reads.map((read) => ({ ...read, index }));
  if (core.isSoleVoter || hasLease(core, lead)) {
    for (const read of now) answerRead(core, read);
    return;
  }
  broadcastHeartbeat(core, lead.readOnly.open(now, lead.ticks));
}

/**
 * Nobody else can lead yet: whoever answered our heartbeat votes for nobody for electionTicks, and
 * leaseTicks are fewer (thesis §6.4.1). The partial tick at each end is why it is less, not equal.
 */
function hasLease(core: Core, lead: Leadership): boolean {
  const { leaseTicks = 0 } = core.config;
  if (lead.leaseFrom === null || lead.isLeaseBroken) return false;
  return lead.ticks - lead.leaseFrom < leaseTicks;
}

function answerRead(core: Core, read: PendingRead): void {
  const { from, context, index } = read;
  if (from === core.id) core.outbox.answerRead({ context, index });
  else {
    core.send({ type: "MsgReadIndexResp", to: from, context, index });
    awaitCommit(core, from, index);
  }
}
