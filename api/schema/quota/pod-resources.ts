import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type ParsedQuantity,
  parseQuantity,
  ZERO_QUANTITY,
} from "../../machinery/quantity.js";
import type { Container, PodSpec } from "../types/core-v1.gen.js";
import type { Quantity } from "../wire-types.js";

/** Amounts by the name of what they are of. */
export type Amounts = ReadonlyMap<string, ParsedQuantity>;
type Totals = Map<string, ParsedQuantity>;
type Side = "requests" | "limits";

/**
 * What the containers of a pod request together: the containers and sidecars that run side by side,
 * or an init container with the sidecars started before it, whichever is more.
 */
export function aggregateRequests(spec: PodSpec): { readonly [name: string]: Quantity } {
  const total = aggregate(spec, "requests");
  return Object.fromEntries([...total].map(([name, amount]) => [name, formatQuantity(amount)]));
}

/**
 * What a pod requests, or is limited to, as a whole: what it states for itself, else what its
 * containers do together, and its overhead.
 */
export function podResources(spec: PodSpec, side: Side): Amounts {
  const total = aggregate(spec, side);
  for (const [name, text] of Object.entries(spec.resources?.[side] ?? {}))
    total.set(name, parseQuantity(text) ?? ZERO_QUANTITY);
  for (const [name, text] of Object.entries(spec.overhead ?? {})) {
    const known = total.get(name);
    // A limit that is not there has no end.
    if (side === "limits" && known === undefined) continue;
    total.set(name, addQuantities(known ?? ZERO_QUANTITY, parseQuantity(text) ?? ZERO_QUANTITY));
  }
  return total;
}

function aggregate(spec: PodSpec, side: Side): Totals {
  const running: Totals = new Map();
  for (const container of spec.containers) add(running, container, side);
  const sidecars: Totals = new Map();
  const peak: Totals = new Map();
  for (const container of spec.initContainers ?? []) {
    const moment: Totals = new Map(sidecars);
    add(moment, container, side);
    raise(peak, moment);
    if (container.restartPolicy !== "Always") continue;
    add(sidecars, container, side);
    add(running, container, side);
  }
  raise(running, peak);
  return running;
}

function add(total: Totals, container: Container, side: Side): void {
  for (const [name, text] of Object.entries(container.resources?.[side] ?? {})) {
    const amount = parseQuantity(text) ?? ZERO_QUANTITY;
    total.set(name, addQuantities(total.get(name) ?? ZERO_QUANTITY, amount));
  }
}

function raise(total: Totals, other: Amounts): void {
  for (const [name, amount] of other)
    if (compareQuantities(amount, total.get(name) ?? ZERO_QUANTITY) > 0) total.set(name, amount);
}
