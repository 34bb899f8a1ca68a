import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "../../machinery/quantity.js";
import { selectorOrNothing } from "../../machinery/selectors.js";
import { matchesNodeSelector } from "../placement/node-selection.js";
import type { Node, PersistentVolume, PersistentVolumeClaim } from "../types/core-v1.gen.js";
import { classNameOf } from "./storage-class.js";

/** From where a volume is looked for. */
export interface MatchOptions {
  /** The volume must be reachable from this node; null: no pod has been placed yet. */
  readonly node: Node | null;
  /** The claim's class waits for a pod: without a node only a volume kept for it will do. */
  readonly delayed: boolean;
}

/**
 * The volume to bind to a claim: one that is kept for it before any other, then the smallest that
 * is large enough, has the access modes, the class, the mode and the labels, and is free. Among
 * equals the first. Null: none. As Kubernetes' FindMatchingVolume.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  options: MatchOptions,
): PersistentVolume | null {
  const selector =
    claim.spec.selector === undefined ? null : selectorOrNothing(claim.spec.selector);
  let best: PersistentVolume | null = null;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp !== undefined) continue;
    if (formMismatchOf(volume, claim) !== null) continue;
    const reachable = options.node === null || isReachable(volume, options.node);
    // Whoever keeps a volume for a claim has thought of its class.
    if (isKeptFor(volume, claim)) return reachable ? volume : null;
    if (!reachable || (options.node === null && options.delayed)) continue;
    if (!isCandidate(volume, claim)) continue;
    if (selector !== null && !selector.matches(volume.metadata.labels)) continue;
    if (best === null || compareSizes(volume, best) < 0) best = volume;
  }
  return best;
}

/** True for a volume that `findVolume` may find for the claim: kept for it, or free. */
export function isCandidate(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (isKeptFor(volume, claim)) return true;
  const isFree = volume.spec.claimRef === undefined && volume.status?.phase === "Available";
  return isFree && classMismatchOf(volume, claim) === null;
}

/** Why a volume cannot serve a claim, in Kubernetes' words; null: it can. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | null {
  if (isTooSmall(volume, claim)) return TOO_SMALL;
  return classMismatchOf(volume, claim) ?? formMismatchOf(volume, claim);
}

const TOO_SMALL = "requested PV is too small";

function classMismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | null {
  if (classNameOf(volume) !== classNameOf(claim)) return "storageClassName does not match";
  const [has, wants] = [volume, claim].map(({ spec }) => spec.volumeAttributesClassName ?? "");
  return has === wants ? null : "volumeAttributesClassName does not match";
}

/** What no class can make up for. */
function formMismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | null {
  if (isTooSmall(volume, claim)) return TOO_SMALL;
  if ((volume.spec.volumeMode ?? "Filesystem") !== (claim.spec.volumeMode ?? "Filesystem"))
    return "incompatible volumeMode";
  const modes = volume.spec.accessModes ?? [];
  const hasAll = (claim.spec.accessModes ?? []).every((mode) => modes.includes(mode));
  return hasAll ? null : "incompatible accessMode";
}

function isTooSmall(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const wanted = amount(claim.spec.resources?.requests?.["storage"]);
  return compareQuantities(sizeOf(volume), wanted) < 0;
}

/**
 * True for a volume whose claimRef names this claim: bound to it, or kept for it by somebody who
 * did not know its uid.
 */
export function isKeptFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec;
  if (claimRef === undefined) return false;
  if (claimRef.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace)
    return false;
  return (claimRef.uid ?? "") === "" || claimRef.uid === claim.metadata.uid;
}

/** True when pods on the node can use the volume. */
export function isReachable(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

function compareSizes(a: PersistentVolume, b: PersistentVolume): number {
  return compareQuantities(sizeOf(a), sizeOf(b));
}

function sizeOf(volume: PersistentVolume) {
  return amount(volume.spec.capacity?.["storage"]);
}

function amount(text: string | undefined) {
  return text === undefined ? ZERO_QUANTITY : (parseQuantity(text) ?? ZERO_QUANTITY);
}
