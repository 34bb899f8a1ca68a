import type {
  Pod,
  PodAffinityTerm,
  WeightedPodAffinityTerm,
} from "../../api/schema/types/core-v1.gen.js";
import {
  type LabelSelectorObject,
  type Selector,
  selectorOrNothing,
} from "../../api/machinery/selectors.js";
import { type HostPort, hostPortsOf } from "../../api/schema/placement/host-ports.js";
import {
  nonZeroRequests,
  podRequests,
  type Resources,
} from "../../api/schema/placement/resources.js";

/** A term of pod affinity, made ready for matching. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly namespaces: ReadonlySet<string>;
  /** Matches the labels of further namespaces; null: none. */
  readonly namespaceSelector: Selector | null;
}
/** One that is only preferred. */
export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

/** What the scheduler needs to know of a pod, worked out once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly priority: number;
  readonly requests: Resources;
  /** With defaults for what is not said. */
  readonly usage: { readonly milliCpu: number; readonly memoryBytes: number };
  readonly hostPorts: readonly HostPort[];
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinity: readonly WeightedAffinityTerm[];
}

/** Works it out. */
export function podInfoOf(pod: Pod): PodInfo {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  return {
    pod,
    uid: pod.metadata.uid,
    key: `${pod.metadata.namespace ?? ""}/${pod.metadata.name}`,
    priority: pod.spec.priority ?? 0,
    requests: podRequests(pod),
    usage: nonZeroRequests(pod),
    hostPorts: hostPortsOf(pod),
    requiredAffinity: terms(pod, podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: terms(
      pod,
      podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAffinity: weightedTerms(
      pod,
      podAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAntiAffinity: weightedTerms(
      pod,
      podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    ),
  };
}

/** True when the pod has come to its end: it uses nothing any more. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** True when the term speaks of this pod. */
export function termMatches(
  term: AffinityTerm,
  pod: Pod,
  namespaceLabels: (namespace: string) => { readonly [key: string]: string } | undefined,
): boolean {
  const namespace = pod.metadata.namespace ?? "";
  const inNamespace =
    term.namespaces.has(namespace) ||
    (term.namespaceSelector?.matches(namespaceLabels(namespace)) ?? false);
  return inNamespace && term.selector.matches(pod.metadata.labels);
}

const NONE: readonly never[] = [];

function terms(pod: Pod, list: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] {
  return list === undefined ? NONE : list.map((term) => affinityTerm(pod, term));
}

function weightedTerms(
  pod: Pod,
  list: readonly WeightedPodAffinityTerm[] | undefined,
): readonly WeightedAffinityTerm[] {
  if (list === undefined) return NONE;
  return list.map(({ podAffinityTerm, weight }) => ({
    ...affinityTerm(pod, podAffinityTerm),
    weight,
  }));
}

function affinityTerm(pod: Pod, term: PodAffinityTerm): AffinityTerm {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined;
  return {
    topologyKey: term.topologyKey,
    selector: selectorOrNothing(selectorWithKeys(pod, term)),
    namespaces: new Set(own ? [pod.metadata.namespace ?? ""] : named),
    namespaceSelector:
      term.namespaceSelector === undefined ? null : selectorOrNothing(term.namespaceSelector),
  };
}

/** matchLabelKeys and mismatchLabelKeys mean the pod's own values of these labels (KEP-3633). */
export function selectorWithKeys(
  pod: Pod,
  term: {
    readonly labelSelector?: LabelSelectorObject;
    readonly matchLabelKeys?: readonly string[];
    readonly mismatchLabelKeys?: readonly string[];
  },
): LabelSelectorObject | undefined {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined) return undefined;
  const labels = pod.metadata.labels ?? {};
  const expression = (operator: string) => (key: string) =>
    labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }];
  const added = [
    ...matchLabelKeys.flatMap(expression("In")),
    ...mismatchLabelKeys.flatMap(expression("NotIn")),
  ];
  if (added.length === 0) return labelSelector;
  const present = labelSelector.matchExpressions ?? [];
  return { ...labelSelector, matchExpressions: [...present, ...added] };
}
