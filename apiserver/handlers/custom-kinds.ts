import { pathNotFound } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import type { ResourceRequestInfo } from "../server/request-info.js";
import { jsonResponse } from "../server/responses.js";

/**
 * Says that there are no custom kinds, for they are not served yet. kubectl asks before it sends a
 * kind that cannot be patched, such as a TokenReview, and gives up when nobody answers
 * (cli-runtime, resource/crd_finder.go). Neither discovery nor OpenAPI names the kind. `revision` is
 * what the empty list is as of. Throws 404 for everything but that list.
 */
export function listCustomKinds(asked: ResourceRequestInfo, revision: number): ApiResponse {
  const { group, version, resource, verb, namespace } = asked;
  const path = `${group}/${version}/${resource}`;
  const isList = verb === "list" && namespace === "";
  if (path !== "apiextensions.k8s.io/v1/customresourcedefinitions" || !isList)
    throw new ApiFailure(pathNotFound());
  return jsonResponse(200, {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinitionList",
    metadata: { resourceVersion: String(revision) },
    items: [],
  });
}
