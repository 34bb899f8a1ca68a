import type { Clock } from "../base/clock.js";
import type { Mvcc } from "./store/mvcc.js";
import type { Revision } from "./store-api.js";

/** Samples taken within the time that history is kept: how exactly it is kept. */
const SAMPLES = 5;
/** Superseded versions that are kept at most, however young. */
const VERSIONS_MAX = 1_000_000;

/**
 * Proposes to drop history once it is old enough. Every member runs it; only a leader's proposals
 * are accepted.
 */
export class HistoryCompactor {
  private readonly historyMs: number;
  private readonly clock: Clock;
  private readonly mvcc: Mvcc;
  private readonly compact: (revision: Revision) => Promise<void>;
  /** Oldest first. */
  private samples: { readonly atMs: number; readonly revision: Revision }[] = [];
  private isProposed = false;
  private cancel: (() => void) | null = null;

  constructor(
    config: { readonly historyMs: number },
    deps: {
      readonly clock: Clock;
      readonly mvcc: Mvcc;
      /** Proposes; settles once that is decided, and never rejects. */
      readonly compact: (revision: Revision) => Promise<void>;
    },
  ) {
    this.historyMs = config.historyMs;
    this.clock = deps.clock;
    this.mvcc = deps.mvcc;
    this.compact = deps.compact;
  }

  start(): void {
    this.cancel = this.clock.schedule(this.historyMs / SAMPLES, () => {
      this.sample();
      this.start();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private sample(): void {
    const nowMs = this.clock.monotonicMs();
    const tooMany = this.mvcc.index.supersededCount > VERSIONS_MAX;
    let target = 0;
    while (this.samples[0] !== undefined) {
      if (this.samples[0].atMs > nowMs - this.historyMs && !tooMany) break;
      target = this.samples.shift()?.revision ?? 0;
    }
    this.samples.push({ atMs: nowMs, revision: this.mvcc.revision });
    // Nothing superseded means nothing to drop: an idle cluster writes nothing.
    if (target <= this.mvcc.compactRevision || this.mvcc.index.supersededCount === 0) return;
    if (this.isProposed) return;
    this.isProposed = true;
    void this.compact(target).then(() => {
      this.isProposed = false;
    });
  }
}
