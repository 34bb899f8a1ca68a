import type { CelValue } from "./cel-values.js";

/** A parsed expression; `at` is where compilers point, in UTF-16 code units from its start. */
export type Expr =
  | { readonly kind: "literal"; readonly at: number; readonly value: CelValue }
  | { readonly kind: "ident"; readonly at: number; readonly name: string }
  | SelectExpr
  | CallExpr
  | { readonly kind: "logic"; readonly at: number; readonly and: boolean; readonly terms: Expr[] }
  | { readonly kind: "list"; readonly at: number; readonly items: readonly ListItem[] }
  | { readonly kind: "map"; readonly at: number; readonly entries: readonly MapEntry[] }
  | StructExpr
  | ComprehensionExpr
  | OptMapExpr;

export interface SelectExpr {
  readonly kind: "select";
  readonly at: number;
  readonly operand: Expr;
  readonly field: string;
  /** `.?field` */
  readonly optional: boolean;
  /** `has(operand.field)` */
  readonly test: boolean;
}
/** Operators are calls too, under cel-go's names: `_+_`, `!_`, `_[_]`, `_?_:_`, `@in` … */
export interface CallExpr {
  readonly kind: "call";
  readonly at: number;
  readonly name: string;
  readonly target: Expr | null;
  readonly args: readonly Expr[];
}
export interface ListItem {
  readonly value: Expr;
  /** `[?value]` */
  readonly optional: boolean;
}
export interface MapEntry {
  readonly at: number;
  readonly key: Expr;
  readonly value: Expr;
  /** `{?key: value}` */
  readonly optional: boolean;
}
export interface StructExpr {
  readonly kind: "struct";
  readonly at: number;
  readonly typeName: string;
  readonly fields: readonly {
    readonly at: number;
    readonly name: string;
    readonly value: Expr;
    readonly optional: boolean;
  }[];
}
export interface ComprehensionExpr {
  readonly kind: "comprehension";
  readonly at: number;
  readonly macro: ComprehensionMacro;
  readonly range: Expr;
  /** One: the item or key; two: index and item, or key and value. */
  readonly variables: readonly string[];
  readonly filter: Expr | null;
  readonly body: Expr;
}
export type ComprehensionMacro =
  | "all"
  | "exists"
  | "existsOne"
  | "map"
  | "filter"
  | "transformList"
  | "transformMap"
  | "transformMapEntry";
export interface OptMapExpr {
  readonly kind: "optMap";
  readonly at: number;
  readonly target: Expr;
  readonly variable: string;
  readonly body: Expr;
  /** The body is an optional itself. */
  readonly flat: boolean;
}

/** A fault in an expression, and where it is. */
export interface CelIssue {
  readonly at: number;
  readonly message: string;
}

/** Issues as cel-go prints them: place, text, the line, and a mark below the place. */
export function issuesText(source: string, issues: readonly CelIssue[]): string {
  return issues
    .map(({ at, message }) => {
      const before = source.slice(0, at).split("\n");
      const line = before.length;
      const column = Array.from(before.at(-1) ?? "").length;
      const text = source.split("\n")[line - 1] ?? "";
      const mark = `${".".repeat(column)}^`;
      return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${mark}`;
    })
    .join("\n");
}
