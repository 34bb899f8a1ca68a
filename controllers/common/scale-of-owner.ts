import { isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { splitApiVersion } from "../../api/schema/kinds.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import type { APIResourceList, OwnerReference } from "../../api/schema/types/meta-v1.gen.js";

/** How many pods an object wants; `gone`: it is not there, or another of that name. */
export type OwnerScale =
  | { readonly kind: "scale"; readonly replicas: number }
  | { readonly kind: "gone" }
  /** Why it cannot be asked, in Kubernetes' words. */
  | { readonly kind: "none"; readonly error: string };

/**
 * Asks an owner of any kind through its subresource `scale`: what a custom resource that runs pods
 * offers. Throws ApiError when the server cannot say.
 */
export async function scaleOfOwner(
  client: ApiClient,
  { owner, namespace }: { readonly owner: OwnerReference; readonly namespace: string },
  signal: AbortSignal,
): Promise<OwnerScale> {
  const { apiVersion, kind, name, uid } = owner;
  const { group } = splitApiVersion(apiVersion);
  const root = group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const list = await found(client.request("GET", root, { signal }));
  const { resources = [] } = (list ?? {}) as unknown as Partial<APIResourceList>;
  const resource = resources.find((each) => each.kind === kind && !each.name.includes("/"));
  if (resource === undefined)
    return { kind: "none", error: `no matches for kind "${kind}" in version "${apiVersion}"` };
  const plural = resource.name;
  if (!resources.some((each) => each.name === `${plural}/scale`)) {
    const full = group === "" ? plural : `${plural}.${group}`;
    return { kind: "none", error: `${full} does not implement the scale subresource` };
  }
  const path = `${root}/namespaces/${namespace}/${plural}/${name}/scale`;
  const scale = (await found(client.request("GET", path, { signal }))) as unknown as Scale | null;
  if (scale === null || scale.metadata?.uid !== uid) return { kind: "gone" };
  return { kind: "scale", replicas: scale.spec?.replicas ?? 0 };
}

async function found<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
