/** The subresources of a pod that are streams. */
export type PodStreamKind = "exec" | "attach" | "portforward" | "log";

/** The stream of a pod that a path names. */
export interface PodStreamTarget {
  readonly kind: PodStreamKind;
  readonly namespace: string;
  readonly pod: string;
}

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach|portforward|log)$/;

/** Null for any other path. `path` is decoded and without the query. */
export function parsePodStreamPath(path: string): PodStreamTarget | null {
  const match = PATH.exec(path);
  if (match === null) return null;
  const [, namespace = "", pod = "", kind] = match;
  return { kind: kind as PodStreamKind, namespace, pod };
}

/** As API queries are read: present is true unless it says "false" or "0". */
export function queryFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value.toLowerCase() !== "false" && value !== "0";
}
