import type { Container, Pod } from "../../api/schema/types/core-v1.gen.js";

/**
 * The labels and annotations by which the agent finds its pods in the runtime again; the kubelet's
 * own names.
 */
export const RUNTIME_KEYS = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
  hash: "io.kubernetes.container.hash",
  restartCount: "io.kubernetes.container.restartCount",
  terminationMessagePath: "io.kubernetes.container.terminationMessagePath",
  terminationMessagePolicy: "io.kubernetes.container.terminationMessagePolicy",
  /** A ContainerKind. */
  kind: "raftsman.io/container-kind",
  graceSeconds: "io.kubernetes.pod.terminationGracePeriod",
} as const;

/** One attempt to run a container, as the runtime remembers it. */
export interface ContainerRecord {
  readonly id: string;
  /** As it stands in a status: the runtime's name and the id, `containerd://…`. */
  readonly uri: string;
  readonly name: string;
  readonly sandboxId: string;
  /** created: never started; unknown: the runtime lost track of it. */
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly restartCount: number;
  /** Of the container's spec when it was created. */
  readonly hash: string;
  readonly image: string;
  readonly imageRef: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number;
  /** 0 while it runs. */
  readonly finishedAtMs: number;
  /** RFC 3339; empty when it has not happened. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly logPath: string;
}

/** One sandbox of a pod. */
export interface SandboxRecord {
  readonly id: string;
  readonly ready: boolean;
  readonly attempt: number;
  readonly createdAtMs: number;
  /** Empty in the host's network, and for a sandbox that is no longer ready. */
  readonly ips: readonly string[];
}

/** Everything the runtime knows of one pod. */
export interface PodRuntime {
  /** Newest first. */
  readonly sandboxes: readonly SandboxRecord[];
  /** Newest first. */
  readonly containers: readonly ContainerRecord[];
}

/** What the runtime knows of a pod that it has never seen. */
export const EMPTY_RUNTIME: PodRuntime = { sandboxes: [], containers: [] };

/** The newest attempt to run the container, or null. */
export function newestOf(runtime: PodRuntime, name: string): ContainerRecord | null {
  return runtime.containers.find((record) => record.name === name) ?? null;
}

/** The sandbox that the pod lives in; null when it has none that is ready. */
export function readySandbox(runtime: PodRuntime): SandboxRecord | null {
  const newest = runtime.sandboxes[0];
  return newest !== undefined && newest.ready ? newest : null;
}

/** An init container that keeps running beside the pod's own containers (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/**
 * Changes when a running container no longer is what its spec says. Only name and image count:
 * nothing else of a container can be changed in a way that needs a restart. FNV-1a, 32 bits.
 */
export function containerHash(container: Container): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${container.name}\0${container.image ?? ""}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16);
}

/** What a container is to its pod; an ephemeral one is there to look at the others. */
export type ContainerKind = "init" | "sidecar" | "main" | "ephemeral";

/** What a container of the spec is to its pod. */
export function containerKind(pod: Pod, container: Container): ContainerKind {
  const isIt = ({ name }: { readonly name: string }): boolean => name === container.name;
  if ((pod.spec.initContainers ?? []).some(isIt)) return isSidecar(container) ? "sidecar" : "init";
  return (pod.spec.ephemeralContainers ?? []).some(isIt) ? "ephemeral" : "main";
}

/** Every container of the pod, whatever it is to it. Their names are unique. */
export function allContainers({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** Succeeded or Failed: nothing of it will ever run again. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** `namespace/name`, as it stands in logs. */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? ""}/${pod.metadata.name}`;
}
