import { checkConfig } from "../../api/machinery/managed-fields/check-config.js";
import { compareValues } from "../../api/machinery/managed-fields/compare-values.js";
import {
  difference,
  EMPTY_SET,
  type FieldSet,
  union,
} from "../../api/machinery/managed-fields/field-set.js";
import type { Shape } from "../../api/machinery/managed-fields/shape.js";
import { fieldsOf } from "../../api/machinery/managed-fields/value-fields.js";
import {
  isPatchObject,
  type PatchObject,
  type PatchValue,
} from "../../api/machinery/patch-json.js";

/** Where `kubectl apply` without --server-side keeps what it applied last. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** The manager that kubectl applies as; only it goes on from what kubectl did before. */
export const KUBECTL = "kubectl";

const ANNOTATIONS_BYTES_MAX = 256 * 1024;

/**
 * Fields that kubectl applied from the client and that are still as it left them: it may have them
 * without a conflict when it applies on the server. Empty when the annotation is missing, cannot be
 * read or is of another version.
 */
export function lastAppliedFields(live: PatchValue, apiVersion: string, shape: Shape): FieldSet {
  const text = annotationOf(live);
  if (text === null) return EMPTY_SET;
  let last: PatchValue;
  try {
    last = JSON.parse(text) as PatchValue;
  } catch {
    return EMPTY_SET;
  }
  const isReadable = isPatchObject(last) && last["apiVersion"] === apiVersion;
  if (!isReadable || checkConfig(last, shape) !== null) return EMPTY_SET;
  const { removed, modified, added } = compareValues(last, live, shape);
  return difference(fieldsOf(last, shape), union(union(modified, added), removed));
}

/**
 * The object, where it has the annotation, with the configuration that was applied now: so that
 * `kubectl apply` from the client goes on from there.
 */
export function withLastApplied(object: PatchValue, config: PatchValue): PatchValue {
  if (annotationOf(object) === null || !isPatchObject(object)) return object;
  const { metadata } = object;
  const annotations = isPatchObject(metadata) ? metadata["annotations"] : null;
  if (!isPatchObject(metadata) || !isPatchObject(annotations)) return object;
  const text = `${JSON.stringify(sortedKeys(withoutAnnotation(config)))}\n`;
  const next: PatchObject = { ...annotations, [LAST_APPLIED]: text };
  const { [LAST_APPLIED]: _before, ...others } = annotations;
  const kept = bytesOf(next) > ANNOTATIONS_BYTES_MAX ? others : next;
  return { ...object, metadata: { ...metadata, annotations: kept } };
}

/** Null: none. */
function annotationOf(object: PatchValue): string | null {
  const metadata = isPatchObject(object) ? object["metadata"] : null;
  const annotations = isPatchObject(metadata) ? metadata["annotations"] : null;
  const value = isPatchObject(annotations) ? annotations[LAST_APPLIED] : null;
  return typeof value === "string" && value !== "" ? value : null;
}

function withoutAnnotation(config: PatchValue): PatchValue {
  if (annotationOf(config) === null || !isPatchObject(config)) return config;
  const { metadata } = config;
  const annotations = isPatchObject(metadata) ? metadata["annotations"] : null;
  if (!isPatchObject(metadata) || !isPatchObject(annotations)) return config;
  const { [LAST_APPLIED]: _before, ...others } = annotations;
  return { ...config, metadata: { ...metadata, annotations: others } };
}

function sortedKeys(value: PatchValue): PatchValue {
  if (Array.isArray(value)) return (value as readonly PatchValue[]).map(sortedKeys);
  if (!isPatchObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortedKeys(value[key] ?? null)]));
}

function bytesOf(annotations: PatchObject): number {
  let sum = 0;
  for (const [key, value] of Object.entries(annotations)) {
    sum += Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value ?? ""));
  }
  return sum;
}
