import type { ApiClient } from "../../api/client/client-types.js";
import { kindByGvk, splitApiVersion } from "../../api/schema/kinds.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";

/** Where the scale of an autoscaler's target is; or, in Kubernetes' words, why there is none. */
export function scalePath({
  metadata,
  spec,
}: HorizontalPodAutoscaler):
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly error: string } {
  const { apiVersion = "", kind, name } = spec.scaleTargetRef;
  const { group, version } = splitApiVersion(apiVersion);
  const found = kindByGvk(group, version, kind);
  if (found === null)
    return { ok: false, error: `no matches for kind "${kind}" in group "${group}"` };
  if (!found.namespaced || !found.subresources.some((sub) => sub.name === "scale"))
    return { ok: false, error: "the server could not find the requested resource" };
  const root = group === "" ? `/api/${version}` : `/apis/${apiVersion}`;
  const parts = [root, "namespaces", metadata.namespace ?? "", found.plural, name, "scale"];
  return { ok: true, path: parts.join("/") };
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
