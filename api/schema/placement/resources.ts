import {
  parseQuantity,
  type ParsedQuantity,
  wholeValue,
  milliValue,
} from "../../machinery/quantity.js";
import type { Container, Pod, PodSpec } from "../types/core-v1.gen.js";
import type { Quantity } from "../wire-types.js";

/** Amounts of resources as safe integers: CPU in thousandths of a core, all else in whole units. */
export interface Resources {
  readonly milliCpu: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  /** Extended resources and huge pages, by name. */
  readonly scalars: ReadonlyMap<string, number>;
}

/** A list as in a container's requests or a node's allocatable. */
export type ResourceList = { readonly [name: string]: Quantity } | undefined;

/**
 * What a container without a request is counted with where nodes are compared: it will use
 * something.
 */
export const DEFAULT_MILLI_CPU = 100;
export const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024;

type Amounts = Map<string, number>;

const NO_SCALARS: ReadonlyMap<string, number> = new Map();

/** Nothing at all. */
export const NO_RESOURCES: Resources = {
  milliCpu: 0,
  memoryBytes: 0,
  ephemeralBytes: 0,
  scalars: NO_SCALARS,
};

/** Reads a list; amounts the server would have refused count as nothing. */
export function resourcesOf(list: ResourceList): Resources {
  return fromAmounts(amountsOf(list));
}

/**
 * What a pod asks for (KEP-753, KEP-2837): the sum of its containers, or what its init containers
 * need while they run if that is more, sidecars counted as they accumulate; an amount for the whole
 * pod overrides; overhead comes on top. A pod that is being resized (KEP-1287) is counted with the
 * larger of what it asks for and what its node has set aside for it; one whose wish cannot be met,
 * with the latter.
 */
export function podRequests(pod: Pod): Resources {
  return fromAmounts(podAmounts(pod.spec, (container) => claimedBy(container, pod)));
}

/**
 * The same, with the defaults for containers that do not say what they need. Used to compare nodes,
 * never to refuse one.
 */
export function nonZeroRequests(pod: Pod): {
  readonly milliCpu: number;
  readonly memoryBytes: number;
} {
  const amounts = podAmounts(pod.spec, (container) => {
    const asked = claimedBy(container, pod);
    if (!asked.has("cpu")) asked.set("cpu", DEFAULT_MILLI_CPU);
    if (!asked.has("memory")) asked.set("memory", DEFAULT_MEMORY_BYTES);
    return asked;
  });
  return { milliCpu: amounts.get("cpu") ?? 0, memoryBytes: amounts.get("memory") ?? 0 };
}

/** True when it asks for nothing that could be missing. */
export function isNothing(resources: Resources): boolean {
  const { milliCpu, memoryBytes, ephemeralBytes, scalars } = resources;
  return milliCpu === 0 && memoryBytes === 0 && ephemeralBytes === 0 && scalars.size === 0;
}

/** `a + sign · b`; what comes out never shares a map that somebody changes. */
export function addResources(a: Resources, b: Resources, sign: 1 | -1): Resources {
  return {
    milliCpu: a.milliCpu + sign * b.milliCpu,
    memoryBytes: a.memoryBytes + sign * b.memoryBytes,
    ephemeralBytes: a.ephemeralBytes + sign * b.ephemeralBytes,
    scalars: b.scalars.size === 0 ? a.scalars : addScalars(a.scalars, b.scalars, sign),
  };
}

function addScalars(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  sign: 1 | -1,
): ReadonlyMap<string, number> {
  const sum = new Map(a);
  for (const [name, amount] of b) {
    const total = (sum.get(name) ?? 0) + sign * amount;
    if (total === 0) sum.delete(name);
    else sum.set(name, total);
  }
  return sum;
}

function podAmounts(spec: PodSpec, amountsFor: (container: Container) => Amounts): Amounts {
  const running: Amounts = new Map();
  for (const container of spec.containers) add(running, amountsFor(container));
  const sidecars: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const amounts = amountsFor(container);
    if (container.restartPolicy === "Always") {
      add(running, amounts);
      add(sidecars, amounts);
      raise(starting, sidecars);
    } else {
      add(amounts, sidecars);
      raise(starting, amounts);
    }
  }
  raise(running, starting);
  const whole = amountsOf(spec.resources?.requests ?? spec.resources?.limits);
  for (const [name, amount] of whole) running.set(name, amount);
  add(running, amountsOf(spec.overhead));
  return running;
}

function claimedBy(container: Container, pod: Pod): Amounts {
  const asked = amountsOf(requestsOf(container));
  const { status = {} } = pod;
  const own =
    status.containerStatuses?.find(({ name }) => name === container.name) ??
    status.initContainerStatuses?.find(({ name }) => name === container.name);
  const allocated = own?.allocatedResources;
  if (allocated === undefined) return asked;
  const infeasible = status.conditions?.some(
    ({ type, reason }) => type === "PodResizePending" && reason === "Infeasible",
  );
  if (infeasible === true) return amountsOf({ ...container.resources?.requests, ...allocated });
  raise(asked, amountsOf(allocated));
  return asked;
}

/** A limit without a request is a request; the server writes it so, static pods may not have it. */
function requestsOf(container: Container): ResourceList {
  const { requests, limits } = container.resources ?? {};
  return limits === undefined ? requests : { ...limits, ...requests };
}

function add(to: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) to.set(name, (to.get(name) ?? 0) + amount);
}

function raise(to: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) to.set(name, Math.max(to.get(name) ?? 0, amount));
}

function amountsOf(list: ResourceList): Amounts {
  const amounts: Amounts = new Map();
  for (const name in list) {
    const quantity = parseQuantity(String(list[name]));
    if (quantity !== null) amounts.set(name, amountOf(name, quantity));
  }
  return amounts;
}

function amountOf(name: string, quantity: ParsedQuantity): number {
  const amount = name === "cpu" ? milliValue(quantity) : wholeValue(quantity);
  return Number(amount > MAX_AMOUNT ? MAX_AMOUNT : amount);
}
const MAX_AMOUNT = 2n ** 50n; // Sums of thousands stay exact; nobody has a pebibyte of memory.

function fromAmounts(amounts: Amounts): Resources {
  let scalars: Map<string, number> | null = null;
  for (const [name, amount] of amounts) {
    if (name === "cpu" || name === "memory" || name === "ephemeral-storage" || name === "pods")
      continue;
    scalars ??= new Map();
    scalars.set(name, amount);
  }
  return {
    milliCpu: amounts.get("cpu") ?? 0,
    memoryBytes: amounts.get("memory") ?? 0,
    ephemeralBytes: amounts.get("ephemeral-storage") ?? 0,
    scalars: scalars ?? NO_SCALARS,
  };
}
