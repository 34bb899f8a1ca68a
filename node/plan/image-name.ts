/** The parts of an image reference that the agent needs. */
export type ImageName =
  | {
      readonly ok: true;
      /** Host of the registry, docker.io when the reference names none. */
      readonly registry: string;
      /** "latest" when it has neither tag nor digest; empty when it has only a digest. */
      readonly tag: string;
    }
  | { readonly ok: false; readonly message: string };

/** The grammar of github.com/distribution/reference, in one expression. */
const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const DOMAIN = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9-]+)*(?::[0-9]+)?";
const REFERENCE = new RegExp(
  `^(?:(${DOMAIN}|\\[[0-9a-fA-F:]+\\](?::[0-9]+)?)/)?(${COMPONENT}(?:/${COMPONENT})*)` +
    "(?::([\\w][\\w.-]{0,127}))?" +
    "(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$",
);

/** Takes an image reference apart; says in the kubelet's words why it is none. */
export function parseImageName(text: string): ImageName {
  const match = REFERENCE.exec(text);
  if (match === null || text.length > 4096) {
    const why =
      text !== text.toLowerCase() && REFERENCE.test(text.toLowerCase())
        ? "invalid reference format: repository name must be lowercase"
        : "invalid reference format";
    const parsing = `couldn't parse image name "${text}": ${why}`;
    const message = `Failed to apply default image tag "${text}": ${parsing}`;
    return { ok: false, message };
  }
  const [, domain, , tag, digest] = match;
  // "library/nginx" has no registry: a first part is one only with a dot, a port or the name
  // localhost.
  const registry =
    domain !== undefined && (/[.:]/.test(domain) || domain === "localhost") ? domain : "docker.io";
  return { ok: true, registry, tag: tag ?? (digest === undefined ? "latest" : "") };
}
