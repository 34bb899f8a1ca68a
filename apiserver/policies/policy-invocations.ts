import { messageOf } from "../../base/errors.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { AdmissionAttributes, GroupVersionResource } from "../admission/admission.js";
import { resourceOf } from "../admission/admission.js";
import { isAdmissionConfiguration } from "../admission/request-match.js";
import type { Authorizer } from "../auth/authorizer.js";
import type { Logger } from "../../base/logger.js";
import type { AnyBinding, AnyPolicy, BoundPolicy, PolicyBook } from "./policy-book.js";
import { MatchedRequest, type MatcherDeps } from "./policy-matcher.js";
import { ParamsError, type ParamsDeps, PolicyParams } from "./policy-params.js";

/** What admission policies work with. */
export interface PolicyDeps extends MatcherDeps, ParamsDeps {
  readonly authorizer: Authorizer;
  readonly logger: Logger;
}

/** A policy, one of its bindings and one of that binding's parameters, for one request. */
export interface PolicyInvocation<P, B, C> {
  readonly policy: P;
  readonly binding: B;
  readonly compiled: C;
  /** As which resource the policy wants to see the request. */
  readonly resource: GroupVersionResource;
  /** Null: none. */
  readonly param: KubernetesObject | null;
}

/** A policy that could not be looked at; failurePolicy says what that means. */
export interface PolicyFault<P, B> {
  readonly policy: P;
  /** Null: the fault is the policy's own. */
  readonly binding: B | null;
  readonly message: string;
}

export interface Dispatch<P, B, C> {
  readonly invocations: readonly PolicyInvocation<P, B, C>[];
  readonly faults: readonly PolicyFault<P, B>[];
  readonly request: MatchedRequest;
}

/** Finds out which policies of a book are about a request, and with which parameters. */
export class PolicyDispatcher<P extends AnyPolicy, B extends AnyBinding, C> {
  private readonly book: PolicyBook<P, B, C>;
  private readonly deps: PolicyDeps;
  private readonly params: PolicyParams;

  constructor(book: PolicyBook<P, B, C>, deps: PolicyDeps) {
    this.book = book;
    this.deps = deps;
    this.params = new PolicyParams(deps);
  }

  /** Null: none is. Policies and webhook configurations are nobody's business but the writer's. */
  async dispatch(attributes: AdmissionAttributes): Promise<Dispatch<P, B, C> | null> {
    const inForce = this.book.inForce();
    if (inForce.length === 0 || isAdmissionConfiguration(resourceOf(attributes))) return null;
    const request = new MatchedRequest(attributes, this.deps);
    const invocations: PolicyInvocation<P, B, C>[] = [];
    const faults: PolicyFault<P, B>[] = [];
    for (const bound of inForce) {
      const resource = await request.match(bound.criteria);
      if (resource === null) continue;
      const about = { request, resource, namespace: attributes.namespace };
      await this.bindings(bound, about, { invocations, faults });
    }
    return invocations.length === 0 && faults.length === 0
      ? null
      : { invocations, faults, request };
  }

  private async bindings(
    { policy, compiled, bindings }: BoundPolicy<P, B, C>,
    about: {
      readonly request: MatchedRequest;
      readonly resource: GroupVersionResource;
      readonly namespace: string;
    },
    into: {
      readonly invocations: PolicyInvocation<P, B, C>[];
      readonly faults: PolicyFault<P, B>[];
    },
  ): Promise<void> {
    const paramKind = policy.spec?.paramKind;
    const view = paramKind === undefined ? null : this.params.viewOf(paramKind);
    if (paramKind !== undefined && view === null) {
      const { apiVersion = "", kind = "" } = paramKind;
      const shown = `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
      const why = `failed to find resource referenced by paramKind: '${shown}'`;
      into.faults.push({ policy, binding: null, message: `failed to configure policy: ${why}` });
      return;
    }
    const { request, resource, namespace } = about;
    for (const { binding, criteria } of bindings) {
      if (criteria !== null && (await request.match(criteria)) === null) continue;
      try {
        const params = await this.params.collect(view, binding.spec?.paramRef, namespace);
        for (const param of params) {
          into.invocations.push({ policy, binding, compiled, resource, param });
        }
      } catch (error) {
        if (!(error instanceof ParamsError)) throw error;
        const message = `failed to configure binding: ${messageOf(error)}`;
        into.faults.push({ policy, binding, message });
      }
    }
  }
}
