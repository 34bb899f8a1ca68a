import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { RequestContent } from "../../controllers/certificates/signer-rules.js";

x509.cryptoProvider.set(webcrypto);

const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;
/** Certificates are valid from a little in the past: the clocks of two hosts never agree. */
const BACKDATE_MS = 5 * 60_000;
const DAY_MS = 24 * 3600_000;

/**
 * A key and its certificate as PEM texts. The key is secret: it is written 0600 and never logged.
 */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/**
 * What a leaf certificate says. Organizations are the groups of a Kubernetes user, commonName its
 * name.
 */
export interface LeafRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly ("client" | "server")[];
  readonly validDays: number;
}

/** Signs certificates of one cluster. */
export class CertificateAuthority {
  readonly certificatePem: string;
  private readonly certificate: x509.X509Certificate;
  private readonly key: webcrypto.CryptoKey;

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey) {
    this.certificate = certificate;
    this.certificatePem = pemOf(certificate);
    this.key = key;
  }

  /** Makes a new authority; its own certificate is valid for ten years from `nowMs`. */
  static async create(commonName: string, nowMs: number): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ CN: [commonName] }],
      notBefore: new Date(nowMs - BACKDATE_MS),
      notAfter: new Date(nowMs + 3650 * DAY_MS),
      signingAlgorithm: SIGNATURE,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign |
            x509.KeyUsageFlags.cRLSign |
            x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { certificatePem: pemOf(certificate), keyPem: await keyPem(keys.privateKey) };
  }

  /** Opens an authority made by `create`. Throws when key or certificate cannot be read. */
  static async open(pair: KeyPair): Promise<CertificateAuthority> {
    const der = x509.PemConverter.decodeFirst(pair.keyPem);
    const key = await webcrypto.subtle.importKey("pkcs8", der, KEY_ALGORITHM, false, ["sign"]);
    return new CertificateAuthority(new x509.X509Certificate(pair.certificatePem), key);
  }

  /** Makes a new key and signs its certificate. */
  async issue(request: LeafRequest, nowMs: number): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
    const certificatePem = await this.sign(keys.publicKey, request, nowMs);
    return { certificatePem, keyPem: await keyPem(keys.privateKey) };
  }

  /**
   * Signs a certificate for the key of a PKCS #10 request whose signature holds. Of what it asks
   * for, only the addresses under which it is reached count, as far as they `mayHave` them; the
   * rest is `request`'s to say. Throws when it cannot be read.
   */
  async signRequest(
    requestPem: string,
    request: Omit<LeafRequest, "ipAddresses">,
    options: { readonly mayHave: (address: string) => boolean; readonly nowMs: number },
  ): Promise<string> {
    const asked = new x509.Pkcs10CertificateRequest(requestPem);
    if (!(await asked.verify())) throw new Error("the request is not signed by its own key");
    const names = asked.extensions
      .filter((one) => one instanceof x509.SubjectAlternativeNameExtension)
      .flatMap((one) => one.names.items);
    const ipAddresses = names
      .filter(({ type, value }) => type === "ip" && options.mayHave(value))
      .map(({ value }) => value);
    const publicKey = await asked.publicKey.export();
    return this.sign(publicKey, { ...request, ipAddresses }, options.nowMs);
  }

  private async sign(
    publicKey: webcrypto.CryptoKey,
    request: LeafRequest,
    nowMs: number,
  ): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: subjectOf(request),
      issuer: this.certificate.subjectName,
      notBefore: new Date(nowMs - BACKDATE_MS),
      notAfter: new Date(nowMs + request.validDays * DAY_MS),
      signingAlgorithm: SIGNATURE,
      publicKey,
      signingKey: this.key,
      extensions: [
        ...leafExtensions(request),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate),
      ],
    });
    return pemOf(certificate);
  }
}

function leafExtensions(request: LeafRequest): x509.Extension[] {
  const names: x509.GeneralName[] = [
    ...(request.dnsNames ?? []).map((name) => new x509.GeneralName("dns", name)),
    ...(request.ipAddresses ?? []).map((address) => new x509.GeneralName("ip", address)),
  ];
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(
      request.usages.map((usage) =>
        usage === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
      ),
    ),
  ];
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names));
  return extensions;
}

function subjectOf(request: LeafRequest): x509.JsonName {
  const organizations = (request.organizations ?? []).map((name) => ({ O: [name] }));
  return [...organizations, { CN: [request.commonName] }];
}

function serialNumber(): string {
  // RFC 5280 §4.1.2.2: positive, at most 20 octets.
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

/** A new key and a request for its certificate (PKCS #10), as PEM texts. */
export async function requestCertificate(names: {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly ipAddresses: readonly string[];
}): Promise<{ readonly requestPem: string; readonly keyPem: string }> {
  const { commonName, organizations = [], ipAddresses } = names;
  const alternatives = ipAddresses.map((address) => new x509.GeneralName("ip", address));
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }],
    keys,
    signingAlgorithm: SIGNATURE,
    extensions:
      alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)],
  });
  return { requestPem: `${request.toString("pem")}\n`, keyPem: await keyPem(keys.privateKey) };
}

/** What a request (PKCS #10, PEM) says; null: it cannot be read, or its key has not signed it. */
export async function readRequest(requestPem: string): Promise<RequestContent | null> {
  try {
    const asked = new x509.Pkcs10CertificateRequest(requestPem);
    if (!(await asked.verify())) return null;
    const names = asked.extensions
      .filter((one) => one instanceof x509.SubjectAlternativeNameExtension)
      .flatMap((one) => one.names.items);
    const valuesOf = (kind: string): string[] =>
      names.filter(({ type }) => type === kind).map(({ value }) => value);
    const [dnsNames, ipAddresses] = [valuesOf("dns"), valuesOf("ip")];
    return {
      commonName: asked.subjectName.getField("CN")[0] ?? "",
      organizations: asked.subjectName.getField("O"),
      dnsNames,
      ipAddresses,
      otherNames: names.length - dnsNames.length - ipAddresses.length,
    };
  } catch {
    return null;
  }
}
