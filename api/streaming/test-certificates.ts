import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

/** PEM files of one identity. */
export interface TestIdentity {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of a test's own, with its files in a temporary folder. */
export interface TestAuthority {
  readonly dir: string;
  readonly caFile: string;
  /**
   * Signs a certificate for 127.0.0.1, and for these DNS names, with this subject, such as
   * `CN=system:node:n1, O=system:nodes`.
   */
  issue(name: string, subject: string, dnsNames?: readonly string[]): Promise<TestIdentity>;
  remove(): Promise<void>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** Makes a new authority. */
export async function createTestAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto as never);
  const dir = await mkdtemp(join(tmpdir(), "raftsman-streaming-"));
  const caKeys = await generateKeys();
  const validity = {
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=test-ca",
    keys: caKeys,
    ...validity,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const caFile = join(dir, "ca.crt");
  await writeFile(caFile, ca.toString("pem"));
  let serial = 1;
  const issue: TestAuthority["issue"] = async (name, subject, dnsNames = []) => {
    const keys = await generateKeys();
    serial += 1;
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      serialNumber: serial.toString(16).padStart(2, "0"),
      ...validity,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: "ip", value: "127.0.0.1" },
          ...dnsNames.map((value) => ({ type: "dns", value }) as const),
        ]),
      ],
    });
    const files = { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    await writeFile(files.certFile, certificate.toString("pem"));
    await writeFile(files.keyFile, x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), { mode: 0o600 });
    return files;
  };
  return { dir, caFile, issue, remove: () => rm(dir, { recursive: true, force: true }) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as Promise<webcrypto.CryptoKeyPair>;
}
