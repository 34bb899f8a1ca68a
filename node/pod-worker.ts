import { setMaxListeners } from "node:events";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import { formatTime } from "../api/machinery/time.js";
import type { ContainerStarter } from "./container-starter.js";
import { SIMULATED } from "./hollow/hollow-runtime.js";
import type { NodeContext } from "./node-context.js";
import type { PodRejection } from "./plan/admission.js";
import { planPodGarbage } from "./plan/garbage.js";
import { computePodActions, type PodActions } from "./plan/pod-actions.js";
import { needsStep, sameMetadata } from "./plan/pod-changes.js";
import {
  EMPTY_RUNTIME,
  isFinished,
  podKey,
  type PodRuntime,
  readySandbox,
  type SandboxRecord,
} from "./plan/pod-runtime.js";
import { computePodStatus, type PodRefusal, rejectedPodStatus } from "./plan/pod-status.js";
import { withOwnStatus } from "./plan/status-patch.js";
import { type PodEvent, recordPodEvent } from "./pod-events.js";
import { PodResizer, type ResizeRoom } from "./pod-resizer.js";
import type { PodSandboxes } from "./pod-sandboxes.js";
import { PodStarter, type WorkedPod } from "./pod-starter.js";
import { PodStopper } from "./pod-stopper.js";
import { PodProbes } from "./probes/probe-manager.js";
import { readPodRuntime } from "./runtime-records.js";
import type { StatusManager } from "./status-manager.js";
import type { PodVolumes } from "./volumes/pod-volumes.js";

/** What a worker works with. */
export interface PodWorkerDeps {
  readonly context: NodeContext;
  readonly starter: ContainerStarter;
  readonly sandboxes: PodSandboxes;
  readonly volumes: PodVolumes;
  readonly statuses: StatusManager;
  /** Whether the node has room for what a pod that runs asks for now. */
  readonly resizeRoom: ResizeRoom;
  /** Deletes the Pod object for good once nothing of the pod is left on the node. */
  readonly deletePod: (pod: Pod, signal: AbortSignal) => Promise<void>;
}

/** How a worker takes up a pod. */
export interface PodWorkerOptions {
  /** The runtime has something of this pod already. */
  readonly known: boolean;
  /** The API has no such pod. */
  readonly orphaned: boolean;
  /** Why the node does not take it: it is reported as failed and never run; null: it is taken. */
  readonly rejection: PodRejection | null;
  /** What has to happen before it begins; null: nothing. */
  readonly after: Promise<void> | null;
  readonly onGone: () => void;
}

const RETRY_MS = { firstMs: 200, maxMs: 10_000 };
const DEFAULT_GRACE_SECONDS = 30;

/** Why a pod has to make room, as its status and an event say it. */
export type EvictionCause = Pick<PodEvent, "reason" | "message" | "annotations">;

/**
 * Keeps one pod as its spec says. Everything about the pod happens here, one step after the other:
 * a step compares the newest spec with what the runtime has and carries out the difference.
 * Whoever learns of a change only wakes it.
 */
export class PodWorker implements WorkedPod {
  readonly uid: string;
  private readonly deps: PodWorkerDeps;
  private readonly probes: PodProbes;
  private readonly stop = new AbortController();
  private pod: Pod;
  /** The API has no such pod any more. */
  private orphaned: boolean;
  private runtimeState: PodRuntime = EMPTY_RUNTIME;
  /** The runtime must be asked before the next step. */
  private stale: boolean;
  private again = false;
  private running: Promise<void> | null = null;
  private cancelTimer: () => void = () => {};
  private cancelDeadline: () => void = () => {};
  private failures = 0;
  /** Ends what the present step waits for when the pod's fate has changed. */
  private step = new AbortController();
  private readonly starter: PodStarter;
  private readonly stopper: PodStopper;
  private readonly onGone: () => void;
  private gone = false;
  /** Containers have been told to end, and some may still run. */
  private draining = false;
  private refusal: PodRefusal | null = null;
  private readonly resizer: PodResizer;
  /** What the pod gets to end when it has to go, in seconds; null: what it asks for. */
  private graceOverride: number | null = null;
  /** Nothing of the pod has to be kept once it has ended. */
  private dropsRemains = false;
  private endWaiters: (() => void)[] = [];
  private readonly rejection: PodRejection | null;
  private after: Promise<void> | null;

  constructor(pod: Pod, options: PodWorkerOptions, deps: PodWorkerDeps) {
    this.uid = pod.metadata.uid;
    this.pod = pod;
    this.orphaned = options.orphaned;
    this.onGone = options.onGone;
    this.stale = options.known;
    this.rejection = options.rejection;
    this.after = options.after;
    this.deps = deps;
    this.probes = new PodProbes(deps.context, () => this.probeChanged());
    this.resizer = new PodResizer(deps.context, pod, options.known);
    this.starter = new PodStarter(this, { ...deps, resizer: this.resizer });
    this.stopper = new PodStopper(this, deps);
  }

  /** The pod as last heard of. */
  get current(): Pod {
    return this.pod;
  }

  /** True while the pod takes up what it asks for: it was taken, and has not ended. */
  get active(): boolean {
    return !this.orphaned && this.rejection === null && !isFinished(this.pod);
  }

  /** The pod with the resources that are set aside for it. */
  get allocated(): Pod {
    return this.resizer.allocated(this.pod);
  }

  /** It waits for room to be given more. */
  get waitsForRoom(): boolean {
    return this.resizer.waits;
  }

  /** True while the node could end the pod to make room. */
  get evictable(): boolean {
    return (
      this.active && this.refusal === null && this.pod.metadata.deletionTimestamp === undefined
    );
  }

  /** Ends the pod for good; it stays in the API, failed. Resolves once nothing of it runs. */
  evict(why: EvictionCause, graceSeconds: number): Promise<void> {
    const { reason, message } = why;
    this.refusal = { reason, message, disruption: true };
    this.graceOverride = graceSeconds;
    recordPodEvent(this.deps.context.recorder, this.pod, { type: "Warning", ...why });
    this.step.abort();
    return this.untilEnded();
  }

  /** Gives back what a pod that has ended was kept for: logs, and containers to look at. */
  dropRemains(): Promise<void> {
    if (!isFinished(this.pod) || this.dropsRemains) return Promise.resolve();
    this.dropsRemains = true;
    return this.untilEnded();
  }

  private untilEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.endWaiters.push(resolve);
      this.wake();
      if (this.gone || this.stop.signal.aborted) this.tellEnded();
    });
  }

  private tellEnded(): void {
    for (const resolve of this.endWaiters.splice(0)) resolve();
  }

  /** What the runtime had at the end of the last step. */
  get runtime(): PodRuntime {
    return this.runtimeState;
  }

  /** Part of WorkedPod. */
  get lasting(): AbortSignal {
    return this.stop.signal;
  }

  /** Part of WorkedPod. */
  haveSandbox(made: SandboxRecord): void {
    const { sandboxes: before, containers } = this.runtimeState;
    const dead = before.map((record) => ({ ...record, ready: false, ips: [] }));
    this.runtimeState = { sandboxes: [made, ...dead], containers };
  }

  /** The pod has changed, or was removed from the API (`orphaned`). */
  update(pod: Pod, orphaned: boolean): void {
    const before = this.pod;
    this.pod = pod;
    this.orphaned ||= orphaned;
    this.deps.statuses.observe(pod);
    const ending = pod.metadata.deletionTimestamp !== undefined;
    const endingNow = ending && before.metadata.deletionTimestamp === undefined;
    const graceOf = (it: Pod): number => it.metadata.deletionGracePeriodSeconds ?? Infinity;
    // Nothing that the pod needed to live is worth waiting for now; nor is a longer grace period.
    if (endingNow || orphaned || (ending && graceOf(pod) < graceOf(before))) this.step.abort();
    if (!sameMetadata(before, pod)) return this.objectsChanged();
    if (endingNow || orphaned || needsStep(before, pod)) this.wake();
  }

  /** Something the runtime has of this pod has changed. */
  runtimeChanged(): void {
    this.stale = true;
    this.wake();
  }

  /** An object that the pod names has changed. */
  objectsChanged(): void {
    this.starter.objectsChanged();
    this.wake();
  }

  /** Looks at the pod soon. */
  wake(): void {
    if (this.gone || this.stop.signal.aborted) return;
    this.again = true;
    this.running ??= this.loop().finally(() => {
      this.running = null;
      // Woken after the loop's last look: nobody else would take notice.
      if (this.again) this.wake();
    });
  }

  /** Stops working on the pod; what runs goes on. */
  async release(): Promise<void> {
    this.stop.abort();
    this.step.abort();
    this.cancelTimer();
    this.cancelDeadline();
    this.probes.stop();
    this.tellEnded();
    await this.running;
  }

  private async loop(): Promise<void> {
    await this.after;
    this.after = null;
    while (this.again && !this.gone && !this.stop.signal.aborted) {
      this.again = false;
      this.cancelTimer();
      this.step = new AbortController();
      setMaxListeners(0, this.step.signal);
      try {
        await this.takeStep(this.step.signal);
        this.failures = 0;
      } catch (error) {
        if (this.stop.signal.aborted) return;
        this.stale = true;
        if (this.step.signal.aborted) {
          this.again = true;
          continue;
        }
        this.deps.context.logger.warn("pod not in step yet", { pod: podKey(this.pod), error });
        const delayMs = Math.min(RETRY_MS.maxMs, RETRY_MS.firstMs * 2 ** this.failures);
        this.failures += 1;
        this.wakeIn(delayMs);
      }
    }
  }

  private probeChanged(): void {
    // A step that waits for containers to end reports nothing else until they have.
    if (this.draining) this.publish({ urgent: true });
    this.wake();
  }

  /** Part of WorkedPod. */
  wakeIn(delayMs: number): void {
    this.cancelTimer();
    this.cancelTimer = this.deps.context.clock.schedule(delayMs, () => this.wake());
  }

  private async takeStep(signal: AbortSignal): Promise<void> {
    if (this.stale) await this.refresh(signal);
    if (this.orphaned || this.pod.metadata.deletionTimestamp !== undefined)
      return this.terminate(signal);
    if (this.rejection !== null) return this.reject(this.rejection);
    if (isFinished(this.pod) || this.refusal !== null) return this.finish(signal);
    await this.sync(signal);
  }

  private async refresh(signal: AbortSignal): Promise<void> {
    this.stale = false;
    const { runtime, config } = this.deps.context;
    const options = { known: this.runtimeState, scheme: config.scheme, signal };
    this.runtimeState = await readPodRuntime(runtime, this.uid, options);
  }

  private async sync(signal: AbortSignal): Promise<void> {
    if (this.deadlinePassed()) return this.finish(signal);
    const resized = await this.resize(signal);
    const verdicts = this.probes.verdicts(this.pod, this.runtimeState);
    const actions = computePodActions(this.pod, this.runtimeState, { ...verdicts, resized });
    const changes =
      actions.killPod ||
      actions.createSandbox !== null ||
      actions.kills.length + actions.starts.length + actions.removes.length > 0;
    if (changes) {
      this.publish({ urgent: false });
      try {
        const carryOut = () => this.carryOut(actions, signal);
        await (resized.size > 0 ? this.resizer.restart(this.pod, carryOut) : carryOut());
      } finally {
        if (!signal.aborted) await this.refresh(signal);
      }
    } else await this.starter.updateVolumes(signal);
    this.probes.sync(this.pod, this.runtimeState);
    this.publish({ urgent: true });
    await this.collectGarbage(signal);
  }

  /**
   * Gives running containers what is set aside for them. Returns the ids of those that have to be
   * started anew for it.
   */
  private async resize(signal: AbortSignal): Promise<ReadonlySet<string>> {
    this.resizer.review(this.pod, this.deps.resizeRoom);
    const changes = this.resizer.changes(this.pod, this.runtimeState);
    const inPlace = changes.filter(({ restart }) => !restart);
    if (inPlace.length > 0) {
      this.publish({ urgent: false });
      try {
        await this.resizer.apply(this.pod, inPlace, signal);
        this.resizer.changes(this.pod, this.runtimeState);
      } catch (error) {
        if (signal.aborted) throw error;
        // The rest of the pod goes on; its status says what is wrong.
        this.deps.context.logger.warn("pod not resized yet", { pod: podKey(this.pod), error });
        this.wakeIn(RETRY_MS.maxMs);
        // Nor are others started anew: the pod's own limits are for all its containers.
        return new Set();
      }
    }
    const restarts = changes.filter(({ restart }) => restart);
    return new Set(restarts.map(({ record }) => record.id));
  }

  private async carryOut(actions: PodActions, signal: AbortSignal): Promise<void> {
    if (actions.killPod) await this.stopper.killPod(actions.createSandbox !== null, signal);
    for (const record of actions.removes)
      await this.deps.context.runtime.removeContainer(record.id, signal);
    await Promise.all(actions.kills.map((kill) => this.stopper.kill(kill, signal)));
    if (actions.starts.length === 0) return;
    // How long to back off is counted from the end of what has just been killed.
    if (actions.kills.length > 0) await this.refresh(signal);
    await this.starter.start(actions, signal);
  }

  private deadlinePassed(): boolean {
    const { activeDeadlineSeconds } = this.pod.spec;
    const startTime = this.pod.status?.startTime;
    if (activeDeadlineSeconds === undefined || startTime === undefined) return false;
    const leftMs =
      Date.parse(startTime) + activeDeadlineSeconds * 1000 - this.deps.context.clock.nowMs();
    if (leftMs > 0) {
      this.cancelDeadline();
      this.cancelDeadline = this.deps.context.clock.schedule(leftMs, () => this.wake());
      return false;
    }
    const message = "Pod was active on the node longer than the specified deadline";
    this.refusal = { reason: "DeadlineExceeded", message, disruption: false };
    const event = { reason: "DeadlineExceeded", message };
    recordPodEvent(this.deps.context.recorder, this.pod, event);
    return true;
  }

  /** Nothing of the pod is here; that it has failed is all there is to do. */
  private reject(rejection: PodRejection): void {
    const status = rejectedPodStatus(this.pod, rejection);
    this.deps.statuses.publish(this.pod, status, { urgent: true });
    this.tellEnded();
  }

  /**
   * The pod has ended but stays in the API: its sandbox, probes and volumes go, its containers'
   * logs stay.
   */
  private async finish(signal: AbortSignal): Promise<void> {
    this.probes.stop();
    await this.stopper.stopContainers(signal);
    await this.stopper.stopSandboxes(signal);
    await this.refresh(signal);
    if (this.refusal !== null || !isFinished(this.pod)) this.publish({ urgent: true });
    if (!this.deps.context.config.simulated) await this.deps.volumes.removeVolumes(this.uid);
    this.deps.context.objects.release(this.uid);
    if (this.dropsRemains) {
      await this.deps.sandboxes.removeAll(this.pod, this.runtimeState, signal);
      await this.refresh(signal);
    }
    this.tellEnded();
  }

  /**
   * The pod is deleted: stops it within its grace period, reports how it ended, leaves nothing of
   * it behind.
   */
  private async terminate(signal: AbortSignal): Promise<void> {
    const { context, statuses, sandboxes, volumes } = this.deps;
    this.probes.onlyReadiness();
    if (!this.orphaned && this.rejection === null) this.publish({ urgent: false });
    this.draining = !this.orphaned && this.rejection === null;
    try {
      await this.stopper.stopContainers(signal);
    } finally {
      this.draining = false;
    }
    this.probes.stop();
    await this.stopper.stopSandboxes(signal);
    await this.refresh(signal);
    if (!this.orphaned) {
      if (this.rejection === null) this.publish({ urgent: true, terminal: true });
      await statuses.flush(this.uid);
    }
    await sandboxes.removeAll(this.pod, this.runtimeState, signal);
    if (!context.config.simulated) await volumes.remove(this.uid);
    context.objects.release(this.uid);
    // A pod that its owner holds back by a finalizer is gone from here all the same.
    if (!this.orphaned) await this.deps.deletePod(this.pod, signal);
    statuses.forget(this.uid);
    this.gone = true;
    this.cancelDeadline();
    this.tellEnded();
    this.onGone();
  }

  private publish(options: { readonly urgent: boolean; readonly terminal?: boolean }): void {
    const { context, statuses } = this.deps;
    const verdicts = this.probes.verdicts(this.pod, this.runtimeState);
    // What the server has not heard yet counts as said: times of transitions must not move.
    const known = statuses.latest(this.uid);
    const shown = this.pod.status ?? {};
    const pod = known === null ? this.pod : { ...this.pod, status: withOwnStatus(shown, known) };
    const status = computePodStatus({
      pod,
      runtime: this.runtimeState,
      verdicts: { started: verdicts.started, ready: verdicts.ready, waiting: this.starter.waiting },
      now: formatTime(context.clock.nowMs()),
      hostIp: context.config.nodeIp,
      terminal: options.terminal === true || this.refusal !== null,
      refusal: this.refusal,
      resize: this.resizer.state(this.runtimeState),
      note: context.config.simulated ? SIMULATED : null,
    });
    statuses.publish(this.pod, status, { urgent: options.urgent });
    // A pod that has ended by itself is cleaned up in the next step.
    if (isFinished({ ...pod, status }) && !isFinished(this.pod)) {
      this.pod = { ...this.pod, status };
      this.again = true;
    }
  }

  private async collectGarbage(signal: AbortSignal): Promise<void> {
    const { runtime } = this.deps.context;
    const { containerIds, sandboxIds } = planPodGarbage(this.runtimeState);
    for (const id of containerIds) await runtime.removeContainer(id, signal);
    for (const id of sandboxIds) await runtime.removePodSandbox(id, signal);
    if (containerIds.length + sandboxIds.length > 0) this.stale = true;
  }

  /** Part of WorkedPod. */
  podIps(): readonly string[] {
    if (this.pod.spec.hostNetwork === true) return [this.deps.context.config.nodeIp];
    return readySandbox(this.runtimeState)?.ips ?? [];
  }

  /** Part of WorkedPod. */
  graceSeconds(): number {
    const { deletionGracePeriodSeconds } = this.pod.metadata;
    // Who has to go and is deleted as well gets the shorter of both.
    if (this.graceOverride !== null)
      return Math.min(this.graceOverride, deletionGracePeriodSeconds ?? Infinity);
    const { terminationGracePeriodSeconds = DEFAULT_GRACE_SECONDS } = this.pod.spec;
    return deletionGracePeriodSeconds ?? terminationGracePeriodSeconds;
  }
}
