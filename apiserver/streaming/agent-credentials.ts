import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { Clock } from "../../base/clock.js";
import { ClientCredentials, type ClientFiles, type ClientPem } from "./client-credentials.js";

/** PEM files of the identity with which the API server calls agents. */
export type AgentClientFiles = ClientFiles;

/** What a TLS connection to an agent is made with. */
export interface AgentTls extends ClientPem {
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/** The API server's client certificate for agents. */
export class AgentCredentials {
  private readonly credentials: ClientCredentials;

  constructor(files: AgentClientFiles, deps: { clock: Clock }) {
    this.credentials = new ClientCredentials(files, deps);
  }

  /** For a connection to this node's agent. Throws when a file cannot be read. */
  async forNode(node: string): Promise<AgentTls> {
    return { ...(await this.credentials.read()), checkServerIdentity: identityCheck(node) };
  }
}

/** An agent proves to be this node by its name; a certificate for the address serves as well. */
function identityCheck(node: string): AgentTls["checkServerIdentity"] {
  return (host, certificate) =>
    certificate.subject?.CN === `system:node:${node}`
      ? undefined
      : checkServerIdentity(host, certificate);
}
