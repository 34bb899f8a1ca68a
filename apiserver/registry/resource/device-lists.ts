import { duplicate, type FieldError, tooMany } from "../../../api/machinery/field-errors.js";

/** How the items of a list are checked. */
export interface ListRules<T> {
  readonly path: string;
  /** A longer list is refused as a whole. */
  readonly countMax: number;
  /** The errors of one item. */
  readonly check: (item: T, path: string) => readonly FieldError[];
  /** What must differ between the items; absent: they may be alike. */
  readonly keyOf?: (item: T) => string;
}

/** Checks a list: its length, each item, and that no two have the same key. */
export function validateList<T>(items: readonly T[], rules: ListRules<T>): FieldError[] {
  const { path, countMax, check, keyOf } = rules;
  if (items.length > countMax) return [tooMany(path, items.length, countMax)];
  const errors = items.flatMap((item, index) => check(item, `${path}[${index}]`));
  if (keyOf === undefined) return errors;
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    if (seen.has(key)) errors.push(duplicate(`${path}[${index}]`, key));
    seen.add(key);
  }
  return errors;
}
