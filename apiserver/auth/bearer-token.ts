/** The token of an `Authorization` header; null when it holds none. */
export function bearerTokenOf(authorization: string): string | null {
  const match = /^bearer +([^\s]+) *$/iu.exec(authorization);
  return match?.[1] ?? null;
}

/** Browsers can send no header with a WebSocket: their token is in the name of a subprotocol. */
const PROTOCOL = "base64url.bearer.authorization.k8s.io.";

/** True for a WebSocket subprotocol that is no protocol but a token. */
export function isBearerProtocol(protocol: string): boolean {
  return protocol.startsWith(PROTOCOL);
}

/**
 * The token among the subprotocols that a WebSocket offers; null when there is none. As in
 * Kubernetes it must be the only one, and not the only subprotocol: there must be one to answer.
 */
export function bearerTokenOfProtocols(protocols: string | undefined): string | null {
  const offered = (protocols ?? "").split(",").map((each) => each.trim());
  const tokens = offered.filter(isBearerProtocol);
  const [first, ...more] = tokens;
  if (first === undefined || more.length > 0 || offered.length < 2) return null;
  const token = Buffer.from(first.slice(PROTOCOL.length), "base64url").toString();
  return /^[\x21-\x7e]+$/u.test(token) ? token : null;
}
