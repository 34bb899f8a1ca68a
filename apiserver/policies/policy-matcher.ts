import type { Labels } from "../../api/machinery/selectors.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import {
  type AdmissionAttributes,
  type GroupVersionResource,
  bodiesOf,
  resourceOf,
} from "../admission/admission.js";
import type { EquivalentKinds } from "../admission/equivalent-kinds.js";
import {
  type MatchCriteria,
  type RequestTarget,
  matchRules,
  matchSelectors,
} from "../admission/request-match.js";
import type { ObjectReader } from "../server/http-types.js";
import { objectKey } from "../storage/keys.js";
import type { WatchCache } from "../storage/watch-cache.js";

export interface MatcherDeps {
  readonly cache: WatchCache;
  /** Asks the store itself. */
  readonly newest: ObjectReader;
  readonly equivalents: EquivalentKinds;
}

const NAMESPACES = { group: "", resource: "namespaces" };

/** One request, and which policies are about it. */
export class MatchedRequest {
  private readonly attributes: AdmissionAttributes;
  private readonly deps: MatcherDeps;
  private readonly target: RequestTarget;
  private namespaceFound: Promise<KubernetesObject | null> | null = null;

  constructor(attributes: AdmissionAttributes, deps: MatcherDeps) {
    this.attributes = attributes;
    this.deps = deps;
    const { operation, subresource, namespace, name, kind } = attributes;
    const equivalents = deps.equivalents.of(kind).map(resourceOfKind);
    const resource = resourceOf(attributes);
    this.target = { operation, subresource, namespace, name, resource, equivalents };
  }

  /** As which resource the request is wanted; null: it is not. */
  async match(criteria: MatchCriteria): Promise<GroupVersionResource | null> {
    const resource = matchRules(criteria, this.target);
    if (resource === null) return null;
    const { namespaceSelector, objectSelector } = criteria;
    if (namespaceSelector.isEverything && objectSelector.isEverything) return resource;
    const namespaceLabels = namespaceSelector.isEverything ? null : await this.namespaceLabels();
    const found = { ...bodiesOf(this.attributes), namespaceLabels };
    return matchSelectors(criteria, this.target, found) ? resource : null;
  }

  /** The Namespace of the object; null for objects without, Namespaces among them. */
  namespace(): Promise<KubernetesObject | null> {
    const { kind, namespace } = this.attributes;
    if (namespace === "" || isNamespaceKind(kind)) return Promise.resolve(null);
    this.namespaceFound ??= this.readNamespace(namespace);
    return this.namespaceFound;
  }

  private async namespaceLabels(): Promise<Labels | null> {
    const { kind, namespace, name } = this.attributes;
    const wanted = isNamespaceKind(kind) ? name : namespace;
    if (wanted === "") return null;
    const found = await this.readNamespace(wanted);
    return found === null ? null : (found.metadata.labels ?? {});
  }

  private async readNamespace(name: string): Promise<KubernetesObject | null> {
    const at = { namespace: "", name };
    const cached = this.deps.cache.of(NAMESPACES).get(objectKey(NAMESPACES, at));
    if (cached !== undefined) return JSON.parse(cached.value.toString()) as KubernetesObject;
    return (await this.deps.newest.get(NAMESPACES, at)) as KubernetesObject | null;
  }
}

function isNamespaceKind({ kind, group }: KindInfo): boolean {
  return kind === "Namespace" && group === "";
}

function resourceOfKind({ group, version, plural }: KindInfo): GroupVersionResource {
  return { group, version, resource: plural };
}
