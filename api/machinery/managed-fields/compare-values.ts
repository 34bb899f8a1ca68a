import {
  isPatchList,
  isPatchObject,
  type PatchObject,
  type PatchValue,
  sameJson,
} from "../patch-json.js";
import { EMPTY_SET, type FieldSet, FieldSetBuilder, isEmptySet } from "./field-set.js";
import { type GranularList, listElements } from "./list-elements.js";
import { type Shape } from "./shape.js";
import { isHollow, memberShape } from "./value-fields.js";

/** How a value differs from an earlier one. No field is in two of the sets. */
export interface Comparison {
  readonly removed: FieldSet;
  /** In both, but different. */
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

const SAME: Comparison = { removed: EMPTY_SET, modified: EMPTY_SET, added: EMPTY_SET };

/**
 * Compares two values of one shape. What both share (the same object) costs nothing, so that a
 * write which touches the status alone never looks into the spec.
 */
export function compareValues(before: PatchValue, after: PatchValue, shape: Shape): Comparison {
  if (before === after) return SAME;
  const walk = new CompareWalk();
  walk.compare(before, after, shape);
  return {
    removed: walk.removed.build(),
    modified: walk.modified.build(),
    added: walk.added.build(),
  };
}

/** True when nothing differs. */
export function isSame(comparison: Comparison): boolean {
  const { removed, modified, added } = comparison;
  return isEmptySet(removed) && isEmptySet(modified) && isEmptySet(added);
}

type Maybe = PatchValue | undefined;

class CompareWalk {
  readonly removed = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly added = new FieldSetBuilder();
  private readonly path: string[] = [];

  /** Undefined: the value is not there. */
  compare(before: Maybe, after: Maybe, shape: Shape): void {
    if (before === after) return;
    if (this.descend(before, after, shape)) {
      if (before === undefined) this.added.add(this.path);
      else if (after === undefined) this.removed.add(this.path);
      return;
    }
    if (before === undefined) this.added.add(this.path);
    else if (after === undefined) this.removed.add(this.path);
    else if (!sameJson(before, after)) this.modified.add(this.path);
  }

  /** False: the value is one field, whatever it holds. */
  private descend(before: Maybe, after: Maybe, shape: Shape): boolean {
    switch (shape.kind) {
      case "scalar":
      case "atomicList":
        return false;
      case "map":
      case "struct":
        return !shape.atomic && this.objects(before, after, shape);
      case "set":
      case "keyed":
        return this.lists(before, after, shape);
      case "any":
        return this.objects(before, after, shape);
    }
  }

  private objects(before: Maybe, after: Maybe, shape: Shape): boolean {
    if (isHollow(before) && isHollow(after)) return false;
    const left = isHollow(before) ? NO_MEMBERS : before;
    const right = isHollow(after) ? NO_MEMBERS : after;
    if (!isPatchObject(left) || !isPatchObject(right)) return false;
    for (const key in right) this.member(key, left, right, shape);
    for (const key in left) {
      if (!Object.hasOwn(right, key)) this.member(key, left, right, shape);
    }
    return true;
  }

  private member(key: string, left: PatchObject, right: PatchObject, shape: Shape): void {
    const before = Object.hasOwn(left, key) ? left[key] : undefined;
    const after = right[key];
    if (before === after) return;
    const found = memberShape(key, shape);
    if (found === null) return;
    this.step(found.element, () => this.compare(before, after, found.shape));
  }

  private lists(before: Maybe, after: Maybe, shape: GranularList): boolean {
    if (isHollow(before) && isHollow(after)) return false;
    const left = isPatchList(before) ? before : NO_ITEMS;
    const right = isPatchList(after) ? after : NO_ITEMS;
    const [leftElements, rightElements] = [listElements(left, shape), listElements(right, shape)];
    // A list with an item that has no keys is one field.
    if (leftElements === null || rightElements === null) return false;
    const olds = grouped(left, leftElements);
    const news = grouped(right, rightElements);
    for (const [element, items] of news) {
      this.step(element, () => this.items(olds.get(element) ?? NO_ITEMS, items, shape.of));
    }
    for (const [element, items] of olds) {
      if (!news.has(element)) this.step(element, () => this.items(items, NO_ITEMS, shape.of));
    }
    return true;
  }

  /** The items with one key: one at most, or several, which then have one owner together. */
  private items(before: readonly PatchValue[], after: readonly PatchValue[], shape: Shape): void {
    if (before.length <= 1 && after.length <= 1) {
      this.compare(before[0], after[0], shape);
    } else if (before.length > 1 && after.length > 1) {
      if (!sameJson(before, after)) this.modified.add(this.path);
    } else if (before.length > 1) {
      if (after.length === 1) this.compare(undefined, after[0], shape);
      this.removed.add(this.path);
    } else {
      if (before.length === 1) this.compare(before[0], undefined, shape);
      this.added.add(this.path);
    }
  }

  private step(element: string, inside: () => void): void {
    this.path.push(element);
    inside();
    this.path.pop();
  }
}

const NO_MEMBERS: PatchObject = {};
const NO_ITEMS: readonly PatchValue[] = [];

function grouped(
  items: readonly PatchValue[],
  elements: readonly string[],
): Map<string, readonly PatchValue[]> {
  const groups = new Map<string, readonly PatchValue[]>();
  for (const [index, element] of elements.entries()) {
    const item = items[index] ?? null;
    const known = groups.get(element);
    groups.set(element, known === undefined ? [item] : [...known, item]);
  }
  return groups;
}
