import { formatTime } from "../api/machinery/time.js";
import { hasCode } from "../base/errors.js";
import type {
  ContainerRow,
  ContainerRuntimeState,
  ContainerRuntimeStatus,
  PodSandbox,
} from "./cri/cri-types.js";
import type { Runtime } from "./cri/runtime.js";
import {
  type ContainerRecord,
  type PodRuntime,
  RUNTIME_KEYS,
  type SandboxRecord,
} from "./plan/pod-runtime.js";
import { readTerminationMessage } from "./termination-message.js";

const STATES: Readonly<Record<ContainerRuntimeState, ContainerRecord["state"]>> = {
  CONTAINER_CREATED: "created",
  CONTAINER_RUNNING: "running",
  CONTAINER_EXITED: "exited",
  CONTAINER_UNKNOWN: "unknown",
};

/**
 * Asks the runtime about one pod. `known` is what was read last: details of a container that is
 * still in the same state are not asked for again.
 */
export async function readPodRuntime(
  runtime: Runtime,
  uid: string,
  options: { readonly known: PodRuntime; readonly scheme: string; readonly signal: AbortSignal },
): Promise<PodRuntime> {
  const { known, scheme, signal } = options;
  const filter = { labelSelector: { [RUNTIME_KEYS.podUid]: uid } };
  const [sandboxRows, containerRows] = await Promise.all([
    runtime.listPodSandboxes(filter, signal),
    runtime.listContainers(filter, signal),
  ]);
  const [sandboxes, containers] = await Promise.all([
    Promise.all(
      sandboxRows.map((row) => sandboxRecord(runtime, row, { known: known.sandboxes, signal })),
    ),
    Promise.all(
      containerRows.map(async (row) => {
        const old = known.containers.find(({ id }) => id === row.id);
        if (old !== undefined && old.state === STATES[row.state] && old.state !== "created")
          return old;
        return containerRecord(runtime, row, { scheme, signal });
      }),
    ),
  ]);
  return {
    sandboxes: newestFirst(sandboxes),
    containers: newestFirst(containers.filter((record) => record !== null)),
  };
}

async function sandboxRecord(
  runtime: Runtime,
  row: PodSandbox,
  options: { readonly known: readonly SandboxRecord[]; readonly signal: AbortSignal },
): Promise<SandboxRecord> {
  const ready = row.state === "SANDBOX_READY";
  const old = options.known.find(({ id }) => id === row.id);
  if (old !== undefined && old.ready === ready) return old;
  const base = { id: row.id, attempt: row.metadata.attempt, createdAtMs: toMs(row.createdAt) };
  if (!ready) return { ...base, ready, ips: [] };
  try {
    const { network, state } = await runtime.podSandboxStatus(row.id, options.signal);
    const ips = network === null ? [] : [network.ip, ...network.additionalIps.map(({ ip }) => ip)];
    return { ...base, ready: state === "SANDBOX_READY", ips: ips.filter((ip) => ip !== "") };
  } catch (error) {
    if (!hasCode(error, "NotFound")) throw error;
    return { ...base, ready: false, ips: [] };
  }
}

/** Null when it was removed meanwhile. */
async function containerRecord(
  runtime: Runtime,
  row: ContainerRow,
  options: { readonly scheme: string; readonly signal: AbortSignal },
): Promise<ContainerRecord | null> {
  let status: ContainerRuntimeStatus;
  try {
    status = await runtime.containerStatus(row.id, options.signal);
  } catch (error) {
    if (hasCode(error, "NotFound")) return null;
    throw error;
  }
  const state = STATES[status.state];
  const message = state === "exited" ? await readTerminationMessage(status) : "";
  return {
    id: status.id,
    uri: `${options.scheme}://${status.id}`,
    name: row.labels[RUNTIME_KEYS.containerName] ?? status.metadata.name,
    sandboxId: row.podSandboxId,
    state,
    restartCount: Number(row.annotations[RUNTIME_KEYS.restartCount] ?? 0),
    hash: row.annotations[RUNTIME_KEYS.hash] ?? "",
    image: status.image?.image ?? "",
    imageRef: status.imageRef,
    createdAtMs: toMs(status.createdAt),
    startedAtMs: toMs(status.startedAt),
    finishedAtMs: toMs(status.finishedAt),
    startedAt: toTime(status.startedAt),
    finishedAt: toTime(status.finishedAt),
    exitCode: status.exitCode,
    reason: status.reason,
    message: message || status.message,
    logPath: status.logPath,
  };
}

function newestFirst<T extends { readonly createdAtMs: number }>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => b.createdAtMs - a.createdAtMs);
}

function toMs(nanoseconds: number): number {
  return nanoseconds <= 0 ? 0 : nanoseconds / 1e6;
}

function toTime(nanoseconds: number): string {
  return nanoseconds <= 0 ? "" : formatTime(toMs(nanoseconds));
}
