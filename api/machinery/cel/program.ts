import { type CelIssue, issuesText } from "./ast.js";
import { type CelType, fits, typeText } from "./cel-types.js";
import { CelFailure, type CelValue } from "./cel-values.js";
import { type CheckResult, checkExpression } from "./checker.js";
import { type Bindings, codeOf, stepsOf } from "./evaluator.js";
import { SyntaxIssue } from "./lexer.js";
import { CostExceeded, Meter } from "./meter.js";
import { parseExpression } from "./parser.js";

/** What an expression may refer to, and what it has to be. */
export interface ExpressionEnvironment {
  /** Types by name; a name may have dots (`variables.x`). */
  readonly variables: ReadonlyMap<string, CelType>;
  /** The result has one of these types; none: any. */
  readonly results?: readonly CelType[];
  /** Names of types that may be made (`Object`), with everything below them. */
  readonly structs?: readonly string[];
}

/** How much may be spent; it shrinks by what evaluations cost, in cel-go's units. */
export interface CostBudget {
  remaining: number;
}

/** A value, or an error in the words of cel-go; `exceeded`: it was stopped for its cost. */
export type Evaluated =
  | { readonly ok: true; readonly value: CelValue }
  | { readonly ok: false; readonly message: string; readonly exceeded: boolean };

export type CompiledExpression =
  | { readonly ok: true; readonly program: CelProgram }
  /** In the words of Kubernetes: `compilation failed: ERROR: <input>:1:1: …`. */
  | { readonly ok: false; readonly message: string };

/** What one evaluation may cost (Kubernetes: apiserver, pkg/apis/cel, PerCallLimit). */
export const CALL_COST_MAX = 1_000_000;
/** What everything about one object or one policy may cost (RuntimeCELCostBudget). */
export const OBJECT_COST_MAX = 10_000_000;

/** An evaluation under way: yields between two steps. */
export type EvaluationSteps = Generator<undefined, Evaluated, undefined>;

/** An expression that was accepted. It may be evaluated any number of times, at any time. */
export class CelProgram {
  /** The names of the variables that it uses. */
  readonly references: ReadonlySet<string>;
  readonly type: CelType;
  private readonly code: ReturnType<typeof codeOf>;
  private readonly slots: number;

  constructor({ root, references, slots }: CheckResult) {
    this.references = references;
    this.type = root.type;
    this.code = codeOf(root);
    this.slots = slots;
  }

  /**
   * Evaluates at one stretch. Whoever evaluates what strangers wrote, beside other work, wants
   * evaluateInSteps.
   */
  evaluate(variables: Bindings, budget: CostBudget): Evaluated {
    const steps = this.evaluateInSteps(variables, budget);
    for (;;) {
      const next = steps.next();
      if (next.done === true) return next.value;
    }
  }

  /** Evaluates in steps of about a millisecond. */
  *evaluateInSteps(variables: Bindings, budget: CostBudget): EvaluationSteps {
    const meter = new Meter(Math.min(CALL_COST_MAX, budget.remaining));
    const locals: CelValue[] = Array.from({ length: this.slots }, () => null);
    try {
      const value = yield* stepsOf(this.code, { variables, locals, meter });
      if (value instanceof CelFailure) {
        return { ok: false, message: value.message, exceeded: false };
      }
      return { ok: true, value };
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      return { ok: false, message: error.message, exceeded: true };
    } finally {
      budget.remaining -= meter.spent;
    }
  }
}

/** Parses and checks an expression. */
export function compileExpression(
  source: string,
  environment: ExpressionEnvironment,
): CompiledExpression {
  const { variables, results = [], structs = [] } = environment;
  let checked: CheckResult;
  try {
    checked = checkExpression(parseExpression(source), { variables, structs });
  } catch (error) {
    if (error instanceof SyntaxIssue) return refused(source, [error.issue]);
    throw error;
  }
  if (checked.issues.length > 0) return refused(source, checked.issues);
  const { type } = checked.root;
  const fit = type.kind === "dyn" || results.some((wanted) => fits(wanted, type, new Map()));
  if (results.length > 0 && !fit) return { ok: false, message: wrongResult(results) };
  return { ok: true, program: new CelProgram(checked) };
}

function refused(source: string, issues: readonly CelIssue[]): CompiledExpression {
  return { ok: false, message: `compilation failed: ${issuesText(source, issues)}` };
}

function wrongResult(results: readonly CelType[]): string {
  const [only, ...more] = results.map(typeText);
  return more.length === 0
    ? `must evaluate to ${only}`
    : `must evaluate to one of [${[only, ...more].join(" ")}]`;
}
