import { pathNotFound } from "../../api/machinery/status.js";
import type { Subresource } from "../registry/strategy.js";
import { ApiFailure } from "../server/api-failure.js";

const OBJECT_SUBRESOURCES: readonly Subresource[] = [
  "",
  "status",
  "scale",
  "binding",
  "finalize",
  "approval",
  "ephemeralcontainers",
  "resize",
];

/** The part of an object that a path names. Throws 404 for a name that stands for no part. */
export function subresourceOf(name: string): Subresource {
  const found = OBJECT_SUBRESOURCES.find((known) => known === name);
  if (found === undefined) throw new ApiFailure(pathNotFound());
  return found;
}
