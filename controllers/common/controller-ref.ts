import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import { isNotFound } from "../../api/client/api-error.js";
import { apiVersionOf } from "../../api/client/resource-types.js";
import type { Selector } from "../../api/machinery/selectors.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";

/** The strategic merge patch's word for items to take out of metadata.finalizers. */
export const NO_LONGER = "$deleteFromPrimitiveList/finalizers";

/** The owner that controls the object; undefined when nobody does. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The reference by which `owner` controls what it makes. */
export function controllerRef(owner: KubernetesObject): OwnerReference {
  const { name, uid } = owner.metadata;
  const { apiVersion, kind } = owner;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** What becomes of the objects that an owner has, or could have. */
export interface ClaimPlan<T> {
  /** Its own, and they match its selector. */
  readonly owned: readonly T[];
  /** Nobody's, and they match. */
  readonly adopt: readonly T[];
  /** Its own, but they match no longer. */
  readonly release: readonly T[];
}

/**
 * Sorts candidates (an owner's objects and the orphans of its namespace). An owner that is being
 * deleted takes and leaves nothing; an object that is being deleted is not adopted.
 */
export function planClaim<T extends KubernetesObject>(
  owner: KubernetesObject,
  selector: Selector,
  candidates: readonly T[],
): ClaimPlan<T> {
  const plan = { owned: [] as T[], adopt: [] as T[], release: [] as T[] };
  const ownerLives = owner.metadata.deletionTimestamp === undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = selector.matches(object.metadata.labels);
    if (controller?.uid === owner.metadata.uid) {
      if (matches) plan.owned.push(object);
      else if (ownerLives) plan.release.push(object);
    } else if (controller === undefined && matches && ownerLives) {
      if (object.metadata.deletionTimestamp === undefined) plan.adopt.push(object);
    }
  }
  return plan;
}

/**
 * Carries out a claim; the objects that are the owner's afterwards. An adopted object is included
 * as the server returned it. Before the first adoption the owner is read from the server: it may
 * have been deleted and made anew.
 */
export async function carryOutClaim<T extends KubernetesObject>(
  client: ApiClient,
  claim: {
    owner: KubernetesObject;
    ownerType: ResourceType<KubernetesObject>;
    type: ResourceType<T>;
    /** Put on what is adopted and taken off what is released. */
    finalizer?: string;
  },
  { plan, signal }: { plan: ClaimPlan<T>; signal: AbortSignal },
): Promise<readonly T[]> {
  const { owner, ownerType, type, finalizer } = claim;
  const objects = client.resource(type);
  for (const object of plan.release) {
    const ownerReferences = [{ $patch: "delete", uid: owner.metadata.uid }];
    const finalizers = finalizer === undefined ? {} : { [NO_LONGER]: [finalizer] };
    await unlessGone(() => patchMeta(object, { ownerReferences, ...finalizers }));
  }
  if (plan.adopt.length === 0) return plan.owned;
  const { namespace = "", name, uid } = owner.metadata;
  const live = await client.metadata(ownerType).get(name, { namespace, signal });
  if (live.metadata.uid !== uid || live.metadata.deletionTimestamp !== undefined) return plan.owned;
  const claimed = [...plan.owned];
  for (const object of plan.adopt) {
    const ownerReferences = [{ ...controllerRef(owner) }];
    const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] };
    const adopted = await unlessGone(() => patchMeta(object, { ownerReferences, ...finalizers }));
    if (adopted !== null) claimed.push(adopted);
  }
  return claimed;

  function patchMeta(object: T, change: JsonObject) {
    // The uid makes the server refuse when the name belongs to another object by now.
    const patch = { metadata: { uid: object.metadata.uid, ...change } };
    const namespaceOf = object.metadata.namespace ?? "";
    const options = { namespace: namespaceOf, type: "strategic", signal } as const;
    return objects.patch(object.metadata.name, patch, options);
  }
}

async function unlessGone<R>(write: () => Promise<R>): Promise<R | null> {
  try {
    return await write();
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** True when the reference names an object of this resource. */
export function refersTo(reference: OwnerReference, type: ResourceType<KubernetesObject>): boolean {
  return reference.kind === type.kind && reference.apiVersion === apiVersionOf(type);
}
