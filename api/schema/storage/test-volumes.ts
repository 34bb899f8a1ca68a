import type { Node, PersistentVolume, PersistentVolumeClaim } from "../types/core-v1.gen.js";
import type { StorageClass } from "../types/storage-v1.gen.js";
import type { StoredMeta } from "../wire-types.js";

interface Facts<S, T> {
  readonly meta?: Partial<StoredMeta>;
  readonly spec?: Partial<S>;
  readonly status?: T;
}

/** Metadata as the server gives it; the uid is the name. */
function meta(name: string, more: Partial<StoredMeta> = {}): StoredMeta {
  const fixed = { name, uid: name, resourceVersion: "1" };
  return { ...fixed, creationTimestamp: "2026-01-01T00:00:00Z", ...more };
}

/** A claim for 1Gi of the class `disks`, in the namespace default. */
export function testClaim(
  name: string,
  {
    meta: more,
    spec = {},
    status = { phase: "Pending" },
  }: Facts<PersistentVolumeClaim["spec"], PersistentVolumeClaim["status"]> = {},
): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: meta(name, { namespace: "default", ...more }),
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      storageClassName: "disks",
      volumeMode: "Filesystem",
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** A free volume of 1Gi of the class `disks`. */
export function testVolume(
  name: string,
  {
    meta: more,
    spec = {},
    status = { phase: "Available" },
  }: Facts<PersistentVolume["spec"], PersistentVolume["status"]> = {},
): PersistentVolume {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: meta(name, more),
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      hostPath: { path: `/data/${name}` },
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "disks",
      volumeMode: "Filesystem",
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** A class whose volumes example.com makes at once. */
export function testClass(name: string, more: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: meta(name),
    provisioner: "example.com/disks",
    reclaimPolicy: "Delete",
    volumeBindingMode: "Immediate",
    ...more,
  };
}

/** A node with the label that names its host. */
export function testHost(name: string, annotations: Readonly<Record<string, string>> = {}): Node {
  const labels = { "kubernetes.io/hostname": name };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: meta(name, { labels, annotations }),
    spec: {},
  };
}

/** The part of a volume's spec that ties it to a host. */
export function onHost(name: string): Pick<PersistentVolume["spec"], "nodeAffinity"> {
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [name] };
  const nodeSelectorTerms = [{ matchExpressions: [here] }];
  return { nodeAffinity: { required: { nodeSelectorTerms } } };
}
