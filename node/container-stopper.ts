import type { Container, Pod } from "../api/schema/types/core-v1.gen.js";
import { runHook } from "./lifecycle-hooks.js";
import type { NodeContext } from "./node-context.js";
import { allContainers, type ContainerRecord, isSidecar } from "./plan/pod-runtime.js";
import { signalNumber } from "./plan/stop-signal.js";
import { recordPodEvent } from "./pod-events.js";

/** Why and how a container is stopped. */
export interface StopRequest {
  readonly pod: Pod;
  /** Null when the pod's spec no longer has it or is not known. */
  readonly container: Container | null;
  readonly record: ContainerRecord;
  readonly podIp: string;
  readonly graceSeconds: number;
  /** The sentence of the Killing event. */
  readonly message: string;
  readonly signal: AbortSignal;
}

const GRACE_SECONDS_MIN = 2;

/**
 * preStop hook, SIGTERM or another signal, grace period, SIGKILL: the hook's time counts into the
 * grace period.
 * Throws CriError.
 */
export async function stopContainer(context: NodeContext, request: StopRequest): Promise<void> {
  const { pod, container, record, signal, message } = request;
  if (container !== null)
    recordPodEvent(context.recorder, pod, { reason: "Killing", message, container });
  const startedMs = context.clock.monotonicMs();
  const preStop = container?.lifecycle?.preStop;
  if (container !== null && preStop !== undefined && request.graceSeconds > 0) {
    const timeoutMs = request.graceSeconds * 1000;
    const target = {
      pod,
      container,
      containerId: record.id,
      podIp: request.podIp,
      timeoutMs,
      signal,
    };
    const failure = await runHook(context, preStop, target);
    if (failure !== null) {
      const text = `PreStopHook failed: ${failure}`;
      const event = { type: "Warning", reason: "FailedPreStopHook", message: text } as const;
      recordPodEvent(context.recorder, pod, { ...event, container });
    }
  }
  const usedSeconds = Math.floor((context.clock.monotonicMs() - startedMs) / 1000);
  // After a hook that used up the grace period the process still gets a moment for its SIGTERM.
  const least = preStop === undefined ? 0 : GRACE_SECONDS_MIN;
  const graceSeconds = Math.max(least, request.graceSeconds - usedSeconds);
  await endContainer(context, { container, id: record.id, graceSeconds, signal });
}

/**
 * Asks a container to end, by the signal that its spec names (KEP-4960) or else the runtime's
 * choice, waits for the grace period and kills it. Throws CriError.
 */
export async function endContainer(
  { runtime, containerSignals }: NodeContext,
  request: Pick<StopRequest, "container" | "graceSeconds" | "signal"> & { readonly id: string },
): Promise<void> {
  const { container, id, graceSeconds, signal } = request;
  const number = signalNumber(container?.lifecycle?.stopSignal ?? "");
  if (number === null || containerSignals === null || graceSeconds <= 0)
    return runtime.stopContainer(id, graceSeconds, signal);
  await containerSignals.stop(id, { number, timeoutMs: graceSeconds * 1000, signal });
  await runtime.stopContainer(id, 0, signal);
}

/**
 * Stops every running container of a pod: its own together, then its sidecars, last started first.
 */
export async function stopContainers(
  context: NodeContext,
  request: Omit<StopRequest, "container" | "record" | "message"> & {
    readonly records: readonly ContainerRecord[];
    readonly reason?: string;
  },
): Promise<void> {
  const { pod, records, reason } = request;
  const running = records.filter(({ state }) => state === "running" || state === "unknown");
  const sidecarNames = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const startedMs = context.clock.monotonicMs();
  const stop = (record: ContainerRecord): Promise<void> => {
    const usedSeconds = Math.floor((context.clock.monotonicMs() - startedMs) / 1000);
    return stopContainer(context, {
      ...request,
      record,
      container: findContainer(pod, record.name),
      graceSeconds: Math.max(0, request.graceSeconds - usedSeconds),
      message: reason ?? `Stopping container ${record.name}`,
    });
  };
  await Promise.all(running.filter(({ name }) => !sidecarNames.includes(name)).map(stop));
  for (const name of sidecarNames.reverse())
    await Promise.all(running.filter((record) => record.name === name).map(stop));
}

/** The container of that name in the pod's spec, or null. */
export function findContainer(pod: Pod, name: string): Container | null {
  return allContainers(pod).find((container) => container.name === name) ?? null;
}
