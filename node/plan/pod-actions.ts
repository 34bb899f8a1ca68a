import type { Container, ContainerStatus, Pod } from "../../api/schema/types/core-v1.gen.js";
import {
  type ContainerKind,
  type ContainerRecord,
  containerHash,
  isSidecar,
  newestOf,
  type PodRuntime,
  readySandbox,
} from "./pod-runtime.js";
import { restartsAfter, shouldRestart } from "./restart.js";

/** A container to be started, and what it is to the pod. */
export interface ContainerStart {
  readonly container: Container;
  readonly kind: ContainerKind;
}

/** A running container to be stopped before it is started anew. */
export interface ContainerKill {
  readonly record: ContainerRecord;
  readonly container: Container;
  readonly cause: "SpecChanged" | "Resized" | "LivenessProbe" | "StartupProbe" | "StateUnknown";
  /** The sentence of the Killing event. */
  readonly message: string;
}

/** What would bring a pod in line with its spec, in the order in which it is to be done. */
export interface PodActions {
  /** Stop every container and the sandbox. */
  readonly killPod: boolean;
  /** Then make a new sandbox with this attempt number; null: there is one, or none is needed. */
  readonly createSandbox: { readonly attempt: number } | null;
  readonly kills: readonly ContainerKill[];
  readonly starts: readonly ContainerStart[];
  /** Containers that were created but never started (the agent died in between): to be removed. */
  readonly removes: readonly ContainerRecord[];
}

/** What the probes said of containers, by container id. */
export interface ProbeVerdicts {
  readonly livenessFailed: ReadonlySet<string>;
  readonly startupFailed: ReadonlySet<string>;
  /** Those that have to start anew with other resources. */
  readonly resized?: ReadonlySet<string>;
  /** Containers that count as started: no startup probe, or it succeeded. */
  readonly started: ReadonlySet<string>;
}

/**
 * What to do for a pod that shall run. Pure: back-off and images are the concern of who carries it
 * out.
 */
export function computePodActions(
  pod: Pod,
  runtime: PodRuntime,
  probes: ProbeVerdicts,
): PodActions {
  const attempt = newSandboxAttempt(pod, runtime);
  if (attempt !== null) return actionsForNewSandbox(pod, runtime, attempt);
  const plan: Plan = { kills: [], starts: [], removes: [], kept: 0 };
  planEphemeralContainers(pod, runtime, plan);
  const inits = planInitContainers(pod, runtime, { probes, plan });
  if (inits === "failed") return killAll();
  if (inits === "pending") return { ...plan, killPod: false, createSandbox: null };
  for (const container of pod.spec.containers) {
    planContainer(pod, newestOf(runtime, container.name), {
      container,
      kind: "main",
      probes,
      plan,
    });
  }
  // Every container has ended for good: sidecars and the sandbox have nothing left to serve.
  const mainStarts = plan.starts.some((start) => start.kind === "main");
  if (plan.kept === 0 && !mainStarts) return killAll();
  return { ...plan, killPod: false, createSandbox: null };
}

interface Plan {
  kills: ContainerKill[];
  starts: ContainerStart[];
  removes: ContainerRecord[];
  /** Main containers that run and go on. */
  kept: number;
}

function killAll(): PodActions {
  return { killPod: true, createSandbox: null, kills: [], starts: [], removes: [] };
}

/** The attempt number of the sandbox that must be made, or null when the present one will do. */
function newSandboxAttempt(pod: Pod, runtime: PodRuntime): number | null {
  const newest = runtime.sandboxes[0];
  if (newest === undefined) return 0;
  const readyCount = runtime.sandboxes.filter((sandbox) => sandbox.ready).length;
  const networkLost = pod.spec.hostNetwork !== true && newest.ips.length === 0;
  if (readyCount === 1 && readySandbox(runtime) !== null && !networkLost) return null;
  return newest.attempt + 1;
}

function actionsForNewSandbox(pod: Pod, runtime: PodRuntime, attempt: number): PodActions {
  const starts = firstStarts(pod, runtime);
  return {
    killPod: runtime.sandboxes.length > 0,
    createSandbox: starts.length === 0 ? null : { attempt },
    kills: [],
    starts,
    removes: runtime.containers.filter((record) => record.state === "created"),
  };
}

/** In a new sandbox the init containers run again, unless no main container has to run at all. */
function firstStarts(pod: Pod, runtime: PodRuntime): ContainerStart[] {
  const mains: ContainerStart[] = pod.spec.containers
    .map((container) => ({ container, kind: "main" as const }))
    .filter((start) => mustRunInNewSandbox(pod, start, runtime));
  if (mains.length === 0) return [];
  const first = pod.spec.initContainers?.[0];
  if (first === undefined) return mains;
  const start: ContainerStart = { container: first, kind: isSidecar(first) ? "sidecar" : "init" };
  const failed = start.kind === "init" && !mustRunInNewSandbox(pod, start, runtime);
  const record = newestOf(runtime, first.name);
  if (failed && record !== null && record.exitCode !== 0) return []; // Failed for good.
  return [start];
}

function mustRunInNewSandbox(pod: Pod, start: ContainerStart, runtime: PodRuntime): boolean {
  const record = newestOf(runtime, start.container.name);
  if (record === null) return true;
  // It ran in a sandbox that died under it: to its policy, it has failed.
  const ended: ContainerRecord =
    record.state === "running" ? { ...record, state: "exited", exitCode: 137 } : record;
  return shouldRestart(pod, start, ended);
}

/**
 * Init containers run one after the other, each to its end; a sidecar counts as done once it has
 * started and is watched over from then on. "pending": the main containers must wait.
 */
function planInitContainers(
  pod: Pod,
  runtime: PodRuntime,
  context: { readonly probes: ProbeVerdicts; readonly plan: Plan },
): "done" | "pending" | "failed" {
  const { probes, plan } = context;
  const mainSeen = pod.spec.containers.some(({ name }) => newestOf(runtime, name) !== null);
  for (const container of pod.spec.initContainers ?? []) {
    const record = currentOf(runtime, container.name);
    if (isSidecar(container)) {
      planContainer(pod, record, { container, kind: "sidecar", probes, plan });
      const started = record?.state === "running" && probes.started.has(record.id);
      if (!started && !mainSeen) return "pending";
      continue;
    }
    // A main container has been started in this pod: all of these have succeeded, also those long
    // removed.
    if (mainSeen && record === null) continue;
    if (record?.state === "exited" && record.exitCode === 0) continue;
    if (
      record?.state === "exited" &&
      !restartsAfter(pod, { container, kind: "init" }, record.exitCode)
    )
      return "failed";
    planContainer(pod, record, { container, kind: "init", probes, plan });
    return "pending";
  }
  return "done";
}

/** Each runs once, as soon as there is a sandbox, whatever the other containers do. */
function planEphemeralContainers(pod: Pod, runtime: PodRuntime, plan: Plan): void {
  const seen = new Set((pod.status?.ephemeralContainerStatuses ?? []).map(hasRun));
  for (const container of pod.spec.ephemeralContainers ?? []) {
    const record = newestOf(runtime, container.name);
    if (record === null && seen.has(container.name)) continue; // Its record was lost.
    if (record !== null && record.state !== "created") continue;
    if (record !== null) plan.removes.push(record);
    plan.starts.push({ container, kind: "ephemeral" });
  }
}

/** The name of a container that has run; null when it has not. */
function hasRun({ name, state }: ContainerStatus): string | null {
  return state?.running === undefined && state?.terminated === undefined ? null : name;
}

/** The newest attempt in the present sandbox: init containers run once per sandbox. */
function currentOf(runtime: PodRuntime, name: string): ContainerRecord | null {
  const record = newestOf(runtime, name);
  return record !== null && record.sandboxId === runtime.sandboxes[0]?.id ? record : null;
}

function planContainer(
  pod: Pod,
  record: ContainerRecord | null,
  context: ContainerStart & { readonly probes: ProbeVerdicts; readonly plan: Plan },
): void {
  const { container, kind, probes, plan } = context;
  const start: ContainerStart = { container, kind };
  if (record === null) {
    plan.starts.push(start);
    return;
  }
  if (record.state !== "running") {
    if (!shouldRestart(pod, start, record)) return;
    if (record.state === "created") plan.removes.push(record);
    if (record.state === "unknown") plan.kills.push(killOf("StateUnknown", record, container));
    plan.starts.push(start);
    return;
  }
  const cause = killCause(record, container, probes);
  if (cause === null) {
    if (kind === "main") plan.kept += 1;
    return;
  }
  plan.kills.push(killOf(cause, record, container));
  const failed: ContainerRecord = { ...record, state: "exited", exitCode: 137 };
  if (cause === "SpecChanged" || cause === "Resized" || shouldRestart(pod, start, failed))
    plan.starts.push(start);
}

function killCause(
  record: ContainerRecord,
  container: Container,
  probes: ProbeVerdicts,
): ContainerKill["cause"] | null {
  if (record.hash !== containerHash(container)) return "SpecChanged";
  if (probes.resized?.has(record.id) === true) return "Resized";
  if (probes.livenessFailed.has(record.id)) return "LivenessProbe";
  if (probes.startupFailed.has(record.id)) return "StartupProbe";
  return null;
}

const KILL_SENTENCES: Readonly<Record<ContainerKill["cause"], string>> = {
  SpecChanged: "definition changed",
  Resized: "resize requires restart",
  LivenessProbe: "failed liveness probe",
  StartupProbe: "failed startup probe",
  StateUnknown: 'is in "Unknown" state, try killing it before restart',
};

function killOf(
  cause: ContainerKill["cause"],
  record: ContainerRecord,
  container: Container,
): ContainerKill {
  const saysSo = cause === "StateUnknown" || cause === "Resized";
  const willBe = saysSo ? "" : ", will be restarted";
  const message = `Container ${container.name} ${KILL_SENTENCES[cause]}${willBe}`;
  return { record, container, cause, message };
}
