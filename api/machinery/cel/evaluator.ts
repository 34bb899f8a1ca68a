import { CelFailure, CelMap, CelOptional, type CelValue, EntryMap, failure } from "./cel-values.js";
import type { Checked, CheckedMap, CheckedOptMap, CheckedSelect, Overloads } from "./checked.js";
import { comprehensionCode } from "./comprehension.js";
import type { Meter } from "./meter.js";
import { failureIn } from "./overload.js";

/** What an evaluation works on. */
export interface Frame {
  readonly variables: Bindings;
  readonly locals: CelValue[];
  readonly meter: Meter;
}

/** The values of variables, by their whole names. */
export type Bindings = ReadonlyMap<string, CelValue>;

/** Yields to let others go first. */
export type Steps = Generator<undefined, CelValue, undefined>;

/**
 * How an expression is evaluated. What has no loops runs at once; the rest in steps, so that no
 * evaluation is one long stretch.
 */
export type Code =
  | { readonly run: (frame: Frame) => CelValue; readonly steps: null }
  | { readonly run: null; readonly steps: (frame: Frame) => Steps };

/** Runs code within steps. */
export function* stepsOf(code: Code, frame: Frame): Steps {
  return code.steps === null ? code.run(frame) : yield* code.steps(frame);
}

export const NO_OVERLOAD = failure("no such overload");

/** Turns a checked expression into code. */
export function codeOf(node: Checked): Code {
  switch (node.kind) {
    case "literal":
      return atOnce(() => node.value);
    case "variable":
      return atOnce(({ variables, meter }) => {
        meter.charge(1);
        return variables.get(node.name) ?? undefinedVariable(variables, node.name);
      });
    case "local":
      return atOnce(({ locals, meter }) => {
        meter.charge(1);
        return locals[node.slot] ?? null;
      });
    case "select":
      return selectCode(node);
    case "call":
      return callCode(node.args.map(codeOf), node.overloads);
    case "logic":
      return logicCode(node.terms.map(codeOf), node.and);
    case "conditional":
      return conditionalCode(node.parts.map(codeOf) as [Code, Code, Code]);
    case "list":
      return listCode(
        node.items.map(({ value }) => codeOf(value)),
        node.items.map(({ optional }) => optional),
      );
    case "map":
      return mapCode(node);
    case "comprehension":
      return comprehensionCode(node);
    default:
      return optMapCode(node);
  }
}

function atOnce(run: (frame: Frame) => CelValue): Code {
  return { run, steps: null };
}

/** null is a value, too. */
function undefinedVariable(variables: Bindings, name: string): CelValue {
  return variables.has(name) ? null : failure(`no such attribute(s): ${name}`);
}

/** Evaluates the operands, in order, then puts them together. */
function over(
  operands: readonly Code[],
  combine: (values: readonly CelValue[], frame: Frame) => CelValue,
): Code {
  const runs: ((frame: Frame) => CelValue)[] = [];
  for (const { run } of operands) if (run !== null) runs.push(run);
  if (runs.length === operands.length) {
    return atOnce((frame) => {
      const values: CelValue[] = [];
      for (const run of runs) values.push(run(frame));
      return combine(values, frame);
    });
  }
  return {
    run: null,
    *steps(frame) {
      const values: CelValue[] = [];
      for (const operand of operands) values.push(yield* stepsOf(operand, frame));
      return combine(values, frame);
    },
  };
}

function selectCode({ operand, field, mode }: CheckedSelect): Code {
  return over([codeOf(operand)], ([value = null], { meter }) => {
    meter.charge(1);
    return selected(value, field, mode);
  });
}

function selected(value: CelValue, field: string, mode: CheckedSelect["mode"]): CelValue {
  if (value instanceof CelFailure) return value;
  if (value instanceof CelOptional) {
    if (value.value === undefined) return mode === "test" ? false : value;
    return selected(value.value, field, mode === "test" ? mode : "optional");
  }
  if (!(value instanceof CelMap)) return NO_OVERLOAD;
  const found = value.get(field);
  if (mode === "test") return found !== undefined;
  if (mode === "optional") return new CelOptional(found);
  return found === undefined ? failure(`no such key: ${field}`) : found;
}

function callCode(operands: readonly Code[], overloads: Overloads): Code {
  return over(operands, (values, { meter }) => {
    const failed = failureIn(values);
    meter.charge(1);
    if (failed !== null) return failed;
    for (const { accepts, cost, run } of overloads) {
      if (!accepts.every((accept, index) => accept(values[index] ?? null))) continue;
      if (cost !== null) meter.charge(cost(values));
      return run(values);
    }
    return NO_OVERLOAD;
  });
}

/** An error counts only where no other side decides (cel-spec: Logical operators). */
function logicCode(terms: readonly Code[], and: boolean): Code {
  const settle = (value: CelValue, wrong: CelFailure | null): boolean | CelFailure | null => {
    if (value === !and) return !and;
    if (value === and) return wrong;
    return wrong ?? (value instanceof CelFailure ? value : NO_OVERLOAD);
  };
  if (terms.every(({ steps }) => steps === null)) {
    return atOnce((frame) => {
      let wrong: CelFailure | null = null;
      for (const { run } of terms) {
        const settled = settle(run?.(frame) ?? null, wrong);
        if (typeof settled === "boolean") return settled;
        wrong = settled;
      }
      return wrong ?? and;
    });
  }
  return {
    run: null,
    *steps(frame) {
      let wrong: CelFailure | null = null;
      for (const term of terms) {
        const settled = settle(yield* stepsOf(term, frame), wrong);
        if (typeof settled === "boolean") return settled;
        wrong = settled;
      }
      return wrong ?? and;
    },
  };
}

function conditionalCode([condition, then, otherwise]: readonly [Code, Code, Code]): Code {
  if (condition.steps === null && then.steps === null && otherwise.steps === null) {
    return atOnce((frame) => {
      const value = condition.run(frame);
      if (typeof value !== "boolean") return value instanceof CelFailure ? value : NO_OVERLOAD;
      return value ? then.run(frame) : otherwise.run(frame);
    });
  }
  return {
    run: null,
    *steps(frame) {
      const value = yield* stepsOf(condition, frame);
      if (typeof value !== "boolean") return value instanceof CelFailure ? value : NO_OVERLOAD;
      return yield* stepsOf(value ? then : otherwise, frame);
    },
  };
}

/** What making a list or a map costs, as in cel-go. */
const LIST_COST = 10;
const MAP_COST = 30;

function listCode(items: readonly Code[], optional: readonly boolean[]): Code {
  return over(items, (values, { meter }) => {
    meter.charge(LIST_COST);
    const failed = failureIn(values);
    if (failed !== null) return failed;
    if (!optional.includes(true)) return values;
    return values.flatMap((value, index) => {
      if (optional[index] !== true || !(value instanceof CelOptional)) return [value];
      return value.value === undefined ? [] : [value.value];
    });
  });
}

function mapCode({ entries, typeName }: CheckedMap): Code {
  const operands = entries.flatMap(({ key, value }) => [codeOf(key), codeOf(value)]);
  return over(operands, (values, { meter }) => {
    meter.charge(MAP_COST);
    const failed = failureIn(values);
    if (failed !== null) return failed;
    const pairs: (readonly [CelValue, CelValue])[] = [];
    for (const [index, { optional }] of entries.entries()) {
      const [key = null, value = null] = values.slice(2 * index, 2 * index + 2);
      if (!optional || !(value instanceof CelOptional)) pairs.push([key, value]);
      else if (value.value !== undefined) pairs.push([key, value.value]);
    }
    const map = new EntryMap(pairs, typeName);
    return map.size < pairs.length ? failure("Failed with repeated key") : map;
  });
}

function optMapCode({ target, slot, body, flat }: CheckedOptMap): Code {
  const [from, to] = [codeOf(target), codeOf(body)];
  return {
    run: null,
    *steps(frame) {
      const value = yield* stepsOf(from, frame);
      if (!(value instanceof CelOptional)) return value instanceof CelFailure ? value : NO_OVERLOAD;
      if (value.value === undefined) return value;
      frame.locals[slot] = value.value;
      const mapped = yield* stepsOf(to, frame);
      return flat || mapped instanceof CelFailure ? mapped : new CelOptional(mapped);
    },
  };
}
