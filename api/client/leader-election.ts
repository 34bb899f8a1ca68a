import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import type { Lease } from "../schema/types/coordination-v1.gen.js";
import { ApiError, isConflict } from "./api-error.js";
import type { ApiClient, Fence } from "./client-types.js";
import { resourcePath } from "./request-path.js";
import { LEASES } from "./resource-types.js";
import { jitteredBackoffMs, waitMs } from "./waiting.js";

/** Which Lease is fought for, and by whom. */
export interface LeaderElectionConfig {
  readonly namespace: string;
  readonly name: string;
  /** Told apart from every other candidate, such as `server-1_<uuid>`. */
  readonly identity: string;
  readonly times?: LeaderElectionTimes;
}

/** The rhythm of an election. */
export interface LeaderElectionTimes {
  /**
   * The server gives the Lease to somebody else when it was not renewed for so long. Whole seconds.
   */
  readonly leaseDurationMs: number;
  readonly renewIntervalMs: number;
  /** So long before the lease may have run out, the leader stops by itself. */
  readonly safetyMs: number;
  /** Time between two tries to get the Lease, of those who do not have it. */
  readonly retryIntervalMs: number;
}

/** A dead leader is replaced after six seconds and a bit; a paused one has stopped before. */
export const LEADER_ELECTION_TIMES: LeaderElectionTimes = {
  leaseDurationMs: 6000,
  renewIntervalMs: 2000,
  safetyMs: 1500,
  retryIntervalMs: 1000,
};

/** What an election needs of its process. */
export interface LeaderElectionDeps {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Work that only the leader does. Must stop soon after the signal aborts. */
export type LeaderWork = (signal: AbortSignal, fence: () => Fence | null) => Promise<void>;

/**
 * Holds a Lease through its `hold` subresource, whose time is the store leader's: no two clocks are
 * compared. The fence makes sure of the rest: whoever was paused and wakes may believe for a moment
 * that it leads, but its writes name an old holding and are refused.
 */
export class LeaderElector {
  private readonly config: LeaderElectionConfig;
  private readonly times: LeaderElectionTimes;
  private readonly deps: LeaderElectionDeps;
  private readonly path: string;
  private fence: Fence | null = null;
  /** Until when (monotonic) the Lease is surely ours. */
  private heldUntilMs = 0;

  constructor(config: LeaderElectionConfig, deps: LeaderElectionDeps) {
    this.config = config;
    this.times = config.times ?? LEADER_ELECTION_TIMES;
    this.deps = deps;
    const { namespace, name } = config;
    this.path = resourcePath(LEASES, { namespace, name, subresource: "hold" });
  }

  /** The holding to put on writes; null when not leading, or no longer sure of it. */
  readonly currentFence = (): Fence | null =>
    this.deps.clock.monotonicMs() < this.heldUntilMs ? this.fence : null;

  /**
   * Runs `work` whenever this candidate leads, until the signal aborts; then gives the Lease back.
   * When the Lease is lost, work's signal aborts and the next try begins only after work has ended.
   * Rejects when work does.
   */
  async run(work: LeaderWork, signal: AbortSignal): Promise<void> {
    const { retryIntervalMs } = this.times;
    const pause = { firstMs: retryIntervalMs, maxMs: retryIntervalMs };
    while (!signal.aborted) {
      if (await this.tryHold(signal)) await this.lead(work, signal);
      else await waitMs(this.deps.clock, jitteredBackoffMs(0, pause, this.deps.random), signal);
    }
  }

  private async lead(work: LeaderWork, signal: AbortSignal): Promise<void> {
    const { logger } = this.deps;
    const { name, identity } = this.config;
    logger.info("became leader", { lease: name, identity });
    const term = new AbortController();
    const stop = (): void => term.abort();
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const working = work(term.signal, this.currentFence);
      const worked = working.finally(stop);
      await Promise.all([worked, this.renewUntilLost(term.signal).finally(stop)]);
    } finally {
      signal.removeEventListener("abort", stop);
      await this.release();
      logger.info("no longer leader", { lease: name, identity });
    }
  }

  /** Returns when the term ends, or when the Lease may belong to somebody else. */
  private async renewUntilLost(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.deps;
    const { renewIntervalMs, retryIntervalMs } = this.times;
    let pauseMs = renewIntervalMs;
    while (!signal.aborted) {
      const leftMs = this.heldUntilMs - clock.monotonicMs();
      if (leftMs <= 0) {
        logger.warn("lease not renewed in time", { lease: this.config.name });
        return;
      }
      await waitMs(clock, Math.min(pauseMs, leftMs), signal);
      if (signal.aborted || clock.monotonicMs() >= this.heldUntilMs) continue;
      const before = this.fence;
      const held = await this.tryHold(signal);
      pauseMs = held ? renewIntervalMs : retryIntervalMs / 4;
      if (this.fence === null || !sameHolding(before, this.fence)) return;
    }
  }

  /**
   * True when the Lease is ours now. A refusal takes the fence away at once; a failure to ask does
   * not.
   */
  private async tryHold(signal: AbortSignal): Promise<boolean> {
    const { client, clock, logger } = this.deps;
    const { leaseDurationMs, safetyMs, renewIntervalMs } = this.times;
    const askedAtMs = clock.monotonicMs();
    try {
      const lease = (await client.request("PUT", this.path, {
        body: {
          holderIdentity: this.config.identity,
          leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
        },
        signal,
        timeoutMs: renewIntervalMs,
      })) as unknown as Lease;
      this.fence = this.fenceOf(lease);
      // The server's time starts after ours: to count from the question errs on the safe side.
      this.heldUntilMs = askedAtMs + leaseDurationMs - safetyMs;
      return true;
    } catch (error) {
      if (isConflict(error)) this.fence = null;
      else if (!signal.aborted) {
        if (!(error instanceof ApiError)) throw error;
        logger.warn("lease cannot be asked for", { lease: this.config.name, error });
      }
      return false;
    }
  }

  private async release(): Promise<void> {
    const { client, logger } = this.deps;
    const mayHold = this.currentFence() !== null;
    this.fence = null;
    this.heldUntilMs = 0;
    if (!mayHold) return;
    try {
      await client.request("DELETE", this.path, {
        body: { holderIdentity: this.config.identity },
        timeoutMs: this.times.renewIntervalMs,
      });
    } catch (error) {
      logger.info("lease not given back, it will run out", { lease: this.config.name, error });
    }
  }

  private fenceOf(lease: Lease): Fence {
    const { namespace, name } = this.config;
    const leaseTransitions = lease.spec.leaseTransitions ?? 0;
    return { namespace, name, uid: lease.metadata.uid, leaseTransitions };
  }
}

function sameHolding(a: Fence | null, b: Fence | null): boolean {
  return a?.uid === b?.uid && a?.leaseTransitions === b?.leaseTransitions;
}
