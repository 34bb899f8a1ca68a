import type { Entry, Index, ProposeResult, Raft, Term } from "raft-ts";
import { originKeyOf, resentCopy } from "./store/command.js";
import type { ApplyResult } from "./store/apply-result.js";
import { StoreError } from "./store-error.js";

export interface PendingProposalsConfig {
  /** Proposals that may wait at a time. */
  readonly waitingMax: number;
  /** How long one may wait for a leader and its commit. */
  readonly timeoutMs: number;
  /** One that was handed to a leader and did not come back by then is handed over again. */
  readonly resendMs: number;
}

interface Waiting {
  readonly data: Uint8Array;
  /** How it is recognised in the log; null: by the index at which it was accepted alone. */
  readonly key: string | null;
  readonly deadlineMs: number;
  readonly resolve: (result: ApplyResult) => void;
  readonly reject: (error: StoreError) => void;
  /** How far the log was applied here when it was first handed over; null: never yet. */
  since: Index | null;
  sentAtMs: number;
}

interface Accepted {
  readonly term: Term;
  readonly waiting: Waiting;
}

/**
 * What was proposed here and has no answer yet. A leader knows its proposals by their place in the
 * log. Everybody else hands them to the leader and recognises them by their origin when they are
 * applied here; what may have been lost on the way is handed over again, marked as such, for the
 * table of duplicates to sort out (see Origin).
 */
export class PendingProposals {
  private readonly config: PendingProposalsConfig;
  private readonly raft: Raft;
  private readonly accepted = new Map<Index, Accepted>();
  private readonly handedOver = new Map<string, Waiting[]>();
  private handedOverCount = 0;
  private handedOverBytes = 0;
  /** Of those the ones that the leader of now has not been sent. */
  private unsent = new Set<Waiting>();
  private sentLeader = "";

  constructor(config: PendingProposalsConfig, raft: Raft) {
    this.config = config;
    this.raft = raft;
  }

  get size(): number {
    return this.accepted.size + this.handedOverCount;
  }

  /** Some wait that are not in this peer's own log: they have deadlines. */
  get hasHandedOver(): boolean {
    return this.handedOverCount > 0;
  }

  /** Some of those are to be handed to the leader of now. */
  get hasUnsent(): boolean {
    return this.unsent.size > 0;
  }

  /** Proposes here or at the leader. Rejects with what StoreErrorCode says of proposals. */
  propose(data: Uint8Array, nowMs: number): Promise<ApplyResult> {
    if (this.size >= this.config.waitingMax || this.handedOverBytes > WAITING_MAX_BYTES)
      return Promise.reject(overloaded());
    const key = originKeyOf(data);
    return new Promise((resolve, reject) => {
      const deadlineMs = nowMs + this.config.timeoutMs;
      const sent = { since: null, sentAtMs: nowMs };
      const waiting: Waiting = { data, key, deadlineMs, resolve, reject, ...sent };
      if (this.raft.role === "leader") {
        const refusal = this.proposeHere(waiting, data);
        if (refusal === null) return;
        // It is being handed over: the next leader takes it.
        if (refusal !== "NotLeader" || key === null) return reject(refused(refusal));
      } else if (key === null) return reject(refused("NotLeader"));
      this.keep(waiting);
    });
  }

  /** A change of the membership that the core has accepted. */
  wait(index: Index, term: Term): Promise<ApplyResult> {
    return new Promise((resolve, reject) => {
      const none = { data: NOTHING, key: null, deadlineMs: Number.POSITIVE_INFINITY };
      const sent = { since: null, sentAtMs: 0 };
      const waiting = { ...none, resolve, reject, ...sent };
      this.accepted.set(index, { term, waiting });
    });
  }

  /** Hands to the leader what it has not got yet. */
  handOver(nowMs: number): void {
    const { raft } = this;
    if (this.handedOverCount === 0 || raft.leader === null) return;
    const leader = `${raft.leader} ${raft.term}`;
    if (leader !== this.sentLeader) {
      this.sentLeader = leader;
      for (const all of this.handedOver.values()) for (const one of all) this.unsent.add(one);
    }
    for (const waiting of this.unsent) {
      const { since, data } = waiting;
      const copy = since === null ? data : resentCopy(data, since);
      if (raft.role === "leader") {
        if (this.proposeHere(waiting, copy) !== null) return;
        this.drop(waiting);
        continue;
      }
      if (!raft.forward(copy).accepted) return;
      waiting.since ??= raft.appliedIndex;
      waiting.sentAtMs = nowMs;
      this.unsent.delete(waiting);
    }
  }

  /** Leadership was lost: what was accepted here may still be committed by the next leader. */
  leadershipLost(): void {
    for (const { waiting } of this.accepted.values()) {
      if (waiting.key !== null) this.keep(waiting);
      else waiting.reject(unknown("leadership was lost; the proposal may yet be committed"));
    }
    this.accepted.clear();
  }

  /** Applying an entry came to `result`. */
  applied(entry: Entry, result: ApplyResult | null): void {
    const accepted = this.accepted.get(entry.index);
    if (accepted !== undefined) {
      this.accepted.delete(entry.index);
      const { term, waiting } = accepted;
      if (term === entry.term && result !== null) waiting.resolve(result);
      // Another leader's entry has taken the place of ours, which therefore is lost for good.
      else if (waiting.key !== null) this.keep(waiting);
      else waiting.reject(refused("NotLeader"));
    }
    if (this.handedOverCount === 0 || result === null || entry.data.length < KEY_END) return;
    if (entry.type === "EntryConfChangeV2") return;
    const key = originKeyOf(entry.data);
    if (key === null) return;
    for (const waiting of this.handedOver.get(key) ?? []) {
      this.drop(waiting);
      waiting.resolve(result);
    }
  }

  /** Gives up what has waited too long, and sends again what may have been lost. */
  sweep(nowMs: number): void {
    for (const all of this.handedOver.values())
      for (const waiting of all) {
        if (nowMs - waiting.sentAtMs >= this.config.resendMs) this.unsent.add(waiting);
        if (waiting.deadlineMs > nowMs) continue;
        this.drop(waiting);
        waiting.reject(
          waiting.since === null
            ? refused("NotLeader")
            : unknown("it was handed to a leader and was not committed in time"),
        );
      }
  }

  rejectAll(error: StoreError): void {
    const all = [...this.accepted.values()].map((one) => one.waiting);
    for (const some of this.handedOver.values()) all.push(...some);
    this.accepted.clear();
    this.handedOver.clear();
    this.unsent.clear();
    this.handedOverCount = 0;
    this.handedOverBytes = 0;
    for (const waiting of all) waiting.reject(error);
  }

  private proposeHere(
    waiting: Waiting,
    data: Uint8Array,
  ): (ProposeResult & { accepted: false })["reason"] | null {
    const result = this.raft.propose(data);
    if (!result.accepted) return result.reason;
    waiting.since ??= this.raft.appliedIndex;
    this.accepted.set(result.index, { term: result.term, waiting });
    return null;
  }

  private keep(waiting: Waiting): void {
    const key = waiting.key ?? "";
    const all = this.handedOver.get(key);
    if (all === undefined) this.handedOver.set(key, [waiting]);
    else all.push(waiting);
    this.handedOverCount += 1;
    this.handedOverBytes += waiting.data.length;
    this.unsent.add(waiting);
  }

  private drop(waiting: Waiting): void {
    const key = waiting.key ?? "";
    const left = (this.handedOver.get(key) ?? []).filter((one) => one !== waiting);
    this.handedOverCount -= 1;
    this.handedOverBytes -= waiting.data.length;
    this.unsent.delete(waiting);
    if (left.length === 0) this.handedOver.delete(key);
    else this.handedOver.set(key, left);
  }
}

/** Proposals' bytes that may wait for a leader elsewhere. */
const WAITING_MAX_BYTES = 64 * 1024 * 1024;
const NOTHING = new Uint8Array(0);
/** An encoded proposal is longer than what originKeyOf() looks at. */
const KEY_END = 17;

export function refused(reason: "NotLeader" | "TooLarge" | "Overloaded"): StoreError {
  if (reason === "Overloaded") return overloaded();
  if (reason === "TooLarge") return new StoreError("RequestTooLarge", "the request is too large");
  return new StoreError("NoLeader", "there is no leader that could be asked");
}

export function overloaded(): StoreError {
  return new StoreError("Overloaded", "too many requests wait already; try again");
}

function unknown(why: string): StoreError {
  return new StoreError("OutcomeUnknown", why);
}
