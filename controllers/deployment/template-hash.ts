import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { PodTemplateSpec } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { canonicalJson } from "../common/same-json.js";
import { shortHash } from "../common/short-hash.js";

/** On a ReplicaSet of a Deployment, its selector and its pods: tells the templates apart. */
export const POD_TEMPLATE_HASH = "pod-template-hash";

/**
 * A short name for a pod template, the same wherever it is computed. `collisionCount` makes another
 * one when two templates got the same.
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number): string {
  const text = canonicalTemplate(template) + (collisionCount > 0 ? `#${collisionCount}` : "");
  return shortHash(text);
}

/** True when two templates are the same but for the hash label. */
export function sameTemplate(
  a: PodTemplateSpec | undefined,
  b: PodTemplateSpec | undefined,
): boolean {
  return a === b || canonicalTemplate(a ?? {}) === canonicalTemplate(b ?? {});
}

/**
 * The ReplicaSet whose template is the Deployment's: the oldest, should there be two; undefined:
 * there is none.
 */
export function findNewReplicaSet(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const wanted = canonicalTemplate(deployment.spec.template);
  return [...replicaSets]
    .sort(olderFirst)
    .find((rs) => canonicalTemplate(rs.spec.template ?? {}) === wanted);
}

/** By creation time, then by name. */
export function olderFirst(a: ReplicaSet, b: ReplicaSet): number {
  const [first, second] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (first !== second) return first < second ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Objects in a cache never change, so what was computed for one holds. */
const canonical = new WeakMap<PodTemplateSpec, string>();

function canonicalTemplate(template: PodTemplateSpec): string {
  const known = canonical.get(template);
  if (known !== undefined) return known;
  const { labels, annotations, creationTimestamp: _unused, ...metadata } = template.metadata ?? {};
  const { [POD_TEMPLATE_HASH]: _hash, ...ownLabels } = labels ?? {};
  const text = canonicalJson({
    metadata: { ...metadata, labels: ownLabels, annotations: annotations ?? {} },
    spec: template.spec ?? {},
  } as unknown as JsonValue);
  canonical.set(template, text);
  return text;
}
