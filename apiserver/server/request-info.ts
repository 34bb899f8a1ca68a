import type { ApiRequest } from "./http-types.js";

export type ResourceVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection";

/** A request for objects: /api/v1/… or /apis/GROUP/VERSION/… */
export interface ResourceRequestInfo {
  readonly type: "resource";
  readonly verb: ResourceVerb;
  /** "" for core. */
  readonly group: string;
  readonly version: string;
  /** Plural, such as `pods`. */
  readonly resource: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** "" when the path names none (cluster-scoped, or all namespaces). */
  readonly namespace: string;
  /** "" when the path names none. */
  readonly name: string;
  /** What follows the subresource, such as the path of a proxied call. */
  readonly rest: string;
}
/** Everything else: discovery, health, metrics. */
export interface PathRequestInfo {
  readonly type: "path";
  /** The method in lower case. */
  readonly verb: string;
  /** Decoded, without a slash at its end (but "/" itself). */
  readonly path: string;
}
export type RequestInfo = ResourceRequestInfo | PathRequestInfo;

/** Why a path was refused before anything was looked up. */
export interface BadPath {
  readonly type: "bad";
  readonly message: string;
}

type Asked = Pick<ApiRequest, "method" | "path" | "query">;

/**
 * What a request is about, read from its method, path and query alone. A path that could mean two
 * things to two readers (`..`, an encoded slash, a NUL, broken percent-encoding) is refused, never
 * cleaned up.
 */
export function parseRequestInfo(request: Asked): RequestInfo | BadPath {
  const segments = decodeSegments(request.path);
  if (typeof segments === "string") return { type: "bad", message: segments };
  const located = locate(segments);
  if (located === null) {
    const path = `/${segments.join("/")}`;
    return { type: "path", verb: request.method.toLowerCase(), path };
  }
  return { ...located, ...nameAndVerb(request, located) };
}

interface Located extends Omit<ResourceRequestInfo, "verb"> {
  readonly watchPrefix: boolean;
}

function decodeSegments(path: string): string[] | string {
  if (!path.startsWith("/")) return "the path must start with a slash";
  const trimmed = path.replace(/\/+$/u, "").slice(1);
  if (trimmed === "") return [];
  const segments: string[] = [];
  for (const raw of trimmed.split("/")) {
    const segment = decodeSegment(raw);
    if (segment === null) return "the path holds a segment that is not allowed";
    segments.push(segment);
  }
  return segments;
}

/** Null for a segment that is broken or means something else to a file system or another parser. */
function decodeSegment(raw: string): string | null {
  let segment: string;
  try {
    segment = decodeURIComponent(raw);
  } catch {
    return null;
  }
  if (segment === "." || segment === "..") return null;
  return /[/\\%\p{Cc}]/u.test(segment) ? null : segment;
}

/**
 * Splits /api/v1/… and /apis/G/V/… into their parts; null for any other path, discovery included.
 */
function locate(segments: readonly string[]): Located | null {
  const core = segments[0] === "api";
  if (!core && segments[0] !== "apis") return null;
  const [group, version] = core ? ["", segments[1]] : [segments[1], segments[2]];
  let parts = segments.slice(core ? 2 : 3);
  if (group === undefined || version === undefined) return null;
  const watchPrefix = parts[0] === "watch" && parts.length > 1;
  if (watchPrefix) parts = parts.slice(1);
  const [first] = parts;
  if (first === undefined || first === "") return null;
  const base = { type: "resource", group, version, watchPrefix } as const;
  const namespace = parts[1];
  if (core || group !== "") {
    const inNamespace = first === "namespaces" && namespace !== undefined && parts.length > 2;
    if (inNamespace && !isNamespaceSubresource(parts[2])) {
      return { ...base, namespace, ...restOf(parts.slice(2)) };
    }
  }
  const own = restOf(parts);
  return { ...base, ...own, namespace: first === "namespaces" && core ? own.name : "" };
}

/** `/namespaces/x/status` is the namespace's own; anything else below is a resource inside it. */
function isNamespaceSubresource(segment: string | undefined): boolean {
  return segment === "status" || segment === "finalize";
}

function restOf(
  parts: readonly string[],
): Pick<ResourceRequestInfo, "resource" | "name" | "subresource" | "rest"> {
  const [resource = "", name = "", subresource = "", ...rest] = parts;
  return { resource, name, subresource, rest: rest.join("/") };
}

const VERBS: Readonly<Record<string, ResourceVerb>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

function nameAndVerb(request: Asked, at: Located): Pick<ResourceRequestInfo, "verb" | "name"> {
  const verb = VERBS[request.method] ?? "get";
  if (at.watchPrefix && verb === "get") return { verb: "watch", name: at.name };
  if (verb === "get" && at.subresource === "") {
    if (isTrue(request.query.get("watch"))) return { verb: "watch", name: at.name };
    return { verb: at.name === "" ? "list" : "get", name: at.name };
  }
  if (verb === "delete" && at.name === "") return { verb: "deletecollection", name: "" };
  return { verb, name: at.name };
}

/**
 * Kubernetes reads a flag as set for anything but "", 0, f, false (any case). `?watch` alone is not
 * set.
 */
export function isTrue(value: string | null): boolean {
  return value !== null && !["", "0", "f", "false"].includes(value.toLowerCase());
}
