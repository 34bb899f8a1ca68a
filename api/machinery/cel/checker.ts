import type { CallExpr, CelIssue, ComprehensionExpr, Expr, SelectExpr } from "./ast.js";
import {
  BOOL,
  BYTES,
  type Bindings,
  type CelType,
  DOUBLE,
  DYN,
  INT,
  NULL,
  STRING,
  TYPE,
  UINT,
  bound,
  common,
  fits,
  listOf,
  mapOf,
  optionalOf,
  typeText,
} from "./cel-types.js";
import { CelTypeValue, type CelValue, typeNameOf } from "./cel-values.js";
import type { Checked, CheckedItem } from "./checked.js";
import { FUNCTIONS } from "./library/libraries.js";
import type { Overload } from "./overload.js";
import { qualifiedName } from "./parser.js";

/** What an expression may refer to. */
export interface CheckerEnvironment {
  /** By name; a name may have dots (`variables.x`). */
  readonly variables: ReadonlyMap<string, CelType>;
  /** Names of types that may be made, such as `Object`; with everything below them. */
  readonly structs: readonly string[];
}

export interface CheckResult {
  readonly root: Checked;
  readonly issues: readonly CelIssue[];
  /** The variables that are referred to. */
  readonly references: ReadonlySet<string>;
  /** How many variables macros need at a time. */
  readonly slots: number;
}

const TYPE_NAMES: ReadonlySet<string> = new Set([
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "list",
  "map",
  "null_type",
  "type",
  "google.protobuf.Timestamp",
  "google.protobuf.Duration",
  "optional_type",
]);

/** Resolves names and types. Where there are issues, the result is not fit to be evaluated. */
export function checkExpression(expr: Expr, environment: CheckerEnvironment): CheckResult {
  const checker = new Checker(environment);
  const root = checker.check(expr, []);
  const { issues, references, slots } = checker;
  return { root, issues: [...issues].sort((a, b) => a.at - b.at), references, slots };
}

interface Local {
  readonly name: string;
  readonly slot: number;
  readonly type: CelType;
}
type Scope = readonly Local[];

class Checker {
  readonly issues: CelIssue[] = [];
  readonly references = new Set<string>();
  slots = 0;
  private readonly environment: CheckerEnvironment;

  constructor(environment: CheckerEnvironment) {
    this.environment = environment;
  }

  check(expr: Expr, scope: Scope): Checked {
    switch (expr.kind) {
      case "literal":
        return { kind: "literal", value: expr.value, type: literalType(expr.value) };
      case "ident":
        return this.named(expr.name, scope) ?? this.undeclared(expr.at, expr.name);
      case "select":
        return this.select(expr, scope);
      case "call":
        return this.call(expr, scope);
      case "logic": {
        const terms = expr.terms.map((term) => {
          const checked = this.check(term, scope);
          this.wantBool(checked, term.at);
          return checked;
        });
        return { kind: "logic", and: expr.and, terms, type: BOOL };
      }
      case "list":
        return this.list(expr, scope);
      case "map":
      case "struct":
        return this.map(expr, scope);
      case "comprehension":
        return this.comprehension(expr, scope);
      default:
        return this.optMap(expr, scope);
    }
  }

  private named(name: string, scope: Scope): Checked | null {
    const local = [...scope].reverse().find((each) => each.name === name);
    if (local !== undefined) return { kind: "local", slot: local.slot, type: local.type };
    const type = this.environment.variables.get(name);
    if (type !== undefined) {
      this.references.add(name);
      return { kind: "variable", name, type };
    }
    if (!TYPE_NAMES.has(name)) return null;
    return { kind: "literal", value: new CelTypeValue(name), type: TYPE };
  }

  private select(expr: SelectExpr, scope: Scope): Checked {
    const { at, field, optional, test } = expr;
    const name = test ? null : qualifiedName(expr);
    const first = name?.split(".")[0] ?? "";
    if (name !== null && !scope.some((local) => local.name === first)) {
      const whole = this.named(name, scope);
      if (whole !== null) return whole;
    }
    const operand = this.check(expr.operand, scope);
    const mode = test ? "test" : optional ? "optional" : "get";
    const inside = operand.type.kind === "optional" ? operand.type.of : operand.type;
    const found = this.fieldType(inside, field, at);
    const lifted = optional || (operand.type.kind === "optional" && !test);
    const wrapped = lifted && found.kind !== "optional" ? optionalOf(found) : found;
    return { kind: "select", operand, field, mode, type: test ? BOOL : wrapped };
  }

  private fieldType(type: CelType, field: string, at: number): CelType {
    if (type.kind === "dyn" || type.kind === "param") return DYN;
    if (type.kind === "map") return type.value;
    if (type.kind === "object") {
      const found = type.fields.get(field);
      if (found !== undefined) return found.type;
      return this.issue(at, `undefined field '${field}'`);
    }
    return this.issue(at, `type '${typeText(type)}' does not support field selection`);
  }

  private call(expr: CallExpr, scope: Scope): Checked {
    const { at, name, target } = expr;
    if (target !== null) {
      const prefix = qualifiedName(target);
      const whole = prefix === null ? null : FUNCTIONS.get(`${prefix}.${name}`);
      const isVariable = prefix !== null && this.named(prefix.split(".")[0] ?? "", scope) !== null;
      if (whole !== null && whole !== undefined && !isVariable) {
        return this.resolve(
          expr,
          `${prefix}.${name}`,
          expr.args.map((arg) => this.check(arg, scope)),
        );
      }
    }
    const operands = target === null ? expr.args : [target, ...expr.args];
    const args = operands.map((arg) => this.check(arg, scope));
    if (name === "_?_:_") return this.conditional(args, operands[0]?.at ?? at, at);
    return this.resolve(expr, name, args);
  }

  private conditional(args: readonly Checked[], conditionAt: number, at: number): Checked {
    const [condition, then, otherwise] = args as [Checked, Checked, Checked];
    this.wantBool(condition, conditionAt);
    const [a, b] = [then.type, otherwise.type];
    const agree = fits(a, b, new Map()) || fits(b, a, new Map());
    if (!agree && a.kind !== "null_type" && b.kind !== "null_type") {
      this.issue(at, noOverload("_?_:_", args, false));
    }
    return { kind: "conditional", parts: [condition, then, otherwise], type: common(a, b) };
  }

  private resolve(expr: CallExpr, name: string, args: readonly Checked[]): Checked {
    const named = FUNCTIONS.get(name) ?? [];
    const method = expr.target !== null && args.length > expr.args.length;
    const overloads: Overload[] = [];
    const results: CelType[] = [];
    for (const overload of named) {
      if (overload.method !== method || overload.parameters.length !== args.length) continue;
      const bindings: Bindings = new Map();
      const fitting = overload.parameters.every((wanted, index) =>
        fits(wanted, args[index]?.type ?? DYN, bindings),
      );
      if (!fitting) continue;
      overloads.push(overload);
      results.push(bound(overload.result, bindings));
    }
    if (named.length === 0) return this.undeclared(expr.at, name);
    if (overloads.length === 0) {
      this.issue(expr.at, noOverload(name, args, method));
      return { kind: "literal", value: null, type: DYN };
    }
    const type = results.reduce((a, b) => (typeText(a) === typeText(b) ? a : DYN));
    return { kind: "call", args, overloads, type };
  }

  private list(expr: Expr & { readonly kind: "list" }, scope: Scope): Checked {
    const items: CheckedItem[] = expr.items.map(({ value, optional }) => {
      const checked = this.check(value, scope);
      if (optional) this.wantOptional(checked, value.at);
      return { value: checked, optional };
    });
    const types = items.map(({ value, optional }) =>
      optional && value.type.kind === "optional" ? value.type.of : value.type,
    );
    const of = types.length === 0 ? DYN : types.reduce(common);
    return { kind: "list", items, type: listOf(of) };
  }

  private map(expr: Expr & { readonly kind: "map" | "struct" }, scope: Scope): Checked {
    if (expr.kind === "struct") {
      const { typeName, at } = expr;
      const known = this.environment.structs.some(
        (name) => typeName === name || typeName.startsWith(`${name}.`),
      );
      if (!known) return this.undeclared(at, typeName);
      const entries = expr.fields.map(({ name, value, optional }) => {
        const key: Checked = { kind: "literal", value: name, type: STRING };
        return { key, value: this.check(value, scope), optional };
      });
      return { kind: "map", typeName, entries, type: DYN };
    }
    const entries = expr.entries.map(({ key, value, optional }) => ({
      key: this.check(key, scope),
      value: this.check(value, scope),
      optional,
    }));
    const keys = entries.map(({ key }) => key.type);
    const values = entries.map(({ value, optional }) =>
      optional && value.type.kind === "optional" ? value.type.of : value.type,
    );
    const type =
      entries.length === 0 ? mapOf(DYN, DYN) : mapOf(keys.reduce(common), values.reduce(common));
    return { kind: "map", typeName: "", entries, type };
  }

  private comprehension(expr: ComprehensionExpr, scope: Scope): Checked {
    const range = this.check(expr.range, scope);
    const types = this.variableTypes(range.type, expr);
    const locals = expr.variables.map((name, index) => ({
      name,
      slot: scope.length + index,
      type: types[index] ?? DYN,
    }));
    const inner = [...scope, ...locals];
    this.slots = Math.max(this.slots, inner.length);
    const filter = expr.filter === null ? null : this.check(expr.filter, inner);
    if (filter !== null) this.wantBool(filter, expr.filter?.at ?? expr.at);
    const body = this.check(expr.body, inner);
    const { macro } = expr;
    if (macro === "all" || macro === "exists" || macro === "existsOne" || macro === "filter") {
      this.wantBool(body, expr.body.at);
    }
    const slots = locals.map(({ slot }) => slot);
    const type = resultType(macro, { item: types[0] ?? DYN, body: body.type });
    return { kind: "comprehension", macro, range, slots, filter, body, type };
  }

  private variableTypes(range: CelType, expr: ComprehensionExpr): readonly CelType[] {
    const two = expr.variables.length === 2;
    if (range.kind === "list") return two ? [INT, range.of] : [range.of];
    if (range.kind === "map") return two ? [range.key, range.value] : [range.key];
    if (range.kind !== "dyn" && range.kind !== "param") {
      const text = typeText(range);
      const wanted = "(must be list, map, or dynamic)";
      this.issue(
        expr.range.at,
        `expression of type '${text}' cannot be range of a comprehension ${wanted}`,
      );
    }
    return [DYN, DYN];
  }

  private optMap(expr: Expr & { readonly kind: "optMap" }, scope: Scope): Checked {
    const target = this.check(expr.target, scope);
    this.wantOptional(target, expr.target.at);
    const type = target.type.kind === "optional" ? target.type.of : DYN;
    const slot = scope.length;
    const inner = [...scope, { name: expr.variable, slot, type }];
    this.slots = Math.max(this.slots, inner.length);
    const body = this.check(expr.body, inner);
    const { flat } = expr;
    return {
      kind: "optMap",
      target,
      slot,
      body,
      flat,
      type: flat ? body.type : optionalOf(body.type),
    };
  }

  private wantBool({ type }: Checked, at: number): void {
    if (type.kind === "bool" || type.kind === "dyn") return;
    this.issue(at, `expected type 'bool' but found '${typeText(type)}'`);
  }

  private wantOptional({ type }: Checked, at: number): void {
    if (type.kind === "optional" || type.kind === "dyn") return;
    this.issue(at, `expected type 'optional_type(dyn)' but found '${typeText(type)}'`);
  }

  private undeclared(at: number, name: string): Checked {
    this.issue(at, `undeclared reference to '${name}' (in container '')`);
    return { kind: "literal", value: null, type: DYN };
  }

  private issue(at: number, message: string): CelType {
    this.issues.push({ at, message });
    return DYN;
  }
}

function noOverload(name: string, args: readonly Checked[], method: boolean): string {
  const types = args.map(({ type }) => typeText(type));
  const [first, ...rest] = types;
  const shown = method ? `${first}.(${rest.join(", ")})` : `(${types.join(", ")})`;
  return `found no matching overload for '${name}' applied to '${shown}'`;
}

function resultType(
  macro: ComprehensionExpr["macro"],
  { item, body }: { readonly item: CelType; readonly body: CelType },
): CelType {
  switch (macro) {
    case "map":
    case "transformList":
      return listOf(body);
    case "filter":
      return listOf(item);
    case "transformMap":
      return mapOf(item, body);
    case "transformMapEntry":
      return body.kind === "map" ? body : mapOf(DYN, DYN);
    default:
      return BOOL;
  }
}

const LITERALS: ReadonlyMap<string, CelType> = new Map([
  ["bool", BOOL],
  ["int", INT],
  ["uint", UINT],
  ["double", DOUBLE],
  ["string", STRING],
  ["bytes", BYTES],
]);

function literalType(value: CelValue): CelType {
  return value === null ? NULL : (LITERALS.get(typeNameOf(value)) ?? DYN);
}
