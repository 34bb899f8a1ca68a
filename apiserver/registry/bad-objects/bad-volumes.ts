import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  missing,
  pod,
  TEXT,
  twice,
  unknown,
  wrong,
} from "./bad-object.js";

const V = "spec.volumes[0]";
const M = "spec.containers[0].volumeMounts";
const volume = (source: JsonObject): JsonObject => pod({}, { volumes: [{ name: "v", ...source }] });
const mounted = (...mounts: readonly JsonObject[]): JsonObject =>
  pod({ volumeMounts: mounts }, { volumes: [{ name: "v", emptyDir: {} }] });

const claim = (spec: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "bad" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
    ...spec,
  },
});

/** Pods whose volumes, or the mounts of them, are wrong, and claims to volumes. */
export const BAD_VOLUMES: readonly BadObject[] = [
  bad(
    "claim without access modes",
    claim({ accessModes: [] }),
    missing("spec.accessModes", "at least 1 access mode is required"),
  ),
  bad(
    "claim with an unknown access mode",
    claim({ accessModes: ["ReadOnce"] }),
    unknown(
      "spec.accessModes",
      "ReadOnce",
      "ReadOnlyMany",
      "ReadWriteMany",
      "ReadWriteOnce",
      "ReadWriteOncePod",
    ),
  ),
  bad(
    "claim for one pod and for many",
    claim({ accessModes: ["ReadWriteOncePod", "ReadWriteMany"] }),
    banned("spec.accessModes", "may not use ReadWriteOncePod with other access modes"),
  ),
  bad(
    "claim without a spec",
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "bad" } },
    missing("spec.accessModes", "at least 1 access mode is required"),
    missing("spec.resources[storage]"),
  ),
  bad("claim of no size", claim({ resources: {} }), missing("spec.resources[storage]")),
  bad(
    "claim of nothing",
    claim({ resources: { requests: { storage: "0" } } }),
    wrong("spec.resources[storage]", "0", "must be greater than zero"),
  ),
  bad(
    "claim for a volume of an unknown mode",
    claim({ volumeMode: "Tape" }),
    unknown("spec.volumeMode", "Tape", "Block", "Filesystem"),
  ),
  bad("volume without a name", volume({ name: "", emptyDir: {} }), missing(`${V}.name`)),
  bad(
    "volume in upper case",
    volume({ name: "V", emptyDir: {} }),
    wrong(`${V}.name`, "V", TEXT.label),
  ),
  bad(
    "two volumes of one name",
    pod(
      {},
      {
        volumes: [
          { name: "v", emptyDir: {} },
          { name: "v", emptyDir: {} },
        ],
      },
    ),
    twice("spec.volumes[1].name", "v"),
  ),
  bad(
    "volume of two types",
    volume({ emptyDir: {}, hostPath: { path: "/" } }),
    banned(`${V}.hostPath`, "may not specify more than 1 volume type"),
  ),
  bad(
    "empty directory smaller than nothing",
    volume({ emptyDir: { sizeLimit: "-1" } }),
    banned(`${V}.emptyDir.sizeLimit`, "SizeLimit field must be a valid resource quantity"),
  ),
  bad("host path of nothing", volume({ hostPath: { path: "" } }), missing(`${V}.hostPath.path`)),
  bad(
    "host path that climbs",
    volume({ hostPath: { path: "/var/../etc" } }),
    wrong(`${V}.hostPath.path`, "/var/../etc", "must not contain '..'"),
  ),
  bad(
    "host path of an unknown type",
    volume({ hostPath: { path: "/x", type: "Folder" } }),
    unknown(
      `${V}.hostPath.type`,
      "Folder",
      "",
      "BlockDevice",
      "CharDevice",
      "Directory",
      "DirectoryOrCreate",
      "File",
      "FileOrCreate",
      "Socket",
    ),
  ),
  bad(
    "secret of no name",
    volume({ secret: { secretName: "" } }),
    missing(`${V}.secret.secretName`),
  ),
  bad("map of no name", volume({ configMap: { name: "" } }), missing(`${V}.configMap.name`)),
  bad(
    "mode beyond octal",
    volume({ configMap: { name: "m", defaultMode: 1000 } }),
    wrong(`${V}.configMap.defaultMode`, 1000, TEXT.mode),
  ),
  bad(
    "key without a file",
    volume({ configMap: { name: "m", items: [{ key: "k", path: "" }] } }),
    missing(`${V}.configMap.items[0].path`),
  ),
  bad(
    "file outside the volume",
    volume({ secret: { secretName: "s", items: [{ key: "k", path: "/etc/passwd" }] } }),
    wrong(`${V}.secret.items[0].path`, "/etc/passwd", "must be a relative path"),
  ),
  bad(
    "file above the volume",
    volume({ secret: { secretName: "s", items: [{ key: "k", path: "../x" }] } }),
    wrong(`${V}.secret.items[0].path`, "../x", "must not contain '..'"),
  ),
  bad(
    "file with a reserved name",
    volume({ secret: { secretName: "s", items: [{ key: "k", path: "..data" }] } }),
    wrong(`${V}.secret.items[0].path`, "..data", "must not start with '..'"),
  ),
  bad(
    "claim of no name",
    volume({ persistentVolumeClaim: { claimName: "" } }),
    missing(`${V}.persistentVolumeClaim.claimName`),
  ),
  bad(
    "share at a relative path",
    volume({ nfs: { server: "s", path: "x" } }),
    wrong(`${V}.nfs.path`, "x", "must be an absolute path"),
  ),
  bad(
    "file that shows nothing",
    volume({ downwardAPI: { items: [{ path: "p" }] } }),
    missing(`${V}.downwardAPI`, "one of fieldRef and resourceFieldRef is required"),
  ),
  bad(
    "file that shows the node",
    volume({ downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "spec.nodeName" } }] } }),
    unknown(
      `${V}.downwardAPI.fieldRef.fieldPath`,
      "spec.nodeName",
      "metadata.annotations",
      "metadata.labels",
      "metadata.name",
      "metadata.namespace",
      "metadata.uid",
    ),
  ),
  bad(
    "two sources for one file",
    volume({
      projected: {
        sources: [
          { configMap: { name: "m", items: [{ key: "k", path: "f" }] } },
          { secret: { name: "s", items: [{ key: "k", path: "f" }] } },
        ],
      },
    }),
    wrong(`${V}.projected`, "s", "conflicting duplicate paths"),
  ),
  bad("mount of no volume", pod({ volumeMounts: [{ name: "x", mountPath: "/x" }] }), [
    "NotFound",
    `${M}[0].name`,
    'Not found: "x"',
  ]),
  bad("mount at no path", mounted({ name: "v", mountPath: "" }), missing(`${M}[0].mountPath`)),
  bad(
    "two mounts at one path",
    mounted({ name: "v", mountPath: "/a" }, { name: "v", mountPath: "/a" }),
    wrong(`${M}[1].mountPath`, "/a", "must be unique"),
  ),
  bad(
    "absolute part of a volume",
    mounted({ name: "v", mountPath: "/a", subPath: "/b" }),
    wrong(`${M}.subPath`, "/b", "must be a relative path"),
  ),
  bad(
    "two ways to name a part",
    mounted({ name: "v", mountPath: "/a", subPath: "b", subPathExpr: "c" }),
    wrong(`${M}[0].subPathExpr`, "c", "subPathExpr and subPath are mutually exclusive"),
  ),
  bad(
    "unknown propagation",
    mounted({ name: "v", mountPath: "/a", mountPropagation: "Both" }),
    unknown(`${M}.mountPropagation`, "Both", "Bidirectional", "HostToContainer", "None"),
  ),
  bad(
    "propagation to the host without privilege",
    mounted({ name: "v", mountPath: "/a", mountPropagation: "Bidirectional" }),
    banned(
      `${M}.mountPropagation`,
      "Bidirectional mount propagation is available only to privileged containers",
    ),
  ),
  bad(
    "directory as a device",
    pod(
      { volumeDevices: [{ name: "v", devicePath: "/dev/x" }] },
      { volumes: [{ name: "v", emptyDir: {} }] },
    ),
    wrong(
      "spec.containers[0].volumeDevices[0].name",
      "v",
      "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
    ),
  ),
];
