import { isDeepStrictEqual } from "node:util";
import { fromJson } from "../../api/machinery/cel/json.js";
import { failure } from "../../api/machinery/status.js";
import { apiVersionOf } from "../../api/schema/kinds.js";
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from "../../api/schema/types/admissionregistration-v1.gen.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import type { ExpectedType } from "../handlers/body.js";
import { PolicyBook } from "../policies/policy-book.js";
import { PolicyEvaluation, evaluateConditions } from "../policies/policy-evaluation.js";
import {
  type PolicyDeps,
  PolicyDispatcher,
  type PolicyFault,
  type PolicyInvocation,
} from "../policies/policy-invocations.js";
import { MatchedRequest, isWhole } from "../policies/policy-matcher.js";
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
import {
  type AdmissionPlugin,
  type MutationAttributes,
  bodiesOf,
  resourceOf,
} from "./admission.js";
import { isResource } from "./equivalent-kinds.js";
import { taken } from "./mutating-webhooks.js";
import type { ReinvocationContext } from "./reinvocation.js";

interface Compiled {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly mutations: readonly CompiledMutation[];
}
type Policy = MutatingAdmissionPolicy;
type Binding = MutatingAdmissionPolicyBinding;
type Invocation = PolicyInvocation<Policy, Binding, Compiled>;
type Fault = PolicyFault<Policy, Binding>;

/** What the two rounds of one write must know of each other. */
interface Rounds {
  /** Evaluated already, and to be evaluated again should others change the object. */
  readonly invoked: Set<string>;
  readonly again: Set<string>;
  /** What the first round ended with. */
  last: KubernetesObject | null;
}

/** Changes objects as MutatingAdmissionPolicies say (KEP-3962). */
export class MutatingPolicies implements AdmissionPlugin {
  readonly name = "MutatingAdmissionPolicy";
  private readonly deps: PolicyDeps;
  private readonly dispatcher: PolicyDispatcher<Policy, Binding, Compiled>;
  private readonly rounds = new WeakMap<ReinvocationContext, Rounds>();

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
    const { reinvocation } = attributes;
    const rounds = this.roundsOf(reinvocation);
    // Somebody else changed it after the last round: whoever wants to know of that comes again.
    if (reinvocation.isReinvocation && !isDeepStrictEqual(object, rounds.last)) comeAgain(rounds);
    const faults: Fault[] = [...dispatch.faults];
    let current = object;
    for (const invocation of dispatch.invocations) {
      const now = { ...attributes, object: current };
      const outcome = await this.invoke(invocation, now, rounds);
      faults.push(...outcome.faults);
      if (!isDeepStrictEqual(outcome.object, current)) {
        comeAgain(rounds);
        reinvocation.request();
        current = outcome.object;
      }
      const { reinvocationPolicy } = invocation.policy.spec ?? {};
      if (reinvocationPolicy === "IfNeeded") rounds.invoked.add(keyOf(invocation));
    }
    rounds.last = current;
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
    const type = this.typeOf(invocation, attributes);
    for (const [index, mutation] of compiled.mutations.entries()) {
      const now = { ...attributes, object };
      const seen = await new MatchedRequest(now, this.deps).seenAs(resource);
      const values = requestVariables(now, seen, this.deps.authorizer);
      if (param !== null) values.set("params", fromJson(param as unknown as JsonObject));
      if (index === 0) {
        const wanted = await evaluateConditions(compiled.conditions, values);
        if (wanted.error !== null) faults.push({ policy, binding, message: wanted.error });
        if (!wanted.matches) return { object, faults };
        const again = rounds.again.has(keyOf(invocation));
        if (attributes.reinvocation.isReinvocation && !again) return { object, faults };
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
        object = await this.wholeOf(taken(changed, type), invocation, now);
      } catch (error) {
        if (!(error instanceof MutationError)) throw error;
        faults.push({ policy, binding, message: error.message });
      }
    }
    return { object, faults };
  }

  /** How the body is read; null: it carries a stream, whose options nobody can change. */
  private typeOf({ resource }: Invocation, attributes: MutationAttributes): ExpectedType | null {
    const { kind, subresource, bodyKind, operation } = attributes;
    if (isWhole(attributes)) {
      const same = this.deps.equivalents.of(kind).find((each) => isResource(each, resource));
      return same ?? kind;
    }
    const sub = kind.subresources.find(({ name }) => name === subresource);
    if (operation === "CONNECT" || sub === undefined || sub.typeName === null) return null;
    const { group, version } = bodyKind;
    const { typeName } = sub;
    return { apiVersion: apiVersionOf(group, version), version, kind: bodyKind.kind, typeName };
  }

  private async wholeOf(
    body: KubernetesObject,
    { resource }: Invocation,
    attributes: MutationAttributes & { readonly object: KubernetesObject },
  ): Promise<KubernetesObject> {
    const { kind, lens, object } = attributes;
    if (lens !== null) {
      const before = bodiesOf(attributes).object;
      return isDeepStrictEqual(body, before) ? object : lens.withBody(object, body);
    }
    if (!isWhole(attributes) || isResource(kind, resource)) return body;
    const { equivalents } = this.deps;
    const from = equivalents.of(kind).find((each) => isResource(each, resource)) ?? kind;
    return equivalents.convert(body, from, resourceOf(attributes));
  }

  private roundsOf(reinvocation: ReinvocationContext): Rounds {
    const known = this.rounds.get(reinvocation);
    if (known !== undefined) return known;
    const fresh: Rounds = { invoked: new Set(), again: new Set(), last: null };
    this.rounds.set(reinvocation, fresh);
    return fresh;
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

function comeAgain({ invoked, again }: Rounds): void {
  for (const key of invoked) again.add(key);
  invoked.clear();
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
