import { badRequest } from "../../api/machinery/status.js";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiResponse } from "../server/http-types.js";
import { withHeaders } from "../server/responses.js";
import type { StoredObject } from "../storage/storage.js";
import { type ExpectedType, readObject } from "./body.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import type { ObjectEncoder } from "./encoder.js";
import { checkMayCreate } from "./may-create.js";
import { type ObjectWriter, metadataOf, textOf, withMetadata } from "./object-writer.js";
import { updateManager } from "./field-manager.js";
import { encoderFor, objectResponse } from "./output.js";
import { orFail } from "./read-handlers.js";
import { subresourceOf } from "./subresource-types.js";
import { parseWriteOptions } from "./write-options.js";

export type WriteDeps = HandlerDeps & { readonly writer: ObjectWriter };

/** POST of a new object. */
export async function createObject(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const options = orFail(parseWriteOptions(call.request.query, "CreateOptions"));
  const body = await readObject(call.request, call.kind, options.fieldValidation);
  const warnings = [...body.warnings];
  const { dryRun } = options;
  const manager = updateManager(call.request, options);
  const stored = await deps.writer.create(body.object, { call, dryRun, warnings, manager });
  return written(encoder, stored, { status: 201, warnings });
}

/** PUT of a whole object, or of the part that a subresource stands for. */
export async function updateObject(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const options = orFail(parseWriteOptions(call.request.query, "UpdateOptions"));
  const body = await readObject(call.request, call.kind, options.fieldValidation);
  const object = namedAs(call, body.object);
  const warnings = [...body.warnings];
  const { dryRun } = options;
  const subresource = subresourceOf(call.info.subresource);
  const request = { call, dryRun, warnings, manager: updateManager(call.request, options) };
  try {
    const change = (): JsonObject => object;
    const stored = await deps.writer.update({ ...request, subresource, change });
    return written(encoder, stored, { status: 200, warnings });
  } catch (error) {
    if (!createsOnUpdate(call, object, error)) throw error;
  }
  checkMayCreate(call, deps);
  const stored = await deps.writer.create(object, request);
  return written(encoder, stored, { status: 201, warnings });
}

/** The answer to a write. */
export async function written(
  encoder: ObjectEncoder,
  stored: StoredObject,
  options: { readonly status: number; readonly warnings: readonly string[] },
): Promise<ApiResponse> {
  const { namespace = "", name } = stored.object.metadata;
  const object = { namespace, name, value: stored.value };
  return withWarnings(await objectResponse(encoder, object, options.status), options.warnings);
}

/** Adds one Warning header for each text (RFC 7234 §5.5). */
export function withWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return response;
  return withHeaders(response, { warning: warnings.map(warningHeader) });
}

/** As withWarnings, beside those that the answer carries already. */
export function withMoreWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  const before = [response.headers["warning"] ?? []].flat();
  return withHeaders(response, { warning: [...before, ...warnings.map(warningHeader)] });
}

const WARNING_LENGTH_MAX = 1_024;

function warningHeader(text: string): string {
  // Control characters would end the header; anything beyond Latin-1 cannot be in one.
  const clean = text.replace(/[^\u0020-\u007e]/gu, "?").slice(0, WARNING_LENGTH_MAX);
  return `299 - "${clean.replace(/["\\]/gu, "\\$&")}"`;
}

/** The object under the name and namespace of the path. Throws 400 when it says otherwise. */
export function namedAs(call: ResourceCall, object: JsonObject): JsonObject {
  const { name, namespace } = call.info;
  const metadata = metadataOf(object);
  const given = textOf(metadata["name"]);
  if (given === "") {
    const text =
      `the name of the object (${name} based on URL) was undeterminable: name must be ` +
      "provided";
    throw new ApiFailure(badRequest(text));
  }
  if (given !== name) {
    const text = `the name of the object (${given}) does not match the name on the URL (${name})`;
    throw new ApiFailure(badRequest(text));
  }
  if (!call.kind.namespaced) return object;
  const own = textOf(metadata["namespace"]);
  if (own !== "" && own !== namespace) {
    const text =
      `the namespace of the object (${own}) does not match the namespace on the URL ` +
      `(${namespace})`;
    throw new ApiFailure(badRequest(text));
  }
  return withMetadata(object, { namespace });
}

/**
 * Some kinds are created by a PUT to a free name, unless the client says which version it knows.
 */
function createsOnUpdate(call: ResourceCall, object: JsonObject, error: unknown): boolean {
  if (!(error instanceof ApiFailure) || error.status.reason !== "NotFound") return false;
  const { allowCreateOnUpdate = false } = call.view.strategy;
  const { uid = "", resourceVersion = "" } = metadataOf(object);
  return (
    allowCreateOnUpdate &&
    call.info.subresource === "" &&
    uid === "" &&
    (resourceVersion === "" || resourceVersion === "0")
  );
}

/** How a body of this type is read. */
export function expectedType(type: {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly typeName: string;
}): ExpectedType {
  const { group, version, kind, typeName } = type;
  return { apiVersion: group === "" ? version : `${group}/${version}`, version, kind, typeName };
}
