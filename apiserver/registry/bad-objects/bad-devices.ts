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

const DEVICES = "resource.k8s.io/v1";
const deviceClass = (spec: JsonObject): JsonObject => withSpec(DEVICES, "DeviceClass", spec);
const exactly = { deviceClassName: "gpu.example.com" };
const request = { name: "r", exactly };
const claim = (devices: JsonObject): JsonObject =>
  withSpec(DEVICES, "ResourceClaim", { devices: { requests: [request], ...devices } });
const template = (spec: JsonObject): JsonObject => withSpec(DEVICES, "ResourceClaimTemplate", spec);
const slice = (spec: JsonObject): JsonObject =>
  withSpec(DEVICES, "ResourceSlice", {
    driver: "gpu.example.com",
    nodeName: "n1",
    pool: { name: "n1", generation: 1, resourceSliceCount: 1 },
    ...spec,
  });
const device = (rest: JsonObject): JsonObject => slice({ devices: [{ name: "gpu-0", ...rest }] });
const opaque = { driver: "gpu.example.com", parameters: {} };
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest " +
  "separated by '/'";
const ONE_NODES =
  "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
const ONE_REQUEST = "exactly one of `exactly` or `firstAvailable` is required";
const ONE_VALUE = "exactly one value must be specified";

/** Classes, claims and slices of devices that are wrong. */
export const BAD_DEVICES: readonly BadObject[] = [
  bad(
    "class that selects by nothing",
    deviceClass({ selectors: [{}] }),
    missing("spec.selectors[0].cel"),
  ),
  bad(
    "class that selects by an empty expression",
    deviceClass({ selectors: [{ cel: { expression: "" } }] }),
    missing("spec.selectors[0].cel.expression"),
  ),
  bad(
    "class with configuration for nobody",
    deviceClass({ config: [{ opaque: { ...opaque, driver: "" } }] }),
    missing("spec.config[0].opaque.driver"),
    wrong("spec.config[0].opaque.driver", "", TEXT.subdomain),
  ),
  bad(
    "class with too much configuration",
    deviceClass({ config: [{ opaque: { ...opaque, parameters: { a: "x".repeat(10_240) } } }] }),
    ["TooLong", "spec.config[0].opaque.parameters", "Too long: may not be more than 10240 bytes"],
  ),
  bad(
    "class for a resource of the node",
    deviceClass({ extendedResourceName: "cpu" }),
    wrong("spec.extendedResourceName", "cpu", "must be a valid extended resource name"),
  ),
  bad(
    "claim without a request",
    claim({ requests: [{ name: "r" }] }),
    missing("spec.devices.requests[0]", ONE_REQUEST),
  ),
  bad(
    "claim for no class",
    claim({ requests: [{ name: "r", exactly: { deviceClassName: "" } }] }),
    missing("spec.devices.requests[0].exactly.deviceClassName"),
  ),
  bad(
    "claim with one request twice",
    claim({ requests: [request, request] }),
    twice("spec.devices.requests[1]", "r"),
  ),
  bad(
    "claim for no device",
    claim({ requests: [{ name: "r", exactly: { ...exactly, count: -1 } }] }),
    wrong("spec.devices.requests[0].exactly.count", -1, "must be greater than zero"),
  ),
  bad(
    "claim for all of three devices",
    claim({ requests: [{ name: "r", exactly: { ...exactly, allocationMode: "All", count: 3 } }] }),
    wrong(
      "spec.devices.requests[0].exactly.count",
      3,
      "must not be specified when allocationMode is 'All'",
    ),
  ),
  bad(
    "claim for an unknown number of devices",
    claim({ requests: [{ name: "r", exactly: { ...exactly, allocationMode: "Some" } }] }),
    unknown("spec.devices.requests[0].exactly.allocationMode", "Some", "All", "ExactCount"),
  ),
  bad(
    "claim with a constraint of another request",
    claim({ constraints: [{ requests: ["q"], matchAttribute: "example.com/numa" }] }),
    wrong("spec.devices.constraints[0].requests[0]", "q", NO_REQUEST),
  ),
  bad(
    "claim with an attribute without a domain",
    claim({ constraints: [{ matchAttribute: "numa" }] }),
    wrong(
      "spec.devices.constraints[0].matchAttribute",
      "numa",
      "a fully qualified name must be a domain and a name separated by a slash",
    ),
  ),
  bad(
    "template for no class",
    template({
      spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "A" } }] } },
    }),
    wrong("spec.spec.devices.requests[0].exactly.deviceClassName", "A", TEXT.subdomain),
  ),
  bad(
    "template with a request without a name",
    template({ spec: { devices: { requests: [{ name: "", exactly }] } } }),
    wrong("spec.spec.devices.requests[0].name", "", TEXT.label),
  ),
  bad(
    "template with a label that is none",
    template({ metadata: { labels: { "a b": "c" } }, spec: {} }),
    wrong("spec.metadata.labels", "a b", TEXT.qualified),
  ),
  bad(
    "template with an empty constraint",
    template({ spec: { devices: { constraints: [{}] } } }),
    missing(
      "spec.spec.devices.constraints[0]",
      'exactly one of "matchAttribute" or "distinctAttribute" is required',
    ),
  ),
  bad(
    "template with configuration of nothing",
    template({ spec: { devices: { config: [{}] } } }),
    missing("spec.spec.devices.config[0].opaque"),
  ),
  bad("slice of no node", slice({ nodeName: null }), missing("spec", ONE_NODES)),
  bad(
    "slice of one node and of all",
    slice({ allNodes: true }),
    wrong("spec", "{`nodeName`, `allNodes`}", `${ONE_NODES}, but multiple fields are set`),
  ),
  bad(
    "slice of an empty pool",
    slice({ pool: { name: "n1", generation: 1, resourceSliceCount: 0 } }),
    wrong("spec.pool.resourceSliceCount", 0, "must be greater than zero"),
  ),
  bad(
    "slice with one device twice",
    slice({ devices: [{ name: "a" }, { name: "a" }] }),
    twice("spec.devices[1]", "a"),
  ),
  bad(
    "device with an attribute of no value",
    device({ attributes: { a: {} } }),
    wrong("spec.devices[0].attributes[a]", "", ONE_VALUE),
  ),
  bad(
    "device with an attribute of two values",
    device({ attributes: { a: { int: 1, string: "x" } } }),
    wrong("spec.devices[0].attributes[a]", { int: 1, string: "x" }, ONE_VALUE),
  ),
  bad(
    "device of a version that is none",
    device({ attributes: { a: { version: "1" } } }),
    wrong(
      "spec.devices[0].attributes[a].version",
      "1",
      "must be a string compatible with semver.org spec 2.0.0",
    ),
  ),
  bad(
    "device with a taint of an unknown effect",
    device({ taints: [{ key: "k", effect: "Never" }] }),
    unknown("spec.devices[0].taints[0].effect", "Never", "NoExecute", "NoSchedule", "None"),
  ),
  bad(
    "device that shares what only one can have",
    device({ capacity: { memory: { value: "1Gi", requestPolicy: { default: "1Gi" } } } }),
    banned(
      "spec.devices[0].capacity[memory].requestPolicy",
      "allowMultipleAllocations must be true",
    ),
  ),
];
