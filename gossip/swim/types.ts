import type { PlantedBug } from "./planted-bug.js";

/** Alive, or what is said of one that does not answer. In this order at one incarnation. */
export type MemberState = "alive" | "suspect" | "dead" | "left";

/** What a member says of itself; it changes with its incarnation only. */
export interface MemberInfo {
  /** Unique in the cluster; a transport gives this name only to who proves it. */
  readonly name: string;
  /** Where it takes links, in the transport's own terms; empty: it takes none. */
  readonly address: string;
}

/** What one member knows of another. */
export interface KnownMember extends MemberInfo {
  readonly incarnation: number;
  readonly state: MemberState;
  /** When this state was entered here. */
  readonly sinceMs: number;
  /** Of the name, see hashOf. */
  readonly hash: number;
}

/** What is said of a member's incarnation. */
interface Claimed {
  readonly name: string;
  readonly incarnation: number;
}

export interface AliveUpdate extends Claimed {
  readonly type: "alive";
  readonly address: string;
}

/**
 * `from` is who said so first: a suspicion is confirmed by another one of somebody else, not by an
 * echo (Lifeguard §IV.B).
 */
export interface SuspectUpdate extends Claimed {
  readonly type: "suspect";
  readonly from: string;
}

export interface DeadUpdate extends Claimed {
  readonly type: "dead";
  readonly from: string;
}

/** It said goodbye. */
export interface LeftUpdate extends Claimed {
  readonly type: "left";
}

/** A change of the membership as it is passed on. */
export type Update = AliveUpdate | SuspectUpdate | DeadUpdate | LeftUpdate;

/** Every message carries updates on its back (SWIM §4.1). */
interface Carrier {
  readonly updates: readonly Update[];
}

export interface PingMessage extends Carrier {
  readonly type: "ping";
  readonly seq: number;
}

/** Asks the receiver to ping `target`, and to answer with an ack or a nack of `seq`. */
export interface PingReqMessage extends Carrier {
  readonly type: "ping-req";
  readonly seq: number;
  readonly target: string;
}

export interface AckMessage extends Carrier {
  readonly type: "ack";
  readonly seq: number;
}

/** The target of a ping-req did not answer in time, but who was asked did (Lifeguard §IV.A). */
export interface NackMessage extends Carrier {
  readonly type: "nack";
  readonly seq: number;
}

export interface GossipMessage extends Carrier {
  readonly type: "gossip";
}

/** Anti-entropy: the digests of all that the sender holds for live, by bucket. */
export interface PushPullMessage extends Carrier {
  readonly type: "push-pull";
  readonly digests: readonly number[];
}

/** What the sender holds of some buckets; `want`: it asks for the receiver's of these. */
export interface StateMessage extends Carrier {
  readonly type: "state";
  readonly want: readonly number[];
}

export type SwimMessage =
  | PingMessage
  | PingReqMessage
  | AckMessage
  | NackMessage
  | GossipMessage
  | PushPullMessage
  | StateMessage;

type Unladen<Message> = Message extends unknown ? Omit<Message, "updates"> : never;

/** A message of the failure detector, before updates are put on its back. */
export type SwimBody = Unladen<PingMessage | PingReqMessage | AckMessage | NackMessage>;

/** A message and whom it is for. */
export interface Outgoing {
  readonly to: string;
  readonly message: SwimMessage;
}

/** What happened to a member, as this one sees it; "forgotten": it was dead for long. */
export interface MemberEvent {
  readonly type: MemberState | "forgotten";
  readonly name: string;
  readonly incarnation: number;
}

/** What the core wants done, in this order. */
export interface SwimOutput {
  readonly messages: readonly Outgoing[];
  readonly events: readonly MemberEvent[];
}

export interface SwimConfig {
  readonly self: MemberInfo;
  /** T of SWIM: one member is probed in this time. */
  readonly protocolPeriodMs: number;
  /** How long an answer to a ping may take before others are asked to ping. */
  readonly probeTimeoutMs: number;
  /** k of SWIM: how many others are asked. */
  readonly indirectProbes: number;
  /** α of Lifeguard: the shortest suspicion is α · log10(n) · T. */
  readonly suspicionMult: number;
  /** β of Lifeguard: an unconfirmed suspicion lasts β times as long as the shortest. */
  readonly suspicionMaxMult: number;
  /** K of Lifeguard: after so many confirmations the suspicion is as short as it gets. */
  readonly confirmations: number;
  /** λ of SWIM: an update is passed on λ · log10(n) times. */
  readonly retransmitMult: number;
  readonly gossipIntervalMs: number;
  readonly gossipFanout: number;
  readonly pushPullIntervalMs: number;
  /** Dead and left members are remembered this long, so that old news does not bring them back. */
  readonly forgetAfterMs: number;
  /** S of Lifeguard: how far the own health can fall, in steps. */
  readonly localHealthMax: number;
  /**
   * On how many rings a member has a successor that it probes and tells news (Rapid §4.1); null:
   * everybody, as in the papers, at the price of a new link for nearly every probe.
   */
  readonly rings: number | null;
  /**
   * False: SWIM alone, without local health, nacks, confirmations and buddies. To compare with.
   */
  readonly lifeguard: boolean;
  /** A tick that comes late is counted as own sleep, and not against others. */
  readonly countsSleep: boolean;
  /** Updates of one message, in bytes by a rough estimate. */
  readonly piggybackBytesMax: number;
  /** Updates that wait to be passed on, by member; the most told one is let go. */
  readonly queueMax: number;
  readonly plantedBug?: PlantedBug;
}

/** Measured in docs/measurements/gossip.md. */
export const SWIM_DEFAULTS: Omit<SwimConfig, "self"> = {
  protocolPeriodMs: 1000,
  probeTimeoutMs: 500,
  indirectProbes: 3,
  suspicionMult: 4,
  suspicionMaxMult: 6,
  confirmations: 3,
  retransmitMult: 4,
  gossipIntervalMs: 200,
  gossipFanout: 3,
  pushPullIntervalMs: 30_000,
  forgetAfterMs: 120_000,
  localHealthMax: 8,
  rings: 16,
  lifeguard: true,
  countsSleep: true,
  piggybackBytesMax: 1200,
  queueMax: 4096,
};
