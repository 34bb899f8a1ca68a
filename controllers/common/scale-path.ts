import { isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { splitApiVersion } from "../../api/schema/kinds.js";
import type { APIResourceList } from "../../api/schema/types/meta-v1.gen.js";

/** An object of any kind, also of a custom one. */
export interface Scaled {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Where an object's subresource `scale` is; or what is not served: its kind, or a scale of
 * `resource`, such as fleets.example.com.
 */
export type ScalePath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly missing: "kind" }
  | { readonly ok: false; readonly missing: "scale"; readonly resource: string };

/** Asks the server's discovery. Throws ApiError when it cannot say. */
export async function findScalePath(
  client: ApiClient,
  { apiVersion, kind, namespace, name }: Scaled,
  signal: AbortSignal,
): Promise<ScalePath> {
  const { group } = splitApiVersion(apiVersion);
  const root = group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const list = await foundOrNull(client.request("GET", root, { signal }));
  const { resources = [] } = (list ?? {}) as unknown as Partial<APIResourceList>;
  const resource = resources.find((each) => each.kind === kind && !each.name.includes("/"));
  if (resource === undefined) return { ok: false, missing: "kind" };
  const plural = resource.name;
  if (!resource.namespaced || !resources.some((each) => each.name === `${plural}/scale`)) {
    const full = group === "" ? plural : `${plural}.${group}`;
    return { ok: false, missing: "scale", resource: full };
  }
  return { ok: true, path: `${root}/namespaces/${namespace}/${plural}/${name}/scale` };
}

/** Null for what is not there. Throws every other ApiError. */
export async function foundOrNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
