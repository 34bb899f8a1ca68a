import { type TypeSchema, typeByName } from "../../api/schema/type-schema.js";
import { sameJson } from "../../api/machinery/patch-json.js";
import { badRequest } from "../../api/machinery/status.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { ApiFailure } from "../server/api-failure.js";
import type { CachedObject, CacheEvent } from "../storage/resource-cache.js";
import { withRevision } from "../storage/stored-bytes.js";
import { type KindView, toServed } from "./kind-view.js";

/** The parameter of a list or a watch that names the fields that are wanted. */
export const FIELDS_PARAMETER = "raftsmanFields";

const FIELDS_MAX = 32;
/** Views that are remembered: the one that was asked for longest ago goes first. */
const VIEWS_MAX = 32;
/** By these an object is known; they are there whatever is asked for. */
const IDENTITY = ["name", "namespace", "uid", "creationTimestamp"];

/** What is kept of an object: all of a field, or some of what is below it. */
type FieldTree = Map<string, FieldTree | "all">;
type Stored = Pick<CachedObject, "value">;

/**
 * Some fields of a kind's objects and nothing else of them. One for all who ask for the same: an
 * object is narrowed once, and two states are compared once, however many watch.
 */
export class FieldView {
  private readonly kind: KindView;
  private readonly tree: FieldTree;
  /** What was narrowed, for as long as the cache keeps the objects and events themselves. */
  private readonly narrowed = new WeakMap<Stored, Buffer>();
  private readonly told = new WeakMap<CacheEvent, boolean>();

  constructor(kind: KindView, fields: readonly string[]) {
    this.kind = kind;
    this.tree = treeOf(fields);
  }

  /** The object with what is wanted of it, as JSON; `resourceVersion` is metadata's first field. */
  bytes(stored: Stored): Buffer {
    let bytes = this.narrowed.get(stored);
    if (bytes === undefined) {
      const object = JSON.parse(stored.value.toString()) as KubernetesObject;
      bytes = Buffer.from(JSON.stringify(this.narrow(toServed(this.kind, object))));
      this.narrowed.set(stored, bytes);
    }
    return bytes;
  }

  /** False for a change of other fields alone. */
  tells(event: CacheEvent): boolean {
    const { current, previous } = event;
    if (current === null || previous === null) return true;
    let tells = this.told.get(event);
    if (tells === undefined) {
      tells = !isSame(this.bytes(current), this.bytes(previous));
      this.told.set(event, tells);
    }
    return tells;
  }

  private narrow({ kind, apiVersion, metadata, ...rest }: KubernetesObject): object {
    const { resourceVersion, managedFields: _never, ...others } = metadata;
    const known = Object.entries(others).filter(([name]) => IDENTITY.includes(name));
    const wanted = this.tree.get("metadata") ?? new Map<string, "all">();
    const asked = wanted === "all" ? others : picked(others, wanted);
    const shown = { resourceVersion, ...Object.fromEntries(known), ...asked };
    return { kind, apiVersion, metadata: shown, ...picked(rest, this.tree) };
  }
}

/** The views by kind and fields, oldest first. */
const VIEWS = new Map<string, FieldView>();

/**
 * What a list or a watch of the kind is narrowed to; null: to nothing. Throws 400 for what is no
 * field of the kind.
 */
export function fieldViewOf(view: KindView, query: URLSearchParams): FieldView | null {
  if (!query.has(FIELDS_PARAMETER)) return null;
  const fields = query.getAll(FIELDS_PARAMETER).flatMap((text) => text.split(","));
  if (fields.length > FIELDS_MAX) refuse(`more than ${FIELDS_MAX} fields`);
  const type = typeByName(view.kind.typeName);
  for (const field of fields) checkField(type, field);
  const key = [view.kind.typeName, ...new Set(fields.sort())].join(" ");
  const found = VIEWS.get(key) ?? new FieldView(view, fields);
  VIEWS.delete(key);
  VIEWS.set(key, found);
  const [oldest] = VIEWS.keys();
  if (VIEWS.size > VIEWS_MAX && oldest !== undefined) VIEWS.delete(oldest);
  return found;
}

function checkField(kind: TypeSchema, path: string): void {
  const names = path.split(".");
  if (names.includes("")) refuse(`${JSON.stringify(path)} is not the name of a field`);
  if (path === "metadata.managedFields") refuse("managedFields cannot be asked for");
  let type = kind;
  for (const [at, name] of names.entries()) {
    const field = type.fieldByName.get(name);
    if (field === undefined && type.isOpen === true) return;
    if (field === undefined) {
      refuse(`a ${kind.shortName} has no field ${JSON.stringify(path)}`);
    }
    if (at === names.length - 1) return;
    if (field.type.kind !== "message") {
      const whole = JSON.stringify(names.slice(0, at + 1).join("."));
      refuse(
        `${JSON.stringify(path)} lies within ${whole}, which can only be asked for as a whole`,
      );
    }
    type = field.type.type;
  }
}

function refuse(message: string): never {
  throw new ApiFailure(badRequest(`${FIELDS_PARAMETER}: ${message}`));
}

function treeOf(fields: readonly string[]): FieldTree {
  const tree: FieldTree = new Map();
  for (const field of fields) {
    const names = field.split(".");
    const last = names.pop() ?? "";
    let at: FieldTree | "all" = tree;
    for (const name of names) {
      if (at === "all") break;
      const below: FieldTree | "all" = at.get(name) ?? new Map<string, FieldTree | "all">();
      at.set(name, below);
      at = below;
    }
    if (at !== "all") at.set(last, "all");
  }
  return tree;
}

/** What leads to a wanted field stays, also when the field itself is not there. */
function picked(object: object, tree: FieldTree): object {
  const found: [string, unknown][] = [];
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    const wanted = tree.get(name);
    if (wanted === undefined) continue;
    const isNarrowed = wanted !== "all" && isObject(value);
    found.push([name, isNarrowed ? picked(value, wanted) : value]);
  }
  return Object.fromEntries(found);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Two states that differ in nothing but their resourceVersion. */
function isSame(a: Buffer, b: Buffer): boolean {
  const [one, other] = [withRevision(a, 0), withRevision(b, 0)];
  // Members may stand in another order after an update.
  return one.equals(other) || sameJson(parsed(one), parsed(other));
}

function parsed(bytes: Buffer): JsonValue {
  return JSON.parse(bytes.toString()) as JsonValue;
}
