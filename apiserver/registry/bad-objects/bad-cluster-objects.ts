import type { JsonObject } from "../../../api/schema/wire-types.js";
import { bad, type BadObject, missing, TEXT, twice, unknown, wrong } from "./bad-object.js";

const named = (apiVersion: string, kind: string, rest: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: "bad" },
  ...rest,
});
const secret = (rest: JsonObject): JsonObject => named("v1", "Secret", rest);
const node = (spec: JsonObject): JsonObject => named("v1", "Node", { spec });
const slice = (rest: JsonObject): JsonObject =>
  named("discovery.k8s.io/v1", "EndpointSlice", { addressType: "IPv4", endpoints: [], ...rest });
const endpoints = (subset: JsonObject): JsonObject =>
  named("v1", "Endpoints", { subsets: [subset] });
const lease = (spec: JsonObject): JsonObject => named("coordination.k8s.io/v1", "Lease", { spec });
const taint = { key: "k", effect: "NoSchedule" };

/** Objects of the other kinds that are wrong. */
export const BAD_CLUSTER_OBJECTS: readonly BadObject[] = [
  bad(
    "key of a map with a space",
    named("v1", "ConfigMap", { data: { "a b": "x" } }),
    wrong("data[a b]", "a b", TEXT.configKey),
  ),
  bad(
    "key of a map that is a path",
    named("v1", "ConfigMap", { data: { "..": "x" } }),
    wrong("data[..]", "..", "must not be '..'"),
  ),
  bad(
    "key in both halves of a map",
    named("v1", "ConfigMap", { data: { a: "x" }, binaryData: { a: "eA==" } }),
    wrong("data[a]", "a", "duplicate of key present in binaryData"),
  ),
  bad("map that is too large", named("v1", "ConfigMap", { data: { a: "x".repeat(1_048_577) } }), [
    "TooLong",
    "",
    "Too long: may not be more than 1048576 bytes",
  ]),
  bad(
    "key of a secret with a slash",
    secret({ stringData: { "a/b": "x" } }),
    wrong("data[a/b]", "a/b", TEXT.configKey),
  ),
  bad(
    "token of no account",
    secret({ type: "kubernetes.io/service-account-token" }),
    missing("metadata.annotations[kubernetes.io/service-account.name]"),
  ),
  bad(
    "TLS secret without its key",
    secret({ type: "kubernetes.io/tls", stringData: { "tls.crt": "x" } }),
    missing("data[tls.key]"),
  ),
  bad(
    "registry secret without its file",
    secret({ type: "kubernetes.io/dockerconfigjson" }),
    missing("data[.dockerconfigjson]"),
  ),
  bad(
    "registry secret that is no JSON",
    secret({ type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "x" } }),
    wrong(
      "data[.dockerconfigjson]",
      "<secret contents redacted>",
      "invalid character 'x' looking for beginning of value",
    ),
  ),
  bad(
    "password secret without a password",
    secret({ type: "kubernetes.io/basic-auth" }),
    missing("data[username]"),
    missing("data[password]"),
  ),
  bad(
    "SSH secret without a key",
    secret({ type: "kubernetes.io/ssh-auth" }),
    missing("data[ssh-privatekey]"),
  ),
  bad(
    "taint without an effect",
    node({ taints: [{ key: "k", effect: "" }] }),
    missing("metadata.taints[0].effect"),
  ),
  bad(
    "taint of an unknown effect",
    node({ taints: [{ key: "k", effect: "Never" }] }),
    unknown("metadata.taints[0].effect", "Never", "NoSchedule", "PreferNoSchedule", "NoExecute"),
  ),
  bad(
    "taint with a bad key",
    node({ taints: [{ ...taint, key: "a b" }] }),
    wrong("metadata.taints[0].key", "a b", TEXT.qualified),
  ),
  bad("one taint twice", node({ taints: [taint, taint] }), [
    "Duplicate",
    "metadata.taints[1]",
    'Duplicate value: {"key":"k","effect":"NoSchedule"}: ' +
      "taints must be unique by key and effect pair",
  ]),
  bad(
    "pod range that is none",
    node({ podCIDR: "10.244.0.0", podCIDRs: ["10.244.0.0"] }),
    wrong("spec.podCIDRs[0]", "10.244.0.0", TEXT.cidr),
  ),
  bad(
    "two pod ranges of one family",
    node({ podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24", "10.244.1.0/24"] }),
    wrong(
      "spec.podCIDRs",
      ["10.244.0.0/24", "10.244.1.0/24"],
      "may specify no more than one CIDR for each IP family",
    ),
  ),
  bad(
    "negative capacity",
    named("v1", "Node", { status: { capacity: { cpu: "-1" } } }),
    wrong("status.capacity.cpu", "-1", TEXT.negative),
    wrong("status.allocatable.cpu", "-1", TEXT.negative),
  ),
  bad(
    "finalizer of a namespace without a domain",
    named("v1", "Namespace", { spec: { finalizers: ["mine"] } }),
    wrong(
      "spec.finalizers",
      "mine",
      "name is neither a standard finalizer name nor is it fully qualified",
    ),
  ),
  bad(
    "finalizer of a namespace with a blank",
    named("v1", "Namespace", { spec: { finalizers: ["example.com/a b"] } }),
    wrong("spec.finalizers", "example.com/a b", TEXT.qualified),
  ),
  bad(
    "namespace whose label is no label",
    named("v1", "Namespace", { metadata: { name: "bad", labels: { team: "a b" } } }),
    wrong("metadata.labels", "a b", TEXT.labelValue),
  ),
  bad("slice of no address type", slice({ addressType: "" }), missing("addressType")),
  bad(
    "slice of an unknown address type",
    slice({ addressType: "IPX" }),
    unknown("addressType", "IPX", "FQDN", "IPv4", "IPv6"),
  ),
  bad(
    "endpoint without addresses",
    slice({ endpoints: [{ addresses: [] }] }),
    missing("endpoints[0].addresses", "must contain at least 1 address"),
  ),
  bad(
    "endpoint of the other family",
    slice({ endpoints: [{ addresses: ["fd00::1"] }] }),
    wrong("endpoints[0].addresses[0]", "fd00::1", "must be a valid IPv4 address"),
  ),
  bad(
    "link-local endpoint",
    slice({ endpoints: [{ addresses: ["169.254.1.1"] }] }),
    wrong(
      "endpoints[0].addresses[0]",
      "169.254.1.1",
      "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
    ),
  ),
  bad(
    "two ports of a slice of one name",
    slice({
      ports: [
        { name: "a", port: 1 },
        { name: "a", port: 2 },
      ],
    }),
    twice("ports[1].name", "a"),
  ),
  bad(
    "unknown protocol of a slice",
    slice({ ports: [{ port: 1, protocol: "HTTP" }] }),
    unknown("ports[0].protocol", "HTTP", "SCTP", "TCP", "UDP"),
  ),
  bad(
    "subset without addresses",
    endpoints({ ports: [{ port: 80 }] }),
    missing("subsets[0]", "must specify `addresses` or `notReadyAddresses`"),
  ),
  bad(
    "loopback endpoint",
    endpoints({ addresses: [{ ip: "127.0.0.1" }] }),
    wrong(
      "subsets[0].addresses[0].ip",
      "127.0.0.1",
      "may not be in the loopback range (127.0.0.0/8, ::1/128)",
    ),
  ),
  bad(
    "port of a subset out of range",
    endpoints({ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 0 }] }),
    wrong("subsets[0].ports[0].port", 0, TEXT.portNumber),
  ),
  bad(
    "two ports of a subset, one without a name",
    endpoints({ addresses: [{ ip: "10.0.0.1" }], ports: [{ name: "a", port: 1 }, { port: 2 }] }),
    missing("subsets[0].ports[1].name"),
  ),
  bad(
    "endpoint of a host name in capitals",
    endpoints({ addresses: [{ ip: "10.0.0.1", hostname: "Web" }] }),
    wrong("subsets[0].addresses[0].hostname", "Web", TEXT.label),
  ),
  bad(
    "lease of no duration",
    lease({ leaseDurationSeconds: 0 }),
    wrong("spec.leaseDurationSeconds", 0, "must be greater than 0"),
  ),
  bad(
    "lease of negative transitions",
    lease({ leaseTransitions: -1 }),
    wrong("spec.leaseTransitions", -1, TEXT.negative),
  ),
  bad(
    "event about another namespace",
    named("v1", "Event", { involvedObject: { namespace: "elsewhere" } }),
    wrong("involvedObject.namespace", "elsewhere", "does not match event.namespace"),
  ),
  bad(
    "event without a reporter",
    named("events.k8s.io/v1", "Event", {
      eventTime: "2026-01-01T00:00:00.000000Z",
      type: "Normal",
      action: "Tested",
      reason: "Test",
      regarding: { namespace: "default" },
    }),
    missing("reportingController"),
    wrong("reportingController", "", "name part must be non-empty"),
    wrong("reportingController", "", TEXT.qualified),
    missing("reportingInstance"),
  ),
  bad(
    "event of an unknown type",
    named("events.k8s.io/v1", "Event", {
      eventTime: "2026-01-01T00:00:00.000000Z",
      type: "Error",
      action: "Tested",
      reason: "Test",
      reportingController: "example.com/test",
      reportingInstance: "test-1",
      regarding: { namespace: "default" },
    }),
    wrong("type", "", "has invalid value: Error"),
  ),
];
