import { methodNotAllowedHere, pathNotFound } from "../../api/machinery/status.js";
import type { CustomKinds, ServedCustomKind } from "../extension/custom-kinds.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ResourceRequestInfo } from "../server/request-info.js";
import type { Freshness } from "../storage/freshness.js";

/**
 * The custom kind that a request is about. When none is known here, the newest definitions are
 * waited for: who has just made one may use it at once, at any server. Throws 404, or 405 for new
 * objects of a kind that is being deleted.
 */
export async function customKindOf(
  asked: ResourceRequestInfo,
  signal: AbortSignal,
  deps: { readonly customKinds: CustomKinds; readonly freshness: Freshness },
): Promise<ServedCustomKind> {
  const { group, version, resource, verb } = asked;
  const find = (): ServedCustomKind | null => deps.customKinds.find(group, version, resource);
  let found = find();
  // The groups of custom kinds have a dot: nobody else has to wait.
  if (found === null && group.includes(".") && (await deps.freshness.wait(signal))) found = find();
  if (found === null) throw new ApiFailure(pathNotFound());
  if (found.custom.terminating && verb === "create") throw new ApiFailure(methodNotAllowedHere());
  return found;
}
