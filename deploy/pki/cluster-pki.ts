import { createHash, createPublicKey, X509Certificate, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../base/errors.js";
import { FRONT_PROXY_NAME } from "../../apiserver/aggregation/front-proxy.js";
import type { KeyPair, LeafRequest } from "./certificate-authority.js";
import { signing } from "./signing.js";
import { readTextIfPresent, writePrivateFile } from "./private-files.js";

const LEAF_VALID_DAYS = 365;
/** A leaf is made anew when it has less than this left. */
const RENEW_BEFORE_MS = 30 * 24 * 3600_000;

/** A key pair on disk: both files are 0600. */
export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * What a server process needs to serve, to call agents, and to run its loops under their own
 * identities.
 */
export interface ServerPki {
  readonly caFile: string;
  readonly apiServer: KeyPairFiles;
  readonly kubeletClient: KeyPairFiles;
  readonly controllerManager: KeyPairFiles;
  readonly scheduler: KeyPairFiles;
  readonly admin: KeyPairFiles;
  /** With which this server speaks to the others' consensus processes. */
  readonly peer: KeyPairFiles;
  /** With which extension API servers are called, and the authority that they believe. */
  readonly frontProxy: KeyPairFiles & { readonly caFile: string };
  /** The RSA pair of service-account tokens. */
  readonly serviceAccount: { readonly keyFile: string; readonly publicKeyFile: string };
}

/** What an agent needs: its own identity (client and server) and the authority it trusts. */
export interface AgentPki {
  readonly caFile: string;
  readonly node: KeyPairFiles;
}

/**
 * Makes the authorities and the service-account key on first start and the server's leaf
 * certificates whenever they are missing, near their end, or do not cover `addresses` any more.
 * `dir` is the server's private pki folder.
 */
export async function ensureServerPki(
  dir: string,
  options: {
    names: readonly string[];
    addresses: readonly string[];
    /** Names this server's member of the group in its peer certificate. */
    peer: Pick<LeafRequest, "commonName" | "organizations">;
    nowMs: number;
  },
): Promise<ServerPki> {
  const authority = await ensureAuthority(dir, "ca", "raftsman-ca", options.nowMs);
  ensureServiceAccountKey(dir);
  const leaf = (file: string, request: Omit<LeafRequest, "validDays">): Promise<KeyPairFiles> =>
    ensureLeaf(authority, join(dir, file), {
      request: { ...request, validDays: LEAF_VALID_DAYS },
      nowMs: options.nowMs,
    });
  return {
    caFile: join(dir, "ca.crt"),
    serviceAccount: { keyFile: join(dir, "sa.key"), publicKeyFile: join(dir, "sa.pub") },
    apiServer: await leaf("apiserver", {
      commonName: "kube-apiserver",
      dnsNames: options.names,
      ipAddresses: options.addresses,
      usages: ["server"],
    }),
    kubeletClient: await leaf("apiserver-kubelet-client", {
      commonName: "kube-apiserver-kubelet-client",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
    controllerManager: await leaf("controller-manager", {
      commonName: "system:kube-controller-manager",
      usages: ["client"],
    }),
    frontProxy: await ensureFrontProxy(dir, options.nowMs),
    scheduler: await leaf("scheduler", {
      commonName: "system:kube-scheduler",
      usages: ["client"],
    }),
    peer: await leaf("peer", { ...options.peer, usages: ["client", "server"] }),
    admin: await leaf("admin", {
      commonName: "kubernetes-admin",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
  };
}

/**
 * The identity of the front proxy, under an authority of its own: whoever could get a certificate
 * from the cluster's could otherwise say to an extension API server that it speaks for anybody.
 */
async function ensureFrontProxy(dir: string, nowMs: number): Promise<ServerPki["frontProxy"]> {
  const name = "front-proxy-ca";
  const authority = await ensureAuthority(dir, name, "raftsman-front-proxy-ca", nowMs);
  const request: LeafRequest = {
    commonName: FRONT_PROXY_NAME,
    usages: ["client"],
    validDays: LEAF_VALID_DAYS,
  };
  const files = await ensureLeaf(authority, join(dir, "front-proxy-client"), { request, nowMs });
  return { ...files, caFile: filesOf(join(dir, name)).certFile };
}

/**
 * Issues (or keeps) a node's certificate from the authority in `serverPkiDir` and lays it into the
 * agent's own folder.
 */
export async function ensureAgentPki(
  serverPkiDir: string,
  agentDir: string,
  options: { nodeName: string; addresses: readonly string[]; nowMs: number },
): Promise<AgentPki> {
  const authority = await ensureAuthority(serverPkiDir, "ca", "raftsman-ca", options.nowMs);
  const caFile = join(agentDir, "ca.crt");
  if (readTextIfPresent(caFile) !== authority.certificatePem)
    writePrivateFile(caFile, authority.certificatePem);
  const node = await ensureLeaf(authority, join(agentDir, "node"), {
    request: {
      ...nodeLeaf(options.nodeName),
      dnsNames: [options.nodeName],
      ipAddresses: options.addresses,
      validDays: LEAF_VALID_DAYS,
    },
    nowMs: options.nowMs,
  });
  return { caFile, node };
}

/** What every server of a cluster has the same of. */
const SHARED_FILES = ["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key"];
const SERVICE_ACCOUNT_FILES = ["sa.pub", "sa.key"];

/** The cluster's certificates and keys in `dir`, by the names of their files. */
export function readSharedFiles(dir: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of [...SHARED_FILES, ...SERVICE_ACCOUNT_FILES]) {
    const text = readTextIfPresent(join(dir, name));
    if (text === null)
      throw new CodedError("PkiIncomplete", `${join(dir, name)} is missing`, { details: { name } });
    files[name] = text;
  }
  return files;
}

/** Lays the cluster's certificates and keys into a new server's folder; keys first. */
export function writeSharedFiles(dir: string, files: Readonly<Record<string, string>>): void {
  const names = [...SHARED_FILES, ...SERVICE_ACCOUNT_FILES].reverse();
  for (const name of names) {
    const text = files[name];
    if (text === undefined)
      throw new CodedError("PkiIncomplete", `the cluster's keys lack ${name}`, {
        details: { name },
      });
    writePrivateFile(join(dir, name), text);
  }
}

/** `sha256:` and the hash of the public key in a certificate (RFC 7469 §2.4), as kubeadm has it. */
export function caHashOf(certificatePem: string): string {
  const der = createPublicKey(certificatePem).export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(der).digest("hex")}`;
}

/** Signs the certificate of a node that joins, for the key in its request. */
export async function signNodeRequest(
  serverPkiDir: string,
  options: {
    requestPem: string;
    nodeName: string;
    /** Nobody but a server may be reached under these. */
    serverAddresses: readonly string[];
    nowMs: number;
  },
): Promise<string> {
  const { requestPem, nodeName, serverAddresses, nowMs } = options;
  const authority = await ensureAuthority(serverPkiDir, "ca", "raftsman-ca", nowMs);
  const leaf = { ...nodeLeaf(nodeName), dnsNames: [nodeName], validDays: LEAF_VALID_DAYS };
  const mayHave = (address: string): boolean => !serverAddresses.includes(address);
  const { CertificateAuthority } = await signing();
  const opened = await CertificateAuthority.open(authority);
  return opened.signRequest(requestPem, leaf, { mayHave, nowMs });
}

function nodeLeaf(nodeName: string): Pick<LeafRequest, "commonName" | "organizations" | "usages"> {
  return {
    commonName: `system:node:${nodeName}`,
    organizations: ["system:nodes"],
    usages: ["client", "server"],
  };
}

async function ensureAuthority(
  dir: string,
  name: string,
  commonName: string,
  nowMs: number,
): Promise<KeyPair> {
  const files = filesOf(join(dir, name));
  const found = readPair(files);
  if (found !== null) return found;
  const { CertificateAuthority } = await signing();
  const made = await CertificateAuthority.create(commonName, nowMs);
  writePair(files, made);
  return made;
}

async function ensureLeaf(
  authority: KeyPair,
  path: string,
  options: { request: LeafRequest; nowMs: number },
): Promise<KeyPairFiles> {
  const files = filesOf(path);
  const found = readPair(files);
  if (found !== null && stillGood(found, authority, options)) return files;
  const { CertificateAuthority } = await signing();
  const opened = await CertificateAuthority.open(authority);
  writePair(files, await opened.issue(options.request, options.nowMs));
  return files;
}

function stillGood(
  pair: KeyPair,
  authority: KeyPair,
  { request, nowMs }: { request: LeafRequest; nowMs: number },
): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  const issuer = new X509Certificate(authority.certificatePem);
  return (
    certificate.verify(issuer.publicKey) &&
    certificate.subject.split("\n").includes(`CN=${request.commonName}`) &&
    Date.parse(certificate.validTo) - nowMs > RENEW_BEFORE_MS &&
    (request.dnsNames ?? []).every((name) => certificate.checkHost(name) !== undefined) &&
    (request.ipAddresses ?? []).every((address) => certificate.checkIP(address) !== undefined)
  );
}

function ensureServiceAccountKey(dir: string): void {
  const keyFile = join(dir, "sa.key");
  if (existsSync(keyFile)) return;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writePrivateFile(
    join(dir, "sa.pub"),
    publicKey.export({ type: "spki", format: "pem" }).toString(),
  );
  writePrivateFile(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

function filesOf(path: string): KeyPairFiles {
  return { certFile: `${path}.crt`, keyFile: `${path}.key` };
}

/**
 * Both files, or null when neither is there. One without the other is somebody's mistake: it is
 * never overwritten.
 */
function readPair(files: KeyPairFiles): KeyPair | null {
  const certificatePem = readTextIfPresent(files.certFile);
  const keyPem = readTextIfPresent(files.keyFile);
  if (certificatePem !== null && keyPem !== null) return { certificatePem, keyPem };
  // The key is written first: a key alone is a start that was cut short.
  if (certificatePem === null) return null;
  throw new CodedError("PkiIncomplete", `${files.certFile} is there but ${files.keyFile} is not`, {
    details: { certFile: files.certFile, keyFile: files.keyFile },
  });
}

function writePair(files: KeyPairFiles, pair: KeyPair): void {
  writePrivateFile(files.keyFile, pair.keyPem);
  writePrivateFile(files.certFile, pair.certificatePem);
}
