import {
  bad,
  type BadObject,
  banned,
  missing,
  pod,
  service,
  TEXT,
  withMetadata,
  wrong,
} from "./bad-object.js";

const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: "u-1" };
const long = (length: number): string => "a".repeat(length);

/** Metadata that no kind accepts. */
export const BAD_METADATA: readonly BadObject[] = [
  bad("no name", withMetadata({}), missing("metadata.name", "name or generateName is required")),
  bad(
    "upper case name",
    withMetadata({ name: "Web" }),
    wrong("metadata.name", "Web", TEXT.subdomain),
  ),
  bad(
    "name with underscore",
    withMetadata({ name: "my_app" }),
    wrong("metadata.name", "my_app", TEXT.subdomain),
  ),
  bad(
    "name that ends in a dash",
    withMetadata({ name: "web-" }),
    wrong("metadata.name", "web-", TEXT.subdomain),
  ),
  bad(
    "name that is too long",
    withMetadata({ name: long(254) }),
    wrong("metadata.name", long(254), "must be no more than 253 characters"),
  ),
  bad(
    "service name that starts with a digit",
    { ...service({}), metadata: { name: "1web" } },
    wrong("metadata.name", "1web", TEXT.service),
  ),
  bad(
    "service name with dots",
    { ...service({}), metadata: { name: "web.v1" } },
    wrong("metadata.name", "web.v1", TEXT.service),
  ),
  bad(
    "pod name with a slash",
    { ...pod({}), metadata: { name: "a/b" } },
    wrong("metadata.name", "a/b", TEXT.subdomain),
  ),
  bad(
    "namespace name with dots",
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "team.web" } },
    wrong("metadata.name", "team.web", "must not contain dots"),
  ),
  bad(
    "namespace name in upper case",
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "Team" } },
    wrong("metadata.name", "Team", TEXT.label),
  ),
  bad(
    "label key with a space",
    withMetadata({ name: "bad", labels: { "a b": "x" } }),
    wrong("metadata.labels", "a b", TEXT.qualified),
  ),
  bad(
    "label key with an empty prefix",
    withMetadata({ name: "bad", labels: { "/a": "x" } }),
    wrong("metadata.labels", "/a", "prefix part must be non-empty"),
  ),
  bad(
    "label key with an upper case prefix",
    withMetadata({ name: "bad", labels: { "Example.com/a": "x" } }),
    wrong("metadata.labels", "Example.com/a", `prefix part ${TEXT.subdomain}`),
  ),
  bad(
    "label key with a long name",
    withMetadata({ name: "bad", labels: { [long(64)]: "x" } }),
    wrong("metadata.labels", long(64), "name part must be no more than 63 bytes"),
  ),
  bad(
    "label value with a slash",
    withMetadata({ name: "bad", labels: { app: "a/b" } }),
    wrong("metadata.labels", "a/b", TEXT.labelValue),
  ),
  bad(
    "label value that is too long",
    withMetadata({ name: "bad", labels: { app: long(64) } }),
    wrong("metadata.labels", long(64), "must be no more than 63 bytes"),
  ),
  bad(
    "annotation key with a space",
    withMetadata({ name: "bad", annotations: { "a b": "x" } }),
    wrong("metadata.annotations", "a b", TEXT.qualified),
  ),
  bad(
    "annotations that are too large",
    withMetadata({
      name: "bad",
      annotations: { note: long(256 * 1024) },
    }),
    ["TooLong", "metadata.annotations", "Too long: may not be more than 262144 bytes"],
  ),
  bad(
    "finalizer without a domain",
    withMetadata({ name: "bad", finalizers: ["mine"] }),
    wrong(
      "metadata.finalizers[0]",
      "mine",
      "name is neither a standard finalizer name nor is it fully qualified",
    ),
  ),
  bad(
    "finalizers that contradict each other",
    withMetadata({ name: "bad", finalizers: ["orphan", "foregroundDeletion"] }),
    wrong(
      "metadata.finalizers",
      ["orphan", "foregroundDeletion"],
      "finalizer orphan and foregroundDeletion cannot be both set",
    ),
  ),
  bad(
    "two controllers",
    withMetadata({
      name: "bad",
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, name: "other", uid: "u-2", controller: true },
      ],
    }),
    wrong(
      "metadata.ownerReferences",
      [
        { ...owner, controller: true },
        { ...owner, name: "other", uid: "u-2", controller: true },
      ],
      "Only one reference can have Controller set to true. " +
        'Found "true" in references for rs and other',
    ),
  ),
  bad(
    "owner without a uid",
    withMetadata({ name: "bad", ownerReferences: [{ ...owner, uid: "" }] }),
    wrong("metadata.ownerReferences.uid", "", "uid must not be empty"),
  ),
  bad(
    "owner without a kind",
    withMetadata({ name: "bad", ownerReferences: [{ ...owner, kind: "" }] }),
    wrong("metadata.ownerReferences.kind", "", "kind must not be empty"),
  ),
  bad(
    "an event as owner",
    withMetadata({ name: "bad", ownerReferences: [{ ...owner, apiVersion: "v1", kind: "Event" }] }),
    wrong(
      "metadata.ownerReferences",
      { ...owner, apiVersion: "v1", kind: "Event" },
      "/v1, Kind=Event is disallowed from being an owner",
    ),
  ),
  bad(
    "negative generation",
    withMetadata({ name: "bad", generation: -1 }),
    wrong("metadata.generation", -1, TEXT.negative),
  ),
  bad(
    "mirror pod without a node",
    { ...pod({}), metadata: { name: "bad", annotations: { "kubernetes.io/config.mirror": "x" } } },
    wrong(
      "metadata.annotations[kubernetes.io/config.mirror]",
      "x",
      "must set spec.nodeName if mirror pod annotation is set",
    ),
  ),
  bad(
    "debugging container in a new pod",
    pod({}, { ephemeralContainers: [{ name: "debug", image: "busybox" }] }),
    banned("spec.ephemeralContainers", "cannot be set on create"),
  ),
];
