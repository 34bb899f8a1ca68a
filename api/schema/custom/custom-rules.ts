import { BOOL, type CelType, DYN, STRING, optionalOf } from "../../machinery/cel/cel-types.js";
import { CelOptional, type CelValue } from "../../machinery/cel/cel-values.js";
import { fromJson } from "../../machinery/cel/json.js";
import {
  type CelProgram,
  type CompiledExpression,
  type CostBudget,
  type Evaluated,
  OBJECT_COST_MAX,
  compileExpression,
} from "../../machinery/cel/program.js";
import {
  type FieldError,
  duplicate,
  fieldErrorMessage,
  forbidden,
  invalid,
  required,
} from "../../machinery/field-errors.js";
import type { JSONSchemaProps, ValidationRule } from "../types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue } from "../wire-types.js";
import { celTypeOf } from "./custom-cel-type.js";
import { additionalOf, fieldSchema, itemsOf } from "./custom-values.js";
import { canonicalJson } from "./canonical-json.js";

/*
 * Rules in CEL (x-kubernetes-validations) of structural schemas. KEP-2876, KEP-4008 (what has not
 * changed may stay); texts: apiextensions-apiserver, pkg/apiserver/schema/cel/validation.go.
 */

/** A rule that was compiled, or why it was not. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: CompiledExpression;
  /** Null: there is none. */
  readonly message: CompiledExpression | null;
  /** True: it compares with the value before. */
  readonly usesOldSelf: boolean;
}

/** Compiles the rules on a schema itself, not those further in. */
export function compileRules(schema: JSONSchemaProps, isRoot: boolean): readonly CompiledRule[] {
  const type = celTypeOf(schema, isRoot) ?? DYN;
  return (schema["x-kubernetes-validations"] ?? []).map((rule) => {
    const old = rule.optionalOldSelf === true ? optionalOf(type) : type;
    const variables = new Map<string, CelType>([
      ["self", type],
      ["oldSelf", old],
    ]);
    const { messageExpression = "" } = rule;
    const program = compileExpression(rule.rule, { variables, results: [BOOL] });
    const message =
      messageExpression === ""
        ? null
        : compileExpression(messageExpression, { variables, results: [STRING] });
    const programs = [program, message].map((each) => (each?.ok === true ? each.program : null));
    const usesOldSelf = programs.some((each) => each?.references.has("oldSelf") === true);
    return { rule, program, message, usesOldSelf };
  });
}

export interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** What is wrong and was so before: it may stay. */
  readonly warnings: readonly string[];
}

/** True when a schema has rules anywhere. */
export function hasRules(schema: JSONSchemaProps): boolean {
  const known = ruled.get(schema);
  if (known !== undefined) return known;
  const found =
    (schema["x-kubernetes-validations"] ?? []).length > 0 || innerSchemas(schema).some(hasRules);
  ruled.set(schema, found);
  return found;
}

const ruled = new WeakMap<JSONSchemaProps, boolean>();

function innerSchemas(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  const optional = [itemsOf(schema), additionalOf(schema)].filter((each) => each !== null);
  return [...Object.values(schema.properties ?? {}), ...optional, ...(schema.allOf ?? [])];
}

/**
 * Evaluates every rule on an object that fits its schema; `old` is what it replaces, null when it
 * is new. In steps: the caller drives the generator to its end.
 */
export function* checkRules(
  object: JsonObject,
  old: JsonObject | null,
  schema: JSONSchemaProps,
): Generator<undefined, RuleFindings, undefined> {
  const walk = new RuleWalk();
  const correlated = old === null ? UNRELATED : { old, parentUnchanged: false };
  yield* walk.visit(object, schema, { path: "", isRoot: true, ...correlated });
  return walk;
}

interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** The value before; undefined: there is none, or nobody can say which one it was. */
  readonly old: JsonValue | undefined;
  /** The nearest value around with a value before it is as it was. */
  readonly parentUnchanged: boolean;
}
const UNRELATED = { old: undefined, parentUnchanged: false } as const;

class RuleWalk implements RuleFindings {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];
  private readonly budget: CostBudget = { remaining: OBJECT_COST_MAX };
  private stopped = false;

  *visit(
    value: JsonValue,
    schema: JSONSchemaProps,
    place: Place,
  ): Generator<undefined, void, undefined> {
    if (this.stopped || value === null || !hasRules(schema)) return;
    const { path, old } = place;
    yield* this.rules(value, schema, place);
    for (const each of schema.allOf ?? []) {
      const whole = { ...schema, allOf: [], "x-kubernetes-validations": rulesOf(each) };
      if (rulesOf(each).length > 0) yield* this.rules(value, whole, place);
    }
    const parentUnchanged = isUnchanged(value, place);
    const within = { isRoot: false, parentUnchanged };
    const items = itemsOf(schema);
    if (isList(value)) {
      if (items === null) return;
      const before = olderItems(schema, old);
      for (const [index, item] of value.entries()) {
        const older = before?.(item);
        yield* this.visit(item, items, { ...within, path: `${path}[${index}]`, old: older });
      }
    } else if (isObject(value)) {
      const before = isObject(old) ? old : {};
      const isMap = additionalOf(schema) !== null;
      for (const [name, inner] of Object.entries(value)) {
        const field = fieldSchema(schema, name);
        if (field === null || inner === undefined) continue;
        const at = isMap ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
        const older = Object.hasOwn(before, name) ? before[name] : undefined;
        yield* this.visit(inner, field, { ...within, path: at, old: older });
      }
    }
  }

  private *rules(
    value: JsonValue,
    schema: JSONSchemaProps,
    place: Place,
  ): Generator<undefined, void, undefined> {
    const { type, rules } = compiledRules(schema, place.isRoot);
    if (rules.length === 0) return;
    const self = fromJson(value, type);
    const old =
      place.old === undefined || place.old === null ? undefined : fromJson(place.old, type);
    for (const compiled of rules) {
      if (this.stopped) return;
      const { rule, program, usesOldSelf } = compiled;
      const optional = rule.optionalOldSelf === true;
      if (usesOldSelf && old === undefined && !optional) continue;
      if (!program.ok) {
        const text = `rule compile error: ${program.message}`;
        this.errors.push(invalid(pathOf(place), schema.type ?? "", text));
        continue;
      }
      const oldSelf = optional ? new CelOptional(old) : (old ?? null);
      const variables = new Map<string, CelValue>([
        ["self", self],
        ["oldSelf", oldSelf],
      ]);
      const evaluated = yield* program.program.evaluateInSteps(variables, this.budget);
      if (evaluated.ok && evaluated.value === true) continue;
      if (!evaluated.ok) this.failed(evaluated, rule, { schema, place });
      else yield* this.refuse(compiled, variables, { value, schema, place });
    }
  }

  private failed(
    evaluated: Evaluated & { readonly ok: false },
    rule: ValidationRule,
    { schema, place }: { readonly schema: JSONSchemaProps; readonly place: Place },
  ): void {
    const { message, exceeded } = evaluated;
    const say = (text: string): void => {
      this.errors.push(invalid(pathOf(place), schema.type ?? "", text));
    };
    const shown = ruleText(rule);
    if (exceeded && this.budget.remaining < 0) say(OUT_OF_BUDGET);
    else if (exceeded) {
      say(
        `'${message}': no further validation rules will be run due to call cost exceeds limit ` +
          `for rule: ${shown}`,
      );
    } else if (message.startsWith("no such overload")) {
      say(
        `'${message}': call arguments did not match a supported operator, function or macro ` +
          `signature for rule: ${shown}`,
      );
    } else say(`${message} evaluating rule: ${shown}`);
    this.stopped ||= exceeded;
  }

  /** The rule is broken: says so, or, when nothing has changed, only warns. */
  private *refuse(
    { rule, message, usesOldSelf }: CompiledRule,
    variables: ReadonlyMap<string, CelValue>,
    about: { readonly value: JsonValue; readonly schema: JSONSchemaProps; readonly place: Place },
  ): Generator<undefined, void, undefined> {
    const { value, schema, place } = about;
    const made = message?.ok === true ? yield* this.messageOf(message.program, variables) : null;
    const field = `${place.path}${childPath(rule.fieldPath ?? "", place.path === "")}` || "<nil>";
    const error = errorFor(rule.reason, field, [schema.type ?? "", made ?? defaultMessage(rule)]);
    if (!usesOldSelf && isUnchanged(value, place)) this.warnings.push(fieldErrorMessage(error));
    else this.errors.push(error);
  }

  /** Null: it makes none that could be used. */
  private *messageOf(
    program: CelProgram,
    variables: ReadonlyMap<string, CelValue>,
  ): Generator<undefined, string | null, undefined> {
    const evaluated = yield* program.evaluateInSteps(variables, this.budget);
    if (!evaluated.ok || typeof evaluated.value !== "string") return null;
    const text = evaluated.value.trim();
    return text === "" || text.includes("\n") || text.length > MESSAGE_MAX ? null : text;
  }
}

const MESSAGE_MAX = 5 * 1024;
const OUT_OF_BUDGET =
  "validation failed due to running out of cost budget, no further validation rules will be run";

interface CompiledRules {
  readonly type: CelType;
  readonly rules: readonly CompiledRule[];
}

/** By the list of rules itself: that is there once for every schema. */
const compiledByList = new WeakMap<readonly ValidationRule[], CompiledRules>();

function compiledRules(schema: JSONSchemaProps, isRoot: boolean): CompiledRules {
  const rules = rulesOf(schema);
  const known = compiledByList.get(rules);
  if (known !== undefined) return known;
  const type = celTypeOf(schema, isRoot) ?? DYN;
  const compiled = { type, rules: rules.length === 0 ? [] : compileRules(schema, isRoot) };
  if (rules !== NO_RULES) compiledByList.set(rules, compiled);
  return compiled;
}

const NO_RULES: readonly ValidationRule[] = [];

function rulesOf(schema: JSONSchemaProps): readonly ValidationRule[] {
  return schema["x-kubernetes-validations"] ?? NO_RULES;
}

function isUnchanged(value: JsonValue, { old, parentUnchanged }: Place): boolean {
  if (parentUnchanged) return true;
  return old !== undefined && canonicalJson(value) === canonicalJson(old);
}

/** Finds what an item was before; null: nobody can say. */
function olderItems(
  schema: JSONSchemaProps,
  old: JsonValue | undefined,
): ((item: JsonValue) => JsonValue | undefined) | null {
  if (schema["x-kubernetes-list-type"] !== "map" || !isList(old)) return null;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const identity = (item: JsonValue): string => {
    return canonicalJson(isObject(item) ? keys.map((key) => item[key] ?? null) : item);
  };
  const byKeys = new Map(old.map((item) => [identity(item), item] as const));
  return (item) => byKeys.get(identity(item));
}

function pathOf({ path }: Place): string {
  return path === "" ? "<nil>" : path;
}

/** `.a['b']` behind the path of the value: `.a[b]`. */
function childPath(fieldPath: string, atRoot: boolean): string {
  const path = fieldPath.replaceAll(/\['((?:[^'\\]|\\.)*)'\]/gu, (_part, name: string) => {
    return `[${name.replaceAll(/\\(.)/gu, "$1")}]`;
  });
  return atRoot ? path.replace(/^\./u, "") : path;
}

function ruleText({ message = "", rule }: ValidationRule): string {
  return (message === "" ? rule : message).trim();
}

function defaultMessage(rule: ValidationRule): string {
  const { message = "" } = rule;
  return message === "" ? `failed rule: ${ruleText(rule)}` : message.trim();
}

function errorFor(
  reason: string | undefined,
  field: string,
  [type, detail]: readonly [string, string],
): FieldError {
  if (reason === "FieldValueForbidden") return forbidden(field, detail);
  if (reason === "FieldValueRequired") return required(field, detail);
  if (reason === "FieldValueDuplicate") return { ...duplicate(field, type), detail };
  return invalid(field, type, detail);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
