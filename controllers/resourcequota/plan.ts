import {
  addQuantities,
  formatQuantity,
  type ParsedQuantity,
  ZERO_QUANTITY,
} from "../../api/machinery/quantity.js";
import { isInScope } from "../../api/schema/quota/scopes.js";
import { type CountedResource, countedBy, usageOf } from "../../api/schema/quota/usage.js";
import type { ResourceQuota, ResourceQuotaStatus } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { sameJson } from "../common/same-json.js";

/** Resources of which the objects themselves say how much they take. */
const WEIGHED: readonly string[] = ["pods", "services", "persistentvolumeclaims"];

/** What has to be looked at to work a quota out. */
export interface QuotaInput {
  /** All objects of these. */
  readonly objects: readonly CountedResource[];
  /** Of these only how many there are. */
  readonly counts: readonly CountedResource[];
}

/** One text for a resource. */
export function resourceKey({ group, resource }: CountedResource): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/** Which objects a quota counts. */
export function inputOf({ spec }: ResourceQuota): QuotaInput {
  const objects = new Map<string, CountedResource>();
  const counts = new Map<string, CountedResource>();
  const isScoped = (spec.scopes ?? []).length > 0 || spec.scopeSelector !== undefined;
  for (const name of Object.keys(spec.hard ?? {})) {
    const of = countedBy(name);
    const isWeighed = of.group === "" && WEIGHED.includes(of.resource);
    // No other kind has a scope.
    if (isWeighed) objects.set(resourceKey(of), of);
    else if (!isScoped) counts.set(resourceKey(of), of);
  }
  return { objects: [...objects.values()], counts: [...counts.values()] };
}

/**
 * How long what was found of objects holds, when nothing is heard of them: for what changes without
 * an event here, and for pods that end by their deadline.
 */
export const RESYNC_MS = 300_000;
/** Kinds that nobody watches for quotas, such as custom ones, are counted again this often. */
const UNWATCHED_MS = 10_000;

/** When a quota has to be looked at again, if nothing is heard; `watched` are resourceKeys. */
export function resyncMs({ counts }: QuotaInput, watched: ReadonlySet<string>): number {
  return counts.every((of) => watched.has(resourceKey(of))) ? RESYNC_MS : UNWATCHED_MS;
}

/** What was found of the input of a quota. */
export interface QuotaWorld {
  readonly quota: ResourceQuota;
  /** By resourceKey; null: they take what the quota says. */
  readonly objects: ReadonlyMap<string, readonly KubernetesObject[]> | null;
  /** By resourceKey; a resource that is not served has none. */
  readonly counts: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

/** The status that the quota should have; null: it has it. */
export function planQuota({
  quota,
  objects,
  counts,
  nowMs,
}: QuotaWorld): ResourceQuotaStatus | null {
  const { hard = {} } = quota.spec;
  const used = new Map<string, ParsedQuantity>();
  const add = (name: string, amount: ParsedQuantity): void => {
    if (hard[name] !== undefined)
      used.set(name, addQuantities(used.get(name) ?? ZERO_QUANTITY, amount));
  };
  for (const [key, all] of objects ?? []) {
    const of = { group: "", resource: key };
    for (const object of all)
      if (isInScope(quota, of, object))
        for (const [name, amount] of usageOf(of, object, nowMs)) add(name, amount);
  }
  const shown: { [name: string]: string } = {};
  for (const name of Object.keys(hard)) {
    const count = counts.get(resourceKey(countedBy(name)));
    const said = objects === null ? quota.status?.used?.[name] : undefined;
    shown[name] =
      count === undefined ? (said ?? formatQuantity(used.get(name) ?? ZERO_QUANTITY)) : `${count}`;
  }
  const status = { hard, used: shown };
  return sameJson(status, quota.status ?? {}) ? null : status;
}
