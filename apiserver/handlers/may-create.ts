import { forbidden } from "../../api/machinery/status.js";
import { type Attributes, refusalText } from "../auth/authorizer.js";
import { ApiFailure } from "../server/api-failure.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";

/** Who may patch or update may not therefore create. Throws 403. */
export function checkMayCreate({ info, request }: ResourceCall, deps: HandlerDeps): void {
  const { group, resource, namespace, name } = info;
  const about = { group, resource, subresource: "", namespace, name };
  const attributes: Attributes = { type: "resource", verb: "create", ...about };
  const { allowed, reason } = deps.authorizer.authorize(request.identity, attributes);
  if (allowed) return;
  const text = refusalText(request.identity, attributes);
  const full = reason === "" ? text : `${text}: ${reason}`;
  throw new ApiFailure(forbidden({ group, resource }, name, full));
}
