import { formatTime } from "../../api/machinery/time.js";
import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod, PodStatus, Service } from "../../api/schema/types/core-v1.gen.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";

/** The time at which the objects below are looked at, in ms since 1970. */
export const NOW_MS = Date.parse("2026-01-02T12:00:00Z");

/** A timestamp so many seconds before NOW_MS. */
export function ago(seconds: number): string {
  return formatTime(NOW_MS - seconds * 1000);
}

/** Metadata as the server returns it; the uid is the name. */
export function meta(name: string, more: Partial<Pod["metadata"]> = {}): Pod["metadata"] {
  const fixed = { name, namespace: "default", uid: name, resourceVersion: "1" };
  return { ...fixed, creationTimestamp: ago(3600), ...more };
}

/** The reference by which an object of this name is controlled. */
export function controlledBy(kind: string, name: string): OwnerReference {
  return {
    apiVersion: "apps/v1",
    kind,
    name,
    uid: name,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** What a test says of a pod. */
export interface PodFacts {
  readonly phase?: string;
  readonly node?: string;
  /** Seconds since it became ready; absent: it is not ready. */
  readonly readyFor?: number;
  readonly restarts?: number;
  readonly ip?: string;
  readonly meta?: Partial<Pod["metadata"]>;
  readonly spec?: Partial<Pod["spec"]>;
}

/** A pod; running on n1 and not ready unless the facts say otherwise. */
export function pod(name: string, facts: PodFacts = {}): Pod {
  const { phase = "Running", node = "n1", readyFor, restarts = 0, ip } = facts;
  const ready = readyFor === undefined ? "False" : "True";
  const status: PodStatus = {
    phase,
    conditions: [{ type: "Ready", status: ready, lastTransitionTime: ago(readyFor ?? 0) }],
    containerStatuses: [
      { name: "c", restartCount: restarts, image: "i", imageID: "i", ready: ready === "True" },
    ],
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: meta(name, { labels: { app: "web" }, ...facts.meta }),
    spec: { containers: [{ name: "c", image: "i" }], nodeName: node, ...facts.spec },
    status,
  };
}

/** A ReplicaSet that selects app=web. */
export function replicaSet(
  name: string,
  replicas: number,
  more: {
    readonly meta?: Partial<ReplicaSet["metadata"]>;
    readonly spec?: Partial<ReplicaSet["spec"]>;
    readonly status?: ReplicaSet["status"];
  } = {},
): ReplicaSet {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [] } };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: meta(name, { generation: 1, ...more.meta }),
    spec: { replicas, selector: { matchLabels: { app: "web" } }, template, ...more.spec },
    ...(more.status === undefined ? {} : { status: more.status }),
  };
}

/** A Deployment named web whose one container has this image. */
export function deployment(
  replicas: number,
  more: {
    readonly image?: string;
    readonly meta?: Partial<Deployment["metadata"]>;
    readonly spec?: Partial<Deployment["spec"]>;
    readonly status?: Deployment["status"];
  } = {},
): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: meta("web", { generation: 1, ...more.meta }),
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "c", image: more.image ?? "v1" }] },
      },
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
      },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...more.spec,
    },
    ...(more.status === undefined ? {} : { status: more.status }),
  };
}

/** A Service named web that selects app=web and maps port 80 to 8080. */
export function service(more: Partial<Service["spec"]> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: meta("web"),
    spec: {
      selector: { app: "web" },
      clusterIP: "10.96.0.7",
      ipFamilies: ["IPv4"],
      ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }],
      ...more,
    },
  };
}
