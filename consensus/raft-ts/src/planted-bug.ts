/**
 * Bugs that other implementations shipped. Each is one switched line of the core; tests plant it to
 * show that they would notice.
 */
export type PlantedBug =
  /** A peer says nothing to those of a lower term; with pre-vote they never learn of it. */
  | "PreVoteStall"
  /** A new leader answers reads before it has committed in its term. */
  | "StaleReadIndex"
  /** A leader that was paused goes on to trust its lease. */
  | "LeaseOutlivesPause"
  /** Votes and acknowledgements leave before the disk is done. */
  | "AckBeforeFsync"
  /** A joint configuration comes out of a snapshot without its outgoing half. */
  | "JointLostOnRestore"
  /** A second snapshot is sent, and installed, while the first is still on its way. */
  | "SecondSnapshot"
  /** Learners count in elections. */
  | "LearnerVotes"
  /** Elections count the voters of the start, commits those of today. */
  | "TwoMembershipTruths"
  /** A new leader changes the membership before it has applied what its log held. */
  | "OverlappingConfChange"
  /** A vote does not outlive a restart. */
  | "ForgottenVote"
  /** Entries of earlier terms are committed by counting (Raft paper §5.4.2). */
  | "CommitByCounting";
