import { isDeepStrictEqual } from "node:util";
import { fromJson } from "../../api/machinery/cel/json.js";
import { failure } from "../../api/machinery/status.js";
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from "../../api/schema/types/admissionregistration-v1.gen.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import { PolicyBook } from "../policies/policy-book.js";
import { PolicyEvaluation, evaluateConditions } from "../policies/policy-evaluation.js";
import {
  type PolicyDeps,
  PolicyDispatcher,
  type PolicyFault,
  type PolicyInvocation,
} from "../policies/policy-invocations.js";
import { MatchedRequest } from "../policies/policy-matcher.js";
import { MutationError, withConfiguration, withJsonPatch } from "../policies/policy-mutations.js";
import { namespaceVariable, requestVariables } from "../policies/request-variables.js";
import {
  type CompiledCondition,
  type CompiledMutation,
  type CompiledVariables,
  compileConditions,
  compileMutations,
  compileVariables,
} from "../registry/admissionregistration/policy-expressions.js";
import { ApiFailure } from "../server/api-failure.js";
import { type AdmissionPlugin, type MutationAttributes, resourceOf } from "./admission.js";
import { ReinvocationMemory, type Rounds } from "./reinvocation.js";
import { bodyTypeOf, seenBody, withChangedBody } from "./seen-body.js";

interface Compiled {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly mutations: readonly CompiledMutation[];
}
type Policy = MutatingAdmissionPolicy;
type Binding = MutatingAdmissionPolicyBinding;
type Invocation = PolicyInvocation<Policy, Binding, Compiled>;
type Fault = PolicyFault<Policy, Binding>;

/** Changes objects as MutatingAdmissionPolicies say (KEP-3962). */
export class MutatingPolicies implements AdmissionPlugin {
  readonly name = "MutatingAdmissionPolicy";
  private readonly deps: PolicyDeps;
  private readonly dispatcher: PolicyDispatcher<Policy, Binding, Compiled>;
  private readonly memory = new ReinvocationMemory();

  constructor(deps: PolicyDeps) {
    this.deps = deps;
    const [policies, bindings] = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];
    const book = new PolicyBook<Policy, Binding, Compiled>({ policies, bindings, compile }, deps);
    this.dispatcher = new PolicyDispatcher(book, deps);
  }

  async mutate(
    object: KubernetesObject,
    attributes: MutationAttributes,
  ): Promise<KubernetesObject> {
    const dispatch = await this.dispatcher.dispatch(attributes);
    if (dispatch === null) return object;
    const rounds = this.memory.of(attributes.reinvocation);
    rounds.begin(object);
    const faults: Fault[] = [...dispatch.faults];
    let current = object;
    for (const invocation of dispatch.invocations) {
      const now = { ...attributes, object: current };
      const outcome = await this.invoke(invocation, now, rounds);
      faults.push(...outcome.faults);
      const changed = !isDeepStrictEqual(outcome.object, current);
      const wantsAgain = invocation.policy.spec?.reinvocationPolicy === "IfNeeded";
      rounds.done(keyOf(invocation), { changed, wantsAgain });
      if (changed) current = outcome.object;
    }
    rounds.end(current);
    const [first] = faults.filter(({ policy }) => policy.spec?.failurePolicy !== "Ignore");
    if (first !== undefined) throw refusal(first, attributes);
    return current;
  }

  /** The object after one policy, and what went wrong with it. */
  private async invoke(
    invocation: Invocation,
    attributes: MutationAttributes & { readonly object: KubernetesObject },
    rounds: Rounds,
  ): Promise<{ readonly object: KubernetesObject; readonly faults: readonly Fault[] }> {
    const { policy, binding, compiled, resource, param } = invocation;
    const request = new MatchedRequest(attributes, this.deps);
    const namespaceObject = namespaceVariable(await request.namespace());
    const faults: Fault[] = [];
    let { object } = attributes;
    const through = { resource, equivalents: this.deps.equivalents };
    const type = bodyTypeOf(attributes, through);
    for (const [index, mutation] of compiled.mutations.entries()) {
      const now = { ...attributes, object };
      const seen = await seenBody(now, through);
      const values = requestVariables(now, seen, this.deps.authorizer);
      if (param !== null) values.set("params", fromJson(param as unknown as JsonObject));
      if (index === 0) {
        const wanted = await evaluateConditions(compiled.conditions, values);
        if (wanted.error !== null) faults.push({ policy, binding, message: wanted.error });
        if (!wanted.matches) return { object, faults };
        if (!rounds.isDue(keyOf(invocation))) return { object, faults };
      }
      if (type === null || seen.object === null) continue;
      values.set("namespaceObject", namespaceObject);
      const evaluation = new PolicyEvaluation(values, compiled.variables.programs);
      const result = await evaluation.evaluate(mutation.program, mutation.expression);
      if (!result.ok) {
        faults.push({ policy, binding, message: result.message });
        continue;
      }
      try {
        const changed =
          mutation.patchType === "JSONPatch"
            ? withJsonPatch(seen.object, result.value)
            : withConfiguration(seen.object, result.value, type.typeName);
        if (changed === seen.object) continue;
        object = await withChangedBody(changed, type, now, through);
      } catch (error) {
        if (!(error instanceof MutationError)) throw error;
        faults.push({ policy, binding, message: error.message });
      }
    }
    return { object, faults };
  }
}

function compile({ spec }: Policy): Compiled {
  const scope = { params: spec.paramKind !== undefined, mutating: true };
  const variables = compileVariables(spec.variables ?? [], scope);
  return {
    conditions: compileConditions(spec.matchConditions ?? [], scope),
    variables,
    mutations: compileMutations(spec.mutations ?? [], variables.types),
  };
}

function keyOf({ policy, binding, param }: Invocation): string {
  const { namespace = "", name = "" } = param?.metadata ?? {};
  return [policy.metadata.name, binding.metadata.name, namespace, name].join(" ");
}

function refusal({ policy, binding, message }: Fault, attributes: MutationAttributes): ApiFailure {
  const with_ = binding === null ? "" : ` with binding '${binding.metadata.name}'`;
  const text = `policy '${policy.metadata.name}'${with_} denied request: ${message}`;
  const { group, resource } = resourceOf(attributes);
  const details = { name: attributes.name, group, kind: resource, causes: [{ message: text }] };
  return new ApiFailure(failure(403, "Invalid", text, details));
}
