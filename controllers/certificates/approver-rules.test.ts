import t from "tap";
import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";
import { approvalRights, isUndecided, retryAfterMs } from "./approver-rules.js";
import {
  API_CLIENT,
  KUBELET_CLIENT,
  KUBELET_SERVING,
  type RequestContent,
} from "./signer-rules.js";

const MADE = "2026-01-01T00:00:00Z";
const USAGES = ["digital signature", "client auth"];

function request(
  spec: Partial<CertificateSigningRequest["spec"]>,
  status: CertificateSigningRequest["status"] = {},
): CertificateSigningRequest {
  const metadata = { name: "r", uid: "u", resourceVersion: "1", creationTimestamp: MADE };
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata,
    spec: {
      request: "",
      signerName: KUBELET_CLIENT,
      usages: USAGES,
      username: "system:bootstrap:abcdef",
      ...spec,
    },
    status,
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

void t.test("which right lets a request be approved by itself", (t) => {
  const cases: readonly [
    string,
    Partial<CertificateSigningRequest["spec"]>,
    RequestContent | null,
    readonly string[],
  ][] = [
    ["a new node", {}, content(), ["nodeclient"]],
    [
      "a node that renews",
      { username: "system:node:n1" },
      content(),
      ["selfnodeclient", "nodeclient"],
    ],
    ["a node for another", { username: "system:node:n2" }, content(), ["nodeclient"]],
    [
      "key encipherment is allowed",
      { usages: [...USAGES, "key encipherment"] },
      content(),
      ["nodeclient"],
    ],
    ["unreadable", {}, null, []],
    ["another signer", { signerName: API_CLIENT }, content(), []],
    [
      "as a server",
      { signerName: KUBELET_SERVING, usages: ["digital signature", "server auth"] },
      content({ dnsNames: ["n1"] }),
      [],
    ],
    ["no node", {}, content({ commonName: "ann" }), []],
    ["more groups", {}, content({ organizations: ["system:nodes", "system:masters"] }), []],
    ["no group", {}, content({ organizations: [] }), []],
    ["with a name", {}, content({ dnsNames: ["n1"] }), []],
    ["with an address", {}, content({ ipAddresses: ["192.0.2.1"] }), []],
    ["with a mail address", {}, content({ otherNames: 1 }), []],
    ["other usages", { usages: [...USAGES, "server auth"] }, content(), []],
    ["fewer usages", { usages: ["client auth"] }, content(), []],
  ];
  for (const [name, spec, asked, rights] of cases)
    t.same(
      approvalRights(request(spec), asked).map(({ subresource }) => subresource),
      rights,
      name,
    );
  t.end();
});

void t.test("what was decided or handed out stays as it is", (t) => {
  const decided = (type: string) => ({ conditions: [{ type, status: "True" }] });
  t.ok(isUndecided(request({})));
  t.notOk(isUndecided(request({}, decided("Approved"))));
  t.notOk(isUndecided(request({}, decided("Denied"))));
  t.notOk(isUndecided(request({}, { certificate: "AAAA" })));
  t.end();
});

void t.test("the waits double, up to 1,000 s", (t) => {
  const at = (seconds: number) => retryAfterMs(request({}), Date.parse(MADE) + seconds * 1_000);
  t.same([0, 1, 2, 60, 5_000].map(at), [1_000, 1_000, 2_000, 60_000, 1_000_000]);
  t.end();
});
