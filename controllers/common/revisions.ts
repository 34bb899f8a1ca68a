import type { ControllerRevision } from "../../api/schema/types/apps-v1.gen.js";
import type { PodTemplateSpec } from "../../api/schema/types/core-v1.gen.js";
import type {
  JsonObject,
  JsonValue,
  KubernetesObject,
  NewObject,
} from "../../api/schema/wire-types.js";
import { controllerRef } from "./controller-ref.js";
import { canonicalJson, sortedJson } from "./same-json.js";
import { shortHash } from "./short-hash.js";

/** Label of a ControllerRevision: the hash of what it holds. */
export const REVISION_HASH = "controller.kubernetes.io/hash";
/** Label of a pod: which revision of its owner's template it was made from. */
export const POD_REVISION = "controller-revision-hash";

/** An object that keeps the history of its template. */
export type Templated = KubernetesObject & {
  readonly spec: { readonly template: PodTemplateSpec };
};

/** What makes the template of now the newest revision. */
export type RevisionPlan =
  | { readonly kind: "keep"; readonly revision: ControllerRevision }
  /** An earlier one is the newest again: its number grows. */
  | { readonly kind: "renumber"; readonly revision: ControllerRevision }
  | { readonly kind: "create"; readonly revision: NewObject<ControllerRevision> };

/** Finds the revision of the owner's template in its history, or makes one. */
export function planRevision(
  owner: Templated,
  history: readonly ControllerRevision[],
  collisionCount: number,
): RevisionPlan {
  const wanted = canonicalTemplate(owner.spec.template);
  const newest = history.reduce((most, { revision }) => Math.max(most, revision), 0);
  const same = history.filter((known) => canonicalOf(known) === wanted);
  const found = same.reduce<ControllerRevision | null>(
    (best, known) => (best === null || known.revision > best.revision ? known : best),
    null,
  );
  if (found === null) {
    const revision = newRevision(owner, { number: newest + 1, text: wanted, collisionCount });
    return { kind: "create", revision };
  }
  if (found.revision === newest) return { kind: "keep", revision: found };
  return { kind: "renumber", revision: { ...found, revision: newest + 1 } };
}

/** True when a revision under the name of a new one holds the same. */
export function sameRevision(
  a: { readonly data?: JsonValue },
  b: { readonly data?: JsonValue },
): boolean {
  return canonicalJson(a.data) === canonicalJson(b.data);
}

/** The template that a revision holds. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = (data ?? {}) as { readonly spec?: { readonly template?: JsonObject } };
  const { $patch: _patch, ...template } = spec?.template ?? {};
  return template as PodTemplateSpec;
}

/** Revisions that no pod needs and that are more than `limit`, the oldest first. */
export function planHistory(
  history: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  limit: number,
): readonly ControllerRevision[] {
  const idle = history.filter(({ metadata }) => !live.has(metadata.name));
  return idle.sort((a, b) => a.revision - b.revision).slice(0, Math.max(0, idle.length - limit));
}

function newRevision(
  owner: Templated,
  facts: { readonly number: number; readonly text: string; readonly collisionCount: number },
): NewObject<ControllerRevision> {
  const { namespace, name, annotations } = owner.metadata;
  const { template } = owner.spec;
  const { number, text, collisionCount } = facts;
  const hash = shortHash(collisionCount > 0 ? `${text}#${collisionCount}` : text);
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      // Pods of a DaemonSet carry the hash alone, and tools look for it on the revision.
      labels: {
        ...template.metadata?.labels,
        [REVISION_HASH]: hash,
        ...(owner.kind === "DaemonSet" ? { [POD_REVISION]: hash } : {}),
      },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerRef(owner)],
    },
    data: patchTo(template),
    revision: number,
  };
}

/**
 * `kubectl rollout undo` applies it to the owner as it is, and first compares it byte by byte with
 * the patch that it would make of the owner's template.
 */
function patchTo(template: PodTemplateSpec): JsonValue {
  const all = { ...template, $patch: "replace" } as unknown as JsonValue;
  return { spec: { template: sortedJson(all) } };
}

/** Objects in a cache never change, so what was computed for one holds. */
const canonical = new WeakMap<object, string>();

function canonicalTemplate(template: PodTemplateSpec): string {
  const known = canonical.get(template);
  if (known !== undefined) return known;
  const text = canonicalJson(template as unknown as JsonValue);
  canonical.set(template, text);
  return text;
}

function canonicalOf(revision: ControllerRevision): string {
  const known = canonical.get(revision);
  if (known !== undefined) return known;
  const text = canonicalJson(templateOf(revision) as unknown as JsonValue);
  canonical.set(revision, text);
  return text;
}
