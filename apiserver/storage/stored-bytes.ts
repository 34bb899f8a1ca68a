import { assert } from "../../base/assert.js";

/** An object as the store keeps it, without its resourceVersion, and where that goes. */
export interface EncodedObject {
  readonly value: Buffer;
  /** Byte offset at which the decimal resourceVersion is inserted. */
  readonly spliceAt: number;
}

interface Encodable {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: object;
}

/**
 * Encodes an object for the store. `resourceVersion` becomes the first field of metadata, so that
 * its place is known without searching; what the object carried there is left out.
 */
export function encodeForStore(object: Encodable): EncodedObject {
  const { apiVersion, kind, metadata, ...rest } = object;
  assert(typeof kind === "string" && typeof apiVersion === "string", "object without a type");
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
  const meta = JSON.stringify({ ...metadata, resourceVersion: undefined });
  const opening = `${head}"metadata":{"resourceVersion":"`;
  const metaTail = meta === "{}" ? '"}' : `",${meta.slice(1)}`;
  const body = JSON.stringify(rest);
  const tail = body === "{}" ? "}" : `,${body.slice(1)}`;
  return { value: Buffer.from(opening + metaTail + tail), spliceAt: Buffer.byteLength(opening) };
}

/**
 * The bytes as the store will hold them once `revision` is known: what apply does, done here for
 * the answer.
 */
export function spliceRevision(encoded: EncodedObject, revision: number): Buffer {
  const { value, spliceAt } = encoded;
  const digits = Buffer.from(String(revision));
  return Buffer.concat([value.subarray(0, spliceAt), digits, value.subarray(spliceAt)]);
}

const REVISION_FIELD = Buffer.from('"resourceVersion":"');

/** Stored bytes with another resourceVersion, as a DELETED event shows them. */
export function withRevision(value: Buffer, revision: number): Buffer {
  // It is the first field of metadata, and only kind and apiVersion stand before that.
  const field = value.indexOf(REVISION_FIELD);
  assert(field >= 0, "stored bytes without a resourceVersion");
  const start = field + REVISION_FIELD.length;
  const end = value.indexOf(0x22, start);
  const digits = Buffer.from(String(revision));
  return Buffer.concat([value.subarray(0, start), digits, value.subarray(end)]);
}
