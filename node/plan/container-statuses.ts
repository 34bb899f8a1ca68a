import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";
import type { PodResizeState } from "./pod-status.js";
import { containerKind, type ContainerRecord, isSidecar, type PodRuntime } from "./pod-runtime.js";
import { shouldRestart } from "./restart.js";

/** What probes and the agent's own attempts say of containers. */
export interface ContainerVerdicts {
  /** Ids of containers whose startup probe succeeded or that have none. */
  readonly started: ReadonlySet<string>;
  /** Ids of containers whose readiness probe succeeds or that have none. */
  readonly ready: ReadonlySet<string>;
  /** By container name: why the agent does not run it at the moment. */
  readonly waiting: ReadonlyMap<string, { readonly reason: string; readonly message: string }>;
}

/** The last words of all containers of a pod together, shared out evenly. */
const MESSAGES_BYTES_MAX = 12 * 1024;

type Kind = "init" | "main" | "ephemeral";

interface Input {
  readonly pod: Pod;
  readonly runtime: PodRuntime;
  readonly verdicts: ContainerVerdicts;
  readonly terminal: boolean;
  readonly resize?: PodResizeState;
}

/** One status per container of the spec, in its order. */
export function computeContainerStatuses(input: Input): {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  readonly ephemeral: readonly ContainerStatus[];
} {
  const { initContainers = [], containers, ephemeralContainers = [] } = input.pod.spec;
  const count = initContainers.length + containers.length + ephemeralContainers.length;
  const bytesMax = Math.floor(MESSAGES_BYTES_MAX / Math.max(1, count));
  const statusesOf = (list: readonly Container[], kind: Kind): readonly ContainerStatus[] =>
    list.map((container) => {
      const status = statusOf(container, input, kind);
      const { state = {}, lastState = {} } = status;
      return { ...status, state: cut(state, bytesMax), lastState: cut(lastState, bytesMax) };
    });
  return {
    init: statusesOf(initContainers, "init"),
    main: statusesOf(containers, "main"),
    ephemeral: statusesOf(ephemeralContainers, "ephemeral"),
  };
}

/** The state with at most that much of the container's last words; no character is cut in two. */
function cut(state: ContainerState, bytesMax: number): ContainerState {
  const { message = "" } = state.terminated ?? {};
  if (state.terminated === undefined || Buffer.byteLength(message) <= bytesMax) return state;
  const bytes = Buffer.from(message);
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { terminated: { ...state.terminated, message: bytes.toString("utf8", 0, end) } };
}

function statusOf(container: Container, input: Input, kind: Kind): ContainerStatus {
  const attempts = input.runtime.containers.filter(({ name }) => name === container.name);
  const [newest, previous] = attempts;
  const old = oldStatus(input.pod, container.name);
  if (newest === undefined) return statusWithoutRecord(container, { ...input, kind, old });
  const waiting = input.verdicts.waiting.get(container.name);
  // What is not tried again waits for nothing: it shows how it ended.
  const again = { container, kind: containerKind(input.pod, container) };
  const tried = newest.state !== "exited" || shouldRestart(input.pod, again, newest);
  const held = newest.state !== "running" && tried && waiting !== undefined && !input.terminal;
  const last = held && newest.state === "exited" ? newest : previous;
  const state: ContainerState = held ? { waiting } : stateOf(newest, kind);
  const started = newest.state === "running" && input.verdicts.started.has(newest.id);
  return {
    name: container.name,
    state,
    lastState: last === undefined ? {} : { terminated: terminatedState(last) },
    ready: isReady(newest, { container, kind, verdicts: input.verdicts }),
    restartCount: newest.restartCount,
    image: newest.image,
    imageID: newest.imageRef,
    containerID: newest.uri,
    started,
    ...stopSignalOf(container),
    ...resourcesOf(container.name, input),
  };
}

/** That of its spec: what an image says, the runtime keeps for itself. */
function stopSignalOf({ lifecycle }: Container): Pick<ContainerStatus, "stopSignal"> {
  const { stopSignal } = lifecycle ?? {};
  return stopSignal === undefined ? {} : { stopSignal };
}

/** What the container may use, and what the node has set aside for it. */
function resourcesOf(
  name: string,
  { resize }: Input,
): Pick<ContainerStatus, "resources" | "allocatedResources"> {
  const known = resize?.containers.get(name);
  if (known === undefined) return {};
  const { requests = {} } = known.allocated;
  const allocated = Object.keys(requests).length === 0 ? {} : { allocatedResources: requests };
  return { ...allocated, resources: known.actual };
}

function isReady(
  record: ContainerRecord,
  context: {
    readonly container: Container;
    readonly kind: Kind;
    readonly verdicts: ContainerVerdicts;
  },
): boolean {
  const { container, kind, verdicts } = context;
  // Nobody waits for it.
  if (kind === "ephemeral") return false;
  if (kind === "init" && !isSidecar(container))
    return record.state === "exited" && record.exitCode === 0;
  const up = record.state === "running" && verdicts.started.has(record.id);
  return up && verdicts.ready.has(record.id);
}

function stateOf(record: ContainerRecord, kind: Kind): ContainerState {
  switch (record.state) {
    case "running":
      return { running: { startedAt: record.startedAt } };
    case "exited":
      return { terminated: terminatedState(record) };
    case "created":
      return { waiting: { reason: kind === "init" ? "PodInitializing" : "ContainerCreating" } };
    case "unknown":
      return {
        terminated: {
          ...terminatedState(record),
          exitCode: record.exitCode === 0 ? 137 : record.exitCode,
          reason: "ContainerStatusUnknown",
        },
      };
  }
}

function terminatedState(record: ContainerRecord): ContainerStateTerminated {
  return {
    exitCode: record.exitCode,
    reason: record.reason || (record.exitCode === 0 ? "Completed" : "Error"),
    ...(record.message === "" ? {} : { message: record.message }),
    ...(record.startedAt === "" ? {} : { startedAt: record.startedAt }),
    ...(record.finishedAt === "" ? {} : { finishedAt: record.finishedAt }),
    containerID: record.uri,
  };
}

/** Not created yet; or its records were lost with the host, and then its history is carried on. */
function statusWithoutRecord(
  container: Container,
  context: Input & { readonly kind: Kind; readonly old: ContainerStatus | null },
): ContainerStatus {
  const { pod, kind, old } = context;
  const waitsForInits = kind === "main" && (pod.spec.initContainers ?? []).length > 0;
  const initializing = kind === "init" || waitsForInits;
  const waiting = context.verdicts.waiting.get(container.name) ?? {
    reason: initializing ? "PodInitializing" : "ContainerCreating",
  };
  const base = {
    name: container.name,
    ready: false,
    image: container.image ?? "",
    imageID: "",
    started: false,
  };
  const ended = old?.state?.terminated;
  if (ended !== undefined && old !== null && (context.terminal || kind !== "main"))
    return { ...old, ready: kind === "init" && ended.exitCode === 0, started: false };
  const lost = old?.state?.running === undefined ? (ended ?? old?.lastState?.terminated) : null;
  const lostRunning: ContainerStateTerminated | null =
    lost === null ? lostState(old?.containerID) : (lost ?? null);
  const lastState = lostRunning === null ? {} : { terminated: lostRunning };
  const restartCount = old?.restartCount ?? 0;
  if (context.terminal && lostRunning !== null)
    return { ...base, state: lastState, lastState: {}, restartCount };
  return { ...base, state: { waiting }, lastState, restartCount };
}

function lostState(containerId: string | undefined): ContainerStateTerminated {
  return {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: "The container could not be located when the pod was synced",
    ...(containerId === undefined ? {} : { containerID: containerId }),
  };
}

function oldStatus(pod: Pod, name: string): ContainerStatus | null {
  const { status = {} } = pod;
  const all = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  return all.find((status) => status.name === name) ?? null;
}
