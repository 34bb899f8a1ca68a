import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, unlinkSync } from "node:fs";
import { createServer, connect, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { requestCertificate } from "./certificate-authority.js";
import {
  caHashOf,
  ensureAgentPki,
  ensureServerPki,
  type KeyPairFiles,
  readSharedFiles,
  signNodeRequest,
  writeSharedFiles,
} from "./cluster-pki.js";

const nowMs = Date.now();
const peer = { commonName: "system:member:1", organizations: ["system:members"] };
const names = { names: ["localhost"], addresses: ["127.0.0.1"], peer };

function temporaryFolder(test: { teardown: (run: () => void) => void }): string {
  const dir = mkdtempSync(join(tmpdir(), "raftsman-pki-"));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const read = (files: KeyPairFiles): { cert: Buffer; key: Buffer } => ({
  cert: readFileSync(files.certFile),
  key: readFileSync(files.keyFile),
});

t.test("server and agent speak mutual TLS and see each other's names", async (t) => {
  const dir = temporaryFolder(t);
  const server = await ensureServerPki(join(dir, "s"), { ...names, nowMs });
  const agent = await ensureAgentPki(join(dir, "s"), join(dir, "a"), {
    nodeName: "node-1",
    addresses: ["127.0.0.1"],
    nowMs,
  });
  const ca = readFileSync(server.caFile);
  const listener = createServer({ ...read(server.apiServer), ca, requestCert: true });
  t.teardown(() => listener.close());
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const accepted = once(listener, "secureConnection");
  const client = connect({
    port: (listener.address() as AddressInfo).port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: readFileSync(agent.caFile),
    ...read(agent.node),
  });
  t.teardown(() => client.destroy());
  await once(client, "secureConnect");
  const [socket] = (await accepted) as [TLSSocket];
  t.equal(socket.authorized, true);
  t.match(socket.getPeerCertificate().subject, { CN: "system:node:node-1", O: "system:nodes" });
});

t.test("the front proxy has an authority of its own, in clusters of before too", async (t) => {
  const dir = temporaryFolder(t);
  const { frontProxy, caFile } = await ensureServerPki(dir, { ...names, nowMs });
  const before = read(frontProxy);
  const certificate = new X509Certificate(before.cert);
  const keyOf = (file: string) => new X509Certificate(readFileSync(file)).publicKey;
  t.ok(certificate.verify(keyOf(frontProxy.caFile)));
  t.notOk(certificate.verify(keyOf(caFile)));
  t.equal(certificate.subject, "CN=front-proxy-client");
  for (const file of [frontProxy.certFile, frontProxy.keyFile]) unlinkSync(file);
  await ensureServerPki(dir, { ...names, nowMs });
  t.not(read(frontProxy).cert.equals(before.cert), true, "made at the next start");
});

t.test("every file of the pki is 0600", async (t) => {
  const dir = temporaryFolder(t);
  await ensureServerPki(dir, { ...names, nowMs });
  for (const file of readdirSync(dir)) t.equal(statSync(join(dir, file)).mode & 0o777, 0o600, file);
});

t.test(
  "a second start keeps the certificates; a new address renews only the server's",
  async (t) => {
    const dir = temporaryFolder(t);
    const first = await ensureServerPki(dir, { ...names, nowMs });
    const before = { api: read(first.apiServer).cert, admin: read(first.admin).cert };
    await ensureServerPki(dir, { ...names, nowMs });
    t.same(read(first.apiServer).cert, before.api);
    await ensureServerPki(dir, {
      names: ["localhost"],
      addresses: ["127.0.0.1", "10.0.0.7"],
      peer,
      nowMs,
    });
    t.not(read(first.apiServer).cert.equals(before.api), true);
    t.equal(new X509Certificate(read(first.apiServer).cert).checkIP("10.0.0.7"), "10.0.0.7");
    t.same(read(first.admin).cert, before.admin);
  },
);

t.test("a leaf near its end is made anew", async (t) => {
  const dir = temporaryFolder(t);
  const first = await ensureServerPki(dir, { ...names, nowMs });
  const before = read(first.admin).cert;
  await ensureServerPki(dir, { ...names, nowMs: nowMs + 340 * 24 * 3600_000 });
  t.not(read(first.admin).cert.equals(before), true);
});

t.test("a certificate without its key is refused, not overwritten", async (t) => {
  const dir = temporaryFolder(t);
  await ensureServerPki(dir, { ...names, nowMs });
  unlinkSync(join(dir, "ca.key"));
  await t.rejects(ensureServerPki(dir, { ...names, nowMs }), { code: "PkiIncomplete" });
});

t.test("a node that joins gets a certificate for its own key, name and addresses", async (t) => {
  const dir = temporaryFolder(t);
  const server = await ensureServerPki(dir, { ...names, nowMs });
  const ipAddresses = ["10.0.0.9", "10.0.0.1"];
  const asked = { commonName: "kubernetes-admin", ipAddresses };
  const { requestPem, keyPem } = await requestCertificate(asked);
  const options = { nodeName: "node-9", serverAddresses: ["10.0.0.1"], nowMs };
  const pem = await signNodeRequest(dir, { requestPem, ...options });
  const certificate = new X509Certificate(pem);
  const ca = new X509Certificate(readFileSync(server.caFile));
  t.ok(certificate.verify(ca.publicKey));
  t.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
  t.equal(certificate.subject, "O=system:nodes\nCN=system:node:node-9");
  t.equal(certificate.checkIP("10.0.0.9"), "10.0.0.9");
  t.equal(certificate.checkIP("10.0.0.1"), undefined, "not that of a server");
  await t.rejects(signNodeRequest(dir, { requestPem: "no request", ...options }));
});

t.test("what servers share is laid into another one's folder", async (t) => {
  const [first, second] = [temporaryFolder(t), temporaryFolder(t)];
  await ensureServerPki(first, { ...names, nowMs });
  const files = readSharedFiles(first);
  writeSharedFiles(second, files);
  t.same(readSharedFiles(second), files);
  await ensureServerPki(second, { ...names, nowMs });
  t.same(readSharedFiles(second), files, "and kept");
  t.match(caHashOf(files["ca.crt"] ?? ""), /^sha256:[0-9a-f]{64}$/);
});
