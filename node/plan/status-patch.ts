import type { PodCondition, PodStatus } from "../../api/schema/types/core-v1.gen.js";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";

/** The conditions that a node writes; all others belong to somebody else. */
const OWN_CONDITIONS: ReadonlySet<string> = new Set([
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
]);

/** Conditions of the node's that are there only while they are true. */
export const PASSING_CONDITIONS: ReadonlySet<string> = new Set([
  "PodResizePending",
  "PodResizeInProgress",
]);

/** The reason of a DisruptionTarget that the node itself is the cause of (KEP-3329). */
export const TERMINATION_BY_KUBELET = "TerminationByKubelet";

/** The fields that a node may take away again. */
const OWN_FIELDS = ["reason", "message", "podIP", "podIPs", "initContainerStatuses"] as const;

/**
 * The strategic merge patch that turns one status into the other; empty when a reader could not
 * tell them apart. Conditions of others are not touched.
 */
export function statusPatch(from: PodStatus, to: PodStatus): JsonObject {
  const before = from as Readonly<Record<string, JsonValue | undefined>>;
  const after = to as Readonly<Record<string, JsonValue | undefined>>;
  const patch: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(after)) {
    if (value === undefined || field === "conditions" || equalJson(before[field], value)) continue;
    // The server merges this list by address: what is no longer in it has to be said.
    const whole = field === "podIPs" && Array.isArray(value) && before[field] !== undefined;
    patch[field] = whole ? [{ $patch: "replace" }, ...(value as readonly JsonValue[])] : value;
  }
  for (const field of OWN_FIELDS) {
    if (before[field] !== undefined && after[field] === undefined) patch[field] = null;
  }
  const conditions = changedConditions(from.conditions ?? [], to.conditions ?? []);
  if (conditions.length > 0) patch["conditions"] = conditions;
  return patch;
}

/**
 * What the server shows of a pod, and in it our newest word in the place of what it has of us:
 * conditions of others are as they are shown.
 */
export function withOwnStatus(shown: PodStatus, own: PodStatus): PodStatus {
  const others = (shown.conditions ?? []).filter((condition) => !isOwn(condition));
  return { ...shown, ...own, conditions: [...others, ...(own.conditions ?? []).filter(isOwn)] };
}

/** True when a reader of the API could not tell them apart. */
export function sameStatus(a: PodStatus, b: PodStatus): boolean {
  return Object.keys(statusPatch(b, a)).length === 0;
}

/**
 * A condition is merged into the old one by its type: what it no longer says must be taken back.
 */
function changedConditions(
  from: readonly PodCondition[],
  to: readonly PodCondition[],
): readonly JsonObject[] {
  const changed: JsonObject[] = [];
  for (const condition of to) {
    if (!isOwn(condition)) continue;
    const old = from.find(({ type }) => type === condition.type);
    const wanted: JsonObject = { ...condition };
    const cleared: Record<string, JsonValue> = {};
    for (const field of ["reason", "message"] as const)
      if (old?.[field] !== undefined && condition[field] === undefined) cleared[field] = null;
    const known = old === undefined ? undefined : ({ ...old } as JsonObject);
    if (Object.keys(cleared).length > 0 || !coveredBy(known, wanted))
      changed.push({ ...wanted, ...cleared });
  }
  for (const { type } of from)
    if (PASSING_CONDITIONS.has(type) && !to.some((condition) => condition.type === type))
      changed.push({ $patch: "delete", type });
  return changed;
}

/** Who deletes or evicts pods through the API says so by the same type. */
function isOwn({ type, reason }: PodCondition): boolean {
  return (
    OWN_CONDITIONS.has(type) ||
    PASSING_CONDITIONS.has(type) ||
    (type === "DisruptionTarget" && reason === TERMINATION_BY_KUBELET)
  );
}

/** True when the old object says all that the new one does. */
function coveredBy(old: JsonObject | undefined, wanted: JsonObject): boolean {
  return (
    old !== undefined && Object.entries(wanted).every(([key, value]) => equalJson(old[key], value))
  );
}

/** Deep equality of JSON; the order of an object's fields does not matter. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalJson(item as JsonValue, b[index] as JsonValue));
  }
  const [left, right] = [a as JsonObject, b as JsonObject];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => equalJson(left[key], right[key]));
}
