import type { PlantedBug } from "raft-ts";
import type { HostBug } from "../../consensus/simulation.js";

export type SimulatedBug = PlantedBug | HostBug;

/** Every bug that can be planted, and what it is called in the list of those that others shipped. */
export const BUGS: readonly { readonly name: SimulatedBug; readonly about: string }[] = [
  { name: "PreVoteStall", about: "pre-vote stalls after a partition" },
  { name: "StaleReadIndex", about: "stale ReadIndex from a new leader" },
  { name: "LeaseOutlivesPause", about: "stale read after a paused leader wakes" },
  { name: "AckBeforeFsync", about: "votes and acknowledgements leave before fsync" },
  { name: "LogAckBeforeFsync", about: "the log says it is durable before fsync" },
  { name: "JointLostOnRestore", about: "joint configuration lost across a snapshot restore" },
  { name: "SecondSnapshot", about: "second snapshot while one is in flight" },
  { name: "LearnerVotes", about: "a learner that votes" },
  { name: "TwoMembershipTruths", about: "two sources of truth for membership" },
  { name: "AppliedIndexApart", about: "applied index and state written in two steps" },
  { name: "OverlappingConfChange", about: "membership change overlapping a leader change" },
  { name: "ForgottenVote", about: "a vote forgotten on restart" },
  { name: "CommitByCounting", about: "committing an older term's entry by counting" },
];
