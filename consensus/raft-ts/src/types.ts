import type { ConfState } from "./conf-state.js";
import type { Message } from "./messages.js";
import type { PlantedBug } from "./planted-bug.js";

/**
 * Grows with every election; at most one leader in each. A safe integer, 0 before the first
 * election.
 */
export type Term = number;
/** The position of an entry in the log. A safe integer; the first entry has 1. */
export type Index = number;
/** Names a peer: a voter or a learner. Not reused for another log. */
export type PeerId = string;

export type Role = "follower" | "preCandidate" | "candidate" | "leader";

/** What an entry means to the core. Absent in an Entry: EntryNormal, the business of the shell. */
export type EntryType = "EntryNormal" | "EntryConfChangeV2";

/**
 * One position of the log. Empty data is the entry with which a leader opens its term; that of an
 * EntryConfChangeV2 is read by decodeConfChange(). All fields must survive the disk and the wire.
 */
export interface Entry {
  readonly term: Term;
  readonly index: Index;
  readonly data: Uint8Array;
  readonly type?: EntryType;
}

/**
 * What must survive a crash beside the entries. `commit` may lag behind: it is a hint, never a
 * promise.
 */
export interface HardState {
  readonly term: Term;
  readonly vote: PeerId | null;
  readonly commit: Index;
}

/**
 * Where the log begins: everything up to and including `index` is held by the state machine alone.
 */
export interface LogStart {
  readonly index: Index;
  readonly term: Term;
}

/**
 * The state after the entry at `index`, with the membership of that moment. `data` is the state
 * itself or what the shell finds it by; the core does not look into it.
 */
export interface Snapshot extends LogStart {
  readonly confState: ConfState;
  readonly data: Uint8Array;
}

/** The answer to readIndex(context): whoever has applied `index` may serve that read. */
export interface ReadState {
  readonly context: number;
  readonly index: Index;
}

/**
 * Everything the shell owes the core. The order of duty is part of the contract:
 *
 * 1. `messages` may leave at once: a leader's entries travel while its own disk still works (thesis
 *    §10.2.1).
 * 2. `hardState` goes to the disk, then `snapshot`, then `entries`; Readys in the order in which
 *    they were taken.
 * 3. A `snapshot` takes the place of the state machine and of the whole log, its index and
 *    confState included, in one step that survives a crash. Entries of earlier Readys are applied
 *    before that, or never.
 * 4. Once they, and those of every earlier Ready, are durable: call `advance(ready)`, then send
 *    `messagesAfterAppend`. A vote and an acknowledgement are promises that survive a crash.
 * 5. `committedEntries` are applied in order; call `applied(index)` as that goes on. They are all
 *    durable here. The state machine keeps its applied index, and `confStateAt(index)`, in the same
 *    write as what they changed.
 * 6. A read of `readStates` is served once its index has been applied.
 */
export interface Ready {
  readonly hardState: HardState | null;
  readonly entries: readonly Entry[];
  readonly snapshot: Snapshot | null;
  readonly messages: readonly Message[];
  readonly messagesAfterAppend: readonly Message[];
  readonly committedEntries: readonly Entry[];
  readonly readStates: readonly ReadState[];
}

/** The one thing the core draws at random: election timeouts. An integer in 0 … bound-1. */
export interface RaftRandom {
  below(bound: number): number;
}

export interface RaftConfig {
  readonly id: PeerId;
  /**
   * Who votes where the log begins, for a group whose shell keeps no ConfState. Exactly one of this
   * and RaftState.confState is given: there is one truth about membership.
   */
  readonly voters?: readonly PeerId[];
  /** A follower campaigns after this many ticks of silence, plus up to as many again at random. */
  readonly electionTicks: number;
  /** Must be well below electionTicks. */
  readonly heartbeatTicks: number;
  /** Entries of one MsgApp; at least one entry is always sent. */
  readonly messageSizeMaxBytes: number;
  /** MsgApps with entries on their way to one follower … */
  readonly inflightMax: number;
  /** … and their data; no limit when absent. One message is always let out. */
  readonly inflightSizeMaxBytes?: number;
  /** The data of one proposal. */
  readonly entrySizeMaxBytes: number;
  /** Proposals that wait for their commit; beyond it they are refused. */
  readonly uncommittedSizeMaxBytes: number;
  /** Entries handed out for apply in one Ready … */
  readonly committedEntriesMax: number;
  /** … and their data; at least one entry is always handed out. */
  readonly committedSizeMaxBytes: number;
  /**
   * A leader answers reads from its lease for so many ticks after it sent a heartbeat that a
   * majority has answered; 0 or absent: never. Below electionTicks by as much as two clocks may
   * drift apart in that time, and the same on every peer. Ticks must be of monotonic time, and a
   * pause must be told by reportPause().
   */
  readonly leaseTicks?: number;
  /**
   * A follower for which a leader has no entries is told what is committed when the shell calls
   * tellCommit(), or by the next heartbeat, unless it waits for a proposal or a read of its own:
   * where entries keep coming, nearly every commit travels with some. Absent: it is told at once.
   */
  readonly lazyCommit?: boolean;
  /** Followers do not pass proposals on, and a leader takes none from them. */
  readonly disableProposalForwarding?: boolean;
  readonly random: RaftRandom;
  /** For tests alone: a bug that others shipped, to see that it would be noticed. */
  readonly plantedBug?: PlantedBug;
}

/** What was found on the disk. */
export interface RaftState {
  readonly hardState: HardState;
  readonly start: LogStart;
  /** Without a gap from start.index + 1 on. */
  readonly entries: readonly Entry[];
  /** The state machine holds everything up to here; at least start.index. */
  readonly applied: Index;
  /**
   * The membership at `applied`, as the state machine kept it; EMPTY_CONF_STATE on a new peer that
   * waits to be added. Absent when RaftConfig.voters is given.
   */
  readonly confState?: ConfState;
}

/**
 * An accepted proposal is committed when an entry with this index and term is applied; another term
 * there means it is lost. NotLeader also while leadership is being handed over.
 */
export type ProposeResult =
  | { readonly accepted: true; readonly index: Index; readonly term: Term }
  | { readonly accepted: false; readonly reason: "NotLeader" | "TooLarge" | "Overloaded" };

/** As ProposeResult; Pending: an earlier change is not applied yet. `detail` says more. */
export type ConfChangeResult =
  | { readonly accepted: true; readonly index: Index; readonly term: Term }
  | {
      readonly accepted: false;
      readonly reason: "NotLeader" | "TooLarge" | "Overloaded" | "Pending" | "Invalid";
      readonly detail: string;
    };

/** Sent says nothing of the outcome: a message may be lost, or arrive twice. */
export type ForwardResult =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly reason: "NoLeader" | "Disabled" | "TooLarge" | "Overloaded";
    };
