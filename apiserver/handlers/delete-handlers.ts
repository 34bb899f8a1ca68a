import { type StatusBody, success } from "../../api/machinery/status.js";
import { isAnsweredWithObject } from "../../api/schema/kinds.js";
import type { DeleteOptions } from "../../api/schema/types/meta-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import { encodeDocument } from "../server/document.js";
import type { ApiRequest, ApiResponse } from "../server/http-types.js";
import { MEDIA_TYPES } from "../server/negotiation.js";
import { bytesResponse } from "../server/responses.js";
import { parseListOptions } from "../storage/list-options.js";
import type { Reader } from "../storage/reader.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { type ExpectedType, readObject } from "./body.js";
import type { ResourceCall } from "./deps.js";
import { encoderFor, listResponse, outputForm } from "./output.js";
import { orFail, selectedPage, selectionOf } from "./read-handlers.js";
import { type WriteDeps, withWarnings, written } from "./write-handlers.js";
import { type DeletePlan, parseDeleteOptions } from "./write-options.js";

/** Deletions of one collection that are under way at once. */
const PARALLEL_DELETES = 8;

/** DELETE of one object. */
export async function deleteObject(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const plan = await readDeleteOptions(call.request);
  const warnings: string[] = [];
  const { stored, gone } = await deps.writer.delete(call, plan, { warnings });
  if (!gone || isAnsweredWithObject(call.kind.kind)) {
    return written(encoder, stored, { status: 200, warnings });
  }
  const { name, uid } = stored.object.metadata;
  const { group, plural } = call.kind;
  const status = success({ name, ...(group === "" ? {} : { group }), kind: plural, uid });
  return withWarnings(statusDocument(call.request, status), warnings);
}

/**
 * DELETE of a collection: every object that the selectors find, one by one. Answers with the list
 * of them.
 */
export async function deleteCollection(
  call: ResourceCall,
  deps: WriteDeps & { readonly reader: Reader },
): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps);
  const plan = await readDeleteOptions(call.request);
  const options = orFail(parseListOptions(call.request.query, "list"));
  const selection = selectionOf(call, options, deps);
  const { signal } = call.request;
  const page = await selectedPage(call, { selection, options, encoder }, deps);
  const waiting = [...page.objects];
  const deleted: CachedObject[] = [];
  const warnings: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (signal.aborted) return;
      if (await deleteOne(call, { found: next, plan, warnings }, deps)) deleted.push(next);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DELETES }, worker));
  const list = await listResponse(encoder, deleted, { resourceVersion: String(page.revision) });
  return withWarnings(list, [...new Set(warnings)]);
}

/** False when somebody else deleted it first. */
async function deleteOne(
  call: ResourceCall,
  what: { readonly found: CachedObject; readonly plan: DeletePlan; readonly warnings: string[] },
  deps: WriteDeps,
): Promise<boolean> {
  const { found, plan, warnings } = what;
  const { namespace, name } = found;
  try {
    const one = { ...call, info: { ...call.info, namespace, name } };
    await deps.writer.delete(one, plan, { warnings });
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status.reason === "NotFound") return false;
    throw error;
  }
}

const DELETE_OPTIONS: ExpectedType = {
  apiVersion: "v1",
  version: "v1",
  kind: "DeleteOptions",
  typeName: "meta/v1.DeleteOptions",
  ofEveryGroup: true,
};

/**
 * How to delete, from the body where there is one, otherwise from the query. Throws 400, 413, 415,
 * 422.
 */
export async function readDeleteOptions(request: ApiRequest): Promise<DeletePlan> {
  let bytes: Buffer | null = null;
  const readBody = async (limitBytes: number): Promise<Buffer> => {
    bytes ??= await request.readBody(limitBytes);
    return bytes;
  };
  const { length } = await readBody(DELETE_OPTIONS_BYTES_MAX);
  if (length === 0) return orFail(parseDeleteOptions(request.query, null));
  const { object } = await readObject({ ...request, readBody }, DELETE_OPTIONS, "Ignore");
  return orFail(parseDeleteOptions(request.query, object as DeleteOptions));
}

const DELETE_OPTIONS_BYTES_MAX = 64 * 1024;

/** A Status in the format that the client asked for. */
export function statusDocument(request: ApiRequest, status: StatusBody): ApiResponse {
  const form = outputForm(request, { projections: true });
  const document = encodeDocument(status, form);
  return bytesResponse(status.code, MEDIA_TYPES[form.format], document);
}
