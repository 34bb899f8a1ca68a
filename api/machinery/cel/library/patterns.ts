import { RegexBudgetError, compileRegex } from "../../regex/linear-regex.js";
import { type CelValue, failure } from "../cel-values.js";
import { type Overload, define } from "../overload.js";
import { REGEX_STEPS_MAX, regexCost } from "./standard.js";

function findAll(text: string, pattern: string, limit: bigint): CelValue {
  const compiled = compileRegex(pattern);
  if (!compiled.ok) return failure(`Illegal regex: ${compiled.message}`);
  const max = limit < 0n ? Infinity : Number(limit);
  try {
    const matches = compiled.regex.findAll(text, max, { steps: REGEX_STEPS_MAX });
    return matches.map(({ start, end }) => text.slice(start, end));
  } catch (error) {
    if (error instanceof RegexBudgetError) return failure(error.message);
    throw error;
  }
}

function find(text: string, pattern: string): CelValue {
  const found = findAll(text, pattern, 1n);
  return Array.isArray(found) ? ((found[0] as CelValue | undefined) ?? "") : found;
}

/** Kubernetes' library for regular expressions. */
export const PATTERNS: readonly Overload[] = [
  define("string.find(string): string", find, { cost: regexCost }),
  define("string.findAll(string): list<string>", (a: string, b: string) => findAll(a, b, -1n), {
    cost: regexCost,
  }),
  define("string.findAll(string, int): list<string>", findAll, { cost: regexCost }),
];
