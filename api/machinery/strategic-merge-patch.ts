import { orderElements, sameElement } from "./element-order.js";
import {
  isPatchList,
  isPatchObject,
  member,
  PatchError,
  type PatchObject,
  type PatchValue,
  sameJson,
  setMember,
} from "./patch-json.js";

/** What a strategic merge patch needs to know of a type; the schema's TypeSchema is one. */
export interface PatchableType {
  readonly shortName: string;
  readonly fieldByName: ReadonlyMap<string, PatchableField>;
}
export interface PatchableField {
  /** True: the list is merged, false: replaced. */
  readonly patchMerge: boolean;
  /** What tells the list's objects apart; null: a list of scalars, merged as a set. */
  readonly patchMergeKey: string | null;
  /** True: an object is replaced, not merged. */
  readonly patchReplace?: boolean;
  readonly type: PatchableFieldType;
}
export type PatchableFieldType =
  | { readonly kind: "scalar" }
  | { readonly kind: "message"; readonly type: PatchableType }
  | { readonly kind: "list"; readonly of: PatchableFieldType }
  | { readonly kind: "map"; readonly of: PatchableFieldType };

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const SET_ORDER = "$setElementOrder/";
const DELETE_SCALARS = "$deleteFromPrimitiveList/";

/**
 * Applies a strategic merge patch as `kubectl apply` sends it (k8s.io/apimachinery,
 * pkg/util/strategicpatch): lists that the type says so are merged by key, and $patch, $retainKeys,
 * $setElementOrder/… and $deleteFromPrimitiveList/… do what they say. Neither argument is changed.
 * Throws PatchError when the patch is malformed.
 */
export function applyStrategicMergePatch(
  object: PatchObject,
  patch: PatchValue,
  type: PatchableType,
): PatchObject {
  if (!isPatchObject(patch)) throw new PatchError("invalid JSON document");
  return mergeObject(object, patch, type);
}

/** A type; null: what has no schema (a map, a raw object), whose lists are replaced. */
type Schema = PatchableType | null;

function mergeObject(original: PatchObject, patch: PatchObject, schema: Schema): PatchObject {
  const directive = member(patch, DIRECTIVE);
  if (directive !== undefined) return directedObject(directive, patch, schema);
  const out: Record<string, PatchValue | undefined> = { ...retainKeys(original, patch) };
  const done = new Set<string>([RETAIN_KEYS]);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(SET_ORDER)) continue;
    const name = key.slice(SET_ORDER.length);
    done.add(key).add(name);
    const order = member(patch, key);
    const ordered = mergeOrdered(name, { out, patch, order, schema });
    if (ordered !== undefined) setMember(out, name, ordered);
  }
  for (const key of Object.keys(patch)) {
    if (done.has(key)) continue;
    if (key.startsWith(DELETE_SCALARS)) {
      deleteScalars(out, key.slice(DELETE_SCALARS.length), member(patch, key));
    } else {
      const merged = mergeMember(member(out, key), member(patch, key), fieldOf(schema, key));
      if (merged === undefined) delete out[key];
      else setMember(out, key, merged);
    }
  }
  return out;
}

function directedObject(directive: PatchValue, patch: PatchObject, schema: Schema): PatchObject {
  if (directive === "delete") return {};
  if (directive !== "replace")
    throw new PatchError(`unknown patch type: ${show(directive)} in map: ${show(patch)}`);
  const { [DIRECTIVE]: _directive, ...rest } = patch;
  return mergeObject({}, rest, schema);
}

/** The value after the patch; undefined: the member goes. */
function mergeMember(
  before: PatchValue | undefined,
  value: PatchValue | undefined,
  field: PatchableField | null,
): PatchValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (isPatchObject(value)) {
    if (before === undefined && member(value, DIRECTIVE) !== undefined) return undefined;
    if (field?.patchReplace === true) return mergeObject({}, value, objectSchema(field));
    return mergeObject(isPatchObject(before) ? before : {}, value, objectSchema(field));
  }
  if (isPatchList(value)) return mergeList(isPatchList(before) ? before : [], value, field);
  return value;
}

function mergeList(
  original: readonly PatchValue[],
  patch: readonly PatchValue[],
  field: PatchableField | null,
): readonly PatchValue[] {
  if (field === null || !field.patchMerge) return replaceList(patch, field);
  const mergeKey = field.patchMergeKey;
  const { list, wanted } =
    mergeKey === null
      ? { list: unique([...original, ...patch]), wanted: patch }
      : mergeObjects(original, patch, { mergeKey, schema: elementSchema(field) });
  return orderElements(list, wanted, { live: original, mergeKey });
}

function replaceList(
  patch: readonly PatchValue[],
  field: PatchableField | null,
): readonly PatchValue[] {
  const schema = elementSchema(field);
  return patch
    .filter((item) => !isPatchObject(item) || member(item, DIRECTIVE) === undefined)
    .map((item) => (isPatchObject(item) ? mergeObject({}, item, schema) : item));
}

/**
 * Merges lists of objects; `wanted` are the patch's elements without those that only give
 * directions.
 */
function mergeObjects(
  original: readonly PatchValue[],
  patch: readonly PatchValue[],
  { mergeKey, schema }: { mergeKey: string; schema: Schema },
): { list: readonly PatchValue[]; wanted: readonly PatchValue[] } {
  let list: PatchValue[] = [...original];
  const wanted: PatchObject[] = [];
  let replace = false;
  for (const item of patch) {
    if (!isPatchObject(item)) throw new PatchError(`expected a map, but received ${show(item)}`);
    const directive = member(item, DIRECTIVE);
    if (directive !== "replace" && member(item, mergeKey) === undefined) {
      const text = `map: ${show(item)} does not contain declared merge key: ${mergeKey}`;
      throw new PatchError(text);
    }
    if (directive === undefined) wanted.push(item);
    else if (directive === "replace") replace = true;
    else if (directive === "delete")
      list = list.filter((candidate) => !sameElement(candidate, item, mergeKey));
    else if (directive === "merge")
      throw new PatchError("merging lists cannot yet be specified in the patch");
    else throw new PatchError(`unknown patch type: ${show(directive)} in map: ${show(item)}`);
  }
  if (replace) list = [];
  for (const item of wanted) {
    const place = list.findIndex((candidate) => sameElement(candidate, item, mergeKey));
    const before = place < 0 ? {} : list[place];
    const merged = mergeObject(isPatchObject(before) ? before : {}, item, schema);
    if (place < 0) list.push(merged);
    else list[place] = merged;
  }
  return { list, wanted };
}

/** A list whose order the patch gives; undefined: neither side has it. */
function mergeOrdered(
  name: string,
  {
    out,
    patch,
    order,
    schema,
  }: {
    out: PatchObject;
    patch: PatchObject;
    order: PatchValue | undefined;
    schema: Schema;
  },
): PatchValue | undefined {
  if (!isPatchList(order)) throw badSetOrder();
  const [before, change] = [member(out, name), member(patch, name)];
  if (before !== undefined && !isPatchList(before)) throw badSetOrder();
  if (change !== undefined && change !== null && !isPatchList(change)) throw badSetOrder();
  if (change === null) return undefined;
  if (before === undefined && change === undefined) return undefined;
  const field = fieldOf(schema, name);
  if (schema !== null && field === null) {
    const text = `unable to find api field in struct ${schema.shortName} for the json field`;
    throw new PatchError(`${text} "${name}"`);
  }
  const mergeKey = field?.patchMergeKey ?? null;
  if (change !== undefined) checkOrder(change, order, mergeKey);
  const merged = change === undefined ? (before ?? []) : mergeList(before ?? [], change, field);
  return orderElements(merged, order, { live: before ?? [], mergeKey });
}

/**
 * The patch's elements must stand in the order's order: otherwise the two contradict each other.
 */
function checkOrder(
  patch: readonly PatchValue[],
  order: readonly PatchValue[],
  mergeKey: string | null,
): void {
  if (order.length === 0 || patch.length === 0) return;
  let at = 0;
  for (const item of patch) {
    if (isPatchObject(item) && member(item, DIRECTIVE) !== undefined) continue;
    while (at < order.length && !sameElement(item, order[at] ?? null, mergeKey)) at += 1;
    if (at === order.length) {
      const [list, wanted] = [show(patch), show(order)];
      const text =
        `The order in patch list:\n${list}\n doesn't match $setElementOrder ` +
        `list:\n${wanted}\n`;
      throw new PatchError(text);
    }
    at += 1;
  }
}

function retainKeys(original: PatchObject, patch: PatchObject): PatchObject {
  const retained = member(patch, RETAIN_KEYS);
  if (retained === undefined) return original;
  if (!isPatchList(retained)) throw badRetainKeys();
  const keep = new Set(retained);
  for (const key of Object.keys(patch)) {
    if (key === RETAIN_KEYS || member(patch, key) === null) continue;
    if (key.startsWith(SET_ORDER) || key.startsWith(DELETE_SCALARS)) continue;
    if (!keep.has(key)) throw badRetainKeys();
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.has(key)));
}

function deleteScalars(
  out: Record<string, PatchValue | undefined>,
  name: string,
  deleted: PatchValue | undefined,
): void {
  const before = member(out, name);
  if (before === undefined) return;
  if (!isPatchList(deleted) || !isPatchList(before))
    throw new PatchError("invalid patch format of primitive list");
  const rest = before.filter((item) => !deleted.some((other) => sameJson(item, other)));
  setMember(out, name, rest);
}

/**
 * The field; null where there is no schema or it does not know the field: decoding the outcome
 * reports that.
 */
function fieldOf(schema: Schema, name: string): PatchableField | null {
  return schema?.fieldByName.get(name) ?? null;
}

function objectSchema(field: PatchableField | null): Schema {
  if (field?.type.kind === "message") return field.type.type;
  return null;
}

function elementSchema(field: PatchableField | null): Schema {
  if (field?.type.kind !== "list" || field.type.of.kind !== "message") return null;
  return field.type.of.type;
}

function unique(items: readonly PatchValue[]): PatchValue[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function show(value: PatchValue): string {
  return JSON.stringify(value);
}

function badRetainKeys(): PatchError {
  return new PatchError("invalid patch format of retainKeys");
}

function badSetOrder(): PatchError {
  return new PatchError("invalid patch format of setElementOrder list");
}
