import type { Labels, Selector } from "../../api/machinery/selectors.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { AdmissionOperation, GroupVersionResource } from "./admission.js";

/**
 * Which writes a webhook or an admission policy wants to see (KEP-1872, KEP-3488; Kubernetes:
 * "Matching requests: rules"). Pure: everything that has to be looked up comes in as a value.
 */

/** One rule, as admissionregistration.k8s.io/v1 RuleWithOperations and NamedRuleWithOperations. */
export interface MatchRule {
  /** CREATE, UPDATE, DELETE, CONNECT; "*" is each of them. */
  readonly operations?: readonly string[];
  /** "" is the core group, "*" is each. */
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  /** `pods`, `pods/status`, `pods/*`, `*` (no subresources), `*\/scale`, `*\/*` (everything). */
  readonly resources?: readonly string[];
  /** Cluster, Namespaced, or * (the same as none). */
  readonly scope?: string;
  /** None: objects of any name. */
  readonly resourceNames?: readonly string[];
}

/** What a configuration says; its selectors are read once, not on every write. */
export interface MatchCriteria {
  /** Null: every request (an admission policy without resourceRules). */
  readonly rules: readonly MatchRule[] | null;
  /** They win over `rules`. */
  readonly excludeRules: readonly MatchRule[];
  /** Equivalent: a rule also matches through another version in which the resource is served. */
  readonly matchPolicy: "Exact" | "Equivalent";
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
}

/** What is asked about of a write. */
export interface RequestTarget {
  readonly operation: AdmissionOperation;
  readonly resource: GroupVersionResource;
  readonly subresource: string;
  /** "" for cluster-scoped kinds, Namespaces among them. */
  readonly namespace: string;
  readonly name: string;
  /** The same objects in other versions or groups, in the order in which they are tried. */
  readonly equivalents: readonly GroupVersionResource[];
}

/** The objects that the selectors are asked about. */
export interface SelectedObjects {
  /** As the request carries them; either may be missing. */
  readonly object: KubernetesObject | null;
  readonly oldObject: KubernetesObject | null;
  /** Labels of the request's namespace; null: it is not known, and then no selector spares it. */
  readonly namespaceLabels: Labels | null;
}

const NAMESPACES = "namespaces";

/**
 * As which resource a request matches by its rules: its own, or an equivalent one that a rule
 * names. Null: it does not.
 */
export function matchRules(
  { rules, excludeRules, matchPolicy }: MatchCriteria,
  target: RequestTarget,
): GroupVersionResource | null {
  if (firstMatch(excludeRules, target, matchPolicy) !== null) return null;
  return rules === null ? target.resource : firstMatch(rules, target, matchPolicy);
}

/** Whether labels of the namespace and of the object (the new or the old one) are wanted. */
export function matchSelectors(
  criteria: Pick<MatchCriteria, "namespaceSelector" | "objectSelector">,
  target: RequestTarget,
  found: SelectedObjects,
): boolean {
  return (
    matchesNamespace(criteria.namespaceSelector, target, found) &&
    matchesObject(criteria.objectSelector, found)
  );
}

/** The resources whose rules are never asked: nobody could undo what would refuse its own undoing. */
export function isAdmissionConfiguration({ group, resource }: GroupVersionResource): boolean {
  return group === "admissionregistration.k8s.io" && CONFIGURATIONS.has(resource);
}

const CONFIGURATIONS: ReadonlySet<string> = new Set([
  "validatingwebhookconfigurations",
  "mutatingwebhookconfigurations",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "mutatingadmissionpolicies",
  "mutatingadmissionpolicybindings",
]);

function firstMatch(
  rules: readonly MatchRule[],
  target: RequestTarget,
  matchPolicy: MatchCriteria["matchPolicy"],
): GroupVersionResource | null {
  if (rules.some((rule) => matchesRule(rule, target))) return target.resource;
  if (matchPolicy === "Exact") return null;
  // Rule by rule, so that who wrote several versions gets the one named first.
  for (const rule of rules) {
    for (const resource of target.equivalents) {
      if (matchesRule(rule, { ...target, resource })) return resource;
    }
  }
  return null;
}

function matchesRule(rule: MatchRule, target: RequestTarget): boolean {
  const { resource, operation, name } = target;
  const { resourceNames = [] } = rule;
  return (
    holds(rule.operations, operation) &&
    holds(rule.apiGroups, resource.group) &&
    holds(rule.apiVersions, resource.version) &&
    matchesScope(rule.scope ?? "*", target) &&
    (rule.resources ?? []).some((pattern) => matchesResource(pattern, target)) &&
    (resourceNames.length === 0 || resourceNames.includes(name))
  );
}

function holds(wanted: readonly string[] | undefined, value: string): boolean {
  return (wanted ?? []).some((each) => each === "*" || each === value);
}

function matchesScope(scope: string, { resource, namespace }: RequestTarget): boolean {
  if (scope === "*") return true;
  const inCluster = isNamespaces(resource) || namespace === "";
  return scope === "Cluster" ? inCluster : !inCluster;
}

function matchesResource(pattern: string, { resource, subresource }: RequestTarget): boolean {
  const slash = pattern.indexOf("/");
  const wanted = slash < 0 ? pattern : pattern.slice(0, slash);
  const wantedSub = slash < 0 ? "" : pattern.slice(slash + 1);
  if (wanted !== "*" && wanted !== resource.resource) return false;
  return wantedSub === "*" || wantedSub === subresource;
}

function matchesNamespace(
  selector: Selector,
  { resource, namespace, operation, subresource }: RequestTarget,
  { object, namespaceLabels }: SelectedObjects,
): boolean {
  if (selector.isEverything) return true;
  if (isNamespaces(resource)) {
    // What is being written is not in any cache yet.
    const isWritten = subresource === "" && (operation === "CREATE" || operation === "UPDATE");
    if (isWritten && object !== null) return selector.matches(object.metadata.labels);
  } else if (namespace === "") {
    return true;
  }
  return namespaceLabels === null || selector.matches(namespaceLabels);
}

function matchesObject(selector: Selector, { object, oldObject }: SelectedObjects): boolean {
  if (selector.isEverything) return true;
  return isSelected(selector, object) || isSelected(selector, oldObject);
}

/** What has no metadata, such as the options of an exec, has no labels that could be wanted. */
function isSelected(selector: Selector, object: KubernetesObject | null): boolean {
  const metadata = object?.metadata as KubernetesObject["metadata"] | undefined;
  return metadata !== undefined && selector.matches(metadata.labels);
}

function isNamespaces({ group, resource }: GroupVersionResource): boolean {
  return group === "" && resource === NAMESPACES;
}
