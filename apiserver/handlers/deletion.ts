import { conflict } from "../../api/machinery/status.js";
import { formatTime, parseTimeMs } from "../../api/machinery/time.js";
import type { Namespace } from "../../api/schema/types/core-v1.gen.js";
import type { ObjectMeta } from "../../api/schema/types/meta-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Strategy } from "../registry/strategy.js";
import { ApiFailure } from "../server/api-failure.js";
import type { DeletePlan } from "./write-options.js";

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

/**
 * What a deletion makes of an object: null when it goes at once, the object marked as deleting when
 * a finalizer or a grace period holds it, or the same object when there is nothing to do. Pure.
 */
export function planDeletion(
  object: KubernetesObject,
  wish: DeletePlan,
  about: { readonly strategy: Strategy; readonly nowMs: number },
): KubernetesObject | null {
  const finalizers = finalizersAfter(object.metadata.finalizers ?? [], wish);
  const grace = about.strategy.deletionGraceSeconds?.(object, wish.graceSeconds) ?? 0;
  const marked = markAsDeleting(object.metadata, { grace, nowMs: about.nowMs });
  const metadata = { ...marked, finalizers };
  if (finalizers.length === 0) delete (metadata as { finalizers?: unknown }).finalizers;
  const next = { ...object, metadata } as KubernetesObject;
  return isGone(next) ? null : next;
}

/** Throws Conflict when the object is not the one the client meant. */
export function checkPreconditions(
  of: { readonly group: string; readonly resource: string },
  object: KubernetesObject,
  wish: DeletePlan,
): void {
  const { name, uid, resourceVersion } = object.metadata;
  const fault =
    wish.uid !== null && wish.uid !== uid
      ? `UID in precondition: ${wish.uid}, UID in object meta: ${uid}`
      : wish.resourceVersion !== null && wish.resourceVersion !== resourceVersion
        ? `ResourceVersion in precondition: ${wish.resourceVersion}, ResourceVersion in object ` +
          `meta: ${resourceVersion}`
        : null;
  if (fault === null) return;
  throw new ApiFailure(conflict(of, name, `Precondition failed: ${fault}`));
}

/**
 * Orphan and Foreground are carried out by the garbage collector, which finds them as finalizers.
 */
function finalizersAfter(current: readonly string[], wish: DeletePlan): string[] {
  if (wish.propagation === null) return [...current];
  const others = current.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (wish.propagation === "Orphan") return [...others, ORPHAN];
  return wish.propagation === "Foreground" ? [...others, FOREGROUND] : others;
}

/** A second deletion may shorten the wait, never lengthen it. */
function markAsDeleting(
  metadata: ObjectMeta,
  { grace, nowMs }: { readonly grace: number; readonly nowMs: number },
): ObjectMeta {
  const { deletionTimestamp, deletionGracePeriodSeconds: before = 0, generation } = metadata;
  if (deletionTimestamp !== undefined) {
    if (grace >= before) return metadata;
    const askedMs = (parseTimeMs(deletionTimestamp) ?? nowMs) - before * 1000;
    return {
      ...metadata,
      deletionTimestamp: formatTime(askedMs + grace * 1000),
      deletionGracePeriodSeconds: grace,
    };
  }
  return {
    ...metadata,
    deletionTimestamp: formatTime(nowMs + grace * 1000),
    deletionGracePeriodSeconds: grace,
    ...((generation ?? 0) > 0 ? { generation: (generation ?? 0) + 1 } : {}),
  };
}

/** 409 while a namespace still has content. */
export function namespaceBusy(name: string): ApiFailure {
  const text =
    "The system is ensuring all content is removed from this namespace.  Upon " +
    "completion, this namespace will automatically be purged by the system.";
  return new ApiFailure(conflict({ group: "", resource: "namespaces" }, name, text));
}

/**
 * A Namespace that is asked to go first becomes Terminating; it goes when spec.finalizers is empty.
 */
export function planNamespaceDeletion(
  namespace: KubernetesObject,
  wish: DeletePlan,
  about: { readonly strategy: Strategy; readonly nowMs: number },
): KubernetesObject | null {
  const deleting = namespace.metadata.deletionTimestamp !== undefined;
  if (deleting && isHeldBySpec(namespace)) throw namespaceBusy(namespace.metadata.name);
  const marked = planDeletion(namespace, wish, about);
  if (marked === null) return null;
  const { status } = namespace as { status?: object };
  return { ...marked, status: { ...status, phase: "Terminating" } } as KubernetesObject;
}

/** True for an object that waits for nothing but this write to be gone. */
export function isGone(object: KubernetesObject): boolean {
  const { metadata } = object;
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    !isHeldBySpec(object)
  );
}

/** A Namespace has finalizers of its own, which stand for its content. */
function isHeldBySpec(object: KubernetesObject): boolean {
  if (object.kind !== "Namespace") return false;
  return ((object as Namespace).spec.finalizers ?? []).length > 0;
}
