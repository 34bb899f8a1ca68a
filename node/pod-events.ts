import type { EventRecorder } from "../api/client/event-recorder.js";
import type { Container, ObjectReference, Pod } from "../api/schema/types/core-v1.gen.js";
import { containerKind } from "./plan/pod-runtime.js";

/** Writes an event about a pod. */
export function recordPodEvent(recorder: EventRecorder, pod: Pod, event: PodEvent): void {
  const { type = "Normal", reason, message, annotations } = event;
  const reference: ObjectReference = {
    apiVersion: "v1",
    kind: "Pod",
    namespace: pod.metadata.namespace ?? "",
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    resourceVersion: pod.metadata.resourceVersion,
    ...(event.container === undefined ? {} : { fieldPath: fieldPathOf(pod, event.container) }),
  };
  recorder.event(reference, type, {
    reason,
    message,
    ...(annotations === undefined ? {} : { annotations }),
  });
}

/** What happened, and to which container of the pod if to one. */
export interface PodEvent {
  readonly type?: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly container?: Container;
  /** What programs are to read of it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

function fieldPathOf(pod: Pod, container: Container): string {
  const kind = containerKind(pod, container);
  const lists = { main: "containers", ephemeral: "ephemeralContainers" } as const;
  const list = kind === "main" || kind === "ephemeral" ? lists[kind] : "initContainers";
  return `spec.${list}{${container.name}}`;
}

/** Writes an event about the node; kubelets name it by its name where other events have a uid. */
export function recordNodeEvent(
  recorder: EventRecorder,
  nodeName: string,
  event: Omit<PodEvent, "container" | "annotations">,
): void {
  const { type = "Normal", reason, message } = event;
  const reference: ObjectReference = {
    apiVersion: "v1",
    kind: "Node",
    name: nodeName,
    uid: nodeName,
  };
  recorder.event(reference, type, { reason, message });
}
