/** The parts of an image reference that the agent needs. */
export type ImageName =
  | {
      readonly ok: true;
      /** Host of the registry, docker.io when the reference names none. */
      readonly registry: string;
      /** Within the registry, as it was written. */
      readonly repository: string;
      /** "latest" when it has neither tag nor digest; empty when it has only a digest. */
      readonly tag: string;
      /** Such as sha256:…; empty when it has none. */
      readonly digest: string;
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
  const [, domain = "", path, tag = "", digest = ""] = match;
  // "library/nginx" has no registry: a first part is one only with a dot, a port or the name
  // localhost.
  const hasRegistry = /[.:]/.test(domain) || domain === "localhost";
  const registry = hasRegistry ? domain : "docker.io";
  const repository = domain === "" || hasRegistry ? `${path}` : `${domain}/${path}`;
  return {
    ok: true,
    registry,
    repository,
    tag: tag === "" && digest === "" ? "latest" : tag,
    digest,
  };
}

/** The name in full, as a runtime stores it: `web:1` is docker.io/library/web:1. Null: it is none. */
export function fullImageName(text: string): string | null {
  const name = parseImageName(text);
  if (!name.ok) return null;
  const { registry, repository, tag, digest } = name;
  const isOfficial = registry === "docker.io" && !repository.includes("/");
  const path = `${registry}/${isOfficial ? "library/" : ""}${repository}`;
  return `${path}${tag === "" ? "" : `:${tag}`}${digest === "" ? "" : `@${digest}`}`;
}
