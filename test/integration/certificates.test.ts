import { X509Certificate } from "node:crypto";
import t from "tap";
import { CERTIFICATE_SIGNING_REQUESTS } from "../../api/client/resource-types.js";
import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";
import { requestCertificate } from "../../deploy/pki/certificate-authority.js";
import { ControlPlane } from "./control-plane.js";

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
