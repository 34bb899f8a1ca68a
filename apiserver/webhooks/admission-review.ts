import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import { type StatusBody, failure } from "../../api/machinery/status.js";
import type { AdmissionAttributes } from "../admission/admission.js";
import type { SeenBody } from "../admission/seen-body.js";

/**
 * What is said between the API server and admission webhooks (admission.k8s.io/v1 and v1beta1,
 * Kubernetes: "Dynamic admission control, webhook request and response"). Pure.
 */

export type ReviewVersion = "v1" | "v1beta1";

/** The first version in the webhook's list that is spoken here too; null: none is. */
export function reviewVersionOf(versions: readonly string[]): ReviewVersion | null {
  const known = versions.find((version) => version === "v1" || version === "v1beta1");
  return (known as ReviewVersion | undefined) ?? null;
}

/** The question. `uid` names it in the answer. */
export function admissionReview(
  version: ReviewVersion,
  uid: string,
  { attributes, subject }: { readonly attributes: AdmissionAttributes; readonly subject: SeenBody },
): JsonObject {
  const { identity, subresource, name, namespace, operation, dryRun, options, kind } = attributes;
  const sub = subresource === "" ? {} : { subResource: subresource };
  const requestSub = subresource === "" ? {} : { requestSubResource: subresource };
  // Kubernetes takes a Namespace to be in itself.
  const inNamespace = isNamespaceItself(attributes) ? name : namespace;
  return {
    kind: "AdmissionReview",
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: { ...subject.kind },
      resource: { ...subject.resource },
      ...sub,
      requestKind: { ...attributes.bodyKind },
      requestResource: { group: kind.group, version: kind.version, resource: kind.plural },
      ...requestSub,
      ...(name === "" ? {} : { name }),
      ...(inNamespace === "" ? {} : { namespace: inNamespace }),
      operation,
      userInfo: {
        username: identity.name,
        ...(identity.uid === "" ? {} : { uid: identity.uid }),
        groups: [...identity.groups],
        ...(Object.keys(identity.extra).length === 0
          ? {}
          : { extra: identity.extra as unknown as JsonObject }),
      },
      object: subject.object,
      oldObject: subject.oldObject,
      dryRun,
      options,
    },
  };
}

function isNamespaceItself({ kind }: AdmissionAttributes): boolean {
  return kind.group === "" && kind.kind === "Namespace";
}

/** The webhook's verdict. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  /** Why not; null: it did not say. */
  readonly status: JsonObject | null;
  /** A JSON patch; null: nothing is changed. */
  readonly patch: JsonValue | null;
  readonly warnings: readonly string[];
}

/** The answer, or in one sentence what is wrong with it. */
export function parseReviewAnswer(
  document: JsonValue,
  about: { readonly version: ReviewVersion; readonly uid: string; readonly mutating: boolean },
): ReviewAnswer | string {
  const { version, uid, mutating } = about;
  const review = objectOf(document);
  const apiVersion = `admission.k8s.io/${version}`;
  if (review?.["apiVersion"] !== apiVersion || review["kind"] !== "AdmissionReview") {
    const got = `${text(review?.["apiVersion"])}, Kind=${text(review?.["kind"])}`;
    return `expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${got}`;
  }
  const response = objectOf(review["response"]);
  if (response === null) return "webhook response was absent";
  // Version v1beta1 did not ask for either.
  if (version === "v1") {
    const got = text(response["uid"]);
    if (got !== uid)
      return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(got)}`;
    const wrong = patchFault(response, mutating);
    if (wrong !== null) return wrong;
  }
  const patch = patchOf(response, mutating);
  if (typeof patch === "string") return patch;
  const { warnings } = response;
  return {
    allowed: response["allowed"] === true,
    status: objectOf(response["status"]),
    patch: patch.document,
    warnings: Array.isArray(warnings) ? warnings.filter((each) => typeof each === "string") : [],
  };
}

function patchFault(response: JsonObject, mutating: boolean): string | null {
  const hasPatch = text(response["patch"]) !== "";
  const hasType = response["patchType"] !== undefined && response["patchType"] !== null;
  if (!mutating) {
    if (hasPatch) return "validating webhook may not return response.patch";
    return hasType ? "validating webhook may not return response.patchType" : null;
  }
  if (hasPatch && !hasType) return "webhook returned response.patch but not response.patchType";
  if (hasType && !hasPatch) return "webhook returned response.patchType but not response.patch";
  const type = response["patchType"];
  if (!hasType || type === "JSONPatch") return null;
  return `unsupported patch type ${JSON.stringify(type)}`;
}

function patchOf(
  response: JsonObject,
  mutating: boolean,
): { readonly document: JsonValue | null } | string {
  const encoded = text(response["patch"]);
  if (!mutating || encoded === "") return { document: null };
  try {
    const document = JSON.parse(Buffer.from(encoded, "base64").toString()) as JsonValue;
    if (!Array.isArray(document)) return "received undecodable patch in webhook response: no list";
    return { document: document.length === 0 ? null : document };
  } catch {
    return "received undecodable patch in webhook response";
  }
}

/** The failure that a client gets for a denial: never less than 400, whatever the webhook said. */
export function denialOf(webhook: string, status: JsonObject | null): StatusBody {
  const said = status ?? {};
  const code = typeof said["code"] === "number" && said["code"] >= 400 ? said["code"] : 400;
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const reason = text(said["reason"]);
  const why = text(said["message"]) || reason;
  const message = why === "" ? `${denied} without explanation` : `${denied}: ${why}`;
  const details = objectOf(said["details"]);
  return {
    ...failure(code, reason as StatusBody["reason"] & string, message),
    ...(details === null ? {} : { details: details as StatusBody["details"] & object }),
  };
}

function objectOf(value: JsonValue | undefined): JsonObject | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
