import { canonicalElement, compareElements } from "./path-element.js";
import { isPatchObject, type PatchValue } from "../patch-json.js";

/**
 * A set of fields, in the form of fieldsV1: every member is a path of elements (see
 * path-element.ts). A node without members of its own (`{}`) is a field of the set; a node that is
 * a field and has fields of the set below it has the element "." too. The root is never a field.
 * Sets are never changed, and share what they have in common. Invariant: elements are canonical and
 * in Kubernetes' order, and no node but the root is there for nothing.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export const EMPTY_SET: FieldSet = Object.freeze({});

const SELF = ".";
const LEAF: FieldSet = EMPTY_SET;

export function isEmptySet(set: FieldSet): boolean {
  for (const _element in set) return false;
  return true;
}

/** True for a node (not the root) that is a field of the set itself, whatever lies below it. */
export function isFieldOfSet(node: FieldSet): boolean {
  return SELF in node || isEmptySet(node);
}

/** The elements below a node. */
export function elementsOf(node: FieldSet): string[] {
  return Object.keys(node).filter((element) => element !== SELF);
}

/** What is in one of the two. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  return isEmptySet(b) ? a : unite(a, b);
}

/** What is in `a` and not in `b`; taking away a field leaves those below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  return subtract(a, b, false) ?? EMPTY_SET;
}

/** What is in `a` and neither in `b` nor below a field of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  return subtract(a, b, true) ?? EMPTY_SET;
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return EMPTY_SET;
  return intersect(a, b) ?? EMPTY_SET;
}

/** The fields that have none below them. */
export function leaves(set: FieldSet): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const element of elementsOf(set)) {
    const node = set[element] ?? LEAF;
    out[element] = isEmptySet(node) ? LEAF : leaves(node);
  }
  return out;
}

export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return path.length > 0 && isFieldOfSet(node);
}

/** Every path of the set: the fields of one object first, then what lies below them. */
export function pathsOf(set: FieldSet): string[][] {
  const out: string[][] = [];
  collectPaths(set, [], out);
  return out;
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  const elements = Object.keys(a);
  if (elements.length !== Object.keys(b).length) return false;
  for (const element of elements) {
    const [left, right] = [a[element], b[element]];
    if (left === undefined || right === undefined || !sameSet(left, right)) return false;
  }
  return true;
}

/** A client's fieldsV1; null when it is none. Elements of a kind not known here are left out. */
export function parseFieldSet(value: PatchValue | undefined): FieldSet | null {
  if (value === undefined || value === null) return EMPTY_SET;
  if (!isPatchObject(value)) return null;
  const builder = new FieldSetBuilder();
  return readNode(value, builder) ? builder.build() : null;
}

/** Collects fields and makes a set of them. */
export class FieldSetBuilder {
  private isField = false;
  private children: Map<string, FieldSetBuilder> | null = null;

  get isEmpty(): boolean {
    return this.children === null;
  }

  /** Adds the field at this path; the root is left out. */
  add(path: readonly string[]): void {
    if (path.length === 0) return;
    path.reduce<FieldSetBuilder>((node, element) => node.child(element), this).mark();
  }

  /** The node below this one. Only for callers that add something to it or below it. */
  child(element: string): FieldSetBuilder {
    this.children ??= new Map();
    let child = this.children.get(element);
    if (child === undefined) {
      child = new FieldSetBuilder();
      this.children.set(element, child);
    }
    return child;
  }

  /** Sets what lies below one element; nothing, when the other builder holds nothing. */
  put(element: string, child: FieldSetBuilder): void {
    if (child.children === null && !child.isField) return;
    this.children ??= new Map();
    this.children.set(element, child);
  }

  /** Marks this node as a field of the set. */
  mark(): void {
    this.isField = true;
  }

  build(): FieldSet {
    return this.finish() ?? EMPTY_SET;
  }

  private finish(): FieldSet | null {
    if (this.children === null) return this.isField ? LEAF : null;
    const nodes: Record<string, FieldSet> = {};
    for (const [element, child] of this.children) {
      const node = child.finish();
      if (node !== null) nodes[element] = node;
    }
    return makeNode(this.isField, sorted(nodes));
  }
}

function readNode(value: PatchValue, builder: FieldSetBuilder): boolean {
  if (!isPatchObject(value)) return false;
  for (const key of Object.keys(value)) {
    if (key === SELF) {
      builder.mark();
      continue;
    }
    const element = canonicalElement(key);
    if (element === null) return false;
    if (element === "") continue;
    const inner = value[key] ?? {};
    const child = builder.child(element);
    if (isPatchObject(inner) && Object.keys(inner).length === 0) child.mark();
    else if (!readNode(inner, child)) return false;
    // A node that holds nothing known is the field itself.
    if (child.isEmpty) child.mark();
  }
  return true;
}

function collectPaths(node: FieldSet, prefix: readonly string[], out: string[][]): void {
  const elements = elementsOf(node);
  for (const element of elements) {
    if (isFieldOfSet(node[element] ?? LEAF)) out.push([...prefix, element]);
  }
  for (const element of elements) collectPaths(node[element] ?? LEAF, [...prefix, element], out);
}

/** Null: nothing is left. */
function makeNode(isField: boolean, children: Record<string, FieldSet>): FieldSet | null {
  if (isEmptySet(children)) return isField ? LEAF : null;
  return isField ? { [SELF]: LEAF, ...children } : children;
}

/** Two nodes, neither of them an empty root. Returns `a` itself when `b` adds nothing. */
function unite(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const isField = isFieldOfSet(a) || isFieldOfSet(b);
  let changed = isField !== isFieldOfSet(a);
  let grown = false;
  const added: Record<string, FieldSet> = {};
  for (const element in b) {
    const [before, other] = [a[element], b[element] ?? LEAF];
    if (element === SELF) continue;
    const merged = before === undefined ? other : unite(before, other);
    if (merged === before) continue;
    added[element] = merged;
    changed = true;
    grown ||= before === undefined;
  }
  if (!changed) return a;
  const { [SELF]: _self, ...kept } = a;
  const children = { ...kept, ...added };
  return makeNode(isField, grown ? sorted(children) : children) ?? EMPTY_SET;
}

/**
 * Two nodes, neither of them an empty root. Returns `a` itself when nothing goes; null when nothing
 * is left.
 */
function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet | null {
  const wasField = isFieldOfSet(a);
  const isField = wasField && !isFieldOfSet(b);
  let gone: Set<string> | null = null;
  let changes: Record<string, FieldSet> | null = null;
  for (const element in b) {
    const before = a[element];
    if (before === undefined || element === SELF) continue;
    const other = b[element] ?? LEAF;
    const left = recursive && isFieldOfSet(other) ? null : subtract(before, other, recursive);
    if (left === before) continue;
    if (left === null) (gone ??= new Set()).add(element);
    else (changes ??= {})[element] = left;
  }
  if (isField === wasField && gone === null && changes === null) return a;
  const children: Record<string, FieldSet> = {};
  for (const element in a) {
    if (element === SELF || gone?.has(element) === true) continue;
    children[element] = changes?.[element] ?? a[element] ?? LEAF;
  }
  return makeNode(isField, children);
}

/** Two nodes, neither of them an empty root. Null: nothing is in both. */
function intersect(a: FieldSet, b: FieldSet): FieldSet | null {
  const children: Record<string, FieldSet> = {};
  for (const element of elementsOf(a)) {
    const [left, right] = [a[element], b[element]];
    if (left === undefined || right === undefined) continue;
    const both = intersect(left, right);
    if (both !== null) children[element] = both;
  }
  return makeNode(isFieldOfSet(a) && isFieldOfSet(b), children);
}

function sorted(nodes: Record<string, FieldSet>): Record<string, FieldSet> {
  const elements = Object.keys(nodes);
  if (isSorted(elements)) return nodes;
  const out: Record<string, FieldSet> = {};
  for (const element of elements.sort(compareElements)) out[element] = nodes[element] ?? LEAF;
  return out;
}

function isSorted(elements: readonly string[]): boolean {
  for (let i = 1; i < elements.length; i += 1) {
    if (compareElements(elements[i - 1] ?? "", elements[i] ?? "") > 0) return false;
  }
  return true;
}
