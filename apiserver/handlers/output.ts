import { typeByName } from "../../api/schema/type-schema.js";
import { badRequest, notAcceptable } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, ResponseSink } from "../server/http-types.js";
import { MEDIA_TYPES, type OutputForm, negotiate } from "../server/negotiation.js";
import { bytesResponse, headerOf } from "../server/responses.js";
import { nextTurn } from "../server/waiting.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { FIELDS_PARAMETER, fieldViewOf } from "./field-view.js";
import { gzipList } from "./gzip-pages.js";
import { type IncludeObject, type ListMeta, ObjectEncoder } from "./encoder.js";

/**
 * Bytes that are put together before they are written: more would be mapped by the system and
 * unmapped again for every chunk.
 */
const CHUNK_BYTES = 64 * 1024;
/** Encoded in one stretch where encoding is work: about a millisecond. */
const PARTS_BYTES = 32 * 1024;
/** A list above this is streamed, and compressed where the client takes gzip. */
const STREAM_BYTES = 128 * 1024;
/** Above this the writer waits for the connection. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

const INCLUDES: Readonly<Record<string, IncludeObject>> = {
  "": "Metadata",
  Metadata: "Metadata",
  None: "None",
  Object: "Object",
};

/**
 * How the answer will look. Throws 406, or 400 for a bad `includeObject` or bad fields; `fields`:
 * the objects may be narrowed to some.
 */
export function encoderFor(
  call: Pick<ResourceCall, "request" | "view">,
  deps: Pick<HandlerDeps, "overlays">,
  { fields }: { readonly fields: boolean } = { fields: false },
): ObjectEncoder {
  const protobuf = typeByName(call.view.kind.typeName).custom === null;
  const form = outputForm(call.request, { projections: true, protobuf });
  const fieldView = fields ? fieldViewOf(call.view, call.request.query) : null;
  if (fieldView !== null && form.as !== null) {
    throw new ApiFailure(badRequest(`${FIELDS_PARAMETER} cannot be combined with as=${form.as}`));
  }
  const asked = call.request.query.get("includeObject") ?? "";
  const includeObject = INCLUDES[asked];
  if (includeObject === undefined) {
    throw new ApiFailure(badRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`));
  }
  const { receivedMs: nowMs, signal } = call.request;
  const { overlays } = deps;
  const shown = { form, includeObject, fieldView };
  return new ObjectEncoder(call.view, { ...shown, nowMs, overlays, signal });
}

/** Throws 406. */
export function outputForm(
  request: ApiRequest,
  options: { readonly projections: boolean; readonly protobuf?: boolean } = { projections: false },
): OutputForm {
  const form = negotiate(headerOf(request, "accept"), options);
  if (form === null) {
    const { json, yaml, protobuf } = MEDIA_TYPES;
    const offered = options.protobuf === false ? [json, yaml] : [json, yaml, protobuf];
    throw new ApiFailure(notAcceptable(offered));
  }
  return form;
}

/** One object as the answer. */
export async function objectResponse(
  encoder: ObjectEncoder,
  stored: Pick<CachedObject, "namespace" | "name" | "value">,
  status = 200,
): Promise<ApiResponse> {
  const [object = stored] = await encoder.inVersion([stored]);
  return bytesResponse(status, encoder.contentType, encoder.single(object));
}

/**
 * A list; long ones are streamed so that memory stays flat and no turn of the event loop is long.
 * `whole`: nothing but a namespace narrows it, so that others ask for the same.
 */
export async function listResponse(
  encoder: ObjectEncoder,
  stored: readonly CachedObject[],
  meta: ListMeta,
  { whole }: { readonly whole: boolean } = { whole: false },
): Promise<ApiResponse> {
  const objects = await encoder.inVersion(stored);
  const headers = { "content-type": encoder.contentType };
  const { format } = encoder.form;
  if (format !== "json") {
    const chunks = await listInParts(encoder, objects, meta);
    return { status: 200, headers, body: { type: "bytes", chunks } };
  }
  const list = { objects, ...encoder.listFrame(meta) };
  const size = objects.reduce((sum, object) => sum + object.value.length, 0);
  if (size > STREAM_BYTES) {
    const run = (sink: ResponseSink): Promise<void> =>
      composeList(encoder, list, (chunk) => writeTo(sink, chunk));
    const runGzip = (sink: ResponseSink): Promise<void> =>
      gzipList(list, { chunkBytes: CHUNK_BYTES, emit: (chunk) => writeTo(sink, chunk) });
    const keepsPages = whole && encoder.sendsStored;
    const body = { type: "stream", run, ...(keepsPages ? { runGzip } : {}) } as const;
    return { status: 200, headers, body, compressible: true };
  }
  const chunks: Uint8Array[] = [];
  await composeList(encoder, list, async (chunk) => void chunks.push(chunk));
  return { status: 200, headers, body: { type: "bytes", chunks } };
}

/** A list whose head needs to know its size: every element first, then what goes around them. */
async function listInParts(
  encoder: ObjectEncoder,
  objects: readonly CachedObject[],
  meta: ListMeta,
): Promise<Uint8Array[]> {
  const parts = encoder.listParts();
  const elements: Uint8Array[] = [];
  let sizeBytes = 0;
  let unbroken = 0;
  for (const object of objects) {
    const element = parts.element(encoder.elementObject(object));
    elements.push(element);
    sizeBytes += element.length;
    unbroken += element.length;
    if (unbroken < PARTS_BYTES) continue;
    unbroken = 0;
    await nextTurn();
  }
  const { head, tail } = parts.frame(encoder.listHead(meta), { count: objects.length, sizeBytes });
  return joinedInChunks([head, ...elements, tail]);
}

/** The same bytes in fewer pieces. */
function joinedInChunks(parts: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let pending: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    pending.push(part);
    size += part.length;
    if (size < CHUNK_BYTES) continue;
    chunks.push(Buffer.concat(pending));
    pending = [];
    size = 0;
  }
  if (size > 0) chunks.push(Buffer.concat(pending));
  return chunks;
}

async function composeList(
  encoder: ObjectEncoder,
  list: { readonly objects: readonly CachedObject[]; readonly head: Buffer; readonly tail: Buffer },
  emit: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  let parts: Buffer[] = [list.head];
  let size = list.head.length;
  for (const [at, object] of list.objects.entries()) {
    if (at > 0) parts.push(COMMA);
    const element = encoder.element(object);
    parts.push(element);
    size += element.length + 1;
    if (size < CHUNK_BYTES) continue;
    await emit(Buffer.concat(parts));
    parts = [];
    size = 0;
  }
  parts.push(list.tail);
  await emit(Buffer.concat(parts));
}

const COMMA = Buffer.from(",");

async function writeTo(sink: ResponseSink, chunk: Uint8Array): Promise<void> {
  sink.write(chunk);
  if (sink.bufferedBytes > BUFFERED_BYTES_MAX) await sink.drained();
  else await nextTurn();
  if (sink.signal.aborted) throw new Error("the client went away");
}
