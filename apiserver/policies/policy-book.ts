import { EVERYTHING, type Selector, selectorFromObject } from "../../api/machinery/selectors.js";
import type {
  MatchResources,
  ParamKind,
  ParamRef,
} from "../../api/schema/types/admissionregistration-v1.gen.js";
import type { LabelSelector } from "../../api/schema/types/meta-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Logger } from "../../base/logger.js";
import type { MatchCriteria } from "../admission/request-match.js";
import { followResource } from "../storage/follow-resource.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { WatchCache } from "../storage/watch-cache.js";

/** What both kinds of policies are known by. */
export interface AnyPolicy extends KubernetesObject {
  readonly spec?: {
    readonly paramKind?: ParamKind;
    readonly matchConstraints?: MatchResources;
    readonly failurePolicy?: string;
  };
}
export interface AnyBinding extends KubernetesObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
  };
}

/** A policy in force: at least one binding names it. */
export interface BoundPolicy<P extends AnyPolicy, B extends AnyBinding, C> {
  readonly policy: P;
  readonly criteria: MatchCriteria;
  /** Its expressions, compiled. */
  readonly compiled: C;
  readonly bindings: readonly BoundBinding<B>[];
}
export interface BoundBinding<B extends AnyBinding> {
  readonly binding: B;
  /** Null: it narrows nothing down. */
  readonly criteria: MatchCriteria | null;
}

/** Where policies and their bindings are, and how a policy is compiled. */
export interface PolicyKinds<P, C> {
  readonly policies: string;
  readonly bindings: string;
  compile(policy: P): C;
}

const GROUP = "admissionregistration.k8s.io";

/** The policies that are in force, by name, in step with the watch cache. */
export class PolicyBook<P extends AnyPolicy, B extends AnyBinding, C> {
  private readonly policies = new Map<string, P>();
  private readonly bindings = new Map<string, B>();
  private readonly compiled = new WeakMap<P, C>();
  private readonly kinds: PolicyKinds<P, C>;
  private readonly logger: Logger;
  private current: readonly BoundPolicy<P, B, C>[] | null = null;

  constructor(
    kinds: PolicyKinds<P, C>,
    { cache, logger }: { readonly cache: WatchCache; readonly logger: Logger },
  ) {
    this.kinds = kinds;
    this.logger = logger;
    this.follow(cache, kinds.policies, this.policies);
    this.follow(cache, kinds.bindings, this.bindings);
  }

  /** In the order of their names. */
  inForce(): readonly BoundPolicy<P, B, C>[] {
    this.current ??= this.bind();
    return this.current;
  }

  private bind(): readonly BoundPolicy<P, B, C>[] {
    const byPolicy = new Map<string, BoundBinding<B>[]>();
    for (const binding of byName(this.bindings)) {
      const { policyName = "", matchResources } = binding.spec ?? {};
      const criteria = matchResources === undefined ? null : criteriaOf(matchResources);
      const bound = byPolicy.get(policyName) ?? [];
      bound.push({ binding, criteria });
      byPolicy.set(policyName, bound);
    }
    return byName(this.policies).flatMap((policy) => {
      const bindings = byPolicy.get(policy.metadata.name) ?? [];
      if (bindings.length === 0) return [];
      const criteria = criteriaOf(policy.spec?.matchConstraints ?? {});
      return [{ policy, criteria, compiled: this.compile(policy), bindings }];
    });
  }

  private compile(policy: P): C {
    const known = this.compiled.get(policy);
    if (known !== undefined) return known;
    const made = this.kinds.compile(policy);
    this.compiled.set(policy, made);
    return made;
  }

  private follow<T>(cache: WatchCache, resource: string, into: Map<string, T>): void {
    const take = (current: CachedObject | null, previous: CachedObject | null): void => {
      this.current = null;
      const name = current?.name ?? previous?.name ?? "";
      into.delete(name);
      if (current === null) return;
      try {
        into.set(name, JSON.parse(current.value.toString()) as T);
      } catch (error) {
        // It must not take the others with it.
        this.logger.error("an admission policy cannot be read", { resource, name, error });
      }
    };
    followResource(cache.of({ group: GROUP, resource }), { onChange: take });
  }
}

function byName<T>(objects: ReadonlyMap<string, T>): readonly T[] {
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

function criteriaOf(resources: MatchResources): MatchCriteria {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = resources;
  return {
    // A binding without rules counts wherever its policy does.
    rules: resourceRules.length === 0 ? null : resourceRules,
    excludeRules: excludeResourceRules,
    matchPolicy: matchPolicy === "Exact" ? "Exact" : "Equivalent",
    namespaceSelector: selectorOf(resources.namespaceSelector),
    objectSelector: selectorOf(resources.objectSelector),
  };
}

/** A selector was validated; should it be wrong after all, nothing is spared. */
function selectorOf(object: LabelSelector | undefined): Selector {
  if (object === undefined) return EVERYTHING;
  const parsed = selectorFromObject(object);
  return parsed.ok ? parsed.selector : EVERYTHING;
}
