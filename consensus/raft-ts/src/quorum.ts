import { assert } from "./assert.js";
import type { ConfState } from "./conf-state.js";
import type { Index, PeerId } from "./types.js";

/** Won and lost are final; pending may still become either. */
export type VoteResult = "won" | "lost" | "pending";

/** Those whose majority decides; both halves' when it is joint. */
export type Electorate = Pick<ConfState, "voters" | "votersOutgoing">;

/** How many of `count` voters make a majority. */
export function majorityOf(count: number): number {
  assert(count > 0, "a group has at least one voter");
  return Math.floor(count / 2) + 1;
}

/** The highest index that a majority of the voters has acknowledged. */
export function committedIndex(
  voters: readonly PeerId[],
  acknowledged: (voter: PeerId) => Index,
): Index {
  const indexes = voters.map(acknowledged).sort((a, b) => b - a);
  const index = indexes[majorityOf(voters.length) - 1];
  assert(index !== undefined, "a majority is not larger than the group");
  return index;
}

/** The outcome of an election; a voter that is missing from `votes` has not answered. */
export function voteResult(
  voters: readonly PeerId[],
  votes: ReadonlyMap<PeerId, boolean>,
): VoteResult {
  const needed = majorityOf(voters.length);
  let granted = 0;
  let missing = 0;
  for (const voter of voters) {
    const vote = votes.get(voter);
    if (vote === true) granted += 1;
    if (vote === undefined) missing += 1;
  }
  if (granted >= needed) return "won";
  return granted + missing >= needed ? "pending" : "lost";
}

/** As committedIndex; a joint configuration commits what both halves commit (thesis §4.3). */
export function jointCommittedIndex(
  { voters, votersOutgoing }: Electorate,
  acknowledged: (voter: PeerId) => Index,
): Index {
  const incoming = committedIndex(voters, acknowledged);
  if (votersOutgoing.length === 0) return incoming;
  return Math.min(incoming, committedIndex(votersOutgoing, acknowledged));
}

/** As voteResult; in a joint configuration both halves must be won (thesis §4.3). */
export function jointVoteResult(
  { voters, votersOutgoing }: Electorate,
  votes: ReadonlyMap<PeerId, boolean>,
): VoteResult {
  const incoming = voteResult(voters, votes);
  if (votersOutgoing.length === 0) return incoming;
  const outgoing = voteResult(votersOutgoing, votes);
  if (incoming === outgoing) return incoming;
  return incoming === "lost" || outgoing === "lost" ? "lost" : "pending";
}

/** Whether these suffice to decide. */
export function isQuorum(electorate: Electorate, peers: ReadonlySet<PeerId>): boolean {
  const { voters, votersOutgoing } = electorate;
  return (
    hasMajority(voters, peers) &&
    (votersOutgoing.length === 0 || hasMajority(votersOutgoing, peers))
  );
}

function hasMajority(half: readonly PeerId[], peers: ReadonlySet<PeerId>): boolean {
  let present = 0;
  for (const voter of half) if (peers.has(voter)) present += 1;
  return present >= majorityOf(half.length);
}
