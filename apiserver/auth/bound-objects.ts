import { parseTimeMs } from "../../api/machinery/time.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { objectKey, type ResourceId } from "../storage/keys.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { NamedUid, TokenClaims } from "./token-claims.js";

/** An object with whose end a token ends. */
export interface BoundObject {
  readonly id: ResourceId;
  readonly namespace: string;
  readonly object: NamedUid;
}

/** A deleted object is honoured this much longer, so that what it runs can end in order. */
const LEEWAY_MS = 60_000;

/** The account of a token and, where it names them, its pod, secret or node. */
export function boundObjectsOf(claims: TokenClaims): BoundObject[] {
  const { namespace, serviceAccount, pod, secret, node } = claims;
  const bound = [entry("serviceaccounts", namespace, serviceAccount)];
  if (pod !== null) bound.push(entry("pods", namespace, pod));
  if (secret !== null) bound.push(entry("secrets", namespace, secret));
  // The node of a pod is told for information; a token of the node alone ends with it.
  if (node !== null && pod === null) bound.push(entry("nodes", "", node));
  return bound;
}

/** Whether `found` is that very object and not long gone. Null: there is none of that name. */
export function isAlive(
  bound: BoundObject,
  found: KubernetesObject | null,
  nowMs: number,
): boolean {
  if (found === null || found.metadata.uid !== bound.object.uid) return false;
  const { deletionTimestamp } = found.metadata;
  if (deletionTimestamp === undefined) return true;
  return nowMs <= (parseTimeMs(deletionTimestamp) ?? 0) + LEEWAY_MS;
}

/** Looks at bound objects in the watch cache; each is decoded once for every time it changes. */
export class CachedBoundObjects {
  private readonly cache: WatchCache;
  private readonly decoded = new WeakMap<CachedObject, KubernetesObject>();

  constructor(cache: WatchCache) {
    this.cache = cache;
  }

  get({ id, namespace, object }: BoundObject): KubernetesObject | null {
    const cached = this.cache.of(id).get(objectKey(id, { namespace, name: object.name }));
    if (cached === undefined) return null;
    const known = this.decoded.get(cached);
    if (known !== undefined) return known;
    const parsed = JSON.parse(cached.value.toString()) as KubernetesObject;
    const { metadata, apiVersion, kind } = parsed;
    const kept = { apiVersion, kind, metadata };
    this.decoded.set(cached, kept);
    return kept;
  }
}

function entry(resource: string, namespace: string, object: NamedUid): BoundObject {
  return { id: { group: "", resource }, namespace, object };
}
