import type { ComprehensionMacro } from "./ast.js";
import type { CelType } from "./cel-types.js";
import type { CelValue } from "./cel-values.js";
import type { Overload } from "./overload.js";

/** A checked expression: names are resolved, functions are chosen as far as types tell. */
export type Checked = { readonly type: CelType } & (
  | { readonly kind: "literal"; readonly value: CelValue }
  /** Of the caller, by its whole name, such as `variables.x`. */
  | { readonly kind: "variable"; readonly name: string }
  /** Of a macro. */
  | { readonly kind: "local"; readonly slot: number }
  | CheckedSelect
  | { readonly kind: "call"; readonly args: readonly Checked[]; readonly overloads: Overloads }
  | { readonly kind: "logic"; readonly and: boolean; readonly terms: readonly Checked[] }
  | { readonly kind: "conditional"; readonly parts: readonly [Checked, Checked, Checked] }
  | { readonly kind: "list"; readonly items: readonly CheckedItem[] }
  | CheckedMap
  | CheckedComprehension
  | CheckedOptMap
);
export type Overloads = readonly Overload[];
export interface CheckedItem {
  readonly value: Checked;
  readonly optional: boolean;
}
export interface CheckedSelect {
  readonly kind: "select";
  readonly operand: Checked;
  readonly field: string;
  readonly mode: "get" | "optional" | "test";
}
export interface CheckedMap {
  readonly kind: "map";
  readonly typeName: string;
  readonly entries: readonly {
    readonly key: Checked;
    readonly value: Checked;
    readonly optional: boolean;
  }[];
}
export interface CheckedComprehension {
  readonly kind: "comprehension";
  readonly macro: ComprehensionMacro;
  readonly range: Checked;
  readonly slots: readonly number[];
  readonly filter: Checked | null;
  readonly body: Checked;
}
export interface CheckedOptMap {
  readonly kind: "optMap";
  readonly target: Checked;
  readonly slot: number;
  readonly body: Checked;
  readonly flat: boolean;
}
