import type {
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
  ResourceRequirements,
} from "../../api/schema/types/core-v1.gen.js";
import type { PodRejection } from "./admission.js";
import { PASSING_CONDITIONS, TERMINATION_BY_KUBELET } from "./status-patch.js";
import { computeContainerStatuses, type ContainerVerdicts } from "./container-statuses.js";
import { isSidecar, type PodRuntime, readySandbox } from "./pod-runtime.js";
import type { ResizePending } from "./resize.js";
import { restartsAfter } from "./restart.js";
import { qosClassOf } from "./qos.js";

/** Why the agent ended a pod. */
export interface PodRefusal {
  readonly reason: string;
  readonly message: string;
  /** It had done nothing wrong: the node needed what it used (KEP-3329). */
  readonly disruption: boolean;
}

/** How far a pod is with a change of its resources (KEP-1287). */
export interface PodResizeState {
  /** By name of the container. */
  readonly containers: ReadonlyMap<
    string,
    { readonly allocated: ResourceRequirements; readonly actual: ResourceRequirements }
  >;
  /** Why what is asked for is not set aside; null: it is. */
  readonly pending: ResizePending | null;
  /** It is set aside, but containers do not have it yet; null: they have. */
  readonly inProgress: { readonly failure: string | null } | null;
}

/** What a pod's status is made from. */
export interface PodStatusInput {
  readonly pod: Pod;
  readonly runtime: PodRuntime;
  readonly verdicts: ContainerVerdicts;
  /** RFC 3339: stamps what changes now. */
  readonly now: string;
  readonly hostIp: string;
  /** No container will be started any more: the phase is final once all have ended. */
  readonly terminal: boolean;
  /** Why the agent itself ended the pod; null: it did not. */
  readonly refusal: PodRefusal | null;
  /** What its containers have and are to have; absent: what the spec says. */
  readonly resize?: PodResizeState;
  /** A sentence about the pod for people, such as that it is simulated; null: none. */
  readonly note: string | null;
}

/**
 * The status to be written for the pod; conditions of others (readiness gates) are kept as they
 * are.
 */
export function computePodStatus(input: PodStatusInput): PodStatus {
  const { pod } = input;
  const { main, init, ephemeral } = computeContainerStatuses(input);
  const phase =
    input.refusal === null ? computePhase(pod, { init, main }, input.terminal) : "Failed";
  const conditions = computeConditions(input, { init, main, phase });
  const ips = podIps(input);
  const generation = pod.metadata.generation;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions,
    ...(input.note === null ? {} : { message: input.note }),
    ...(input.refusal === null
      ? {}
      : { reason: input.refusal.reason, message: input.refusal.message }),
    hostIP: input.hostIp,
    hostIPs: [{ ip: input.hostIp }],
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: pod.status?.startTime ?? input.now,
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod.spec),
  };
}

/** The status of a pod that the node did not take: nothing of it has ever run here. */
export function rejectedPodStatus(pod: Pod, rejection: PodRejection): PodStatus {
  const { reason, message } = rejection;
  const generation = pod.metadata.generation;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: "Failed",
    reason,
    message: `Pod was rejected: ${message}`,
    qosClass: pod.status?.qosClass ?? qosClassOf(pod.spec),
  };
}

interface Statuses {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
}

/** Pending, Running, Succeeded or Failed, from the states of the containers. */
export function computePhase(pod: Pod, statuses: Statuses, terminal: boolean): string {
  const begun = statuses.main.some(({ state }) => state?.running ?? state?.terminated);
  const inits = countInits(pod, { statuses: statuses.init, begun });
  if (inits.failedForGood > 0 || (inits.failed > 0 && terminal)) return "Failed";
  const counts = countMains(pod, statuses.main);
  if (inits.pending > 0 && !terminal) return "Pending";
  if (counts.waiting > 0 && !terminal) return "Pending";
  const running = counts.running + inits.sidecarsRunning;
  if (running > 0 && counts.unknown === 0) return "Running";
  if (counts.stopped > 0 && counts.unknown === 0) {
    if (terminal) {
      const clean = counts.stopped === counts.succeeded && counts.waiting === 0;
      return clean && inits.pending === 0 ? "Succeeded" : "Failed";
    }
    if (counts.restarting > 0) return "Running";
    return counts.stopped === counts.succeeded ? "Succeeded" : "Failed";
  }
  // Ended before any container ran.
  return terminal ? "Failed" : "Pending";
}

function countInits(
  pod: Pod,
  { statuses, begun }: { readonly statuses: readonly ContainerStatus[]; readonly begun: boolean },
): Readonly<Record<"pending" | "failed" | "failedForGood" | "sidecarsRunning", number>> {
  let [pending, failed, failedForGood, sidecarsRunning] = [0, 0, 0, 0];
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find((candidate) => candidate.name === container.name);
    const ended = status?.state?.terminated ?? status?.lastState?.terminated;
    if (isSidecar(container)) {
      const runs = status?.state?.running !== undefined;
      if (runs) sidecarsRunning += 1;
      // One that has ended holds up neither the pod's beginning again nor its end.
      if (runs ? !begun && status.started !== true : ended === undefined) pending += 1;
      continue;
    }
    if (status?.state?.terminated === undefined) pending += 1;
    if (status?.state?.running !== undefined || ended === undefined || ended.exitCode === 0)
      continue;
    failed += 1;
    if (!restartsAfter(pod, { container, kind: "init" }, ended.exitCode)) failedForGood += 1;
  }
  return { pending, failed, failedForGood, sidecarsRunning };
}

type MainCount = "running" | "waiting" | "stopped" | "succeeded" | "restarting" | "unknown";

/** Of the stopped ones some have succeeded, and some are to run again. */
function countMains(
  pod: Pod,
  statuses: readonly ContainerStatus[],
): Readonly<Record<MainCount, number>> {
  const counts = { running: 0, waiting: 0, stopped: 0, succeeded: 0, restarting: 0, unknown: 0 };
  for (const container of pod.spec.containers) {
    const status = statuses.find((candidate) => candidate.name === container.name);
    const { state, lastState } = status ?? {};
    const ended = state?.terminated ?? (state?.running === undefined && lastState?.terminated);
    if (state === undefined) counts.unknown += 1;
    else if (state.running !== undefined) counts.running += 1;
    else if (ended) {
      counts.stopped += 1;
      if (state.terminated?.exitCode === 0) counts.succeeded += 1;
      if (restartsAfter(pod, { container, kind: "main" }, ended.exitCode)) counts.restarting += 1;
    } else counts.waiting += 1;
  }
  return counts;
}

function podIps(input: PodStatusInput): readonly string[] {
  const { pod, runtime, hostIp } = input;
  if (pod.spec.hostNetwork === true) return [hostIp];
  const current = readySandbox(runtime)?.ips ?? [];
  if (current.length > 0) return current;
  // The address of a pod that has ended stays readable, as does that of one whose sandbox is being
  // made anew.
  return (pod.status?.podIPs ?? []).map(({ ip }) => ip);
}

function computeConditions(
  input: PodStatusInput,
  computed: Statuses & { readonly phase: string },
): readonly PodCondition[] {
  const { pod } = input;
  const containersReady = containersReadyCondition(pod, computed);
  const fresh: Condition[] = [
    sandboxCondition(input),
    initializedCondition(pod, computed),
    readyCondition(pod, containersReady),
    containersReady,
    { type: "PodScheduled", status: "True" },
    ...disruptionCondition(input.refusal),
    ...resizeConditions(input.resize),
  ];
  const before = pod.status?.conditions ?? [];
  const own = new Set([...fresh.map(({ type }) => type), ...PASSING_CONDITIONS]);
  const foreign = before.filter(({ type }) => !own.has(type));
  const generation = pod.metadata.generation;
  const stamped = fresh.map((condition): PodCondition => {
    const old = before.find(({ type }) => type === condition.type);
    const unchanged = old?.status === condition.status && old.lastTransitionTime !== undefined;
    return {
      type: condition.type,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      status: condition.status,
      lastTransitionTime: unchanged ? (old.lastTransitionTime ?? input.now) : input.now,
      ...(condition.reason === undefined ? {} : { reason: condition.reason }),
      ...(condition.message === undefined ? {} : { message: condition.message }),
    };
  });
  return [...stamped, ...foreign];
}

function resizeConditions(resize: PodResizeState | undefined): Condition[] {
  const { pending = null, inProgress = null } = resize ?? {};
  const conditions: Condition[] = [];
  if (pending !== null) conditions.push({ type: "PodResizePending", status: "True", ...pending });
  if (inProgress === null) return conditions;
  const { failure } = inProgress;
  const error = failure === null ? {} : { reason: "Error", message: failure };
  return [...conditions, { type: "PodResizeInProgress", status: "True", ...error }];
}

function disruptionCondition(refusal: PodRefusal | null): Condition[] {
  if (refusal === null || !refusal.disruption) return [];
  const { message } = refusal;
  return [{ type: "DisruptionTarget", status: "True", reason: TERMINATION_BY_KUBELET, message }];
}

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

function sandboxCondition(input: PodStatusInput): Condition {
  const sandbox = readySandbox(input.runtime);
  const hasNetwork = input.pod.spec.hostNetwork === true || (sandbox?.ips.length ?? 0) > 0;
  const status = sandbox !== null && hasNetwork ? "True" : "False";
  return { type: "PodReadyToStartContainers", status };
}

function initializedCondition(
  pod: Pod,
  computed: Statuses & { readonly phase: string },
): Condition {
  const type = "Initialized";
  const inits = pod.spec.initContainers ?? [];
  if (inits.length === 0) return { type, status: "True" };
  if (computed.phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  const ran = computed.main.some(({ state }) => state?.running ?? state?.terminated);
  if (ran) return { type, status: "True" };
  const incomplete = inits
    .filter((container) => !isInitialized(computed.init, container.name, isSidecar(container)))
    .map(({ name }) => name);
  if (incomplete.length === 0) return { type, status: "True" };
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}

function isInitialized(
  statuses: readonly ContainerStatus[],
  name: string,
  sidecar: boolean,
): boolean {
  const status = statuses.find((candidate) => candidate.name === name);
  return sidecar ? status?.started === true : status?.state?.terminated?.exitCode === 0;
}

function containersReadyCondition(
  pod: Pod,
  computed: Statuses & { readonly phase: string },
): Condition {
  const type = "ContainersReady";
  if (computed.phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (computed.phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const all = [...computed.init, ...computed.main];
  const unready = [...sidecars, ...pod.spec.containers]
    .map(({ name }) => name)
    .filter((name) => all.find((status) => status.name === name)?.ready !== true);
  if (unready.length === 0) return { type, status: "True" };
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotReady", message };
}

function readyCondition(pod: Pod, containersReady: Condition): Condition {
  if (containersReady.status === "False") return { ...containersReady, type: "Ready" };
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const gate = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (gate === undefined)
      messages.push(
        `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
      );
    else if (gate.status !== "True")
      messages.push(
        `the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`,
      );
  }
  if (messages.length === 0) return { type: "Ready", status: "True" };
  const message = messages.join(", ");
  return { type: "Ready", status: "False", reason: "ReadinessGatesNotReady", message };
}
