import type { PatchValue } from "../patch-json.js";
import { type Comparison, compareValues } from "./compare-values.js";
import { describeConflicts, type FieldConflict } from "./conflicts.js";
import {
  difference,
  EMPTY_SET,
  type FieldSet,
  hasPath,
  intersection,
  isEmptySet,
  pathsOf,
  recursiveDifference,
  union,
} from "./field-set.js";
import { type ManagedEntry, type ManagerIdentity, managerKey } from "./managed-entries.js";
import { mergeValues } from "./merge-values.js";
import { removeFields } from "./remove-fields.js";
import type { Shape } from "./shape.js";
import { trackUpdate, UNTRACKED, withoutFields } from "./track-update.js";
import { fieldsOf, withNamedFields } from "./value-fields.js";

/** A configuration to be applied. It must have passed checkConfig. */
export interface Application {
  /** The object as it is, without managedFields; `{}` for one that is to be created. */
  readonly live: PatchValue;
  readonly config: PatchValue;
  readonly shape: Shape;
  readonly entries: readonly ManagedEntry[];
  /** Its operation is Apply. */
  readonly by: ManagerIdentity;
  /** RFC 3339. */
  readonly now: string;
  /** True: fields of other managers are taken from them. */
  readonly force: boolean;
  /** Conflicts about these fields are settled in favour of the applier. */
  readonly allowedConflicts: FieldSet;
  /** What this write cannot change, whatever it says. */
  readonly resetFields: FieldSet;
  /**
   * Brings the outcome into the form in which objects are kept: without what means nothing, amounts
   * and times written in one way. What is the same in that form is no change and no conflict.
   */
  readonly normalise: (object: PatchValue) => PatchValue;
}

export type Applied =
  | {
      readonly ok: true;
      readonly object: PatchValue;
      readonly entries: readonly ManagedEntry[];
    }
  | { readonly ok: false; readonly conflicts: readonly FieldConflict[]; readonly message: string };

/** The entry of fields that were there before anybody applied. */
const BEFORE_FIRST_APPLY = "before-first-apply";

/**
 * Applies a configuration: the object gets what it says, and loses what its manager said last time,
 * says no more, and nobody else has. A field that another manager has with another value is a
 * conflict, unless forced.
 */
export function applyConfig(application: Application): Applied {
  const { live, config, shape, by, now } = application;
  const entries = startingEntries(application);
  const key = managerKey(by);
  const last = entries.find((entry) => managerKey(entry) === key);
  const fields = recursiveDifference(fieldsOf(config, shape), application.resetFields);
  const own: ManagedEntry = { ...by, time: now, fields };
  const others = entries.filter((entry) => entry !== last);
  const merged = mergeValues(live, config, shape);
  const pruned = prune(merged, { shape, last, managers: [...others, own], by });
  const object = application.normalise(pruned);
  const whole = compareValues(live, object, shape);
  const comparison = withoutFields(whole, application.resetFields);
  const conflicts = conflictsWith(others, comparison, by);
  if (!application.force) {
    const refused = conflicts.filter(({ path }) => !hasPath(application.allowedConflicts, path));
    if (refused.length > 0) {
      return { ok: false, conflicts: refused, message: describeConflicts(refused) };
    }
  }
  const kept = others.map((entry) => loseTo(entry, comparison, by));
  const owned = { ...own, fields: difference(fields, UNTRACKED) };
  return { ok: true, object, entries: [...kept, owned] };
}

/** An object that nobody tracked until now: what it has belongs to a manager of its own. */
function startingEntries(application: Application): readonly ManagedEntry[] {
  const { entries, live, shape, by, now, resetFields } = application;
  if (entries.length > 0) return entries;
  const first = { ...by, manager: BEFORE_FIRST_APPLY, operation: "Update" as const };
  const comparison = compareValues({}, live, shape);
  return trackUpdate([], { by: first, now, comparison, resetFields });
}

function conflictsWith(
  others: readonly ManagedEntry[],
  comparison: Comparison,
  by: ManagerIdentity,
): FieldConflict[] {
  const changed = union(comparison.modified, comparison.added);
  return others
    .filter(({ apiVersion }) => apiVersion === by.apiVersion)
    .sort((a, b) => (managerKey(a) < managerKey(b) ? -1 : 1))
    .flatMap((entry) =>
      pathsOf(intersection(entry.fields, changed)).map((path) => ({ with: entry, path })),
    );
}

function loseTo(entry: ManagedEntry, comparison: Comparison, by: ManagerIdentity): ManagedEntry {
  if (entry.apiVersion !== by.apiVersion) return entry;
  const { modified, added, removed } = comparison;
  const fields = difference(difference(entry.fields, union(modified, added)), removed);
  return fields === entry.fields ? entry : { ...entry, fields };
}

interface Pruning {
  readonly shape: Shape;
  readonly last: ManagedEntry | undefined;
  /** Who manages what from now on, the applier included. */
  readonly managers: readonly ManagedEntry[];
  readonly by: ManagerIdentity;
}

/** Takes away what the applier had, has no more, and nobody else has. */
function prune(merged: PatchValue, { shape, last, managers, by }: Pruning): PatchValue {
  if (last === undefined || isEmptySet(last.fields) || last.apiVersion !== by.apiVersion) {
    return merged;
  }
  const lastFields = withNamedFields(last.fields, shape);
  const mergedFields = withNamedFields(fieldsOf(merged, shape), shape);
  const without = removeFields(merged, lastFields, shape);
  const managed = managers
    .filter(({ apiVersion }) => apiVersion === by.apiVersion)
    .reduce((set, entry) => union(set, entry.fields), EMPTY_SET);
  // Going with its parent does not take away what somebody has.
  const kept = union(
    withNamedFields(fieldsOf(without, shape), shape),
    withNamedFields(managed, shape),
  );
  const owned = removeFields(merged, difference(mergedFields, kept), shape);
  // Nor what nobody has, but the applier never had either.
  const ownedFields = withNamedFields(fieldsOf(owned, shape), shape);
  const gone = intersection(difference(mergedFields, ownedFields), lastFields);
  return removeFields(merged, gone, shape);
}
