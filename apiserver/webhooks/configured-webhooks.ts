import { EVERYTHING, type Selector, selectorFromObject } from "../../api/machinery/selectors.js";
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../../api/schema/types/admissionregistration-v1.gen.js";
import type { LabelSelector } from "../../api/schema/types/meta-v1.gen.js";
import type { Logger } from "../../base/logger.js";
import type { GroupVersionResource } from "../admission/admission.js";
import { type MatchCriteria, type RequestTarget, matchRules } from "../admission/request-match.js";
import {
  type CompiledCondition,
  compileConditions,
} from "../registry/admissionregistration/policy-expressions.js";
import { followResource } from "../storage/follow-resource.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { WatchCache } from "../storage/watch-cache.js";

/** One webhook, as it is called. */
export interface ConfiguredWebhook {
  readonly webhook: ValidatingWebhook & Pick<MutatingWebhook, "reinvocationPolicy">;
  readonly criteria: MatchCriteria;
  /** All must hold for it to be asked. */
  readonly conditions: readonly CompiledCondition[];
  /** Tells it from all others, in other configurations too. */
  readonly id: string;
}

/** A webhook that wants to see a write by its rules, and as which resource. */
export interface Candidate {
  readonly configured: ConfiguredWebhook;
  readonly resource: GroupVersionResource;
}

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;

/** Answers that are remembered at most; a client can ask for as many names as it likes. */
const REMEMBERED_MAX = 4_096;
const NOBODY: readonly Candidate[] = [];

/**
 * The webhooks of all configurations of one kind, in the order in which they are called: by the
 * configuration's name, then as they stand in it. In step with the watch cache.
 */
export class ConfiguredWebhooks {
  private readonly byConfiguration = new Map<string, readonly ConfiguredWebhook[]>();
  private readonly logger: Logger;
  private ordered: readonly ConfiguredWebhook[] = [];
  private remembered = new Map<string, readonly Candidate[]>();
  private rememberedOf = 0;

  constructor(
    plural: "validatingwebhookconfigurations" | "mutatingwebhookconfigurations",
    deps: { readonly cache: WatchCache; readonly logger: Logger },
  ) {
    this.logger = deps.logger;
    followResource(deps.cache.of({ group: "admissionregistration.k8s.io", resource: plural }), {
      onChange: (current, previous) => this.take(current, previous),
    });
  }

  /** True when no webhook is configured at all. */
  get none(): boolean {
    return this.ordered.length === 0;
  }

  /**
   * Those whose rules want to see such a write; labels are not looked at. `equivalents` is asked
   * only once while neither configurations nor `kindsVersion` change.
   */
  candidates(
    target: Omit<RequestTarget, "equivalents">,
    kinds: {
      readonly version: number;
      readonly equivalents: () => readonly GroupVersionResource[];
    },
  ): readonly Candidate[] {
    if (this.none) return NOBODY;
    if (this.rememberedOf !== kinds.version) this.forget(kinds.version);
    const { operation, resource, subresource, namespace } = target;
    const { group, version, resource: plural } = resource;
    // Rules of webhooks know no names: whether there is a namespace is all that matters.
    const scope = namespace === "" ? "cluster" : "namespace";
    const key = [operation, group, version, plural, subresource, scope].join(" ");
    const known = this.remembered.get(key);
    if (known !== undefined) return known;
    const asked = { ...target, equivalents: kinds.equivalents() };
    const found = this.ordered.flatMap((configured) => {
      const matched = matchRules(configured.criteria, asked);
      return matched === null ? [] : [{ configured, resource: matched }];
    });
    if (this.remembered.size >= REMEMBERED_MAX) this.remembered.clear();
    this.remembered.set(key, found);
    return found;
  }

  private take(current: CachedObject | null, previous: CachedObject | null): void {
    const name = current?.name ?? previous?.name ?? "";
    if (current === null) this.byConfiguration.delete(name);
    else this.byConfiguration.set(name, this.read(current));
    const names = [...this.byConfiguration.keys()].sort();
    this.ordered = names.flatMap((each) => this.byConfiguration.get(each) ?? []);
    this.forget(this.rememberedOf);
  }

  private forget(version: number): void {
    this.remembered = new Map();
    this.rememberedOf = version;
  }

  /** What cannot be read calls nobody: it must not take the others with it. */
  private read(stored: CachedObject): readonly ConfiguredWebhook[] {
    try {
      const { webhooks = [] } = JSON.parse(stored.value.toString()) as Configuration;
      return webhooks.map((webhook) => ({
        webhook,
        criteria: criteriaOf(webhook),
        conditions: compileConditions(webhook.matchConditions ?? [], { params: false }),
        id: `${stored.name}/${webhook.name}`,
      }));
    } catch (error) {
      const { name } = stored;
      this.logger.error("a webhook configuration cannot be read", { name, error });
      return [];
    }
  }
}

function criteriaOf(webhook: ValidatingWebhook): MatchCriteria {
  const { rules = [], matchPolicy, namespaceSelector, objectSelector } = webhook;
  return {
    rules,
    excludeRules: [],
    matchPolicy: matchPolicy === "Exact" ? "Exact" : "Equivalent",
    namespaceSelector: selectorOf(namespaceSelector),
    objectSelector: selectorOf(objectSelector),
  };
}

/** A selector was validated; should it be wrong after all, the webhook is called, not spared. */
function selectorOf(object: LabelSelector | undefined): Selector {
  if (object === undefined) return EVERYTHING;
  const parsed = selectorFromObject(object);
  return parsed.ok ? parsed.selector : EVERYTHING;
}
