import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import { waitMs } from "../api/client/waiting.js";
import type { ContainerRow, PodSandbox, SandboxFilter } from "./cri/cri-types.js";
import type { Runtime } from "./cri/runtime.js";
import { RUNTIME_KEYS } from "./plan/pod-runtime.js";

/** A pod as found in the runtime. */
export interface RuntimePod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** Something that tells soon which container or sandbox ended; null: one of them. */
export type ExitEvents = (
  onExit: (id: string | null) => void,
  signal: AbortSignal,
) => Promise<void>;

const RELIST_MS = 1000;
/** With events as the first source the listing only makes up for lost ones. */
const RELIST_WITH_EVENTS_MS = 3000;
/** A runtime tells of an exit before it has noted it itself: look often for a moment. */
const LOOK_AGAIN_MS = 60;
const LOOK_FOR_MS = 1000;
const RECONNECT_MS = 500;

interface SeenPod {
  readonly pod: RuntimePod;
  /** Of its sandboxes and containers. */
  readonly states: string;
}

/** A sandbox or container as listed. */
type Row = PodSandbox | ContainerRow;

/**
 * Notices what changed in the runtime (pod lifecycle event generator): looks at the pod whose
 * container is told to have ended, lists all sandboxes and containers regularly besides, and names
 * the pods that differ from what was seen of them before.
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
  private seen = new Map<string, SeenPod>();
  private eventsConnected = false;
  /** What is told to have ended and not yet seen to. */
  private readonly ending = new Set<string>();
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
        await exitEvents((id) => this.ended(id, signal), signal);
      } catch (error) {
        logger.debug("runtime events ended", { error });
      }
      this.eventsConnected = false;
      this.wake.abort();
      await waitMs(clock, RECONNECT_MS, signal);
    }
  }

  private ended(id: string | null, signal: AbortSignal): void {
    if (id === null) return this.wake.abort();
    if (this.ending.has(id)) return;
    this.ending.add(id);
    this.follow(id, signal)
      .catch((error: unknown) => {
        // The next listing will tell.
        if (!signal.aborted) this.deps.logger.debug("an ended container was not seen", { error });
      })
      .finally(() => this.ending.delete(id));
  }

  /** Looks at what ended, and at its pod, until the runtime knows of the end too. */
  private async follow(id: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.deps;
    const untilMs = clock.monotonicMs() + LOOK_FOR_MS;
    while (!signal.aborted) {
      const row = (await this.rows({ id }, signal))[0];
      if (row === undefined) return; // Whoever removed it knows; others learn by the next listing.
      const uid = row.labels[RUNTIME_KEYS.podUid];
      if (uid === undefined) return; // Not one of ours.
      if (hasEnded(row)) return this.lookAt(uid, signal);
      if (clock.monotonicMs() >= untilMs) return;
      await waitMs(clock, LOOK_AGAIN_MS, signal);
    }
  }

  /** One pod now. */
  private async lookAt(uid: string, signal: AbortSignal): Promise<void> {
    const rows = await this.rows({ labelSelector: { [RUNTIME_KEYS.podUid]: uid } }, signal);
    const now = podsOf(rows).get(uid);
    const before = this.seen.get(uid);
    if (now === undefined) this.seen.delete(uid);
    else this.seen.set(uid, now);
    if (now?.states !== before?.states) this.deps.onChange(uid);
  }

  private async list(signal: AbortSignal): Promise<Map<string, SeenPod>> {
    return podsOf(await this.rows({}, signal));
  }

  private async rows(
    filter: Pick<SandboxFilter, "id" | "labelSelector">,
    signal: AbortSignal,
  ): Promise<readonly Row[]> {
    const [sandboxes, containers] = await Promise.all([
      this.runtime.listPodSandboxes(filter, signal),
      this.runtime.listContainers(filter, signal),
    ]);
    return [...sandboxes, ...containers];
  }
}

function hasEnded({ state }: Row): boolean {
  return state === "SANDBOX_NOTREADY" || state === "CONTAINER_EXITED";
}

/** Those that are ours, by uid. */
function podsOf(found: readonly Row[]): Map<string, SeenPod> {
  const rows = new Map<string, { pod: RuntimePod; states: string[] }>();
  for (const { id, state, labels } of found) {
    const uid = labels[RUNTIME_KEYS.podUid];
    if (uid === undefined) continue; // Not one of ours.
    const row = rows.get(uid);
    if (row !== undefined) {
      row.states.push(`${id}=${state}`);
      continue;
    }
    const namespace = labels[RUNTIME_KEYS.podNamespace] ?? "";
    const pod = { uid, namespace, name: labels[RUNTIME_KEYS.podName] ?? "" };
    rows.set(uid, { pod, states: [`${id}=${state}`] });
  }
  const result = new Map<string, SeenPod>();
  for (const [uid, { pod, states }] of rows)
    result.set(uid, { pod, states: states.sort().join(" ") });
  return result;
}
