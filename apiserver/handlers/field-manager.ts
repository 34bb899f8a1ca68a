import { isDeepStrictEqual } from "node:util";
import {
  compareValues,
  type Comparison,
} from "../../api/machinery/managed-fields/compare-values.js";
import { emptyObject } from "../../api/machinery/managed-fields/empty-object.js";
import { EMPTY_SET, sameSet } from "../../api/machinery/managed-fields/field-set.js";
import {
  encodeEntries,
  isReset,
  type ManagedEntry,
  type ManagerIdentity,
  type ManagerOperation,
  parseEntries,
  storedEntries,
  type WireEntry,
} from "../../api/machinery/managed-fields/managed-entries.js";
import { shapeOf } from "../../api/machinery/managed-fields/shape.js";
import { trackUpdate } from "../../api/machinery/managed-fields/track-update.js";
import type { PatchValue } from "../../api/machinery/patch-json.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import { typeByName } from "../../api/schema/type-schema.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import type { ApiRequest } from "../server/http-types.js";
import { headerOf } from "../server/responses.js";
import type { ResourceCall } from "./deps.js";
import { resetFieldsOf } from "./reset-fields.js";
import type { WriteOptions } from "./write-options.js";

/** Who answers for the fields that a request sets, and how it sets them. */
export interface FieldManager {
  readonly name: string;
  /** Apply: the object that is written has its managedFields already. */
  readonly operation: ManagerOperation;
}

const NAME_BYTES_MAX = 128;

/** The manager that a write names, or else the program that the client says it is. */
export function updateManager(request: ApiRequest, options: WriteOptions): FieldManager {
  const { fieldManager } = options;
  const name = fieldManager === "" ? managerOfAgent(headerOf(request, "user-agent")) : fieldManager;
  return { name, operation: "Update" };
}

/** As in metadata.managedFields: with the version and the part of the object that is written. */
export function managerIdentity({ kind, info }: ResourceCall, by: FieldManager): ManagerIdentity {
  return {
    // Kubernetes' word for a client that says nothing of itself.
    manager: by.name === "" ? "unknown" : by.name,
    operation: by.operation,
    apiVersion: kind.apiVersion,
    subresource: info.subresource,
  };
}

/** What the writer of a new object manages: everything it says, and what it gets by default. */
export function entriesOfNew(
  object: KubernetesObject,
  by: ManagerIdentity,
  { kind, now }: { readonly kind: KindInfo; readonly now: string },
): readonly WireEntry[] {
  const type = typeByName(kind.typeName);
  const value = object as unknown as PatchValue;
  const comparison = compareValues(emptyObject(type), value, shapeOf(type));
  const resetFields = resetFieldsOf(kind, "");
  return encodeEntries(trackUpdate([], { by, now, comparison, resetFields }));
}

/** An update of an object, ready to be stored but for its managedFields. */
export interface OwnedUpdate {
  readonly kind: KindInfo;
  readonly old: KubernetesObject;
  readonly object: KubernetesObject;
  /** metadata.managedFields as the client sent them; undefined: none. */
  readonly given: JsonValue | undefined;
  /** RFC 3339. */
  readonly now: string;
}

/** metadata.managedFields after an update; undefined: none. */
export function entriesAfterUpdate(
  update: OwnedUpdate,
  by: ManagerIdentity,
): readonly WireEntry[] | undefined {
  const { kind, old, object, given, now } = update;
  const stored = wireEntriesOf(old);
  const isPart = by.subresource !== "";
  if (!isPart && isReset(given)) return undefined;
  const sent = isPart ? null : entriesSent(given, stored);
  const before = sent ?? storedEntries(stored);
  // Nobody tracked it until now: it stays so until somebody applies.
  if (before.length === 0) return undefined;
  const comparison = changesOf(kind, old, object);
  // What a write can change was settled by the strategy: what differs was changed.
  const after = trackUpdate(before, { by, now, comparison, resetFields: EMPTY_SET });
  if (after === before && sent === null) return stored;
  const entries = encodeEntries(after);
  return entries.length === 0 ? undefined : entries;
}

/**
 * The entries of an object after an apply. When it changed nothing but the times of entries, those
 * of before: an apply without effect writes nothing.
 */
export function settledEntries(
  entries: readonly WireEntry[],
  { old, object }: { readonly old: KubernetesObject; readonly object: KubernetesObject },
): readonly WireEntry[] {
  const before = wireEntriesOf(old);
  if (!sameButTimes(entries, before)) return entries;
  // As it will be read again: what is undefined is not there.
  const next = JSON.parse(JSON.stringify(withoutEntries(object))) as unknown;
  return isDeepStrictEqual(next, withoutEntries(old)) ? before : entries;
}

/** metadata.managedFields of a stored object. */
export function wireEntriesOf(object: KubernetesObject): readonly WireEntry[] {
  const { managedFields = [] } = object.metadata as { managedFields?: readonly WireEntry[] };
  return managedFields;
}

/** The object with these managedFields; undefined or empty: without. */
export function withEntries<T extends KubernetesObject>(
  object: T,
  entries: readonly WireEntry[] | undefined,
): T {
  const { managedFields: _fields, ...metadata } = object.metadata as { managedFields?: unknown };
  if (entries === undefined || entries.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: entries } };
}

/** The object as its fields are compared: nobody manages the managedFields themselves. */
export function withoutEntries<T extends KubernetesObject>(object: T): T {
  return withEntries(object, undefined);
}

function changesOf(kind: KindInfo, old: KubernetesObject, object: KubernetesObject): Comparison {
  const { managedFields: _old, ...before } = old.metadata as { managedFields?: unknown };
  const { managedFields: _new, ...after } = object.metadata as { managedFields?: unknown };
  const { status = {} } = old as { status?: unknown };
  return compareValues(
    { ...old, metadata: before, status } as unknown as PatchValue,
    { status: {}, ...object, metadata: after } as unknown as PatchValue,
    shapeOf(typeByName(kind.typeName)),
  );
}

/**
 * The client's own version of the entries. Null when it sent none, those that are stored, or such
 * as cannot be read: who does not know the field must not lose it.
 */
function entriesSent(
  given: JsonValue | undefined,
  stored: readonly WireEntry[],
): ManagedEntry[] | null {
  if (given === undefined || isDeepStrictEqual(given, stored)) return null;
  const entries = parseEntries(given as PatchValue);
  return entries === null || entries.length === 0 ? null : entries;
}

function sameButTimes(a: readonly WireEntry[], b: readonly WireEntry[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((entry, index) => {
    const other = b[index];
    return (
      other !== undefined &&
      entry.manager === other.manager &&
      entry.operation === other.operation &&
      entry.apiVersion === other.apiVersion &&
      entry.subresource === other.subresource &&
      sameSet(entry.fieldsV1, other.fieldsV1)
    );
  });
}

/**
 * The name before the first slash of a User-Agent, without what cannot be printed, at most 128
 * bytes.
 */
function managerOfAgent(agent: string | null): string {
  const [name = ""] = (agent ?? "").split("/");
  let out = "";
  for (const character of name) {
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) continue;
    if (Buffer.byteLength(out + character) > NAME_BYTES_MAX) break;
    out += character;
  }
  return out;
}
