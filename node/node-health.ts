import { waitMs } from "../api/client/waiting.js";
import type { ContainerImage } from "../api/schema/types/core-v1.gen.js";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Runtime } from "./cri/runtime.js";
import { nodeImages } from "./plan/node-images.js";
import type { PressureCondition } from "./plan/eviction.js";
import type { NodeHealth } from "./plan/node-object.js";

const LOOK_MS = 10_000;
/**
 * One failed call is no news; a runtime that was restarted answers again within a second or two.
 */
const SILENCE_MS = 5000;
const NETWORK_POLL_MS = 100;

/** Watches the runtime and the machine and says how the node is when that changes. */
export class NodeHealthMonitor {
  private readonly runtime: Runtime;
  private readonly deps: {
    readonly clock: Clock;
    readonly readPressure: () => Promise<ReadonlySet<PressureCondition>>;
    readonly onChange: (health: NodeHealth) => void;
  };
  private networkUp = false;
  private networkFailure = "the pod network is not set up yet";
  private failingSinceMs: number | null = null;
  private images: readonly ContainerImage[] | null = null;

  constructor(runtime: Runtime, deps: NodeHealthMonitor["deps"]) {
    this.runtime = runtime;
    this.deps = deps;
  }

  /** The pod network could not be set up; it is tried again. */
  networkFailed(message: string): void {
    this.networkFailure = message;
  }

  /**
   * The pod network is set up: waits until the runtime has taken notice, then calls the node
   * ready.
   */
  async networkReady(signal: AbortSignal): Promise<void> {
    this.networkUp = true;
    for (;;) {
      const health = await this.look(signal);
      this.deps.onChange(health);
      if (health.notReady === null) return;
      await waitMs(this.deps.clock, NETWORK_POLL_MS, signal);
      signal.throwIfAborted();
    }
  }

  /** What the listing of pods learned about the runtime. */
  runtimeAnswered(healthy: boolean): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (healthy) this.failingSinceMs = null;
    else this.failingSinceMs ??= nowMs;
  }

  /** Something in it has changed that must not wait for the next look. */
  refresh(signal: AbortSignal): void {
    this.look(signal).then(this.deps.onChange, () => {}); // It rejects only when all ends.
  }

  /** How the node is now. Rejects only when the signal aborts. */
  async look(signal: AbortSignal): Promise<NodeHealth> {
    const pressure = await this.deps.readPressure();
    const notReady = await this.whyNotReady(signal);
    try {
      this.images = nodeImages(await this.runtime.listImages(signal));
    } catch {
      signal.throwIfAborted();
      // A runtime that does not answer is what `notReady` tells of; it still has its images.
    }
    return { pressure, notReady, ...(this.images === null ? {} : { images: this.images }) };
  }

  /** Looks every 10 s until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await waitMs(this.deps.clock, LOOK_MS, signal);
      if (signal.aborted) return;
      try {
        this.deps.onChange(await this.look(signal));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  private async whyNotReady(signal: AbortSignal): Promise<NodeHealth["notReady"]> {
    const reason = "KubeletNotReady";
    const { failingSinceMs } = this;
    if (failingSinceMs !== null && this.deps.clock.monotonicMs() - failingSinceMs > SILENCE_MS)
      return { reason, message: "container runtime is down" };
    try {
      for (const condition of await this.runtime.status(signal)) {
        if (condition.status) continue;
        const { type, message } = condition;
        const said = `container runtime ${type === "NetworkReady" ? "network " : ""}not ready`;
        return {
          reason,
          message: `${said}: ${type}=false reason:${condition.reason} message:${message}`,
        };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      return { reason, message: `container runtime status check failed: ${messageOf(error)}` };
    }
    return this.networkUp ? null : { reason, message: this.networkFailure };
  }
}
