import type { Affinity, Pod, PodAffinityTerm } from "../../../api/schema/types/core-v1.gen.js";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/**
 * Writes the pod's own label values behind matchLabelKeys and mismatchLabelKeys into the selectors
 * of its affinity terms, once, when it is created: whoever places pods then reads selectors only.
 */
export function withMatchedLabelKeys(pod: Pod): Pod {
  const { affinity } = pod.spec;
  if (affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined) return pod;
  const labels = pod.metadata.labels ?? {};
  const next: { -readonly [K in keyof Affinity]: Affinity[K] } = { ...affinity };
  for (const kind of ["podAffinity", "podAntiAffinity"] as const) {
    const terms = affinity[kind];
    if (terms === undefined) continue;
    const required = terms[REQUIRED]?.map((term) => merged(term, labels));
    const preferred = terms[PREFERRED]?.map((weighted) => ({
      ...weighted,
      podAffinityTerm: merged(weighted.podAffinityTerm, labels),
    }));
    next[kind] = {
      ...(required === undefined ? {} : { [REQUIRED]: required }),
      ...(preferred === undefined ? {} : { [PREFERRED]: preferred }),
    };
  }
  return { ...pod, spec: { ...pod.spec, affinity: next } };
}

function merged(
  term: PodAffinityTerm,
  labels: { readonly [key: string]: string },
): PodAffinityTerm {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined) return term;
  const own = (keys: readonly string[], operator: "In" | "NotIn") =>
    keys.flatMap((key) => {
      const value = labels[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const added = [...own(matchLabelKeys, "In"), ...own(mismatchLabelKeys, "NotIn")];
  if (added.length === 0) return term;
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...added];
  return { ...term, labelSelector: { ...labelSelector, matchExpressions } };
}
