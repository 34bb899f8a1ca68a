import { isPatchList, isPatchObject, type PatchValue } from "../patch-json.js";
import { type FieldSet, isEmptySet, parseFieldSet, union } from "./field-set.js";

export type ManagerOperation = "Apply" | "Update";

/** One manager of an object and the fields it has, as in metadata.managedFields. */
export interface ManagedEntry {
  /** "" for one that gave no name. */
  readonly manager: string;
  readonly operation: ManagerOperation;
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** A canonical Time; null when not known. */
  readonly time: string | null;
  readonly fields: FieldSet;
}

/** Who writes: an entry without its time and fields. */
export type ManagerIdentity = Pick<
  ManagedEntry,
  "manager" | "operation" | "apiVersion" | "subresource"
>;

/**
 * An entry of metadata.managedFields on the wire, its fields in the order in which Kubernetes
 * writes them.
 */
export interface WireEntry {
  readonly manager?: string;
  readonly operation: ManagerOperation;
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: "FieldsV1";
  readonly fieldsV1: FieldSet;
  readonly subresource?: string;
}

/** How many entries of updates an object has at most; beyond that the oldest become one. */
export const UPDATE_MANAGERS_MAX = 10;

/** The manager that stands for updates too old to be told apart. */
const ANCIENT_MANAGER = "ancient-changes";

/** Tells managers apart: an applier is the same in every version. */
export function managerKey(of: ManagerIdentity): string {
  const version = of.operation === "Apply" ? "" : of.apiVersion;
  return JSON.stringify([of.manager, of.operation, version, of.subresource]);
}

/** Entries as the server itself wrote them. */
export function storedEntries(wire: readonly WireEntry[]): ManagedEntry[] {
  return wire.map((entry) => ({
    manager: entry.manager ?? "",
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    subresource: entry.subresource ?? "",
    time: entry.time ?? null,
    fields: entry.fieldsV1,
  }));
}

/**
 * Entries that a client sent; null when one of them cannot be read. Two of one manager count as the
 * later one.
 */
export function parseEntries(value: PatchValue | undefined): ManagedEntry[] | null {
  if (!isPatchList(value)) return null;
  const entries = new Map<string, ManagedEntry>();
  for (const item of value) {
    const entry = parseEntry(item);
    if (entry === null) return null;
    entries.set(managerKey(entry), entry);
  }
  return [...entries.values()];
}

/**
 * True for a list that says: forget who manages what. It is empty, or one entry that says nothing.
 */
export function isReset(value: PatchValue | undefined): boolean {
  if (!isPatchList(value)) return false;
  const [only] = value;
  if (only === undefined) return true;
  return value.length === 1 && isPatchObject(only) && Object.keys(only).length === 0;
}

/**
 * Entries as they are stored, in Kubernetes' order: appliers first, then by time and name. Those
 * without fields go.
 */
export function encodeEntries(entries: readonly ManagedEntry[]): WireEntry[] {
  return entries
    .filter(({ fields }) => !isEmptySet(fields))
    .sort(compareEntries)
    .map(encodeEntry);
}

/**
 * Makes one entry of the oldest updates until there are no more than UPDATE_MANAGERS_MAX of them.
 */
export function capUpdates(entries: readonly ManagedEntry[]): readonly ManagedEntry[] {
  const updates = entries.filter(({ operation }) => operation === "Update");
  let surplus = updates.length - UPDATE_MANAGERS_MAX;
  if (surplus <= 0) return entries;
  const oldest = [...updates].sort(
    (a, b) => compareTimes(a, b) || compare(managerKey(a), managerKey(b)),
  );
  const gone = new Set<ManagedEntry>();
  const buckets = new Map<string, ManagedEntry>();
  for (const entry of oldest) {
    if (surplus === 0) break;
    const bucket = buckets.get(entry.apiVersion);
    gone.add(entry);
    if (bucket === undefined) {
      buckets.set(entry.apiVersion, entry);
      continue;
    }
    surplus -= 1;
    const { apiVersion, time } = entry;
    buckets.set(apiVersion, {
      manager: ANCIENT_MANAGER,
      operation: "Update",
      apiVersion,
      subresource: "",
      time,
      fields: union(bucket.fields, entry.fields),
    });
  }
  return [...entries.filter((entry) => !gone.has(entry)), ...buckets.values()];
}

function parseEntry(item: PatchValue): ManagedEntry | null {
  if (!isPatchObject(item)) return null;
  const { operation, fieldsType } = item;
  if (operation !== "Apply" && operation !== "Update") return null;
  const apiVersion = textOf(item["apiVersion"]);
  const fields = parseFieldSet(item["fieldsV1"]);
  if (apiVersion === "" || fieldsType !== "FieldsV1" || fields === null) return null;
  const time = textOf(item["time"]);
  return {
    manager: textOf(item["manager"]),
    operation,
    apiVersion,
    subresource: textOf(item["subresource"]),
    time: time === "" ? null : time,
    fields,
  };
}

function encodeEntry(entry: ManagedEntry): WireEntry {
  const { manager, operation, apiVersion, time, fields, subresource } = entry;
  return {
    ...(manager === "" ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === null ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: fields,
    ...(subresource === "" ? {} : { subresource }),
  };
}

function compareEntries(a: ManagedEntry, b: ManagedEntry): number {
  return (
    compare(a.operation, b.operation) ||
    compareTimes(a, b) ||
    compare(a.manager, b.manager) ||
    compare(a.apiVersion, b.apiVersion) ||
    compare(a.subresource, b.subresource)
  );
}

/**
 * Times are kept in one form, in UTC and whole seconds: their texts are in the order of the times.
 */
function compareTimes(a: ManagedEntry, b: ManagedEntry): number {
  return compare(a.time ?? "", b.time ?? "");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function textOf(value: PatchValue | undefined): string {
  return typeof value === "string" ? value : "";
}
