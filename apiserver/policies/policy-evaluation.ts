import { type CelValue, failure } from "../../api/machinery/cel/cel-values.js";
import {
  type CompiledExpression,
  type CostBudget,
  type EvaluationSteps,
  OBJECT_COST_MAX,
} from "../../api/machinery/cel/program.js";
import {
  type CompiledCondition,
  VARIABLES,
} from "../registry/admissionregistration/policy-expressions.js";
import { inSteps } from "../server/waiting.js";

/** What the match conditions of one policy or webhook may cost together. */
const CONDITIONS_COST_MAX = OBJECT_COST_MAX / 4;

/** A value, or an error in the words of Kubernetes. */
export type PolicyResult =
  | { readonly ok: true; readonly value: CelValue }
  | { readonly ok: false; readonly message: string };

/**
 * Evaluates the expressions of one policy on one request. Variables of the policy are evaluated
 * when the first expression asks for them, and only once.
 */
export class PolicyEvaluation {
  private readonly values: Map<string, CelValue>;
  private readonly variables: ReadonlyMap<string, CompiledExpression>;
  private readonly budget: CostBudget;

  constructor(
    request: ReadonlyMap<string, CelValue>,
    variables: ReadonlyMap<string, CompiledExpression>,
    costMax = OBJECT_COST_MAX,
  ) {
    this.values = new Map(request);
    this.variables = variables;
    this.budget = { remaining: costMax };
  }

  /** Lets others go first now and then. */
  async evaluate(compiled: CompiledExpression, expression: string): Promise<PolicyResult> {
    if (!compiled.ok) return { ok: false, message: `compilation error: ${compiled.message}` };
    if (this.budget.remaining <= 0) return { ok: false, message: OUT_OF_BUDGET };
    const evaluated = await inSteps(this.steps(compiled));
    if (evaluated.ok) return evaluated;
    if (this.budget.remaining <= 0) return { ok: false, message: OUT_OF_BUDGET };
    const message = `expression '${expression}' resulted in error: ${evaluated.message}`;
    return { ok: false, message };
  }

  private *steps({ program }: CompiledExpression & { readonly ok: true }): EvaluationSteps {
    for (const reference of program.references) {
      if (!reference.startsWith(VARIABLES) || this.values.has(reference)) continue;
      const name = reference.slice(VARIABLES.length);
      this.values.set(reference, yield* this.variable(name));
    }
    return yield* program.evaluateInSteps(this.values, this.budget);
  }

  /** An error of a variable is one of whoever uses it. */
  private *variable(name: string): Generator<undefined, CelValue, undefined> {
    const compiled = this.variables.get(name);
    if (compiled?.ok !== true) {
      const why = compiled?.message ?? "there is none";
      return failure(`composited variable "${name}" fails to compile: ${why}`);
    }
    const evaluated = yield* this.steps(compiled);
    if (evaluated.ok) return evaluated.value;
    return failure(`composited variable "${name}" fails to evaluate: ${evaluated.message}`);
  }
}

const OUT_OF_BUDGET =
  "validation failed due to running out of cost budget, no further validation rules will be run";

/** Whether all conditions hold; a text: what went wrong, where none of them says no. */
export type ConditionsResult =
  | { readonly matches: boolean; readonly error: null }
  | { readonly matches: false; readonly error: string };

/**
 * Evaluates match conditions of a policy or a webhook. One that is false decides, whatever happens
 * to the others; what an error means is the caller's failurePolicy.
 */
export async function evaluateConditions(
  conditions: readonly CompiledCondition[],
  request: ReadonlyMap<string, CelValue>,
): Promise<ConditionsResult> {
  const evaluation = new PolicyEvaluation(request, new Map(), CONDITIONS_COST_MAX);
  const errors: string[] = [];
  for (const { program, expression } of conditions) {
    const result = await evaluation.evaluate(program, expression);
    if (!result.ok) errors.push(result.message);
    else if (result.value !== true) return { matches: false, error: null };
  }
  if (errors.length === 0) return { matches: true, error: null };
  const [only = "", ...more] = errors;
  return { matches: false, error: more.length === 0 ? only : `[${errors.join(", ")}]` };
}
