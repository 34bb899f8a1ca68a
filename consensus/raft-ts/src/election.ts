import type { Core } from "./core.js";
import { becomeLeader } from "./leader.js";
import type { MsgVote, MsgVoteResp } from "./messages.js";
import { jointVoteResult } from "./quorum.js";
import type { Term } from "./types.js";

/** Starts an election; as a transfer the leader has asked for it, and nobody is asked twice. */
export function campaign(core: Core, { isTransfer }: { readonly isTransfer: boolean }): void {
  if (core.role === "leader" || !core.isPromotable) return;
  // The membership may be older than what is committed: whoever is in between must not be passed.
  if (core.log.hasUnappliedConfChange()) return;
  if (core.leases && core.defendsLeader && !isTransfer) return;
  // Nobody to ask whether an election would disturb: a sole voter skips the pre-vote.
  if (isTransfer || core.isSoleVoter) return stand(core, isTransfer);
  core.becomePreCandidate();
  askForVotes(core, "MsgPreVote", core.term + 1);
}

/** Answers a request for a vote, or for what the vote would be. */
export function handleVote(core: Core, m: MsgVote): void {
  const pre = m.type === "MsgPreVote";
  // Raft paper §5.2: at most one vote per term, first come, first served.
  const free = core.vote === m.from || (core.vote === null && core.leader === null);
  const grant =
    (free || (pre && m.term > core.term)) && core.log.isUpToDate(m.lastIndex, m.lastTerm);
  // A granted pre-vote carries the term that was asked about, a refusal our own.
  const term = pre && grant ? m.term : core.term;
  const type = pre ? "MsgPreVoteResp" : "MsgVoteResp";
  core.send({ type, to: m.from, reject: !grant, term, committed: core.log.commitMark });
  if (!grant || pre) return;
  core.vote = m.from;
  core.electionElapsed = 0;
}

export function handleVoteResp(core: Core, m: MsgVoteResp): void {
  const expected = core.role === "preCandidate" ? "MsgPreVoteResp" : "MsgVoteResp";
  if (core.role !== "candidate" && core.role !== "preCandidate") return;
  if (m.type !== expected) return;
  if (m.type === "MsgPreVoteResp" && !m.reject && m.term !== core.term + 1) return;
  // What was just learnt to be committed may change who has a vote: this election is void.
  if (core.log.hasUnappliedConfChange()) return core.becomeFollower(core.term, null);
  if (!core.votes.has(m.from)) core.votes.set(m.from, !m.reject);
  maybeWin(core);
}

function stand(core: Core, isTransfer: boolean): void {
  core.becomeCandidate(isTransfer);
  askForVotes(core, "MsgVote", core.term);
  maybeWin(core);
}

function askForVotes(core: Core, type: MsgVote["type"], term: Term): void {
  const { lastIndex, lastTerm, commitMark: committed } = core.log;
  const transfer = core.isTransfer ? ({ transfer: true } as const) : {};
  const { voters, votersOutgoing } = core.electorate;
  for (const to of new Set([...voters, ...votersOutgoing]))
    if (to !== core.id) core.send({ type, to, term, lastIndex, lastTerm, committed, ...transfer });
}

function maybeWin(core: Core): void {
  const result = jointVoteResult(core.electorate, core.votes);
  if (result === "lost") return core.becomeFollower(core.term, null);
  if (result === "pending") return;
  if (core.role === "preCandidate") return stand(core, false);
  becomeLeader(core);
}
