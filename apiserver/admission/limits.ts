import {
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  type ParsedQuantity,
  parseQuantity,
} from "../../api/machinery/quantity.js";
import { type Amounts, podResources } from "../../api/schema/quota/pod-resources.js";
import type {
  Container,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
  ResourceRequirements,
} from "../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../api/schema/wire-types.js";

type Totals = { readonly [name: string]: Quantity };
const ANNOTATION = "kubernetes.io/limit-ranger";

/** The pod whose containers request and are limited to the defaults where they say nothing; pure. */
export function withDefaultLimits(pod: Pod, items: readonly LimitRangeItem[]): Pod {
  const limits: { [name: string]: Quantity } = {};
  const requests: { [name: string]: Quantity } = {};
  for (const item of items) {
    if (item.type !== "Container") continue;
    for (const [name, amount] of Object.entries(item.default ?? {})) limits[name] ??= amount;
    for (const [name, amount] of Object.entries(item.defaultRequest ?? {}))
      requests[name] ??= amount;
  }
  if (Object.keys(limits).length + Object.keys(requests).length === 0) return pod;
  const notes: string[] = [];
  const fill = (container: Container, sort: string): Container => {
    const { resources = {}, name } = container;
    const requested = missing(resources.requests, requests);
    const limited = missing(resources.limits, limits);
    note(notes, requested, `request for ${sort} ${name}`);
    note(notes, limited, `limit for ${sort} ${name}`);
    if (requested.length + limited.length === 0) return container;
    return {
      ...container,
      resources: {
        ...resources,
        requests: { ...resources.requests, ...Object.fromEntries(requested) },
        limits: { ...resources.limits, ...Object.fromEntries(limited) },
      },
    };
  };
  const containers = pod.spec.containers.map((each) => fill(each, "container"));
  const initContainers = pod.spec.initContainers?.map((each) => fill(each, "init container"));
  if (notes.length === 0) return pod;
  const said = `LimitRanger plugin set: ${notes.join("; ")}`;
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: said };
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: {
      ...pod.spec,
      containers,
      ...(initContainers === undefined ? {} : { initContainers }),
    },
  };
}

function missing(stated: Totals | undefined, defaults: Totals): [string, Quantity][] {
  return Object.entries(defaults).filter(([name]) => stated?.[name] === undefined);
}

function note(notes: string[], added: readonly [string, Quantity][], what: string): void {
  if (added.length === 0) return;
  const names = added.map(([name]) => name).sort();
  notes.push(`${names.join(", ")} ${what}`);
}

/** Why the limits of a namespace refuse a pod, in Kubernetes' words; none: they do not. */
export function violationsOfPod(pod: Pod, items: readonly LimitRangeItem[]): readonly string[] {
  const { containers, initContainers = [] } = pod.spec;
  return items.flatMap((item) => {
    if (item.type === "Pod") {
      const requests = podResources(pod.spec, "requests");
      return check(item, requests, podResources(pod.spec, "limits"));
    }
    if (item.type !== "Container") return [];
    return [...containers, ...initContainers].flatMap(({ resources = {} }) => {
      return check(item, amountsOf(resources, "requests"), amountsOf(resources, "limits"));
    });
  });
}

/** The same for a claim: only how much it requests counts. */
export function violationsOfClaim(
  { spec }: PersistentVolumeClaim,
  items: readonly LimitRangeItem[],
): readonly string[] {
  const requests = amountsOf(spec.resources ?? {}, "requests");
  return items.flatMap((item) => {
    if (item.type !== "PersistentVolumeClaim") return [];
    const { type } = item;
    const low = each(item.min, (name, bound) => belowMin({ name, type, bound }, requests, null));
    const high = each(item.max, (name, bound) => {
      const start = `maximum ${name} usage per ${type} is ${show(bound)}`;
      const request = requests.get(name);
      if (request === undefined) return `${start}.  No request is specified`;
      if (compare(request, bound) <= 0) return null;
      return `${start}, but request is ${formatQuantity(request)}`;
    });
    return [...low, ...high];
  });
}

function check(item: LimitRangeItem, requests: Amounts, limits: Amounts): readonly string[] {
  const { type, min, max, maxLimitRequestRatio } = item;
  return [
    ...each(min, (name, bound) => belowMin({ name, type, bound }, requests, limits)),
    ...each(max, (name, bound) => aboveMax({ name, type, bound }, requests, limits)),
    ...each(maxLimitRequestRatio, (name, bound) =>
      aboveRatio({ name, type, bound }, requests, limits),
    ),
  ];
}

interface Rule {
  readonly name: string;
  readonly type: string;
  readonly bound: Quantity;
}

function belowMin({ name, type, bound }: Rule, requests: Amounts, limits: Amounts | null) {
  const start = `minimum ${name} usage per ${type} is ${show(bound)}`;
  const [request, limit] = [requests.get(name), limits?.get(name)];
  if (request === undefined) return `${start}.  No request is specified`;
  if (compare(request, bound) < 0) return `${start}, but request is ${formatQuantity(request)}`;
  if (limit === undefined || compare(limit, bound) >= 0) return null;
  return `${start}, but limit is ${formatQuantity(limit)}`;
}

function aboveMax({ name, type, bound }: Rule, requests: Amounts, limits: Amounts) {
  const start = `maximum ${name} usage per ${type} is ${show(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (limit === undefined) return `${start}.  No limit is specified`;
  if (compare(limit, bound) > 0) return `${start}, but limit is ${formatQuantity(limit)}`;
  if (request === undefined || compare(request, bound) <= 0) return null;
  return `${start}, but request is ${formatQuantity(request)}`;
}

function aboveRatio({ name, type, bound }: Rule, requests: Amounts, limits: Amounts) {
  const start = `${name} max limit to request ratio per ${type} is ${show(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined || request.nanos === 0n)
    return `${start}, but no request is specified or request is 0`;
  if (limit === undefined || limit.nanos === 0n)
    return `${start}, but no limit is specified or limit is 0`;
  const most = parseQuantity(bound)?.nanos ?? 0n;
  // Both sides are billionths: limit / request > most, without a fraction.
  if (limit.nanos * 1_000_000_000n <= most * request.nanos) return null;
  const ratio = Number(limit.nanos) / Number(request.nanos);
  return `${start}, but provided ratio is ${ratio.toFixed(6)}`;
}

function each(
  bounds: Totals | undefined,
  judge: (name: string, bound: Quantity) => string | null,
): readonly string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => judge(name, bound) ?? []);
}

function amountsOf(resources: ResourceRequirements, side: "requests" | "limits"): Amounts {
  const amounts = new Map<string, ParsedQuantity>();
  for (const [name, text] of Object.entries(resources[side] ?? {})) {
    const amount = parseQuantity(text);
    if (amount !== null) amounts.set(name, amount);
  }
  return amounts;
}

function compare(amount: ParsedQuantity, bound: Quantity): number {
  const parsed = parseQuantity(bound);
  return parsed === null ? 0 : compareQuantities(amount, parsed);
}

function show(amount: Quantity): string {
  return canonicalQuantity(amount) ?? amount;
}
