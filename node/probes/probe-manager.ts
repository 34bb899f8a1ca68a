import { waitMs } from "../../api/client/waiting.js";
import type { Container, Pod, Probe } from "../../api/schema/types/core-v1.gen.js";
import type { NodeContext } from "../node-context.js";
import {
  type ContainerRecord,
  newestOf,
  type PodRuntime,
  readySandbox,
} from "../plan/pod-runtime.js";
import {
  initialProbeState,
  nextProbeState,
  type ProbeKind,
  type ProbeState,
  type ProbeTiming,
  probeTiming,
} from "../plan/probe-state.js";
import { recordPodEvent } from "../pod-events.js";
import { runProbe } from "./probe-runner.js";

/** What the probes of a pod say, by container id. */
export interface PodProbeVerdicts {
  readonly livenessFailed: ReadonlySet<string>;
  readonly startupFailed: ReadonlySet<string>;
  readonly started: ReadonlySet<string>;
  readonly ready: ReadonlySet<string>;
}

interface Job {
  readonly kind: ProbeKind;
  readonly containerId: string;
  readonly stop: AbortController;
  /** Ends the wait before the next try. */
  hurry: AbortController;
  state: ProbeState;
}

const KINDS: readonly ProbeKind[] = ["startup", "liveness", "readiness"];
const TITLES = { startup: "Startup", liveness: "Liveness", readiness: "Readiness" } as const;

/** Runs the probes of one pod's running containers and says when what they say has changed. */
export class PodProbes {
  private readonly context: NodeContext;
  private readonly onChange: () => void;
  /** By container id and kind. */
  private readonly jobs = new Map<string, Job>();
  private pod: Pod | null = null;
  private podIp = "";

  constructor(context: NodeContext, onChange: () => void) {
    this.context = context;
    this.onChange = onChange;
  }

  /** Starts probes of containers that run and stops those of containers that no longer do. */
  sync(pod: Pod, runtime: PodRuntime): void {
    this.pod = pod;
    this.podIp =
      pod.spec.hostNetwork === true
        ? this.context.config.nodeIp
        : (readySandbox(runtime)?.ips[0] ?? "");
    // There is nothing in a simulated container that could answer: it counts as healthy.
    if (this.context.config.simulated) return;
    const wanted = new Set<string>();
    for (const container of probedContainers(pod)) {
      const record = newestOf(runtime, container.name);
      if (record === null || record.state !== "running") continue;
      for (const kind of KINDS) {
        const probe = probeOf(container, kind);
        if (probe === undefined) continue;
        const key = `${record.id}/${kind}`;
        wanted.add(key);
        if (!this.jobs.has(key)) this.startJob(key, { kind, probe, container, record });
      }
    }
    for (const [key, job] of this.jobs) {
      if (wanted.has(key)) continue;
      job.stop.abort();
      this.jobs.delete(key);
    }
  }

  /**
   * The pod is ending: nobody restarts its containers any more, but whether they are ready still
   * counts, so that one that drains can say so.
   */
  onlyReadiness(): void {
    for (const job of this.jobs.values()) if (job.kind !== "readiness") job.stop.abort();
  }

  /** Ends every probe. */
  stop(): void {
    for (const job of this.jobs.values()) job.stop.abort();
    this.jobs.clear();
    if (this.pod !== null) this.context.probeCounts.forget(this.pod.metadata.uid);
  }

  /** What is known of the containers that run at the moment. */
  verdicts(pod: Pod, runtime: PodRuntime): PodProbeVerdicts {
    const result = {
      livenessFailed: new Set<string>(),
      startupFailed: new Set<string>(),
      started: new Set<string>(),
      ready: new Set<string>(),
    };
    for (const container of probedContainers(pod)) {
      const record = newestOf(runtime, container.name);
      if (record === null || record.state !== "running") continue;
      const { id } = record;
      const verdict = (kind: ProbeKind): ProbeState["verdict"] => {
        const { simulated } = this.context.config;
        if (simulated || probeOf(container, kind) === undefined) return "success";
        return (
          this.jobs.get(`${id}/${kind}`)?.state.verdict ?? initialState(pod, record, kind).verdict
        );
      };
      const startup = verdict("startup");
      if (startup === "success") result.started.add(id);
      if (startup === "failure") result.startupFailed.add(id);
      if (startup === "success" && verdict("readiness") === "success") result.ready.add(id);
      if (startup === "success" && verdict("liveness") === "failure") result.livenessFailed.add(id);
    }
    return result;
  }

  private startJob(
    key: string,
    options: {
      readonly kind: ProbeKind;
      readonly probe: Probe;
      readonly container: Container;
      readonly record: ContainerRecord;
    },
  ): void {
    const { kind, record } = options;
    const state =
      this.pod === null ? initialProbeState(kind) : initialState(this.pod, record, kind);
    const job: Job = {
      kind,
      containerId: record.id,
      stop: new AbortController(),
      hurry: new AbortController(),
      state,
    };
    this.jobs.set(key, job);
    this.runJob(job, options).catch((error: unknown) => {
      if (!job.stop.signal.aborted) this.context.logger.error("probe ended", { key, error });
    });
  }

  private async runJob(
    job: Job,
    options: {
      readonly probe: Probe;
      readonly container: Container;
      readonly record: ContainerRecord;
    },
  ): Promise<void> {
    const { clock } = this.context;
    const { signal } = job.stop;
    const timing = probeTiming(options.probe);
    const sinceStartMs = clock.nowMs() - options.record.startedAtMs;
    await waitMs(clock, Math.max(0, timing.initialDelayMs - sinceStartMs), signal);
    while (!signal.aborted) {
      // Until the container counts as started, only its startup probe is asked.
      if (job.kind === "startup" || this.hasStarted(job.containerId, options.container))
        await this.tryOnce(job, options, timing);
      if (isDecided(job)) return;
      job.hurry = new AbortController();
      const hurry = (): void => job.hurry.abort();
      signal.addEventListener("abort", hurry, { once: true });
      await waitMs(clock, timing.periodMs, job.hurry.signal);
      signal.removeEventListener("abort", hurry);
    }
  }

  private count(
    kind: ProbeKind,
    { name: container }: Container,
    outcome: { readonly ok: boolean; readonly errored?: boolean },
  ): void {
    if (this.pod === null) return;
    const { namespace = "", name, uid } = this.pod.metadata;
    const result = outcome.errored === true ? "unknown" : outcome.ok ? "successful" : "failed";
    const of = { namespace, pod: name, uid, container, probe: TITLES[kind] };
    this.context.probeCounts.count(of, result);
  }

  private hasStarted(containerId: string, container: Container): boolean {
    if (container.startupProbe === undefined) return true;
    return this.jobs.get(`${containerId}/startup`)?.state.verdict === "success";
  }

  private async tryOnce(
    job: Job,
    options: { readonly probe: Probe; readonly container: Container },
    timing: ProbeTiming,
  ): Promise<void> {
    const { signal } = job.stop;
    const { container } = options;
    const outcome = await runProbe(this.context.runtime, options.probe, {
      container,
      containerId: job.containerId,
      podIp: this.podIp,
      timeoutMs: timing.timeoutMs,
      signal,
    });
    if (signal.aborted) return;
    this.count(job.kind, container, outcome);
    if (!outcome.ok && this.pod !== null) {
      const what = outcome.errored === true ? "errored and resulted in unknown state" : "failed";
      const message = `${TITLES[job.kind]} probe ${what}: ${outcome.message}`;
      const event = { type: "Warning", reason: "Unhealthy", message, container } as const;
      recordPodEvent(this.context.recorder, this.pod, event);
    }
    if (outcome.errored === true) return;
    const before = job.state.verdict;
    job.state = nextProbeState(job.state, outcome.ok, timing);
    if (job.state.verdict === before) return;
    if (job.kind === "startup")
      for (const other of this.jobs.values())
        if (other.containerId === job.containerId) other.hurry.abort();
    this.onChange();
  }
}

/**
 * A container that has started has, and one that is to be restarted is left alone: a command that
 * is run while it is being stopped fails for that reason alone.
 */
function isDecided({ kind, state: { verdict } }: Job): boolean {
  if (kind === "startup" && verdict === "success") return true;
  return kind !== "readiness" && verdict === "failure";
}

function probedContainers(pod: Pod): readonly Container[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
}

function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  return {
    startup: container.startupProbe,
    liveness: container.livenessProbe,
    readiness: container.readinessProbe,
  }[kind];
}

/**
 * A container that was adopted goes on as it was last reported: a restart of the agent is not a
 * failure of the pod.
 */
function initialState(pod: Pod, record: ContainerRecord, kind: ProbeKind): ProbeState {
  const initial = initialProbeState(kind);
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const old = [...containerStatuses, ...initContainerStatuses].find(
    ({ containerID }) => containerID === record.uri,
  );
  const was = kind === "readiness" ? old?.ready : kind === "startup" ? old?.started : false;
  return was === true ? { ...initial, verdict: "success" } : initial;
}
