import { invalid, required } from "../../api/machinery/field-errors.js";
import { badRequest, invalidObject, pathNotFound } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import type { TokenReview } from "../../api/schema/types/authentication-v1.gen.js";
import type {
  LocalSubjectAccessReview,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
} from "../../api/schema/types/authorization-v1.gen.js";
import type { JsonObject } from "../../api/schema/wire-types.js";
import type { Attributes } from "../auth/authorizer.js";
import { ApiFailure } from "../server/api-failure.js";
import { encodeDocument } from "../server/document.js";
import type { ApiResponse, Identity } from "../server/http-types.js";
import { MEDIA_TYPES } from "../server/negotiation.js";
import { bytesResponse } from "../server/responses.js";
import { admitSent } from "./admission-attributes.js";
import { readObject } from "./body.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { outputForm } from "./output.js";
import { orFail } from "./read-handlers.js";
import { reviewToken } from "./token-handlers.js";
import { withWarnings } from "./write-handlers.js";
import { parseWriteOptions } from "./write-options.js";

/** POST of a review: a question that is answered and not kept. */
export async function answerReview(call: ResourceCall, deps: HandlerDeps): Promise<ApiResponse> {
  const form = outputForm(call.request);
  const options = orFail(parseWriteOptions(call.request.query, "CreateOptions"));
  const body = await readObject(call.request, call.kind, options.fieldValidation);
  const warnings = [...body.warnings];
  const { dryRun } = options;
  const sent = { operation: "CREATE", object: body.object, dryRun, warnings } as const;
  const object = await admitSent(call, sent, deps);
  const { apiVersion, kind } = call.kind;
  const answer = { ...object, ...(await answerOf(call, object, deps)), apiVersion, kind };
  const document = encodeDocument(answer, form);
  return withWarnings(bytesResponse(201, MEDIA_TYPES[form.format], document), warnings);
}

async function answerOf(
  call: ResourceCall,
  review: JsonObject,
  deps: HandlerDeps,
): Promise<object> {
  switch (call.kind.kind) {
    case "SelfSubjectReview":
      return whoAmI(call, deps);
    case "SelfSubjectAccessReview":
      return mayI(call, review as unknown as SelfSubjectAccessReview, deps);
    case "SubjectAccessReview":
      return mayThey(call, review as unknown as SubjectAccessReview, deps);
    case "LocalSubjectAccessReview":
      checkNamespace(call, review as unknown as LocalSubjectAccessReview);
      return mayThey(call, review as unknown as LocalSubjectAccessReview, deps);
    case "TokenReview": {
      const tokenReview = review as unknown as TokenReview;
      return { metadata: tokenReview.metadata ?? {}, status: await reviewToken(tokenReview, deps) };
    }
    case "SelfSubjectRulesReview":
      return whatMayI(call, review as unknown as RulesReview, deps);
    default:
      throw new ApiFailure(pathNotFound());
  }
}

function whoAmI({ request }: ResourceCall, deps: HandlerDeps): object {
  const { name, uid, groups, extra } = request.identity;
  const userInfo = {
    username: name,
    ...(uid === "" ? {} : { uid }),
    groups,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  return {
    metadata: { creationTimestamp: formatTime(deps.clock.nowMs()) },
    status: { userInfo },
  };
}

function mayI(
  call: ResourceCall,
  { spec, metadata }: SelfSubjectAccessReview,
  deps: HandlerDeps,
): object {
  const status = verdict(call.request.identity, askedAbout(call, spec), deps);
  return { metadata: metadata ?? {}, status };
}

function mayThey(
  call: ResourceCall,
  { spec, metadata }: SubjectAccessReview | LocalSubjectAccessReview,
  deps: HandlerDeps,
): object {
  const attributes = askedAbout(call, spec);
  const { user = "", groups = [], uid = "", extra = {} } = spec;
  if (user === "" && groups.length === 0) {
    const error = invalid("spec.user", user, "at least one of user or group must be specified");
    throw new ApiFailure(invalidObject(call.kind, "", [error]));
  }
  const status = verdict({ name: user, uid, groups, extra }, attributes, deps);
  return { metadata: metadata ?? {}, status };
}

/** A local review asks about its own namespace. Throws 400 and 422. */
function checkNamespace({ info, kind }: ResourceCall, review: LocalSubjectAccessReview): void {
  const { namespace = "" } = (review.metadata ?? {}) as { namespace?: string };
  if (namespace !== "" && namespace !== info.namespace)
    throw new ApiFailure(badRequest("metadata.namespace must match the namespace of the request"));
  const { resourceAttributes, nonResourceAttributes } = review.spec;
  const asked = resourceAttributes?.namespace ?? "";
  if (nonResourceAttributes !== undefined) {
    const text = "disallowed on this kind of request";
    const error = invalid("spec.nonResourceAttributes", nonResourceAttributes, text);
    throw new ApiFailure(invalidObject(kind, "", [error]));
  }
  if (resourceAttributes === undefined || asked === info.namespace) return;
  const text = "must match metadata.namespace";
  const error = invalid("spec.resourceAttributes.namespace", asked, text);
  throw new ApiFailure(invalidObject(kind, "", [error]));
}

function verdict(identity: Identity, attributes: Attributes, deps: HandlerDeps): object {
  const { allowed, reason } = deps.authorizer.authorize(identity, attributes);
  return { allowed, ...(reason === "" ? {} : { reason }) };
}

/** Throws 422 when the review asks about nothing. */
function askedAbout(call: ResourceCall, spec: SelfSubjectAccessReview["spec"]): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes === undefined) {
    const { verb = "", group = "", resource = "", subresource = "" } = resourceAttributes;
    const { namespace = "", name = "" } = resourceAttributes;
    const fieldSelector = fieldSelectorOf(resourceAttributes);
    const asked = {
      type: "resource",
      verb,
      group,
      resource,
      subresource,
      namespace,
      name,
    } as const;
    return fieldSelector === "" ? asked : { ...asked, fieldSelector };
  }
  if (nonResourceAttributes !== undefined && resourceAttributes === undefined) {
    const { verb = "", path = "" } = nonResourceAttributes;
    return { type: "path", verb, path };
  }
  const text = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  throw new ApiFailure(invalidObject(call.kind, "", [required("spec.resourceAttributes", text)]));
}

/** Requirements that no plain selector can say are left out: the question is then about more. */
function fieldSelectorOf({ fieldSelector }: ResourceAttributes): string {
  if (fieldSelector?.rawSelector !== undefined) return fieldSelector.rawSelector;
  return (fieldSelector?.requirements ?? [])
    .filter(({ operator, values = [] }) => operator === "In" && values.length === 1)
    .map(({ key, values = [] }) => `${key}=${values[0] ?? ""}`)
    .join(",");
}

interface RulesReview {
  readonly metadata?: JsonObject;
  readonly spec: { readonly namespace?: string };
}

function whatMayI(
  { request }: ResourceCall,
  { spec, metadata }: RulesReview,
  deps: HandlerDeps,
): object {
  const rules = deps.authorizer.rulesFor(request.identity, spec.namespace ?? "");
  return {
    metadata: metadata ?? {},
    status: { ...rules, incomplete: rules.evaluationError !== undefined },
  };
}
