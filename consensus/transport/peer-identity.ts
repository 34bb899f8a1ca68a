import type { PeerCertificate } from "node:tls";

/** The organization in every peer's certificate; the common name is PREFIX + the member's id. */
export const PEER_ORGANIZATION = "system:members";
export const PEER_NAME_PREFIX = "system:member:";

/** Certificate, key and authority of a peer; files, so that renewed ones are picked up. */
export interface PeerTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** The member that a verified certificate names; null when it names none. */
export function memberOfCertificate(certificate: Pick<PeerCertificate, "subject">): string | null {
  const { CN, O } = certificate.subject as { readonly CN?: unknown; readonly O?: unknown };
  const organizations = Array.isArray(O) ? O : [O];
  if (!organizations.includes(PEER_ORGANIZATION) || typeof CN !== "string") return null;
  return CN.startsWith(PEER_NAME_PREFIX) ? CN.slice(PEER_NAME_PREFIX.length) : null;
}

/** What a peer says when it connects, beside its certificate. */
export interface PeerGreeting {
  readonly clusterId: string;
  readonly from: string;
  readonly to: string;
}

const HEADER = { cluster: "raftsman-cluster", from: "raftsman-from", to: "raftsman-to" } as const;
/** Names the version of the frames. */
export const PEER_SUBPROTOCOL = "raftsman-peer.v1";
export const MESSAGES_PATH = "/v1/messages";
export const SNAPSHOT_PATH = "/v1/snapshot";

export function greetingHeaders({ clusterId, from, to }: PeerGreeting): Record<string, string> {
  return { [HEADER.cluster]: clusterId, [HEADER.from]: from, [HEADER.to]: to };
}

export function readGreeting(headers: Readonly<Record<string, unknown>>): PeerGreeting {
  const text = (name: string): string => {
    const value = headers[name];
    return typeof value === "string" ? value : "";
  };
  return { clusterId: text(HEADER.cluster), from: text(HEADER.from), to: text(HEADER.to) };
}

/** Why a connection is refused, with the HTTP status that says so. */
export interface Refusal {
  readonly status: 403 | 409 | 410 | 426;
  readonly why: string;
}

/**
 * Whether whoever connects may. Pure. 403: its certificate names somebody else; 409: it wants
 * another cluster or member than is here; 410: it was removed from the group.
 */
export function judgeGreeting(
  greeting: PeerGreeting,
  here: {
    readonly clusterId: string;
    readonly memberId: string;
    readonly certified: string | null;
    readonly hasLeft: (id: string) => boolean;
  },
): Refusal | null {
  const { clusterId, from, to } = greeting;
  if (here.certified === null || here.certified !== from)
    return { status: 403, why: `the certificate does not name the member ${from}` };
  if (clusterId !== here.clusterId)
    return { status: 409, why: `this is cluster ${here.clusterId}, not ${clusterId}` };
  if (here.hasLeft(from))
    return { status: 410, why: `the member ${from} was removed from the group` };
  if (to !== here.memberId)
    return { status: 409, why: `this is member ${here.memberId}, not ${to}` };
  return null;
}
