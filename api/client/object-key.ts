/**
 * Names an object within its resource: `namespace/name`, or `name` for a kind without namespaces.
 */
export type ObjectKey = string & { readonly __brand: "ObjectKey" };

/** The key of these two parts; an absent or empty namespace means a kind without namespaces. */
export function objectKey(namespace: string | undefined, name: string): ObjectKey {
  return (namespace === undefined || namespace === "" ? name : `${namespace}/${name}`) as ObjectKey;
}

/** The key of an object. */
export function keyOf(object: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): ObjectKey {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

/** The two parts of a key; the namespace is "" for a kind without namespaces. */
export function splitKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf("/");
  return slash < 0
    ? { namespace: "", name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
