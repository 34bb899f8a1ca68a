import { fromJson } from "../../api/machinery/cel/json.js";
import { forbidden, type StatusReason } from "../../api/machinery/status.js";
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "../../api/schema/types/admissionregistration-v1.gen.js";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { PolicyBook } from "../policies/policy-book.js";
import {
  type Dispatch,
  type PolicyDeps,
  PolicyDispatcher,
  type PolicyInvocation,
} from "../policies/policy-invocations.js";
import { PolicyEvaluation, evaluateConditions } from "../policies/policy-evaluation.js";
import { namespaceVariable, requestVariables } from "../policies/request-variables.js";
import {
  type CompiledAnnotation,
  type CompiledCondition,
  type CompiledValidation,
  type CompiledVariables,
  compileAnnotations,
  compileConditions,
  compileValidations,
  compileVariables,
} from "../registry/admissionregistration/policy-expressions.js";
import { ApiFailure } from "../server/api-failure.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";
import { resourceOf } from "./admission.js";
import { seenBody } from "./seen-body.js";

/** A policy's expressions. */
interface Compiled {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly CompiledAnnotation[];
}
type Policy = ValidatingAdmissionPolicy;
type Binding = ValidatingAdmissionPolicyBinding;
type Invocation = PolicyInvocation<Policy, Binding, Compiled>;

/** A policy says no. */
interface Denial {
  readonly policy: Policy;
  readonly binding: Binding | null;
  readonly message: string;
  readonly reason: StatusReason;
  /** What was to be noted failed: it refuses the write whatever the binding says. */
  readonly always?: true;
}

const MESSAGE_MAX = 5 * 1024;
const CODES: Readonly<Partial<Record<StatusReason, number>>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

/** Refuses what ValidatingAdmissionPolicies do not want (KEP-3488). */
export class ValidatingPolicies implements AdmissionPlugin {
  readonly name = "ValidatingAdmissionPolicy";
  private readonly deps: PolicyDeps;
  private readonly dispatcher: PolicyDispatcher<Policy, Binding, Compiled>;

  constructor(deps: PolicyDeps) {
    this.deps = deps;
    const [policies, bindings] = [
      "validatingadmissionpolicies",
      "validatingadmissionpolicybindings",
    ];
    const book = new PolicyBook<Policy, Binding, Compiled>({ policies, bindings, compile }, deps);
    this.dispatcher = new PolicyDispatcher(book, deps);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const dispatch = await this.dispatcher.dispatch(attributes);
    if (dispatch === null) return;
    const denials: Denial[] = dispatch.faults
      .filter(({ policy }) => policy.spec?.failurePolicy !== "Ignore")
      .map((fault) => ({ ...fault, reason: "Invalid", always: true }));
    for (const invocation of dispatch.invocations) {
      const found = await this.evaluate(invocation, attributes, dispatch);
      for (const denial of found) this.act(denial, attributes, denials);
    }
    const [first] = denials;
    if (first !== undefined) throw refusal(first, attributes);
  }

  /** Does with a denial what its binding says. */
  private act(denial: Denial, attributes: AdmissionAttributes, denials: Denial[]): void {
    const { policy, binding, message } = denial;
    const actions = denial.always === true ? ["Deny"] : (binding?.spec.validationActions ?? []);
    const [policyName, bindingName] = [policy.metadata.name, binding?.metadata.name ?? ""];
    if (actions.includes("Deny")) denials.push(denial);
    if (actions.includes("Warn")) {
      attributes.warnings.push(
        `Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding ` +
          `'${bindingName}': ${message}`,
      );
    }
    if (actions.includes("Audit")) {
      // There is no audit log yet: this is where operators look.
      const fields = { policy: policyName, binding: bindingName, message };
      this.deps.logger.info("a write broke an admission policy that audits", fields);
    }
  }

  private async evaluate(
    invocation: Invocation,
    attributes: AdmissionAttributes,
    { request }: Dispatch<Policy, Binding, Compiled>,
  ): Promise<readonly Denial[]> {
    const { policy, binding, compiled, resource, param } = invocation;
    const seen = await seenBody(attributes, { resource, equivalents: this.deps.equivalents });
    const values = requestVariables(attributes, seen, this.deps.authorizer);
    if (param !== null) values.set("params", fromJson(param as unknown as JsonObject));
    const ignoresErrors = policy.spec?.failurePolicy === "Ignore";
    const denial = (message: string, reason = "Invalid"): Denial => {
      return { policy, binding, message, reason: reason as StatusReason };
    };
    const wanted = await evaluateConditions(compiled.conditions, values);
    if (wanted.error !== null) return ignoresErrors ? [] : [denial(wanted.error)];
    if (!wanted.matches) return [];
    values.set("namespaceObject", namespaceVariable(await request.namespace()));
    const evaluation = new PolicyEvaluation(values, compiled.variables.programs);
    const denials: Denial[] = [];
    for (const each of compiled.validations) {
      const { validation, program } = each;
      const result = await evaluation.evaluate(program, validation.expression);
      if (!result.ok) {
        if (!ignoresErrors) denials.push(denial(result.message));
      } else if (result.value !== true) {
        denials.push(denial(await messageOfValidation(each, evaluation), validation.reason));
      }
    }
    const notes = new PolicyEvaluation(values, compiled.variables.programs);
    return [...denials, ...(await this.annotate(invocation, notes, ignoresErrors))];
  }

  /** Notes for the audit; those that cannot be made refuse the write. */
  private async annotate(
    { policy, binding, compiled }: Invocation,
    evaluation: PolicyEvaluation,
    ignoresErrors: boolean,
  ): Promise<readonly Denial[]> {
    const denials: Denial[] = [];
    for (const { annotation, program } of compiled.annotations) {
      const result = await evaluation.evaluate(program, annotation.valueExpression.trim());
      if (!result.ok) {
        const { message } = result;
        const denial: Denial = { policy, binding, message, reason: "Invalid", always: true };
        if (!ignoresErrors) denials.push(denial);
      } else if (typeof result.value === "string" && result.value.trim() !== "") {
        const key = `${policy.metadata.name}/${annotation.key}`;
        this.deps.logger.info("an admission policy notes", { key, value: result.value.trim() });
      }
    }
    return denials;
  }
}

function compile({ spec }: Policy): Compiled {
  const scope = { params: spec.paramKind !== undefined };
  const variables = compileVariables(spec.variables ?? [], scope);
  return {
    conditions: compileConditions(spec.matchConditions ?? [], scope),
    variables,
    validations: compileValidations(spec.validations ?? [], variables.types),
    annotations: compileAnnotations(spec.auditAnnotations ?? [], variables.types),
  };
}

async function messageOfValidation(
  { validation, message }: CompiledValidation,
  evaluation: PolicyEvaluation,
): Promise<string> {
  const { expression, messageExpression = "" } = validation;
  if (message !== null) {
    const result = await evaluation.evaluate(message, messageExpression);
    const text = result.ok && typeof result.value === "string" ? result.value.trim() : "";
    if (text !== "" && text.length <= MESSAGE_MAX && !text.includes("\n")) return text;
  }
  const fixed = (validation.message ?? "").trim();
  return fixed === "" ? `failed expression: ${expression.trim()}` : fixed;
}

function refusal(
  { policy, binding, message, reason }: Denial,
  attributes: AdmissionAttributes,
): ApiFailure {
  const with_ = binding === null ? "" : ` with binding '${binding.metadata.name}'`;
  const text =
    `ValidatingAdmissionPolicy '${policy.metadata.name}'${with_} denied request: ` + message;
  const status = forbidden(resourceOf(attributes), attributes.name, text);
  const details = { ...status.details, causes: [{ message: text }] };
  return new ApiFailure({ ...status, reason, code: CODES[reason] ?? 422, details });
}
