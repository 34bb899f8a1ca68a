import { JSON_PATCH_OPERATIONS_MAX, applyJsonPatch } from "../../api/machinery/json-patch.js";
import { applyMergePatch } from "../../api/machinery/merge-patch.js";
import { PatchError } from "../../api/machinery/patch-json.js";
import { badRequest, failure, unsupportedMediaType } from "../../api/machinery/status.js";
import { applyStrategicMergePatch } from "../../api/machinery/strategic-merge-patch.js";
import type { FieldValidation } from "../../api/schema/decode.js";
import { nestsTooDeep, scanJson } from "../../api/schema/json-scanner.js";
import { typeByName } from "../../api/schema/type-schema.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse } from "../server/http-types.js";
import { parseMediaType } from "../server/negotiation.js";
import { headerOf } from "../server/responses.js";
import { APPLY_TYPE, applyObject } from "./apply-handler.js";
import { BODY_BYTES_MAX, type DecodedBody, type ExpectedType, acceptPatched } from "./body.js";
import type { ResourceCall } from "./deps.js";
import { updateManager } from "./field-manager.js";
import { encoderFor } from "./output.js";
import { orFail } from "./read-handlers.js";
import { subresourceOf } from "./subresource-types.js";
import { type WriteDeps, written } from "./write-handlers.js";
import { parseWriteOptions } from "./write-options.js";

const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
] as const;
type PatchType = (typeof PATCH_TYPES)[number];

/** A patch, ready to be applied to whatever the object is by then. */
export interface Patch {
  readonly type: PatchType;
  readonly document: JsonValue;
  readonly text: string;
}

/** PATCH of an object, or of the part that a subresource stands for. */
export async function patchObject(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  if (isApply(call.request)) return applyObject(call, deps);
  const encoder = encoderFor(call, deps);
  const options = orFail(parseWriteOptions(call.request.query, "PatchOptions"));
  const patch = await readPatch(call.request, patchTypesOf(call.kind.typeName));
  const accept = acceptorOf(patch, options.fieldValidation);
  const warnings: string[] = [];
  const stored = await deps.writer.update({
    call,
    dryRun: options.dryRun,
    warnings,
    manager: updateManager(call.request, options),
    subresource: subresourceOf(call.info.subresource),
    change: (old) => {
      const value = applyPatch(patch, old, call.kind.typeName);
      const accepted = accept(value, call.kind);
      for (const text of accepted.warnings) if (!warnings.includes(text)) warnings.push(text);
      return accepted.object;
    },
  });
  return written(encoder, stored, { status: 200, warnings });
}

/** Custom kinds have no patch keys: a strategic merge would know no strategy. */
function patchTypesOf(typeName: string): readonly PatchType[] {
  if (typeByName(typeName).custom === null) return PATCH_TYPES;
  return PATCH_TYPES.filter((type) => type !== "application/strategic-merge-patch+json");
}

/** Takes the outcomes of a patch, whose own text is looked through once. */
export function acceptorOf(
  { text }: Patch,
  validation: FieldValidation,
): (value: JsonValue, expected: ExpectedType) => DecodedBody {
  const found = validation === "Ignore" ? [] : scanJson(text).duplicates;
  const duplicates = [...new Set(found)].map((path) => `duplicate field "${path}"`);
  return (value, expected) => acceptPatched(value, expected, { validation, text, duplicates });
}

/** True for a patch that is a configuration to be applied. */
export function isApply(request: ApiRequest): boolean {
  return mediaTypeOf(request) === APPLY_TYPE;
}

/** Reads the patch of a request. Throws 400, 413 or 415. */
export async function readPatch(
  request: ApiRequest,
  types: readonly PatchType[] = PATCH_TYPES,
): Promise<Patch> {
  const asked = mediaTypeOf(request);
  const type = types.find((known) => known === asked);
  if (type === undefined) throw new ApiFailure(unsupportedMediaType([...types, APPLY_TYPE]));
  const text = (await request.readBody(BODY_BYTES_MAX)).toString();
  if (nestsTooDeep(text)) throw new ApiFailure(badRequest("error decoding patch: too deep"));
  let document: JsonValue;
  try {
    document = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new ApiFailure(badRequest(`error decoding patch: ${messageOf(error)}`));
  }
  if (type === "application/json-patch+json") checkLength(document);
  else if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new ApiFailure(badRequest("error decoding patch: a patch must be a JSON object"));
  }
  return { type, document, text };
}

/** The object with the patch applied. Throws 400, or 422 for a JSON patch that does not fit. */
export function applyPatch(patch: Patch, object: KubernetesObject, typeName: string): JsonValue {
  try {
    return applied(patch, object as unknown as JsonObject, typeName);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const { message } = error;
    const isJsonPatch = patch.type === "application/json-patch+json";
    throw new ApiFailure(
      isJsonPatch ? failure(422, "Invalid", UNFIT + message) : badRequest(message),
    );
  }
}

const UNFIT = "the server rejected our request due to an error in our request: ";

function applied(patch: Patch, target: JsonObject, typeName: string): JsonValue {
  switch (patch.type) {
    case "application/json-patch+json":
      return applyJsonPatch(target, patch.document) as JsonValue;
    case "application/merge-patch+json":
      return applyMergePatch(target, patch.document) as JsonValue;
    case "application/strategic-merge-patch+json":
      return applyStrategicMergePatch(target, patch.document, typeByName(typeName)) as JsonValue;
  }
}

function mediaTypeOf(request: ApiRequest): string {
  return parseMediaType(headerOf(request, "content-type") ?? "")?.type ?? "";
}

function checkLength(document: JsonValue): void {
  if (!Array.isArray(document)) {
    throw new ApiFailure(badRequest("error decoding patch: a JSON patch must be an array"));
  }
  if (document.length <= JSON_PATCH_OPERATIONS_MAX) return;
  const text =
    "The allowed maximum operations in a JSON patch is " +
    `${JSON_PATCH_OPERATIONS_MAX}, got ` +
    `${document.length}`;
  throw new ApiFailure(failure(413, "RequestEntityTooLarge", text));
}
