/** Which objects live together under one prefix of the store. */
export interface ResourceId {
  /** "" for core. */
  readonly group: string;
  /** Plural. */
  readonly resource: string;
}
/** Names one object of a resource. */
export interface ObjectName {
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

export const REGISTRY_PREFIX = "/registry/";

/** `pods`, `deployments.apps`: how a resource is spelled in keys, metrics and messages. */
export function qualifiedResource(id: ResourceId): string {
  return id.group === "" ? id.resource : `${id.resource}.${id.group}`;
}

/**
 * Where the objects of a resource live; ends in a slash. With a namespace: those of that namespace.
 */
export function resourcePrefix(id: ResourceId, namespace = ""): string {
  const prefix = `${REGISTRY_PREFIX}${qualifiedResource(id)}/`;
  return namespace === "" ? prefix : `${prefix}${namespace}/`;
}

export function objectKey(id: ResourceId, at: ObjectName): string {
  return `${resourcePrefix(id, at.namespace)}${at.name}`;
}

/** What `objectKey` put together, or null for a key of another shape. */
export function parseObjectKey(key: string): ({ resource: string } & ObjectName) | null {
  if (!key.startsWith(REGISTRY_PREFIX)) return null;
  const parts = key.slice(REGISTRY_PREFIX.length).split("/");
  const [resource, second, third] = parts;
  if (resource === undefined || second === undefined || second === "") return null;
  if (parts.length === 2) return { resource, namespace: "", name: second };
  if (parts.length !== 3 || third === undefined || third === "") return null;
  return { resource, namespace: second, name: third };
}

/**
 * The first key after every key that starts with `prefix`. `prefix` must not end in byte 0xff: ours
 * are ASCII.
 */
export function prefixEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}
