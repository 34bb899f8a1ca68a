import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import { sameJson } from "../common/same-json.js";

/** On Deployment and ReplicaSet: which revision it is. */
export const REVISION = "deployment.kubernetes.io/revision";
/** On a ReplicaSet: the revisions it was before, after a rollback. */
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
/** On a ReplicaSet: spec.replicas of the Deployment when it was last scaled. */
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
/** On a ReplicaSet: that number and the surge. */
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

const HISTORY_LENGTH_MAX = 2000;
const REVISION_MAX = 2n ** 63n - 1n;
const NOT_COPIED: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

type Annotations = Readonly<Record<string, string>>;

/** The number of an object's revision; 0 when it has none that another could follow. */
export function revisionOf(object: Deployment | ReplicaSet): bigint {
  return revisionIn(object.metadata.annotations);
}

function revisionIn(annotations: Annotations | undefined): bigint {
  const text = annotations?.[REVISION];
  if (text === undefined || !/^[0-9]{1,19}$/.test(text)) return 0n;
  const revision = BigInt(text);
  return revision < REVISION_MAX ? revision : 0n;
}

/** A non-negative integer kept in an annotation; null when there is none. */
export function numberIn(annotations: Annotations | undefined, name: string): number | null {
  const text = annotations?.[name];
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

/** The highest revision of these; 0 when there is none. */
export function maxRevision(replicaSets: readonly ReplicaSet[]): bigint {
  return replicaSets.map(revisionOf).reduce((a, b) => (a < b ? b : a), 0n);
}

/**
 * The annotations of the ReplicaSet that is the Deployment's current one: its revision is the
 * highest.
 */
export function currentAnnotations(
  deployment: Deployment,
  replicaSet: { readonly annotations: Annotations; readonly isNew: boolean },
  revision: bigint,
): Annotations {
  const result: Record<string, string> = { ...replicaSet.annotations };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!NOT_COPIED.has(name)) result[name] = value;
  const old = revisionIn(replicaSet.annotations);
  if (replicaSet.isNew || old < revision) {
    result[REVISION] = String(revision);
    if (!replicaSet.isNew && old > 0n)
      result[REVISION_HISTORY] = historyWith(replicaSet.annotations[REVISION_HISTORY], old);
  }
  return sameJson(result, replicaSet.annotations) ? replicaSet.annotations : result;
}

/** Appends a revision; the oldest are dropped when the text gets too long. */
function historyWith(history: string | undefined, revision: bigint): string {
  const revisions = history === undefined || history === "" ? [] : history.split(",");
  revisions.push(String(revision));
  while (revisions.join(",").length > HISTORY_LENGTH_MAX) revisions.shift();
  return revisions.join(",");
}

/** The annotations that remember how large the Deployment was. */
export function sizeAnnotations(
  annotations: Annotations,
  desired: number,
  surge: number,
): Annotations {
  const wanted = { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(desired + surge) };
  const same = Object.entries(wanted).every(([name, value]) => annotations[name] === value);
  return same ? annotations : { ...annotations, ...wanted };
}
