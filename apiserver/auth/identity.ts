import type { PeerCertificate } from "node:tls";
import type { Identity } from "../server/http-types.js";

export const GROUP_MASTERS = "system:masters";
export const GROUP_AUTHENTICATED = "system:authenticated";
export const GROUP_UNAUTHENTICATED = "system:unauthenticated";
const NODE_PREFIX = "system:node:";

/** A caller without credentials. */
export const ANONYMOUS: Identity = {
  name: "system:anonymous",
  uid: "",
  groups: [GROUP_UNAUTHENTICATED],
  extra: {},
};

/**
 * The identity in a client certificate that the TLS layer has verified: the common name is the
 * user, the organizations are the groups. Null when it names nobody.
 */
export function identityOfCertificate(
  certificate: Pick<PeerCertificate, "subject">,
): Identity | null {
  // Node gives a list where a subject has several values, whatever its type says.
  const subject = certificate.subject as unknown as Partial<Record<string, string | string[]>>;
  const names = listOf(subject["CN"]);
  const [name] = names;
  if (name === undefined || name === "" || names.length !== 1) return null;
  const groups = new Set([...listOf(subject["O"]), GROUP_AUTHENTICATED]);
  // Nobody becomes anonymous, or loses a mark of being so, by way of a certificate.
  groups.delete(GROUP_UNAUTHENTICATED);
  return { name, uid: "", groups: [...groups], extra: {} };
}

/** The node that an agent's identity speaks for, or null for anybody else. */
export function nodeNameOf(identity: Identity): string | null {
  if (!identity.groups.includes("system:nodes") || !identity.name.startsWith(NODE_PREFIX)) {
    return null;
  }
  const name = identity.name.slice(NODE_PREFIX.length);
  return name === "" ? null : name;
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
