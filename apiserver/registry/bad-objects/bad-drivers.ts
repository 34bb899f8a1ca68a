import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  missing,
  TEXT,
  twice,
  unknown,
  withSpec,
  wrong,
} from "./bad-object.js";

const STORAGE = "storage.k8s.io/v1";
const named = (apiVersion: string, kind: string, rest: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: "bad" },
  ...rest,
});
const runtimeClass = (rest: JsonObject): JsonObject =>
  named("node.k8s.io/v1", "RuntimeClass", { handler: "runsc", ...rest });
const driver = (spec: JsonObject): JsonObject => withSpec(STORAGE, "CSIDriver", spec);
const node = (...drivers: readonly JsonObject[]): JsonObject =>
  withSpec(STORAGE, "CSINode", { drivers });
const nodeDriver = { name: "disk.example.com", nodeID: "n" };
const capacity = (rest: JsonObject): JsonObject =>
  named(STORAGE, "CSIStorageCapacity", { storageClassName: "fast", ...rest });
const attachment = (spec: JsonObject): JsonObject =>
  withSpec(STORAGE, "VolumeAttachment", {
    attacher: "disk.example.com",
    nodeName: "n1",
    source: { persistentVolumeName: "pv" },
    ...spec,
  });
const attributes = (rest: JsonObject): JsonObject =>
  named(STORAGE, "VolumeAttributesClass", {
    driverName: "disk.example.com",
    parameters: { a: "b" },
    ...rest,
  });
const EITHER = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

/** RuntimeClasses and objects of drivers of volumes that are wrong. */
export const BAD_DRIVERS: readonly BadObject[] = [
  bad("runtime without a handler", runtimeClass({ handler: "" }), wrong("handler", "", TEXT.label)),
  bad(
    "runtime with a handler of two labels",
    runtimeClass({ handler: "a.b" }),
    wrong("handler", "a.b", "must not contain dots"),
  ),
  bad(
    "runtime that costs less than nothing",
    runtimeClass({ overhead: { podFixed: { cpu: "-1" } } }),
    wrong("overhead.limits[cpu]", "-1", TEXT.negative),
  ),
  bad(
    "runtime for a label that is none",
    runtimeClass({ scheduling: { nodeSelector: { "a b": "c" } } }),
    wrong("scheduling.nodeSelector", "a b", TEXT.qualified),
  ),
  bad(
    "runtime that tolerates in an unknown way",
    runtimeClass({ scheduling: { tolerations: [{ key: "k", operator: "Like" }] } }),
    unknown("scheduling.tolerations[0].operator", "Like", "Equal", "Exists"),
  ),
  bad(
    "driver with an unknown policy",
    driver({ fsGroupPolicy: "Never" }),
    unknown("spec.fsGroupPolicy", "Never", "File", "None", "ReadWriteOnceWithFSType"),
  ),
  bad(
    "driver with an unknown mode",
    driver({ volumeLifecycleModes: ["Shared"] }),
    unknown("spec.volumeLifecycleModes", "Shared", "Persistent", "Ephemeral"),
  ),
  bad(
    "driver with one audience twice",
    driver({ tokenRequests: [{ audience: "a" }, { audience: "a" }] }),
    twice("spec.tokenRequests[1].audience", "a"),
  ),
  bad(
    "driver with a token for a minute",
    driver({ tokenRequests: [{ audience: "a", expirationSeconds: 60 }] }),
    wrong(
      "spec.tokenRequests[0].expirationSeconds",
      60,
      "may not specify a duration less than 10 minutes",
    ),
  ),
  bad(
    "driver that is asked every second",
    driver({ nodeAllocatableUpdatePeriodSeconds: 1 }),
    wrong(
      "spec.nodeAllocatableUpdatePeriodSeconds",
      1,
      "must be greater than or equal to 10 seconds",
    ),
  ),
  bad(
    "driver of a node without an id",
    node({ ...nodeDriver, nodeID: "" }),
    missing("spec.drivers[0].nodeID"),
  ),
  bad(
    "driver of a node that is no domain",
    node({ ...nodeDriver, name: "a_b" }),
    wrong("spec.drivers[0].name", "a_b", TEXT.subdomain),
  ),
  bad(
    "driver of a node twice",
    node(nodeDriver, nodeDriver),
    twice("spec.drivers[1].name", nodeDriver.name),
  ),
  bad(
    "driver of a node with negative space",
    node({ ...nodeDriver, allocatable: { count: -1 } }),
    wrong("spec.drivers[0].allocatable.count", -1, TEXT.negative),
  ),
  bad(
    "driver of a node with one place twice",
    node({ ...nodeDriver, topologyKeys: ["zone", "zone"] }),
    twice("spec.drivers[0]", "zone"),
  ),
  bad(
    "space for no class",
    capacity({ storageClassName: "" }),
    wrong("storageClassName", "", TEXT.subdomain),
  ),
  bad(
    "space for a class that cannot be",
    capacity({ storageClassName: "A" }),
    wrong("storageClassName", "A", TEXT.subdomain),
  ),
  bad("negative space", capacity({ capacity: "-1Gi" }), wrong("capacity", "-1Gi", TEXT.negative)),
  bad(
    "space on nodes with an unknown operator",
    capacity({ nodeTopology: { matchExpressions: [{ key: "k", operator: "Like" }] } }),
    wrong("nodeTopology.matchExpressions[0].operator", "Like", "not a valid selector operator"),
  ),
  bad(
    "space on nodes with a label that is none",
    capacity({ nodeTopology: { matchLabels: { "a b": "c" } } }),
    wrong("nodeTopology.matchLabels", "a b", TEXT.qualified),
  ),
  bad("attachment of nothing", attachment({ source: {} }), missing("spec.source", EITHER)),
  bad(
    "attachment of two volumes",
    attachment({ source: { persistentVolumeName: "a", inlineVolumeSpec: {} } }),
    banned("spec.source", EITHER),
  ),
  bad(
    "attachment to no node",
    attachment({ nodeName: "" }),
    wrong("spec.nodeName", "", TEXT.subdomain),
  ),
  bad(
    "attachment by nobody",
    attachment({ attacher: "" }),
    missing("spec.attacher"),
    wrong("spec.attacher", "", TEXT.subdomain),
  ),
  bad(
    "attachment of a volume without a name",
    attachment({ source: { persistentVolumeName: "" } }),
    missing("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName"),
    wrong("spec.source.persistentVolumeName", "", TEXT.subdomain),
  ),
  bad(
    "attributes without parameters",
    attributes({ parameters: {} }),
    missing("parameters", "must contain at least one key/value pair"),
  ),
  bad("attributes without a driver", attributes({ driverName: "" }), missing("driverName")),
  bad(
    "attributes of a driver that cannot be",
    attributes({ driverName: "a b" }),
    wrong("driverName", "a b", TEXT.qualified),
  ),
  bad(
    "attributes with a parameter without a name",
    attributes({ parameters: { "": "x" } }),
    wrong("parameters", "", "field can not be empty."),
  ),
  bad(
    "attributes with too many parameters",
    attributes({
      parameters: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`k${i}`, "v"])),
    }),
    ["TooLong", "parameters", "Too long: may not be more than 512 bytes"],
  ),
];
