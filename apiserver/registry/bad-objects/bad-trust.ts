import type { JsonObject } from "../../../api/schema/wire-types.js";
import { utf8ToBase64 } from "../common/base64.js";
import { AUTHORITY_PEM, LEAF_PEM, pemOf } from "../test-certificates.js";
import { bad, type BadObject, missing, TEXT, withSpec, wrong } from "./bad-object.js";

const CERTIFICATES = "certificates.k8s.io/v1beta1";
const PATH = "spec.trustBundle";
const OMITTED = "<value omitted>";
const bundle = (trustBundle: string, spec: JsonObject = {}): JsonObject =>
  withSpec(CERTIFICATES, "ClusterTrustBundle", { trustBundle, ...spec });
const request = (spec: JsonObject): JsonObject =>
  withSpec(CERTIFICATES, "PodCertificateRequest", {
    signerName: "example.com/signer",
    podName: "p",
    podUID: "1",
    serviceAccountName: "default",
    serviceAccountUID: "2",
    nodeName: "n1",
    nodeUID: "3",
    stubPKCS10Request: utf8ToBase64("request"),
    ...spec,
  });
const migration = (resource: JsonObject): JsonObject =>
  withSpec("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", { resource });

/** Bundles of trust, requests of pods and migrations that are wrong. */
export const BAD_TRUST: readonly BadObject[] = [
  bad(
    "bundle of nothing",
    bundle(""),
    wrong(PATH, OMITTED, "at least one trust anchor must be provided"),
  ),
  bad(
    "bundle with a key",
    bundle(pemOf("PRIVATE KEY", ["AAAA"])),
    wrong(PATH, OMITTED, "entry 0 has bad block type: PRIVATE KEY"),
  ),
  bad(
    "bundle with a block that is no certificate",
    bundle(AUTHORITY_PEM + pemOf("CERTIFICATE", ["AAAA"])),
    wrong(PATH, OMITTED, "entry 1 does not parse as X.509"),
  ),
  bad(
    "bundle with a certificate of no authority",
    bundle(LEAF_PEM),
    wrong(PATH, OMITTED, "entry 0 does not have the CA bit set"),
  ),
  bad(
    "bundle with headers",
    bundle(AUTHORITY_PEM.replace("-----\n", "-----\nProc-Type: 4\n\n")),
    wrong(PATH, OMITTED, "entry 0 has PEM block headers"),
  ),
  bad(
    "bundle with one authority twice",
    bundle(AUTHORITY_PEM + AUTHORITY_PEM),
    wrong(PATH, OMITTED, "duplicate trust anchor (indices [0 1])"),
  ),
  bad(
    "bundle of a signer under another name",
    bundle(AUTHORITY_PEM, { signerName: "example.com/signer" }),
    wrong(
      "metadata.name",
      "bad",
      "ClusterTrustBundle for signerName example.com/signer must be named with prefix " +
        "example.com:signer:",
    ),
  ),
  bad(
    "certificate for a pod without a name",
    request({ podName: "" }),
    wrong("spec.podName", "", TEXT.subdomain),
  ),
  bad(
    "certificate for a pod without a uid",
    request({ podUID: "" }),
    wrong("spec.podUID", "", "must not be empty"),
  ),
  bad("certificate for a pod by nobody", request({ signerName: "" }), missing("spec.signerName")),
  bad(
    "certificate for a pod for a minute",
    request({ maxExpirationSeconds: 60 }),
    wrong("spec.maxExpirationSeconds", 60, "must be in the range [3600, 7862400]"),
  ),
  bad(
    "certificate for a pod by Kubernetes for a month",
    request({
      signerName: "kubernetes.io/kube-apiserver-client-pod",
      maxExpirationSeconds: 2592000,
    }),
    wrong("spec.maxExpirationSeconds", 2592000, "must be in the range [3600, 86400]"),
  ),
  bad(
    "certificate for a pod without a request",
    request({ stubPKCS10Request: "" }),
    missing("spec.stubPKCS10Request"),
  ),
  bad(
    "migration of nothing",
    migration({ resource: "" }),
    missing("spec.resource.resource", "resource is required to be set"),
  ),
  bad(
    "migration of a resource that cannot be",
    migration({ resource: "Things" }),
    wrong("spec.resource.resource", "Things", TEXT.service),
  ),
  bad(
    "migration of a subresource",
    migration({ resource: "pods/status" }),
    wrong("spec.resource.resource", "pods/status", TEXT.service),
  ),
  bad(
    "migration of a group that cannot be",
    migration({ group: "A", resource: "things" }),
    wrong("spec.resource.group", "A", TEXT.subdomain),
  ),
  bad(
    "migration of a version",
    migration({ group: "apps/v1", resource: "things" }),
    wrong("spec.resource.group", "apps/v1", TEXT.subdomain),
  ),
];
