import { messageOf } from "../base/errors.js";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { PodSandboxConfig } from "./cri/cri-types.js";
import type { ContainerStarter, StartRequest } from "./container-starter.js";
import { volumeContext } from "./container-starter.js";
import { Freshness } from "./freshness.js";
import { endContainer } from "./container-stopper.js";
import type { NodeContext } from "./node-context.js";
import {
  type BackoffEntry,
  backoffRemainingMs,
  CRASH_BACKOFF,
  formatDelay,
  nextBackoff,
} from "./plan/backoff.js";
import type { ContainerStart, PodActions } from "./plan/pod-actions.js";
import {
  newestOf,
  podKey,
  type PodRuntime,
  readySandbox,
  type SandboxRecord,
} from "./plan/pod-runtime.js";
import { recordPodEvent } from "./pod-events.js";
import type { PodResizer } from "./pod-resizer.js";
import type { PodSandboxes } from "./pod-sandboxes.js";
import type { PodVolumes } from "./volumes/pod-volumes.js";

/** The pod as its worker knows it at any moment. */
export interface WorkedPod {
  readonly current: Pod;
  /** With the resources that are set aside for it. */
  readonly allocated: Pod;
  readonly runtime: PodRuntime;
  /** Aborts when the agent ends, not already when the pod does. */
  readonly lasting: AbortSignal;
  podIps(): readonly string[];
  /** What its containers get to end, in seconds. */
  graceSeconds(): number;
  /** Looks at the pod again after this time. */
  wakeIn(delayMs: number): void;
  /** It has a new sandbox; those before are not ready any more. */
  haveSandbox(record: SandboxRecord): void;
}

/** What containers are started with. */
export interface PodStarterDeps {
  readonly context: NodeContext;
  readonly starter: ContainerStarter;
  readonly sandboxes: PodSandboxes;
  readonly volumes: PodVolumes;
  readonly resizer: PodResizer;
}

const MOUNT_RETRY_MS = { firstMs: 500, maxMs: 10_000 };
const OBJECTS_RETRY_MS = 10_000;

/** Brings containers of one pod to life: objects, volumes, sandbox, and then one after another. */
export class PodStarter {
  /** By container name: why it does not run at the moment. */
  readonly waiting = new Map<string, { readonly reason: string; readonly message: string }>();
  private readonly pod: WorkedPod;
  private readonly deps: PodStarterDeps;
  private readonly crashes = new Map<string, BackoffEntry>();
  private mountFailures = 0;
  private readonly volumeFiles = new Freshness();

  constructor(pod: WorkedPod, deps: PodStarterDeps) {
    this.pod = pod;
    this.deps = deps;
  }

  /** What volumes were made from has changed. */
  objectsChanged(): void {
    this.volumeFiles.changed();
  }

  /** Starts what the plan says, as far as it can be; the worker is woken for the rest. */
  async start(actions: PodActions, signal: AbortSignal): Promise<void> {
    const sandbox = await this.prepareSandbox(actions, signal);
    if (sandbox === null) return;
    let retryMs = Infinity;
    for (const start of actions.starts)
      retryMs = Math.min(retryMs, await this.startOne(start, sandbox, signal));
    if (retryMs < Infinity) this.pod.wakeIn(retryMs);
  }

  /**
   * The sandbox to start containers in, with its volumes mounted; null: not yet, and an event says
   * why.
   */
  private async prepareSandbox(
    actions: PodActions,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly config: PodSandboxConfig } | null> {
    const { context, sandboxes, volumes } = this.deps;
    const { recorder } = context;
    const volumesMade = this.volumeFiles.begin();
    if (!(await context.objects.follow(this.pod.current, signal))) {
      const message = "failed to sync referenced ConfigMaps and Secrets: timed out";
      recordPodEvent(recorder, this.pod.current, {
        type: "Warning",
        reason: "FailedMount",
        message,
      });
      this.pod.wakeIn(OBJECTS_RETRY_MS / 5);
      return null;
    }
    const addresses = volumeContext(context, this.pod.current, this.pod.podIps());
    const [volume, sandbox] = await Promise.all([
      context.config.simulated || this.volumeFiles.isFresh
        ? { ok: true as const }
        : volumes.prepare(this.pod.current, addresses),
      this.ensureSandbox(actions, signal),
    ]);
    if (!volume.ok) {
      const message = `MountVolume.SetUp failed for volume "${volume.volume}" : ${volume.message}`;
      recordPodEvent(recorder, this.pod.current, {
        type: "Warning",
        reason: "FailedMount",
        message,
      });
      this.pod.wakeIn(this.mountRetryMs());
      return null;
    }
    volumesMade();
    this.mountFailures = 0;
    if (sandbox !== null) await sandboxes.writeHostsFile(this.pod.current, this.pod.podIps());
    return sandbox;
  }

  private mountRetryMs(): number {
    this.mountFailures += 1;
    return Math.min(
      MOUNT_RETRY_MS.maxMs,
      MOUNT_RETRY_MS.firstMs * 2 ** Math.min(this.mountFailures, 10),
    );
  }

  private async ensureSandbox(
    actions: PodActions,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly config: PodSandboxConfig } | null> {
    const { context, sandboxes } = this.deps;
    const present = readySandbox(this.pod.runtime);
    if (actions.createSandbox === null) {
      if (present === null) return null;
      return {
        id: present.id,
        config: await sandboxes.configOf(this.pod.allocated, present.attempt),
      };
    }
    try {
      const made = await sandboxes.create(
        this.pod.allocated,
        actions.createSandbox.attempt,
        signal,
      );
      this.pod.haveSandbox(made.record);
      return { id: made.record.id, config: made.config };
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `Failed to create pod sandbox: ${messageOf(error)}`;
      const event = { type: "Warning", reason: "FailedCreatePodSandBox", message } as const;
      recordPodEvent(context.recorder, this.pod.current, event);
      throw error;
    }
  }

  /** Returns after how long to try again; Infinity: no need. */
  private async startOne(
    start: ContainerStart,
    sandbox: { readonly id: string; readonly config: PodSandboxConfig },
    signal: AbortSignal,
  ): Promise<number> {
    const { context, starter } = this.deps;
    const { container } = start;
    const waitMs = this.crashWaitMs(start);
    if (waitMs > 0) return waitMs;
    const result = await starter.start({
      pod: this.pod.allocated,
      container: this.deps.resizer.dressed(container),
      sandboxId: sandbox.id,
      sandboxConfig: sandbox.config,
      podIps: this.pod.podIps(),
      restartCount: this.nextRestartCount(container.name),
      target: this.targetOf(start),
      signal,
      lasting: this.pod.lasting,
    });
    if (result.ok) {
      this.deps.resizer.started(container.name, result.containerId);
      this.waiting.delete(container.name);
      return Infinity;
    }
    this.waiting.set(container.name, { reason: result.reason, message: result.message });
    if (result.killId !== undefined) {
      const graceSeconds = this.pod.graceSeconds();
      await endContainer(context, { container, id: result.killId, graceSeconds, signal });
    }
    return result.retryMs ?? Infinity;
  }

  private targetOf({ container, kind }: ContainerStart): StartRequest["target"] {
    if (kind !== "ephemeral") return null;
    const { ephemeralContainers = [] } = this.pod.current.spec;
    const own = ephemeralContainers.find(({ name }) => name === container.name);
    const name = own?.targetContainerName ?? "";
    if (name === "") return null;
    const record = newestOf(this.pod.runtime, name);
    return { name, id: record?.state === "running" ? record.id : null };
  }

  /**
   * How long the container still has to wait because it has crashed; notes the next delay when it
   * may go.
   */
  private crashWaitMs({ container }: ContainerStart): number {
    const { context } = this.deps;
    const record = newestOf(this.pod.runtime, container.name);
    if (record === null || record.state !== "exited") return 0;
    const nowMs = context.clock.nowMs();
    const entry = this.crashes.get(container.name);
    const at = { endedMs: record.finishedAtMs, nowMs };
    const waitMs = backoffRemainingMs(entry, CRASH_BACKOFF, at);
    if (entry === undefined || waitMs === 0) {
      this.crashes.set(container.name, nextBackoff(entry, CRASH_BACKOFF, nowMs));
      return 0;
    }
    const { name, namespace = "", uid } = this.pod.current.metadata;
    const about = `${name}_${namespace}(${uid})`;
    const delay = formatDelay(entry.delayMs);
    const reason = "CrashLoopBackOff";
    const message = `back-off ${delay} restarting failed container=${container.name} pod=${about}`;
    this.waiting.set(container.name, { reason, message });
    const text = `Back-off restarting failed container ${container.name} in pod ${about}`;
    const event = { type: "Warning", reason: "BackOff", message: text, container } as const;
    recordPodEvent(context.recorder, this.pod.current, event);
    return waitMs;
  }

  private nextRestartCount(name: string): number {
    const record = newestOf(this.pod.runtime, name);
    if (record !== null)
      return record.state === "created" ? record.restartCount : record.restartCount + 1;
    const { containerStatuses = [], initContainerStatuses = [] } = this.pod.current.status ?? {};
    const all = [...containerStatuses, ...initContainerStatuses];
    const old = all.find((status) => status.name === name);
    // Its records were lost with the host: the count goes on.
    const ran = old?.state?.running ?? old?.state?.terminated ?? old?.lastState?.terminated;
    return ran === undefined ? 0 : (old?.restartCount ?? 0) + 1;
  }

  /** Files of ConfigMaps and Secrets follow their objects while the pod runs. */
  async updateVolumes(signal: AbortSignal): Promise<void> {
    const { context, volumes } = this.deps;
    if (this.volumeFiles.isFresh || context.config.simulated) return;
    const made = this.volumeFiles.begin();
    if (!(await context.objects.follow(this.pod.current, signal)))
      return this.pod.wakeIn(OBJECTS_RETRY_MS);
    const addresses = volumeContext(context, this.pod.current, this.pod.podIps());
    const result = await volumes.prepare(this.pod.current, addresses);
    // A running pod keeps the files it has while their object is gone.
    made();
    if (!result.ok)
      context.logger.info("volume keeps its files", { pod: podKey(this.pod.current), ...result });
  }
}
