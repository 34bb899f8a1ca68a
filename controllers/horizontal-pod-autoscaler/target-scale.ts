import type { ApiClient } from "../../api/client/client-types.js";
import { kindByGvk, splitApiVersion } from "../../api/schema/kinds.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { findScalePath, type Scaled, type ScalePath } from "../common/scale-path.js";

/**
 * Where the scale of an autoscaler's target is; or, in Kubernetes' words, why there is none. Only
 * for kinds that are not built in the server is asked. Throws ApiError when it cannot say.
 */
export async function findTargetScale(
  client: ApiClient,
  { metadata, spec }: HorizontalPodAutoscaler,
  signal: AbortSignal,
): Promise<
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly error: string }
> {
  const { apiVersion = "", kind, name } = spec.scaleTargetRef;
  const target = { apiVersion, kind, name, namespace: metadata.namespace ?? "" };
  const found = builtInPath(target) ?? (await findScalePath(client, target, signal));
  if (found.ok) return found;
  const { group } = splitApiVersion(apiVersion);
  return {
    ok: false,
    error:
      found.missing === "kind"
        ? `no matches for kind "${kind}" in group "${group}"`
        : "the server could not find the requested resource",
  };
}

/** Null: the kind is not built in. */
export function builtInPath({ apiVersion, kind, namespace, name }: Scaled): ScalePath | null {
  const { group, version } = splitApiVersion(apiVersion);
  const found = kindByGvk(group, version, kind);
  if (found === null) return null;
  if (!found.namespaced || !found.subresources.some((sub) => sub.name === "scale"))
    return { ok: false, missing: "scale", resource: found.plural };
  const root = group === "" ? `/api/${version}` : `/apis/${apiVersion}`;
  return { ok: true, path: `${root}/namespaces/${namespace}/${found.plural}/${name}/scale` };
}

/** Throws ApiError. */
export async function readScale(
  client: ApiClient,
  path: string,
  signal: AbortSignal,
): Promise<Scale> {
  return (await client.request("GET", path, { signal })) as unknown as Scale;
}

/** Throws ApiError, a Conflict when the target changed since the scale was read. */
export async function writeScale(
  client: ApiClient,
  path: string,
  wish: { readonly scale: Scale; readonly replicas: number; readonly signal: AbortSignal },
): Promise<void> {
  const { scale, replicas, signal } = wish;
  const body = { ...scale, spec: { ...scale.spec, replicas } } as unknown as JsonValue;
  await client.request("PUT", path, { body, signal });
}
