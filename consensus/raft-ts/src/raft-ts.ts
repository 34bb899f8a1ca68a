/** The door of this package. */
export { RaftAssertionError } from "./assert.js";
export {
  applyConfChange,
  decodeConfChange,
  encodeConfChange,
  LEAVE_JOINT,
  type ConfChangeOutcome,
  type ConfChangeSingle,
  type ConfChangeTransition,
  type ConfChangeType,
  type ConfChangeV2,
} from "./conf-change.js";
export {
  confStateOf,
  confStateProblem,
  EMPTY_CONF_STATE,
  isJoint,
  isVoter,
  membersOf,
  type ConfState,
} from "./conf-state.js";
export {
  describeConfChange,
  describeConfState,
  describeEntry,
  describeMessage,
  describeReady,
} from "./describe.js";
export type * from "./messages.js";
export type { PlantedBug } from "./planted-bug.js";
export {
  committedIndex,
  isQuorum,
  jointCommittedIndex,
  jointVoteResult,
  majorityOf,
  voteResult,
  type VoteResult,
} from "./quorum.js";
export { Raft } from "./raft.js";
export type * from "./types.js";
