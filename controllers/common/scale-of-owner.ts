import type { ApiClient } from "../../api/client/client-types.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import { findScalePath, foundOrNull } from "./scale-path.js";

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
  const found = await findScalePath(client, { apiVersion, kind, name, namespace }, signal);
  if (!found.ok)
    return {
      kind: "none",
      error:
        found.missing === "kind"
          ? `no matches for kind "${kind}" in version "${apiVersion}"`
          : `${found.resource} does not implement the scale subresource`,
    };
  const asked = client.request("GET", found.path, { signal });
  const scale = (await foundOrNull(asked)) as unknown as Scale | null;
  if (scale === null || scale.metadata?.uid !== uid) return { kind: "gone" };
  return { kind: "scale", replicas: scale.spec?.replicas ?? 0 };
}
