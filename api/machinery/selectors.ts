import { fieldErrorsMessage, type FieldError, invalid } from "./field-errors.js";
import { LabelSelectorParser } from "./label-selector-parser.js";
import { validateLabelValue, validateQualifiedName } from "./names.js";

/** How a requirement relates the value of a label to its own values. */
export type SelectorOperator = "in" | "notin" | "=" | "==" | "!=" | "exists" | "!" | "gt" | "lt";

/** One condition on the labels of an object. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted; one value for =, ==, !=, gt and lt; none for exists and "!". */
  readonly values: readonly string[];
}

/** Labels of an object; undefined is the same as none. */
export type Labels = { readonly [key: string]: string } | undefined;

/** The shape of meta/v1 LabelSelector. */
export interface LabelSelectorObject {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Conditions that must all hold; none: everything matches. */
export class Selector {
  readonly requirements: readonly Requirement[];
  private readonly nothing: boolean;

  constructor(requirements: readonly Requirement[], nothing = false) {
    this.requirements = requirements;
    this.nothing = nothing;
  }

  matches(labels: Labels): boolean {
    if (this.nothing) return false;
    for (const requirement of this.requirements) if (!holds(requirement, labels)) return false;
    return true;
  }

  /** True when every object matches, whatever its labels. */
  get isEverything(): boolean {
    return !this.nothing && this.requirements.length === 0;
  }

  /** The only value that the label `key` may have, or null when there is no such single value. */
  exactValue(key: string): string | null {
    const requirement = this.requirements.find((candidate) => candidate.key === key);
    if (requirement === undefined || requirement.values.length !== 1) return null;
    const exact = ["=", "==", "in"].includes(requirement.operator);
    return exact ? (requirement.values[0] ?? null) : null;
  }

  /** The text form, as in a Scale's status.selector; parseLabelSelector reads it back. */
  toString(): string {
    return this.requirements.map(showRequirement).join(",");
  }
}

/** Matches every object. */
export const EVERYTHING = new Selector([]);
/** Matches no object. */
export const NOTHING = new Selector([], true);

/** A selector, or why there is none. */
export type ParsedSelector =
  | { readonly ok: true; readonly selector: Selector }
  | { readonly ok: false; readonly message: string };

/** Reads `app=web,tier in (a,b),!old,size>3`; "" selects everything. The message is Kubernetes'. */
export function parseLabelSelector(text: string): ParsedSelector {
  if (text === "") return { ok: true, selector: EVERYTHING };
  const parsed = new LabelSelectorParser(text, checkRequirement).parse();
  if (!parsed.ok) return parsed;
  return { ok: true, selector: new Selector(sortByKey(parsed.requirements)) };
}

/** The selector of a LabelSelector object: undefined selects nothing, an empty one everything. */
export function selectorFromObject(object: LabelSelectorObject | undefined): ParsedSelector {
  if (object === undefined) return { ok: true, selector: NOTHING };
  const requirements: Requirement[] = mapRequirements(object.matchLabels);
  for (const expression of object.matchExpressions ?? []) {
    const operator = OBJECT_OPERATORS.get(expression.operator);
    if (operator === undefined) {
      const message =
        `${JSON.stringify(expression.operator)} is not a valid label selector ` + `operator`;
      return { ok: false, message };
    }
    const values = [...(expression.values ?? [])].sort();
    requirements.push({ key: expression.key, operator, values });
  }
  const errors = requirements.flatMap(checkRequirement);
  if (errors.length > 0) return { ok: false, message: fieldErrorsMessage(errors) };
  return { ok: true, selector: new Selector(sortByKey(requirements)) };
}

/**
 * As selectorFromObject, for an object the server has validated: should it be invalid after all,
 * nothing is selected.
 */
export function selectorOrNothing(object: LabelSelectorObject | undefined): Selector {
  const parsed = selectorFromObject(object);
  return parsed.ok ? parsed.selector : NOTHING;
}

/** Requires each label to have exactly this value; an empty map selects everything. */
export function selectorFromMap(labels: Labels): Selector {
  return new Selector(sortByKey(mapRequirements(labels)));
}

const OBJECT_OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map<string, SelectorOperator>([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
]);

function mapRequirements(labels: Labels): Requirement[] {
  return Object.entries(labels ?? {}).map(([key, value]) => ({
    key,
    operator: "=",
    values: [value],
  }));
}

function sortByKey(requirements: readonly Requirement[]): Requirement[] {
  return [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function holds(requirement: Requirement, labels: Labels): boolean {
  const { key, operator, values } = requirement;
  const value = labels !== undefined && Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== null && values.includes(value);
    case "!=":
    case "notin":
      return value === null || !values.includes(value);
    case "exists":
      return value !== null;
    case "!":
      return value === null;
    case "gt":
    case "lt":
      return value !== null && compareIntegers(value, operator, values[0] ?? "");
  }
}

function compareIntegers(value: string, operator: "gt" | "lt", bound: string): boolean {
  if (!isInt64(value) || !isInt64(bound)) return false;
  return operator === "gt" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

function isInt64(text: string): boolean {
  if (!/^[+-]?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

function showRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.join(",")})`;
    case "gt":
      return `${key}>${values.join(",")}`;
    case "lt":
      return `${key}<${values.join(",")}`;
    case "=":
    case "==":
    case "!=":
      return `${key}${operator}${values.join(",")}`;
  }
}

/** What is wrong with one requirement: its key, the number of its values, each value. */
function checkRequirement({ key, operator, values }: Requirement): FieldError[] {
  const errors: FieldError[] = [];
  const keyErrors = validateQualifiedName(key);
  if (keyErrors.length > 0) errors.push(invalid("key", key, keyErrors.join("; ")));
  if ((operator === "in" || operator === "notin") && values.length === 0) {
    const detail = "for 'in', 'notin' operators, values set can't be empty";
    errors.push(invalid("values", values, detail));
  }
  if ((operator === "exists" || operator === "!") && values.length > 0) {
    const detail = "values set must be empty for exists and does not exist";
    errors.push(invalid("values", values, detail));
  }
  values.forEach((value, index) => {
    if ((operator === "gt" || operator === "lt") && !isInt64(value)) {
      const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
      errors.push(invalid(`values[${index}]`, value, detail));
    }
    const valueErrors = validateLabelValue(value);
    if (valueErrors.length > 0)
      errors.push(invalid(`values[${index}][${key}]`, value, valueErrors.join("; ")));
  });
  return errors;
}
