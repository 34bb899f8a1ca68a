import type { ContainerStatus, Pod } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { TableDefinition } from "../strategy.js";

/** `kubectl get pods`. */
export const podTable: TableDefinition<Pod> = {
  columns: [
    NAME_COLUMN,
    column("Ready", "Containers that are ready of those that should run."),
    column("Status", "What the pod is doing, in one word."),
    column("Restarts", "How often containers were restarted, and when last."),
    AGE_COLUMN,
    wideColumn("IP", "The pod's address."),
    wideColumn("Node", "The node that runs it."),
    wideColumn("Nominated Node", "The node that is being cleared for it."),
    wideColumn("Readiness Gates", "Further conditions for readiness that are met."),
  ],
  cells(pod, nowMs) {
    const summary = summarizePod(pod);
    return [
      pod.metadata.name,
      `${summary.ready}/${summary.total}`,
      summary.status,
      restartsCell(summary, nowMs),
      ageOf(pod.metadata.creationTimestamp, nowMs),
      orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP),
      orNone(pod.spec.nodeName),
      orNone(pod.status?.nominatedNodeName),
      readinessGates(pod),
    ];
  },
};

/** What the columns READY, STATUS and RESTARTS show. */
interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When a container last ended before it was restarted, RFC 3339; "" when none was. */
  readonly lastRestart: string;
}

interface Progress {
  ready: number;
  status: string;
  restarts: number;
  lastRestart: string;
}

/** Boils a pod's status down to what one line can say. */
function summarizePod(pod: Pod): PodSummary {
  const sidecars = sidecarNames(pod);
  const init: Progress = { ready: 0, status: firstWord(pod), restarts: 0, lastRestart: "" };
  const sidecar: Progress = { ready: 0, status: "", restarts: 0, lastRestart: "" };
  const initializing = followInit(pod, { sidecars, init, sidecar });
  let progress = init;
  if (!initializing || hasCondition(pod, "Initialized")) {
    progress = { ...sidecar, ready: init.ready, status: init.status };
    followContainers(pod, progress);
  }
  return {
    ready: progress.ready,
    total: pod.spec.containers.length + sidecars.size,
    status: deletionWord(pod) ?? progress.status,
    restarts: progress.restarts,
    lastRestart: progress.lastRestart,
  };
}

function sidecarNames(pod: Pod): ReadonlySet<string> {
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always");
  return new Set(sidecars.map(({ name }) => name));
}

function firstWord(pod: Pod): string {
  const gated = pod.status?.conditions?.some(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  if (gated === true) return "SchedulingGated";
  const reason = pod.status?.reason ?? "";
  return reason === "" ? (pod.status?.phase ?? "") : reason;
}

function deletionWord(pod: Pod): string | null {
  if (pod.metadata.deletionTimestamp === undefined) return null;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  const phase = pod.status?.phase;
  return phase === "Failed" || phase === "Succeeded" ? null : "Terminating";
}

/** Goes through the init containers up to the first that is not done; true when there is one. */
function followInit(
  pod: Pod,
  { sidecars, init, sidecar }: { sidecars: ReadonlySet<string>; init: Progress; sidecar: Progress },
): boolean {
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.has(status.name);
    countRestarts(init, status);
    if (isSidecar) countRestarts(sidecar, status);
    if (status.state?.terminated?.exitCode === 0) continue;
    if (isSidecar && status.started === true) {
      if (status.ready) init.ready += 1;
      continue;
    }
    const total = (pod.spec.initContainers ?? []).length;
    init.status = `Init:${initWord(status) ?? `${index}/${total}`}`;
    return true;
  }
  return false;
}

function initWord(status: ContainerStatus): string | null {
  const terminated = terminationWord(status);
  if (terminated !== null) return terminated;
  const waiting = status.state?.waiting?.reason ?? "";
  return waiting === "" || waiting === "PodInitializing" ? null : waiting;
}

function terminationWord(status: ContainerStatus): string | null {
  const terminated = status.state?.terminated;
  if (terminated === undefined) return null;
  if ((terminated.reason ?? "") !== "") return terminated.reason ?? "";
  const signal = terminated.signal ?? 0;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${terminated.exitCode}`;
}

function followContainers(pod: Pod, progress: Progress): void {
  let hasRunning = false;
  // From the last to the first: the word of the first container that has one wins.
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    countRestarts(progress, status);
    const waiting = status.state?.waiting?.reason ?? "";
    const word = waiting === "" ? terminationWord(status) : waiting;
    if (word !== null) progress.status = word;
    else if (status.ready && status.state?.running !== undefined) {
      hasRunning = true;
      progress.ready += 1;
    }
  }
  if (progress.status === "Completed" && hasRunning)
    progress.status = hasCondition(pod, "Ready") ? "Running" : "NotReady";
}

function countRestarts(progress: Progress, status: ContainerStatus): void {
  progress.restarts += status.restartCount;
  const ended = status.lastState?.terminated?.finishedAt ?? "";
  if (ended !== "" && (progress.lastRestart === "" || isLater(ended, progress.lastRestart)))
    progress.lastRestart = ended;
}

function isLater(a: string, b: string): boolean {
  return Date.parse(a) > Date.parse(b);
}

function hasCondition(pod: Pod, wanted: string): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === wanted && status === "True",
  );
}

function restartsCell({ restarts, lastRestart }: PodSummary, nowMs: number): string {
  if (restarts === 0 || lastRestart === "") return String(restarts);
  return `${restarts} (${ageOf(lastRestart, nowMs)} ago)`;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const met = gates.filter(({ conditionType }) => hasCondition(pod, conditionType)).length;
  return `${met}/${gates.length}`;
}

function orNone(text: string | undefined): string {
  return text === undefined || text === "" ? "<none>" : text;
}
