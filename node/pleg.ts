import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import { waitMs } from "../api/client/waiting.js";
import type { Runtime } from "./cri/runtime.js";
import { RUNTIME_KEYS } from "./plan/pod-runtime.js";

/** A pod as found in the runtime. */
export interface RuntimePod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** Something that tells soon when a container ended; what it tells is only "look now". */
export type ExitEvents = (onExit: () => void, signal: AbortSignal) => Promise<void>;

const RELIST_MS = 1000;
/** With events as the first source the listing only makes up for lost ones. */
const RELIST_WITH_EVENTS_MS = 3000;
/** A runtime tells of an exit before it has noted it itself: look often for a moment. */
const HOT_RELIST_MS = 60;
const HOT_FOR_MS = 1000;
const RECONNECT_MS = 500;

/**
 * Notices what changed in the runtime (pod lifecycle event generator): lists all sandboxes and
 * containers regularly, at once after an exit event, and names the pods that differ from the
 * listing before.
 */
export class Pleg {
  private readonly runtime: Runtime;
  private readonly deps: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly exitEvents: ExitEvents;
    readonly onChange: (uid: string) => void;
    readonly onHealth: (healthy: boolean, message: string) => void;
    readonly onRelist: (tookMs: number) => void;
  };
  private seen = new Map<string, { readonly pod: RuntimePod; readonly states: string }>();
  private eventsConnected = false;
  private hotUntilMs = 0;
  private wake = new AbortController();

  constructor(runtime: Runtime, deps: Pleg["deps"]) {
    this.runtime = runtime;
    this.deps = deps;
  }

  /** The pods that the last listing showed. */
  pods(): readonly RuntimePod[] {
    return Array.from(this.seen.values(), ({ pod }) => pod);
  }

  /** True when the last listing showed the pod. */
  has(uid: string): boolean {
    return this.seen.has(uid);
  }

  /** One listing now. Throws CriError. */
  async relist(signal: AbortSignal): Promise<void> {
    const now = await this.list(signal);
    const before = this.seen;
    this.seen = now;
    for (const [uid, { states }] of now)
      if (before.get(uid)?.states !== states) this.deps.onChange(uid);
    for (const uid of before.keys()) if (!now.has(uid)) this.deps.onChange(uid);
  }

  /** Lists and listens until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.listLoop(signal), this.eventLoop(signal)]);
  }

  private async listLoop(signal: AbortSignal): Promise<void> {
    const { clock } = this.deps;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        await this.relist(signal);
        this.deps.onHealth(true, "");
      } catch (error) {
        if (signal.aborted) return;
        this.deps.onHealth(false, error instanceof Error ? error.message : String(error));
      }
      // A slow listing must not become the node's main work.
      const tookMs = clock.monotonicMs() - startedMs;
      this.deps.onRelist(tookMs);
      await this.pause(Math.max(this.intervalMs(), 5 * tookMs), signal);
    }
  }

  private intervalMs(): number {
    if (this.deps.clock.monotonicMs() < this.hotUntilMs) return HOT_RELIST_MS;
    return this.eventsConnected ? RELIST_WITH_EVENTS_MS : RELIST_MS;
  }

  private async pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const wake = new AbortController();
    this.wake = wake;
    const stop = (): void => wake.abort();
    signal.addEventListener("abort", stop, { once: true });
    await waitMs(this.deps.clock, delayMs, wake.signal);
    signal.removeEventListener("abort", stop);
  }

  private async eventLoop(signal: AbortSignal): Promise<void> {
    const { clock, exitEvents, logger } = this.deps;
    while (!signal.aborted) {
      this.eventsConnected = true;
      try {
        await exitEvents(() => this.hurry(), signal);
      } catch (error) {
        logger.debug("runtime events ended", { error });
      }
      this.eventsConnected = false;
      this.wake.abort();
      await waitMs(clock, RECONNECT_MS, signal);
    }
  }

  private hurry(): void {
    const nowMs = this.deps.clock.monotonicMs();
    const wasHot = nowMs < this.hotUntilMs;
    this.hotUntilMs = nowMs + HOT_FOR_MS;
    if (!wasHot) this.wake.abort();
  }

  private async list(signal: AbortSignal): Promise<Pleg["seen"]> {
    const [sandboxes, containers] = await Promise.all([
      this.runtime.listPodSandboxes({}, signal),
      this.runtime.listContainers({}, signal),
    ]);
    const rows = new Map<string, { pod: RuntimePod; states: string[] }>();
    for (const { id, state, labels } of [...sandboxes, ...containers]) {
      const uid = labels[RUNTIME_KEYS.podUid];
      if (uid === undefined) continue; // Not one of ours.
      const namespace = labels[RUNTIME_KEYS.podNamespace] ?? "";
      const pod = { uid, namespace, name: labels[RUNTIME_KEYS.podName] ?? "" };
      const row = rows.get(uid) ?? { pod, states: [] };
      row.states.push(`${id}=${state}`);
      rows.set(uid, row);
    }
    const result: Pleg["seen"] = new Map();
    for (const [uid, { pod, states }] of rows)
      result.set(uid, { pod, states: states.sort().join(" ") });
    return result;
  }
}
