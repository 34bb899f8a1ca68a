import t from "tap";
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from "../../api/schema/types/certificates-v1.gen.js";
import {
  API_CLIENT,
  clearedAtMs,
  isApproved,
  KUBELET_CLIENT,
  KUBELET_SERVING,
  type RequestContent,
  whyNotSigned,
} from "./signer-rules.js";

const MADE = "2026-01-01T00:00:00Z";
const HOUR_MS = 3_600_000;

function request(
  spec: Partial<CertificateSigningRequest["spec"]>,
  conditions: readonly CertificateSigningRequestCondition[] = [],
): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: "r", uid: "u", resourceVersion: "1", creationTimestamp: MADE },
    spec: { request: "", signerName: API_CLIENT, usages: ["client auth"], ...spec },
    status: { conditions },
  };
}
const content = (more: Partial<RequestContent> = {}): RequestContent => ({
  commonName: "system:node:n1",
  organizations: ["system:nodes"],
  dnsNames: [],
  ipAddresses: [],
  otherNames: 0,
  ...more,
});

void t.test("what a signer signs, and what it refuses", (t) => {
  const client = ["digital signature", "client auth"];
  const serving = ["digital signature", "key encipherment", "server auth"];
  const username = "system:node:n1";
  const cases: readonly [
    string,
    Partial<CertificateSigningRequest["spec"]>,
    RequestContent | null,
    RegExp | null,
  ][] = [
    ["a user", {}, content({ commonName: "ann", organizations: ["dev"] }), null],
    ["a server", { usages: serving }, content({ commonName: "ann" }), /usages/],
    ["everything", {}, content({ organizations: ["system:masters"] }), /system:masters/],
    ["unreadable", {}, null, /unable to parse csr/],
    ["a kubelet", { signerName: KUBELET_CLIENT, usages: client }, content(), null],
    ["too much", { signerName: KUBELET_CLIENT, usages: [...client, "any"] }, content(), /usages/],
    ["too little", { signerName: KUBELET_CLIENT }, content(), /usages/],
    [
      "a kubelet with names",
      { signerName: KUBELET_CLIENT, usages: client },
      content({ dnsNames: ["n1"] }),
      /subject alternative names/,
    ],
    [
      "no node",
      { signerName: KUBELET_CLIENT, usages: client },
      content({ commonName: "ann" }),
      /system:node:/,
    ],
    [
      "another group",
      { signerName: KUBELET_CLIENT, usages: client },
      content({ organizations: ["system:nodes", "dev"] }),
      /organization/,
    ],
    [
      "a kubelet that serves",
      { signerName: KUBELET_SERVING, usages: serving, username },
      content({ ipAddresses: ["192.0.2.1"] }),
      null,
    ],
    [
      "one that is nowhere",
      { signerName: KUBELET_SERVING, usages: serving, username },
      content(),
      /DNS or IP/,
    ],
    [
      "in another's name",
      { signerName: KUBELET_SERVING, usages: serving, username: "system:node:n2" },
      content({ ipAddresses: ["192.0.2.1"] }),
      /must match username/,
    ],
    ["nobody's", { signerName: "example.com/signer" }, content(), /unrecognized/],
  ];
  for (const [name, spec, asked, why] of cases) {
    const found = whyNotSigned(request(spec), asked);
    if (why === null) t.equal(found, null, name);
    else t.match(found, why, name);
  }
  t.end();
});

void t.test("what was denied is not approved, and all of it is cleared away in time", (t) => {
  const decided = (type: string): CertificateSigningRequestCondition => ({
    type,
    status: "True",
    lastUpdateTime: "2026-01-01T05:00:00Z",
  });
  t.ok(isApproved(request({}, [decided("Approved")])));
  t.notOk(isApproved(request({}, [decided("Approved"), decided("Denied")])));
  t.notOk(isApproved(request({})));
  t.equal(clearedAtMs(request({})), Date.parse(MADE) + 24 * HOUR_MS);
  t.equal(clearedAtMs(request({}, [decided("Denied")])), Date.parse(MADE) + 6 * HOUR_MS);
  t.end();
});
