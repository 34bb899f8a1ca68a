import type { ListOptions, ResourceType } from "./client-types.js";

/** Which object (or collection) of a resource a path names. */
export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The path of a collection, an object or a subresource: `/api/v1/namespaces/n/pods/p/status`. */
export function resourcePath(
  type: Pick<ResourceType<never>, "group" | "version" | "plural" | "namespaced">,
  parts: PathParts,
): string {
  let path = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  if (type.namespaced && parts.namespace !== undefined && parts.namespace !== "")
    path += `/namespaces/${encodeURIComponent(parts.namespace)}`;
  path += `/${type.plural}`;
  if (parts.name !== undefined) path += `/${encodeURIComponent(parts.name)}`;
  if (parts.subresource !== undefined) path += `/${parts.subresource}`;
  return path;
}

/** `?a=1&b=2` of those that are present, or "". */
export function queryString(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) pairs.push(`${name}=${encodeURIComponent(String(value))}`);
  }
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** The query parameters of a list or watch. */
export function listQuery(options: ListOptions): Record<string, string | number | undefined> {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    raftsmanFields: options.fields?.join(","),
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}
