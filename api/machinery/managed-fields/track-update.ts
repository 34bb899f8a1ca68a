import type { PatchValue } from "../patch-json.js";
import { type Comparison, isSame } from "./compare-values.js";
import {
  difference,
  EMPTY_SET,
  type FieldSet,
  isEmptySet,
  parseFieldSet,
  recursiveDifference,
  union,
} from "./field-set.js";
import {
  capUpdates,
  type ManagedEntry,
  type ManagerIdentity,
  managerKey,
} from "./managed-entries.js";

/** A write that says what the object is to be: a create, an update, a patch. */
export interface TrackedUpdate {
  readonly by: ManagerIdentity;
  /** RFC 3339. */
  readonly now: string;
  readonly comparison: Comparison;
  /** What this write cannot change, whatever it says. */
  readonly resetFields: FieldSet;
}

/**
 * Who manages what after an update: the writer has what it changed and added, nobody has what is
 * gone. Only entries of the writer's API version take part. Returns `entries` itself when the write
 * changed nothing that is tracked.
 */
export function trackUpdate(
  entries: readonly ManagedEntry[],
  update: TrackedUpdate,
): readonly ManagedEntry[] {
  const { by, now, resetFields } = update;
  if (isSame(update.comparison)) return entries;
  const comparison = withoutFields(update.comparison, resetFields);
  const changed = union(comparison.modified, comparison.added);
  const rest = takenFrom(entries, { by, sets: [changed, comparison.removed] });
  const taken = difference(changed, UNTRACKED);
  if (isEmptySet(taken)) return rest;
  const key = managerKey(by);
  const before = rest.find((entry) => managerKey(entry) === key)?.fields ?? EMPTY_SET;
  const own: ManagedEntry = { ...by, time: now, fields: union(before, taken) };
  return capUpdates([...rest.filter((entry) => managerKey(entry) !== key), own]);
}

/** The comparison without fields that a write cannot change. */
export function withoutFields(comparison: Comparison, fields: FieldSet): Comparison {
  if (isEmptySet(fields)) return comparison;
  return {
    removed: recursiveDifference(comparison.removed, fields),
    modified: recursiveDifference(comparison.modified, fields),
    added: recursiveDifference(comparison.added, fields),
  };
}

/** What belongs to the server, whoever writes it. */
export const UNTRACKED: FieldSet = constantSet({
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": {
    ".": {},
    "f:clusterName": {},
    "f:creationTimestamp": {},
    "f:generation": {},
    "f:managedFields": {},
    "f:name": {},
    "f:namespace": {},
    "f:resourceVersion": {},
    "f:selfLink": {},
    "f:uid": {},
  },
});

function takenFrom(
  entries: readonly ManagedEntry[],
  { by, sets }: { readonly by: ManagerIdentity; readonly sets: readonly FieldSet[] },
): ManagedEntry[] {
  const out: ManagedEntry[] = [];
  for (const entry of entries) {
    if (entry.apiVersion !== by.apiVersion) {
      out.push(entry);
      continue;
    }
    let { fields } = entry;
    for (const set of sets) fields = difference(fields, set);
    if (fields === entry.fields) out.push(entry);
    else if (!isEmptySet(fields)) out.push({ ...entry, fields });
  }
  return out;
}

function constantSet(value: PatchValue): FieldSet {
  return parseFieldSet(value) ?? EMPTY_SET;
}
