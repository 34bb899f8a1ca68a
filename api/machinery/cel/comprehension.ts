import { CelFailure, CelMap, type CelValue, EntryMap, failure, isList } from "./cel-values.js";
import type { CheckedComprehension } from "./checked.js";
import { type Code, NO_OVERLOAD, type Steps, codeOf, stepsOf } from "./evaluator.js";

/** What a turn of a loop costs beside its body. */
const TURN_COST = 3;
const RESULT_COST = 10;

/** Gathers what the turns of a loop make; an answer that is not undefined ends the loop. */
interface Gatherer {
  turn(value: CelValue, variables: readonly CelValue[]): CelValue | undefined;
  end(): CelValue;
}

/** The macros that go over lists and maps. */
export function comprehensionCode(node: CheckedComprehension): Code {
  const range = codeOf(node.range);
  const filter = node.filter === null ? null : codeOf(node.filter);
  const body = codeOf(node.body);
  return {
    run: null,
    *steps(frame): Steps {
      const container = yield* stepsOf(range, frame);
      const turns = turnsOf(container, node.slots.length === 2);
      if (turns instanceof CelFailure) return turns;
      frame.meter.charge(RESULT_COST);
      const gatherer = gathererOf(node);
      for (const variables of turns) {
        for (const [index, slot] of node.slots.entries()) {
          frame.locals[slot] = variables[index] ?? null;
        }
        frame.meter.charge(TURN_COST);
        if (frame.meter.shouldPause()) yield undefined;
        if (filter !== null) {
          const kept = filter.run === null ? yield* filter.steps(frame) : filter.run(frame);
          if (kept === false) continue;
          if (kept !== true) return kept instanceof CelFailure ? kept : NO_OVERLOAD;
        }
        const value = body.run === null ? yield* body.steps(frame) : body.run(frame);
        const settled = gatherer.turn(value, variables);
        if (settled !== undefined) return settled;
      }
      return gatherer.end();
    },
  };
}

/** The values of the loop's variables, turn by turn. */
function turnsOf(container: CelValue, two: boolean): Iterable<readonly CelValue[]> | CelFailure {
  if (container instanceof CelFailure) return container;
  if (isList(container)) return listTurns(container, two);
  return container instanceof CelMap ? mapTurns(container, two) : NO_OVERLOAD;
}

function* listTurns(items: readonly CelValue[], two: boolean): Generator<readonly CelValue[]> {
  for (const [index, item] of items.entries()) yield two ? [BigInt(index), item] : [item];
}

function* mapTurns(map: CelMap, two: boolean): Generator<readonly CelValue[]> {
  for (const key of map.keys()) yield two ? [key, map.get(key) ?? null] : [key];
}

function gathererOf({ macro }: CheckedComprehension): Gatherer {
  switch (macro) {
    case "all":
      return quantifier(true);
    case "exists":
      return quantifier(false);
    case "existsOne":
      return onlyOne();
    case "filter":
      return filtered();
    case "map":
    case "transformList":
      return mapped();
    default:
      return transformed(macro === "transformMapEntry");
  }
}

/** An error counts only where no other item decides. */
function quantifier(and: boolean): Gatherer {
  let wrong: CelFailure | null = null;
  return {
    turn(value) {
      if (value === !and) return !and;
      if (value !== and) wrong ??= value instanceof CelFailure ? value : NO_OVERLOAD;
      return undefined;
    },
    end: () => wrong ?? and,
  };
}

function onlyOne(): Gatherer {
  let count = 0;
  return {
    turn(value) {
      if (typeof value !== "boolean") return value instanceof CelFailure ? value : NO_OVERLOAD;
      if (value) count += 1;
      return undefined;
    },
    end: () => count === 1,
  };
}

function filtered(): Gatherer {
  const items: CelValue[] = [];
  return {
    turn(value, variables) {
      if (typeof value !== "boolean") return value instanceof CelFailure ? value : NO_OVERLOAD;
      if (value) items.push(variables[0] ?? null);
      return undefined;
    },
    end: () => items,
  };
}

function mapped(): Gatherer {
  const items: CelValue[] = [];
  return {
    turn(value) {
      if (value instanceof CelFailure) return value;
      items.push(value);
      return undefined;
    },
    end: () => items,
  };
}

function transformed(entries: boolean): Gatherer {
  const pairs: (readonly [CelValue, CelValue])[] = [];
  return {
    turn(value, variables) {
      if (value instanceof CelFailure) return value;
      if (!entries) pairs.push([variables[0] ?? null, value]);
      else if (!(value instanceof CelMap)) return NO_OVERLOAD;
      else pairs.push(...value.keys().map((key) => [key, value.get(key) ?? null] as const));
      return undefined;
    },
    end() {
      const map = new EntryMap(pairs);
      return map.size === pairs.length ? map : failure("insert failed: a key already exists");
    },
  };
}
