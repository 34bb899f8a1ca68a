/**
 * Options for a WebSocket client whose frames nobody on the way can read, since it speaks TLS to a
 * server it has verified: masked with zeros, which costs neither side a pass over the bytes. The
 * mask protects intermediaries that mistake frames for requests (RFC 6455, section 10.3); ws leaves
 * the four bytes that it hands over at zero.
 */
export const UNMASKED: { readonly generateMask: () => void } = {
  generateMask: () => {},
};
