import { stringify } from "yaml";
import { encodeMessage } from "../../api/schema/protobuf.js";
import { typeByName } from "../../api/schema/type-schema.js";
import { present } from "../../base/assert.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

/** What says of a list what it is. */
export interface ListHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  /** A Table has these. */
  readonly columnDefinitions?: unknown;
}

/**
 * Puts a list together from elements that are encoded one by one, so that a long list is never one
 * long stretch of work.
 */
export interface ListParts {
  element(object: KubernetesObject): Uint8Array;
  /** What stands before the first element and after the last, given their total size. */
  frame(head: ListHead, elements: { readonly count: number; readonly sizeBytes: number }): Frame;
}

interface Frame {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** A list as a YAML document: `items:` and below it one block for each element. */
export function yamlList(field: "items" | "rows"): ListParts {
  return {
    element: (object) => Buffer.from(yaml([object])),
    frame: (head, { count }) => ({
      head: Buffer.from(`${yaml(head)}${field}:${count === 0 ? " []" : ""}\n`),
      tail: new Uint8Array(),
    }),
  };
}

function yaml(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0 });
}

/** Wire type 2: a length and that many bytes. */
const LENGTH_DELIMITED = 2;
const METADATA_TAG = 1;
const ITEMS_TAG = 2;

/** A list in protobuf, with its envelope, of elements of the named type. */
export function protobufList(elementType: string): ListParts {
  const type = present(typeByName(elementType), `schema of ${elementType}`);
  const metaType = present(typeByName("meta/v1.ListMeta"), "schema of ListMeta");
  return {
    element: (object) => {
      const message = encodeMessage(type, object);
      return Buffer.concat([fieldHead(ITEMS_TAG, message.length), message]);
    },
    frame: (head, { sizeBytes }) => {
      const metadata = field(METADATA_TAG, encodeMessage(metaType, head.metadata));
      return envelope(head, metadata, sizeBytes);
    },
  };
}

/** `k8s\0`, then Unknown: typeMeta 1, raw 2, contentEncoding 3 and contentType 4, both empty. */
function envelope(
  { apiVersion, kind }: ListHead,
  metadata: Uint8Array,
  elementsBytes: number,
): Frame {
  const typeMeta = Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))]);
  const raw = fieldHead(2, metadata.length + elementsBytes);
  return {
    head: Buffer.concat([Buffer.from("k8s\0"), field(1, typeMeta), raw, metadata]),
    tail: Buffer.concat([field(3, new Uint8Array()), field(4, new Uint8Array())]),
  };
}

function field(tag: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([fieldHead(tag, bytes.length), bytes]);
}

function fieldHead(tag: number, length: number): Buffer {
  const bytes = [tag * 8 + LENGTH_DELIMITED];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
