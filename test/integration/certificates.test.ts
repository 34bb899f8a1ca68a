import { X509Certificate } from "node:crypto";
import t from "tap";
import { CERTIFICATE_SIGNING_REQUESTS } from "../../api/client/resource-types.js";
import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";
import { requestCertificate } from "../../deploy/pki/certificate-authority.js";
import { clientAs, ControlPlane } from "./control-plane.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const requests = plane.client.resource(CERTIFICATE_SIGNING_REQUESTS);

async function ask(name: string, usages: readonly string[]): Promise<void> {
  const { requestPem } = await requestCertificate({ commonName: "ann", ipAddresses: [] });
  await requests.create({
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: {
      request: Buffer.from(requestPem).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client",
      usages,
      expirationSeconds: 3600,
    },
  });
}
const until = async (
  name: string,
  holds: (status: CertificateSigningRequest["status"]) => boolean,
): Promise<CertificateSigningRequest["status"]> => {
  const all = await plane.until(CERTIFICATE_SIGNING_REQUESTS, (seen) =>
    seen.some(({ metadata, status }) => metadata.name === name && holds(status)),
  );
  return all.find(({ metadata }) => metadata.name === name)?.status;
};

await t.test("kubectl certificate approve leads to a certificate", async (t) => {
  await ask("ann", ["digital signature", "client auth"]);
  t.match(await plane.server.kubectl("1.33", ["certificate", "approve", "ann"]), { code: 0 });
  const status = await until("ann", (now) => (now?.certificate ?? "") !== "");
  const pem = Buffer.from(status?.certificate ?? "", "base64").toString();
  const certificate = new X509Certificate(pem);
  const authority = new X509Certificate((await plane.signer.authority()).certificatePem);
  t.ok(certificate.verify(authority.publicKey));
  t.equal(certificate.subject, "CN=ann");
  const leftMs = Date.parse(certificate.validTo) - Date.now();
  t.ok(leftMs > 3_500_000 && leftMs <= 3_600_000, `as long as was asked for: ${leftMs} ms`);
});

await t.test("what the signer does not sign has failed, and says why", async (t) => {
  await ask("server", ["server auth"]);
  await plane.server.kubectl("1.33", ["certificate", "approve", "server"]);
  const status = await until(
    "server",
    (now) => now?.conditions?.some(({ type }) => type === "Failed") === true,
  );
  t.match(
    status?.conditions?.find(({ type }) => type === "Failed"),
    { reason: "SignerValidationFailure", message: "usages did not match allowed usages" },
  );
});

await t.test("what was denied is not signed", async (t) => {
  await ask("denied", ["client auth"]);
  await plane.server.kubectl("1.33", ["certificate", "deny", "denied"]);
  await ask("after", ["client auth"]);
  await plane.server.kubectl("1.33", ["certificate", "approve", "after"]);
  await until("after", (now) => (now?.certificate ?? "") !== "");
  t.equal((await requests.get("denied")).status?.certificate, undefined);
});

const KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const TOKEN = "abcdef.0123456789abcdef";

/** What a kubelet asks for: the certificate of this node, and the key that goes with it. */
async function kubeletRequest(name: string, node: string) {
  const subject = { commonName: `system:node:${node}`, organizations: ["system:nodes"] };
  const { requestPem, keyPem } = await requestCertificate({ ...subject, ipAddresses: [] });
  const body = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: {
      request: Buffer.from(requestPem).toString("base64"),
      signerName: KUBELET,
      usages: ["digital signature", "client auth"],
    },
  } as const;
  return { body, keyPem };
}
const conditionOf = (status: CertificateSigningRequest["status"]) =>
  (status?.conditions ?? []).find(({ type }) => type === "Approved");

await t.test("a kubelet bootstraps with a token, as with kubeadm", async (t) => {
  const [id, secret] = TOKEN.split(".") as [string, string];
  const stringData = {
    "token-id": id,
    "token-secret": secret,
    "usage-bootstrap-authentication": "true",
    "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
  };
  await plane.server.send("POST", "/api/v1/namespaces/kube-system/secrets", {
    body: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `bootstrap-token-${id}` },
      type: "bootstrap.kubernetes.io/token",
      stringData,
    },
  });
  const bearer = (token: string) => ({
    as: "anonymous" as const,
    headers: { authorization: `Bearer ${token}` },
  });
  const { body } = await kubeletRequest("node-csr", "n1");
  t.match(await plane.server.send("POST", REQUESTS, { ...bearer(TOKEN), body }), {
    status: 201,
    body: {
      spec: {
        username: "system:bootstrap:abcdef",
        groups: [
          "system:bootstrappers",
          "system:bootstrappers:kubeadm:default-node-token",
          "system:authenticated",
        ],
      },
    },
  });
  const status = await until("node-csr", (now) => (now?.certificate ?? "") !== "");
  t.match(conditionOf(status), {
    reason: "AutoApproved",
    message: "Auto approving kubelet client certificate after SubjectAccessReview.",
  });
  const pem = Buffer.from(status?.certificate ?? "", "base64").toString();
  t.equal(new X509Certificate(pem).subject, "O=system:nodes\nCN=system:node:n1");
  const wrong = bearer("abcdef.0123456789abcdeg");
  t.match(await plane.server.send("GET", REQUESTS, wrong), { status: 401 });
  const pods = await plane.server.send("GET", "/api/v1/pods", bearer(TOKEN));
  t.match(pods, { status: 403 }, "and nothing else");
});

await t.test("a node renews its own certificate, and no other's", async (t) => {
  const node = await clientAs(plane.server, "n1", "O=system:nodes, CN=system:node:n1");
  t.teardown(() => node.close());
  for (const [name, asked] of [
    ["other-csr", "n2"],
    ["own-csr", "n1"],
  ] as const)
    await node
      .resource(CERTIFICATE_SIGNING_REQUESTS)
      .create((await kubeletRequest(name, asked)).body as never);
  const status = await until("own-csr", (now) => (now?.certificate ?? "") !== "");
  t.match(conditionOf(status), {
    message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
  });
  t.notOk((await requests.get("other-csr")).status?.conditions, "that is for somebody to decide");
  // Rights given later count: it is asked about again.
  await plane.server.kubectl("1.33", [
    "create",
    "clusterrolebinding",
    "n1-any",
    "--user=system:node:n1",
    "--clusterrole=system:certificates.k8s.io:certificatesigningrequests:nodeclient",
  ]);
  await until("other-csr", (now) => conditionOf(now) !== undefined);
});
