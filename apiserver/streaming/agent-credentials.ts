import { readFile } from "node:fs/promises";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { Clock } from "../../base/clock.js";

/** PEM files of the identity with which the API server calls agents. */
export interface AgentClientFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** What a TLS connection to an agent is made with. */
export interface AgentTls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

const FRESH_MS = 60_000;

/**
 * Reads the API server's client certificate for agents, and reads it again after a while: it may be
 * rotated.
 */
export class AgentCredentials {
  private readonly files: AgentClientFiles;
  private readonly clock: Clock;
  private cached: {
    readonly atMs: number;
    readonly pem: Omit<AgentTls, "checkServerIdentity">;
  } | null = null;

  constructor(files: AgentClientFiles, deps: { clock: Clock }) {
    this.files = files;
    this.clock = deps.clock;
  }

  /** For a connection to this node's agent. Throws when a file cannot be read. */
  async forNode(node: string): Promise<AgentTls> {
    const nowMs = this.clock.monotonicMs();
    if (this.cached === null || nowMs - this.cached.atMs > FRESH_MS)
      this.cached = { atMs: nowMs, pem: await this.read() };
    return { ...this.cached.pem, checkServerIdentity: identityCheck(node) };
  }

  private async read(): Promise<Omit<AgentTls, "checkServerIdentity">> {
    const { caFile, certFile, keyFile } = this.files;
    const [ca, cert, key] = await Promise.all([
      readFile(caFile),
      readFile(certFile),
      readFile(keyFile),
    ]);
    return { ca, cert, key };
  }
}

/** An agent proves to be this node by its name; a certificate for the address serves as well. */
function identityCheck(node: string): AgentTls["checkServerIdentity"] {
  return (host, certificate) =>
    certificate.subject?.CN === `system:node:${node}`
      ? undefined
      : checkServerIdentity(host, certificate);
}
