import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  type Cause,
  missing,
  TEXT,
  twice,
  unknown,
  withSpec,
  wrong,
} from "./bad-object.js";

const volume = (spec: JsonObject): JsonObject =>
  withSpec("v1", "PersistentVolume", {
    accessModes: ["ReadWriteOnce"],
    capacity: { storage: "1Gi" },
    hostPath: { path: "/data" },
    ...spec,
  });
const storageClass = (rest: JsonObject): JsonObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "bad" },
  provisioner: "csi.example.com",
  ...rest,
});
const noClass: readonly Cause[] = [
  missing("spec.accessModes"),
  missing("spec.capacity"),
  ["NotSupported", "spec.capacity", 'Unsupported value: {}: supported values: "storage"'],
  missing("spec", "must specify a volume type"),
];
const zone = (...values: readonly string[]): JsonObject => ({
  matchLabelExpressions: [{ key: "zone", values }],
});

/** PersistentVolumes and StorageClasses that are wrong. */
export const BAD_PERSISTENT_VOLUMES: readonly BadObject[] = [
  bad("volume without a spec", withSpec("v1", "PersistentVolume", {}), ...noClass),
  bad(
    "volume of two sources",
    volume({ nfs: { server: "nfs.example.com", path: "/data" } }),
    banned("spec.nfs", "may not specify more than 1 volume type"),
  ),
  bad(
    "volume of nothing",
    volume({ capacity: { storage: "0" } }),
    wrong("spec.capacity[storage]", "0", "must be greater than zero"),
  ),
  bad("volume of processors", volume({ capacity: { cpu: "1", storage: "1Gi" } }), [
    "NotSupported",
    "spec.capacity",
    'Unsupported value: {"cpu":"1","storage":"1Gi"}: supported values: "storage"',
  ]),
  bad(
    "volume with an unknown policy",
    volume({ persistentVolumeReclaimPolicy: "Keep" }),
    unknown("spec.persistentVolumeReclaimPolicy", "Keep", "Delete", "Recycle", "Retain"),
  ),
  bad(
    "volume that would recycle a whole node",
    volume({ persistentVolumeReclaimPolicy: "Recycle", hostPath: { path: "/" } }),
    banned(
      "spec.persistentVolumeReclaimPolicy",
      "may not be 'recycle' for a hostPath mount of '/'",
    ),
  ),
  bad(
    "local volume of no node",
    volume({ hostPath: null, local: { path: "/data" } }),
    missing("spec.nodeAffinity", "Local volume requires node affinity"),
  ),
  bad(
    "volume with an affinity to nothing",
    volume({ nodeAffinity: {} }),
    missing("spec.nodeAffinity.required", "must specify required node constraints"),
  ),
  bad(
    "CSI volume without a handle, with a Secret of no namespace",
    volume({
      hostPath: null,
      csi: { driver: "csi.example.com", controllerPublishSecretRef: { name: "s" } },
    }),
    missing("spec.csi.volumeHandle"),
    missing("spec.csi.controllerPublishSecretRef.namespace"),
  ),
  bad(
    "volume of a class in upper case",
    volume({ storageClassName: "Slow" }),
    wrong("spec.storageClassName", "Slow", TEXT.subdomain),
  ),
  bad(
    "volume for one pod and for many",
    volume({ accessModes: ["ReadWriteOncePod", "ReadWriteMany"] }),
    banned("spec.accessModes", "may not use ReadWriteOncePod with other access modes"),
  ),
  bad("class without a provisioner", storageClass({ provisioner: "" }), missing("provisioner")),
  bad(
    "class with a provisioner that is no name",
    storageClass({ provisioner: "a b" }),
    wrong("provisioner", "a b", TEXT.qualified),
  ),
  bad(
    "class whose volumes would be recycled",
    storageClass({ reclaimPolicy: "Recycle" }),
    unknown("reclaimPolicy", "Recycle", "Delete", "Retain"),
  ),
  bad(
    "class that binds at an unknown time",
    storageClass({ volumeBindingMode: "Later" }),
    unknown("volumeBindingMode", "Later", "Immediate", "WaitForFirstConsumer"),
  ),
  bad(
    "class with a parameter without a name",
    storageClass({ parameters: { "": "x" } }),
    wrong("parameters", "", "field can not be empty."),
  ),
  bad(
    "class for no value of a label",
    storageClass({ allowedTopologies: [zone()] }),
    missing("allowedTopologies.matchLabelExpressions[0].values"),
  ),
  bad(
    "class for one place twice",
    storageClass({ allowedTopologies: [zone("a", "b"), zone("b", "a")] }),
    twice("allowedTopologies[1].matchLabelExpressions", ""),
  ),
];
