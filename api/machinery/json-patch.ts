import {
  isPatchList,
  isPatchObject,
  member,
  PatchError,
  type PatchObject,
  type PatchValue,
  sameJson,
  withMember,
  withoutMember,
} from "./patch-json.js";

/** More operations are refused (as 413). */
export const JSON_PATCH_OPERATIONS_MAX = 10_000;
/**
 * What copy operations may add together: a few of them, each of what the last one made, double a
 * document every time.
 */
const COPIED_BYTES_MAX = 3 * 1024 * 1024;

/**
 * Applies a JSON patch (RFC 6902), all of it or nothing. Neither argument is changed. Throws
 * PatchError when the patch is malformed, an operation does not fit the document, or a test fails.
 * As in Kubernetes, a negative index counts from the end.
 */
export function applyJsonPatch(document: PatchValue, patch: PatchValue): PatchValue {
  if (!isPatchList(patch)) throw new PatchError("a JSON patch must be a list of operations");
  if (patch.length > JSON_PATCH_OPERATIONS_MAX) {
    throw new PatchError(
      `The allowed maximum operations in a JSON patch is ${JSON_PATCH_OPERATIONS_MAX}, got ` +
        `${patch.length}`,
    );
  }
  let current = document;
  const budget = { copiedBytes: 0 };
  for (const operation of patch) {
    if (!isPatchObject(operation)) throw new PatchError("an operation must be a JSON object");
    current = applyOperation(current, operation, budget);
  }
  return current;
}

function applyOperation(
  document: PatchValue,
  operation: PatchObject,
  budget: { copiedBytes: number },
): PatchValue {
  const op = textMember(operation, "op");
  const path = pointer(operation, "path");
  switch (op) {
    case "add":
      return change(document, path, addInto("add", path, valueOf(operation, op)));
    case "replace":
      return change(document, path, replaceIn(path, valueOf(operation, op)));
    case "remove":
      return change(document, path, removeFrom("remove", path));
    case "test":
      test(document, path, member(operation, "value") ?? null);
      return document;
    case "move": {
      const from = pointer(operation, "from");
      const moved = lookUp(document, from);
      if (moved === undefined) throw missing("move", from);
      if (path.length > from.length && from.every((step, i) => step === path[i]))
        throw new PatchError(`move operation does not apply: ${show(from)} into itself`);
      const without = change(document, from, removeFrom("move", from));
      return change(without, path, addInto("move", path, moved));
    }
    case "copy": {
      const from = pointer(operation, "from");
      const copied = lookUp(document, from);
      if (copied === undefined) throw missing("copy", from);
      spend(budget, copied);
      return change(document, path, addInto("copy", path, copied));
    }
    default:
      throw new PatchError(`Unexpected kind: ${op}`);
  }
}

/** What an operation does to the container of its target; undefined: the container is not there. */
type Edit = (container: PatchValue | undefined, step: string | null) => PatchValue;

/**
 * Rebuilds the document along the path; `edit` makes the innermost container anew. The root has no
 * container.
 */
function change(document: PatchValue, path: readonly string[], edit: Edit): PatchValue {
  const last = path.at(-1);
  if (last === undefined) return edit(document, null);
  return rebuild(document, path.slice(0, -1), (container) => edit(container, last));
}

function rebuild(
  value: PatchValue | undefined,
  steps: readonly string[],
  edit: (container: PatchValue | undefined) => PatchValue,
): PatchValue {
  const [step, ...rest] = steps;
  if (step === undefined) return edit(value);
  if (isPatchList(value)) {
    const index = indexIn(value, step);
    if (index === null || index >= value.length) return edit(undefined);
    const out = [...value];
    out[index] = rebuild(value[index], rest, edit);
    return out;
  }
  if (!isPatchObject(value)) return edit(undefined);
  return withMember(value, step, rebuild(member(value, step), rest, edit));
}

function addInto(op: string, path: readonly string[], value: PatchValue): Edit {
  return (container, step) => {
    if (step === null) return value;
    if (isPatchObject(container)) return withMember(container, step, value);
    if (!isPatchList(container)) throw missing(op, path);
    const index = step === "-" ? container.length : insertionIndex(container, step);
    if (index === null || index > container.length) throw badIndex(op, step);
    return [...container.slice(0, index), value, ...container.slice(index)];
  };
}

function replaceIn(path: readonly string[], value: PatchValue): Edit {
  return (container, step) => {
    if (step === null) return value;
    if (isPatchObject(container)) {
      if (!Object.hasOwn(container, step)) throw missingKey("replace", path);
      return withMember(container, step, value);
    }
    if (!isPatchList(container)) throw missing("replace", path);
    const index = indexIn(container, step);
    if (index === null || index >= container.length) throw badIndex("replace", step);
    return container.map((item, i) => (i === index ? value : item));
  };
}

function removeFrom(op: string, path: readonly string[]): Edit {
  return (container, step) => {
    if (step === null) return null;
    if (isPatchObject(container)) {
      if (!Object.hasOwn(container, step)) throw missingKey(op, path);
      return withoutMember(container, step);
    }
    if (!isPatchList(container)) throw missing(op, path);
    const index = indexIn(container, step);
    if (index === null || index >= container.length) throw badIndex(op, step);
    return container.filter((_, i) => i !== index);
  };
}

/** A member that is absent equals null. */
function test(document: PatchValue, path: readonly string[], expected: PatchValue): void {
  const actual = lookUp(document, path);
  if (actual === undefined && expected === null) return;
  if (actual === undefined || !sameJson(actual, expected))
    throw new PatchError(`testing value ${show(path)} failed: test failed`);
}

function lookUp(document: PatchValue, path: readonly string[]): PatchValue | undefined {
  let current: PatchValue | undefined = document;
  for (const step of path) {
    if (isPatchList(current)) {
      const index = indexIn(current, step);
      current = index === null ? undefined : current[index];
    } else {
      current = isPatchObject(current) ? member(current, step) : undefined;
    }
  }
  return current;
}

/** The place of an existing element; null when the text is no index. */
function indexIn(list: readonly PatchValue[], step: string): number | null {
  if (!/^-?(?:0|[1-9]\d{0,8})$/.test(step)) return null;
  const index = Number(step);
  const place = index < 0 ? list.length + index : index;
  return place < 0 ? null : place;
}

/** As indexIn, but −1 stands for the place after the last element. */
function insertionIndex(list: readonly PatchValue[], step: string): number | null {
  const index = indexIn(list, step);
  return index !== null && step.startsWith("-") ? index + 1 : index;
}

function spend(budget: { copiedBytes: number }, copied: PatchValue): void {
  budget.copiedBytes += JSON.stringify(copied).length;
  if (budget.copiedBytes <= COPIED_BYTES_MAX) return;
  throw new PatchError(
    `Unable to complete the copy, the accumulated size increase of copy is ` +
      `${budget.copiedBytes}, ` +
      `exceeding the limit ${COPIED_BYTES_MAX}`,
  );
}

function valueOf(operation: PatchObject, op: string): PatchValue {
  const value = member(operation, "value");
  if (value === undefined) throw new PatchError(`${op} operation missing value field`);
  return value;
}

function textMember(operation: PatchObject, name: string): string {
  const text = member(operation, name);
  if (typeof text !== "string") throw new PatchError(`operation missing or invalid ${name} field`);
  return text;
}

function pointer(operation: PatchObject, name: string): string[] {
  const text = textMember(operation, name);
  if (text === "") return [];
  if (!text.startsWith("/")) throw new PatchError(`invalid JSON pointer: ${text}`);
  return text
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function show(path: readonly string[]): string {
  const steps = path.map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1"));
  return steps.map((step) => `/${step}`).join("");
}

function missing(op: string, path: readonly string[]): PatchError {
  return new PatchError(
    `${op} operation does not apply: doc is missing path: "${show(path)}": missing value`,
  );
}

function missingKey(op: string, path: readonly string[]): PatchError {
  return new PatchError(
    `${op} operation does not apply: doc is missing key: ${show(path)}: missing value`,
  );
}

function badIndex(op: string, step: string): PatchError {
  return new PatchError(
    `${op} operation does not apply: Unable to access invalid index: ${step}: invalid index ` +
      `referenced`,
  );
}
