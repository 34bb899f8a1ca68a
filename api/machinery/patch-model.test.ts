import fc from "fast-check";
import t from "tap";
import { applyJsonPatch } from "./json-patch.js";
import { applyMergePatch } from "./merge-patch.js";
import type { PatchObject, PatchValue } from "./patch-json.js";
import {
  applyStrategicMergePatch,
  type PatchableField,
  type PatchableType,
} from "./strategic-merge-patch.js";

/**
 * Second versions of the patches, as dumb as they can be: they copy everything, change the copy in
 * place and know nothing of sharing, orders or texts.
 */
type Loose = Record<string, unknown>;

const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const isObject = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 7386, section 2, word by word. */
function dumbMerge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Loose = isObject(target) ? target : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = dumbMerge(result[name], value);
  }
  return result;
}

/** RFC 6902 on a copy; throws anything when an operation does not fit. */
function dumbJsonPatch(document: unknown, operations: readonly Loose[]): unknown {
  const root = { doc: copyOf(document) };
  const stepsOf = (pointer: unknown): string[] => ["doc", ...String(pointer).split("/").slice(1)];
  const parentOf = (steps: readonly string[]): unknown => {
    let at: unknown = root;
    for (const step of steps.slice(0, -1)) at = child(at, step);
    return at;
  };
  const child = (at: unknown, step: string): unknown => {
    if (Array.isArray(at)) return place(at, step, at.length - 1) as never;
    if (isObject(at) && Object.hasOwn(at, step)) return at[step];
    throw new Error("no such value");
  };
  const place = (list: unknown[], step: string, last: number): unknown => list[indexOf(step, last)];
  const indexOf = (step: string, last: number): number => {
    if (!/^(?:0|[1-9]\d*)$/u.test(step) || Number(step) > last) throw new Error("no such index");
    return Number(step);
  };
  const get = (pointer: unknown): unknown => {
    const steps = stepsOf(pointer);
    return child(parentOf(steps), steps.at(-1) ?? "");
  };
  const remove = (pointer: unknown): unknown => {
    const steps = stepsOf(pointer);
    const [parent, step] = [parentOf(steps), steps.at(-1) ?? ""];
    const old = child(parent, step);
    if (Array.isArray(parent)) parent.splice(Number(step), 1);
    else delete (parent as Loose)[step];
    return old;
  };
  const add = (pointer: unknown, value: unknown): void => {
    const steps = stepsOf(pointer);
    const [parent, step] = [parentOf(steps), steps.at(-1) ?? ""];
    if (Array.isArray(parent)) {
      parent.splice(step === "-" ? parent.length : indexOf(step, parent.length), 0, value);
    } else if (isObject(parent)) parent[step] = value;
    else throw new Error("no container");
  };
  for (const { op, path, from, value } of operations) {
    if (op === "add") add(path, copyOf(value));
    else if (op === "remove") remove(path);
    else if (op === "replace") {
      const at = remove(path);
      void at;
      add(path, copyOf(value));
    } else if (op === "move") {
      if (String(path).startsWith(`${String(from)}/`)) throw new Error("into itself");
      add(path, remove(from));
    } else if (op === "copy") add(path, copyOf(get(from)));
    else if (
      !sameValue(
        orNull(() => get(path)),
        value,
      )
    )
      throw new Error("test failed");
  }
  return root.doc;
}

function orNull(get: () => unknown): unknown {
  try {
    return get();
  } catch {
    return null;
  }
}

/** JSON with the members of objects in order. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `{${members.map((key) => `${key}:${text(value[key])}`).join()}}`;
}

function sameValue(a: unknown, b: unknown): boolean {
  return text(a) === text(b);
}

function outcome(run: () => unknown): string {
  try {
    return text(run());
  } catch {
    return "refused";
  }
}

const key = fc.constantFrom("a", "b", "c");
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, 1, "x"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const document = fc.dictionary(key, tree, { maxKeys: 3 });
const steps = fc.array(fc.constantFrom("a", "a", "b", "b", "c", "0", "0", "1", "-", "01"), {
  minLength: 1,
  maxLength: 3,
});
const pointer = steps.map((all) => all.map((step) => `/${step}`).join(""));

t.test("merge patches as the RFC's own words", (t) => {
  const agree = (object: unknown, patch: unknown): boolean =>
    text(applyMergePatch(object as PatchObject, patch as PatchValue)) ===
    text(dumbMerge(copyOf(object), patch));
  fc.assert(fc.property(document, document, agree), { numRuns: 1_000 });
  t.end();
});

t.test("JSON patches as changes in place", (t) => {
  const operation = fc.record({
    op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"),
    path: pointer,
    from: pointer,
    value: tree,
  });
  let applied = 0;
  const agree = (object: unknown, operations: readonly Loose[]): boolean => {
    const ours = outcome(() => applyJsonPatch(object as PatchObject, operations as PatchValue));
    if (ours !== "refused") applied += 1;
    return ours === outcome(() => dumbJsonPatch(object, operations));
  };
  const operations = fc.array(operation, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(document, operations, agree), { numRuns: 3_000 });
  t.ok(applied > 20, `not all were refused: ${applied} were not`);
  t.end();
});

const SCALAR = { kind: "scalar" } as const;
const field = (more: Partial<PatchableField>): PatchableField => ({
  patchMerge: false,
  patchMergeKey: null,
  type: SCALAR,
  ...more,
});
const type = (fields: Readonly<Record<string, PatchableField>>): PatchableType => ({
  shortName: "Thing",
  fieldByName: new Map(Object.entries(fields)),
});
const ITEM = type({
  name: field({}),
  image: field({}),
  args: field({ type: { kind: "list", of: SCALAR } }),
});
const THING = type({
  items: field({
    patchMerge: true,
    patchMergeKey: "name",
    type: { kind: "list", of: { kind: "message", type: ITEM } },
  }),
  marks: field({ patchMerge: true, type: { kind: "list", of: SCALAR } }),
  labels: field({ type: { kind: "map", of: SCALAR } }),
  one: field({ type: { kind: "message", type: ITEM } }),
});

/** The rules of lists and directives, without any thought of order. */
function dumbStrategic(object: Loose, patch: Loose): Loose {
  if (patch["$patch"] === "delete") return {};
  const replaced = patch["$patch"] === "replace";
  let result: Loose = replaced ? {} : object;
  const retained = patch["$retainKeys"] as string[] | undefined;
  if (retained !== undefined) {
    result = Object.fromEntries(Object.entries(result).filter(([name]) => retained.includes(name)));
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$deleteFromPrimitiveList/")) {
      const list = name.slice(name.indexOf("/") + 1);
      const gone = value as unknown[];
      const before = result[list] as unknown[] | undefined;
      if (before !== undefined) result[list] = before.filter((mark) => !gone.includes(mark));
    } else if (value === null) delete result[name];
    else if (name === "items") result["items"] = dumbItems(result["items"], value as Loose[]);
    else if (name === "marks") {
      const before = (result["marks"] as unknown[] | undefined) ?? [];
      result["marks"] = [...new Set([...before, ...(value as unknown[])])];
    } else if (isObject(value)) {
      const before = result[name];
      if (before === undefined && value["$patch"] !== undefined) continue;
      result[name] = dumbStrategic(isObject(before) ? before : {}, value);
    } else if (!name.startsWith("$")) result[name] = value;
  }
  return result;
}

function dumbItems(before: unknown, patch: readonly Loose[]): Loose[] {
  let list = ((before as Loose[] | undefined) ?? []).map((item) => ({ ...item }));
  if (patch.some((item) => item["$patch"] === "replace")) {
    return patch.filter((item) => item["$patch"] === undefined);
  }
  for (const item of patch) {
    const at = list.findIndex(({ name }) => name === item["name"]);
    if (item["$patch"] === "delete") list = list.filter(({ name }) => name !== item["name"]);
    else if (at < 0) list.push(dumbStrategic({}, item));
    else list[at] = dumbStrategic(list[at] ?? {}, item);
  }
  return list;
}

/** Lists that are merged are compared as sets. */
function unordered(thing: unknown): string {
  const { items, marks, ...rest } = thing as { items?: unknown[]; marks?: unknown[] };
  const sorted = (list: unknown[] | undefined): string[] | undefined => list?.map(text).sort();
  return text({ ...rest, items: sorted(items) ?? null, marks: sorted(marks) ?? null });
}

t.test("strategic merge patches as rules without order", (t) => {
  const args = fc.array(key, { maxLength: 2 });
  const only = { requiredKeys: [] };
  const named = { name: key, image: key, args };
  const item = fc.record(named, { requiredKeys: ["name"] });
  const byName = { selector: (each: unknown) => (each as Loose)["name"], maxLength: 3 };
  const thing = fc.record(
    {
      items: fc.uniqueArray(item, byName),
      marks: fc.uniqueArray(key, { maxLength: 3 }),
      labels: fc.dictionary(key, key, { maxKeys: 3 }),
      one: fc.record(named, only),
    },
    only,
  );
  const deleted = fc.record({ name: key, $patch: fc.constant("delete") });
  const changed = fc.uniqueArray(fc.oneof(item, deleted), byName);
  const replaced = fc.uniqueArray(item, byName).map((all) => [{ $patch: "replace" }, ...all]);
  const nullable = fc.option(key, { nil: null });
  const directive = fc.constantFrom("replace", "delete");
  const patch = fc.record(
    {
      items: fc.oneof(changed, replaced, fc.constant(null)),
      marks: fc.uniqueArray(key, { maxLength: 3 }),
      "$deleteFromPrimitiveList/marks": fc.uniqueArray(key, { maxLength: 2 }),
      labels: fc.oneof(
        fc.dictionary(key, nullable, { maxKeys: 3 }),
        fc.record({ $patch: directive }),
      ),
      one: fc.oneof(
        fc.record({ image: key, $retainKeys: fc.constant(["image"]) }),
        fc.record({ name: nullable, args }, only),
        fc.record({ name: key, $patch: fc.constant("replace") }),
      ),
    },
    only,
  );
  const agree = (object: unknown, change: Loose): boolean => {
    const ours = applyStrategicMergePatch(object as PatchObject, change as PatchValue, THING);
    const inOrder = { ...change };
    return unordered(ours) === unordered(dumbStrategic(copyOf(object) as Loose, inOrder));
  };
  fc.assert(fc.property(thing, patch, agree), { numRuns: 2_000 });
  t.end();
});
