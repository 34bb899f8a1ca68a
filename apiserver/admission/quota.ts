import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type ParsedQuantity,
  parseQuantity,
  subtractQuantities,
  ZERO_QUANTITY,
} from "../../api/machinery/quantity.js";
import { type Amounts, podResources } from "../../api/schema/quota/pod-resources.js";
import type { Container, Pod, ResourceQuota } from "../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../api/schema/wire-types.js";

/** A quota after a charge, or why it refuses. */
export type Charge =
  /** Null: the quota has no say. */
  | { readonly ok: true; readonly quota: ResourceQuota | null }
  | { readonly ok: false; readonly message: string };

type Totals = { readonly [name: string]: Quantity };

/** Charges what a write adds to the usage of its namespace; pure. */
export function chargeQuota(quota: ResourceQuota, added: Amounts): Charge {
  const { name } = quota.metadata;
  const hard = quota.status?.hard ?? {};
  const used = quota.status?.used ?? {};
  const counted = [...added].filter(([resource]) => quota.spec.hard?.[resource] !== undefined);
  if (counted.length === 0) return { ok: true, quota: null };
  const unknown = counted.map(([resource]) => resource).filter((each) => used[each] === undefined);
  if (unknown.length > 0) {
    const message = `status unknown for quota: ${name}, resources: ${unknown.sort().join(",")}`;
    return { ok: false, message };
  }
  const next: { [name: string]: Quantity } = { ...used };
  const exceeded: string[] = [];
  for (const [resource, amount] of counted) {
    const sum = addQuantities(amountOf(used, resource), amount);
    next[resource] = formatQuantity(sum);
    const limit = hard[resource];
    if (limit !== undefined && compareQuantities(sum, amountOf(hard, resource)) > 0)
      exceeded.push(resource);
  }
  if (exceeded.length === 0)
    return { ok: true, quota: { ...quota, status: { ...quota.status, used: next } } };
  exceeded.sort();
  const requested = Object.fromEntries(
    counted.map(([resource, amount]) => [resource, formatQuantity(amount)]),
  );
  const show = (amounts: Totals): string =>
    exceeded.map((resource) => `${resource}=${amounts[resource] ?? "0"}`).join(",");
  const numbers = `requested: ${show(requested)}, used: ${show(used)}, limited: ${show(hard)}`;
  return { ok: false, message: `exceeded quota: ${name}, ${numbers}` };
}

/** What `after` takes more than `before`; what it takes less is left for the controller to see. */
export function addedUsage(after: Amounts, before: Amounts | null): Amounts {
  const added = new Map<string, ParsedQuantity>();
  for (const [name, amount] of after) {
    const more = subtractQuantities(amount, before?.get(name) ?? ZERO_QUANTITY);
    if (more.nanos > 0n) added.set(name, more);
  }
  return added;
}

const STATED = /^(?:requests\.|limits\.)?(?:cpu|memory)$/;

/**
 * A pod must say how much it takes of what a quota limits; why it is refused, or null. Where the
 * pod states it for itself its containers need not.
 */
export function unstatedResources({ metadata, spec }: ResourceQuota, pod: Pod): string | null {
  const wanted = Object.keys(spec.hard ?? {}).filter((name) => STATED.test(name));
  const missing: string[] = [];
  for (const name of wanted.sort()) {
    const side = name.startsWith("limits.") ? "limits" : "requests";
    const resource = name.replace(/^.*\./, "");
    if (pod.spec.resources?.[side]?.[resource] !== undefined) continue;
    const lacks = ({ resources }: Container): boolean =>
      resources?.[side]?.[resource] === undefined;
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].filter(lacks);
    if (containers.length === 0 && podResources(pod.spec, side).has(resource)) continue;
    const names = containers.map((container) => container.name).sort();
    missing.push(`${name} for: ${names.join(",")}`);
  }
  if (missing.length === 0) return null;
  return `failed quota: ${metadata.name}: must specify ${missing.join("; ")}`;
}

function amountOf(amounts: Totals, resource: string): ParsedQuantity {
  return parseQuantity(amounts[resource] ?? "0") ?? ZERO_QUANTITY;
}
