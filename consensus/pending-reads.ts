import type { Index, Raft } from "raft-ts";
import { overloaded, refused } from "./pending-proposals.js";
import type { StoreError } from "./store-error.js";

export interface PendingReadsConfig {
  /** Reads that may wait to be asked for at a time. */
  readonly waitingMax: number;
  /** How long one may wait for a leader and its answer. */
  readonly timeoutMs: number;
  /** One that the leader has not answered by then is asked for again. */
  readonly resendMs: number;
}

interface WaitingRead {
  readonly deadlineMs: number;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

interface Round {
  readonly waiting: WaitingRead[];
  readonly askedAtMs: number;
  /** Of whom it was asked. */
  readonly leader: string;
}

/**
 * Linearizable reads that wait (ReadIndex): those of one turn share one round, which must begin
 * after each of them came in.
 */
export class PendingReads {
  private readonly config: PendingReadsConfig;
  private readonly raft: Raft;
  private fresh: WaitingRead[] = [];
  private rounds = new Map<number, Round>();
  private confirmed: { readonly index: Index; readonly waiting: readonly WaitingRead[] }[] = [];
  private lastContext = 0;

  constructor(config: PendingReadsConfig, raft: Raft) {
    this.config = config;
    this.raft = raft;
  }

  /** Some have not been answered by a leader: they have deadlines. */
  get hasUnanswered(): boolean {
    return this.fresh.length > 0 || this.rounds.size > 0;
  }

  /** Some wait for a leader that can be asked. */
  get hasUnasked(): boolean {
    return this.fresh.length > 0;
  }

  /** Resolves once everything that was committed at the call has been applied here. */
  add(nowMs: number): Promise<void> {
    if (this.fresh.length >= this.config.waitingMax) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      this.fresh.push({ deadlineMs: nowMs + this.config.timeoutMs, resolve, reject });
    });
  }

  /** Asks the leader for what came in since the last call, if there is one. */
  ask(nowMs: number): void {
    if (this.fresh.length === 0) return;
    const context = this.lastContext + 1;
    if (!this.raft.readIndex(context)) return;
    this.lastContext = context;
    const leader = this.leaderNow();
    this.rounds.set(context, { waiting: this.fresh, askedAtMs: nowMs, leader });
    this.fresh = [];
  }

  /** The leader answered: reads of that round may go on once `index` is applied. */
  answered(context: number, index: Index): void {
    const round = this.rounds.get(context);
    this.rounds.delete(context);
    if (round !== undefined) this.confirmed.push({ index, waiting: round.waiting });
  }

  /** Lets those go on whose index has been applied. */
  serve(): void {
    if (this.confirmed.length === 0) return;
    const applied = this.raft.appliedIndex;
    const later: typeof this.confirmed = [];
    for (const read of this.confirmed) {
      if (read.index > applied) later.push(read);
      else for (const { resolve } of read.waiting) resolve();
    }
    this.confirmed = later;
  }

  /** Takes back what a leader owes for too long or can no longer answer; gives up the oldest. */
  sweep(nowMs: number): void {
    const leader = this.leaderNow();
    for (const [context, round] of this.rounds) {
      const isLate = nowMs - round.askedAtMs >= this.config.resendMs;
      if (round.leader === leader && !isLate) continue;
      this.rounds.delete(context);
      this.fresh.push(...round.waiting);
    }
    const late = this.fresh.filter((read) => read.deadlineMs <= nowMs);
    if (late.length === 0) return;
    this.fresh = this.fresh.filter((read) => read.deadlineMs > nowMs);
    for (const read of late) read.reject(refused("NotLeader"));
  }

  rejectAll(error: StoreError): void {
    const all = [...this.fresh];
    for (const round of this.rounds.values()) all.push(...round.waiting);
    for (const read of this.confirmed) all.push(...read.waiting);
    this.fresh = [];
    this.rounds = new Map();
    this.confirmed = [];
    for (const read of all) read.reject(error);
  }

  private leaderNow(): string {
    return `${this.raft.leader} ${this.raft.term}`;
  }
}
