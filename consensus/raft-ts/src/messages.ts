import type { Entry, Index, PeerId, Snapshot, Term } from "./types.js";

interface Envelope {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly term: Term;
}

/**
 * What the sender knows to be committed. A peer that has this very entry learns that it is, also
 * from one that was removed by it and leads no more.
 */
export interface CommitMark {
  readonly index: Index;
  readonly term: Term;
}

/**
 * Asks for a vote; as MsgPreVote it asks whether a vote would be given, and changes nothing (thesis
 * §9.6).
 */
export interface MsgVote extends Envelope {
  readonly type: "MsgVote" | "MsgPreVote";
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  readonly committed: CommitMark;
  /** The leader itself asked for this election (MsgTimeoutNow): nobody defends it then. */
  readonly transfer?: true;
}
export interface MsgVoteResp extends Envelope {
  readonly type: "MsgVoteResp" | "MsgPreVoteResp";
  readonly reject: boolean;
  readonly committed: CommitMark;
}
export interface MsgApp extends Envelope {
  readonly type: "MsgApp";
  readonly prevIndex: Index;
  readonly prevTerm: Term;
  readonly entries: readonly Entry[];
  readonly commit: Index;
}
/** `index`: the last index known to match or, when rejected, the prevIndex that did not match. */
export interface MsgAppResp extends Envelope {
  readonly type: "MsgAppResp";
  readonly index: Index;
  readonly reject: boolean;
  /** When rejected: the highest index at which this log could match, and its term there. */
  readonly hintIndex: Index;
  readonly hintTerm: Term;
}
/** `context` numbers the round of heartbeats that confirms a read; 0 means none. */
export interface MsgHeartbeat extends Envelope {
  readonly type: "MsgHeartbeat";
  readonly commit: Index;
  readonly context: number;
}
export interface MsgHeartbeatResp extends Envelope {
  readonly type: "MsgHeartbeatResp";
  readonly context: number;
}
/**
 * What the log no longer holds. It is stepped in once all of the state has arrived and been
 * checked, however many pieces the transport made of it. The sender's shell answers each one with
 * reportSnapshot().
 */
export interface MsgSnap extends Envelope {
  readonly type: "MsgSnap";
  readonly snapshot: Snapshot;
}
/** A follower asks the leader for a read index; `context` is the follower's own number. */
export interface MsgReadIndex extends Envelope {
  readonly type: "MsgReadIndex";
  readonly context: number;
}
export interface MsgReadIndexResp extends Envelope {
  readonly type: "MsgReadIndexResp";
  readonly context: number;
  readonly index: Index;
}
/** A follower hands data to the leader; whether it was taken shows in the log alone. */
export interface MsgProp extends Envelope {
  readonly type: "MsgProp";
  readonly data: Uint8Array;
}
/** A follower asks the leader to hand leadership to `transferee`. */
export interface MsgTransferLeader extends Envelope {
  readonly type: "MsgTransferLeader";
  readonly transferee: PeerId;
}
/** The leader asks a follower that has everything to campaign at once (thesis §3.10). */
export interface MsgTimeoutNow extends Envelope {
  readonly type: "MsgTimeoutNow";
}

export type Message =
  | MsgVote
  | MsgVoteResp
  | MsgApp
  | MsgAppResp
  | MsgHeartbeat
  | MsgHeartbeatResp
  | MsgSnap
  | MsgReadIndex
  | MsgReadIndexResp
  | MsgProp
  | MsgTransferLeader
  | MsgTimeoutNow;

/** Only the leader of its term sends these. */
export function isFromLeader(m: Message): m is MsgApp | MsgHeartbeat | MsgSnap {
  return m.type === "MsgApp" || m.type === "MsgHeartbeat" || m.type === "MsgSnap";
}
