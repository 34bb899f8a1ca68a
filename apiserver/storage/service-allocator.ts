import { type StatusBody, internalError, invalidObject } from "../../api/machinery/status.js";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { IPAddress } from "../../api/schema/types/networking-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";
import type { Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import { drawnPart, formatAddress, isAssignable, parseAddress } from "./address-range.js";
import { type ResourceId, prefixEnd } from "./keys.js";
import {
  type Claim,
  NODE_PORT_COUNT,
  NODE_PORT_FIRST,
  claimsOf,
  planAllocation,
} from "./service-allocation.js";
import {
  CLAIM_PREFIXES,
  claimKey,
  giveOps,
  handMadeExtras,
  IP_ADDRESSES,
  takeGuards,
  takeOps,
} from "./service-claims.js";
import type { NamedRange, ServiceRanges } from "./service-ranges.js";
import type { WriteExtras } from "./storage.js";

export interface Allocated {
  readonly object: KubernetesObject;
  readonly extras: WriteExtras;
}

export interface ServiceAllocatorDeps {
  readonly random: Random;
  readonly store: Store;
  readonly clock: Clock;
  readonly newUid: () => string;
}

/** Draws before the store is asked which values are free. */
const BLIND_DRAWS_MAX = 16;

/**
 * Gives Services their cluster IPs and node ports. Each is a key of its own, taken and given back
 * in the transaction that writes the Service: no two Services ever hold the same one, and none is
 * lost. An address is shown as an IPAddress, written in the same transaction; an IPAddress that
 * somebody makes by hand holds its address in the same way.
 */
export class ServiceAllocator {
  private readonly ranges: ServiceRanges;
  private readonly deps: ServiceAllocatorDeps;

  constructor(ranges: ServiceRanges, deps: ServiceAllocatorDeps) {
    this.ranges = ranges;
    this.deps = deps;
  }

  /**
   * The object with what it needs, and what goes into its transaction; other kinds pass unchanged.
   * `attempt` counts from 0: values drawn in vain before are drawn with more care.
   */
  async plan(
    id: ResourceId,
    change: { readonly old: KubernetesObject | null; readonly object: KubernetesObject },
    attempt: number,
  ): Promise<Allocated> {
    const { object, old } = change;
    if (isAddress(id)) return { object, extras: await this.addressExtras(object, old) };
    if (!isService(id)) return { object, extras: {} };
    const service = object as Service;
    const before = old as Service | null;
    const taken = attempt < BLIND_DRAWS_MAX ? null : await this.taken();
    const ranges = await this.rangesFor(service);
    const plan = planAllocation(
      service,
      { ranges: ranges.map(({ range }) => range), held: before?.spec.clusterIP ?? "" },
      {
        address: () => this.drawAddress(ranges, taken?.address ?? null),
        port: () => this.drawPort(taken?.port ?? null),
      },
    );
    if (plan.errors.length > 0) throw new ApiFailure(invalidService(service, plan.errors));
    return { object: plan.service, extras: this.extrasOf(before, plan.service, { plan, ranges }) };
  }

  /** What goes into the transaction that deletes the object. */
  release(id: ResourceId, object: KubernetesObject): WriteExtras {
    if (isAddress(id)) {
      const key = claimKey({ type: "address", value: object.metadata.name });
      return { ops: [{ type: "delete", key }] };
    }
    return isService(id) ? { ops: claimsOf(object as Service).flatMap(giveOps) } : {};
  }

  private extrasOf(
    old: Service | null,
    service: Service,
    about: {
      readonly plan: { readonly claims: readonly Claim[] };
      readonly ranges: readonly NamedRange[];
    },
  ): WriteExtras {
    const before = old === null ? [] : claimsOf(old);
    const kept = new Set(before.map(nameOf));
    const wanted = new Set(about.plan.claims.map(nameOf));
    const takes = about.plan.claims.filter((claim) => !kept.has(nameOf(claim)));
    const gives = before.filter((claim) => !wanted.has(nameOf(claim)));
    const { newUid, clock } = this.deps;
    const identity = { uid: newUid(), nowMs: clock.nowMs() };
    return {
      guards: takes.flatMap((claim) =>
        takeGuards(claim, service, nameOfRange(claim, about.ranges)),
      ),
      ops: [
        ...takes.flatMap((claim) => takeOps(claim, service, identity)),
        ...gives.flatMap(giveOps),
      ],
    };
  }

  private async addressExtras(
    object: KubernetesObject,
    old: KubernetesObject | null,
  ): Promise<WriteExtras> {
    if (old !== null) return {};
    const key = claimKey({ type: "address", value: object.metadata.name });
    const { kvs } = await this.deps.store.range({ key });
    return handMadeExtras(object as IPAddress, kvs[0]);
  }

  /** A Service that names an address of a range which was just made must find it. */
  private async rangesFor({ spec }: Service): Promise<readonly NamedRange[]> {
    const known = this.ranges.cached();
    const address = parseAddress(spec.clusterIP ?? "");
    if (address === null || known.some(({ range }) => isAssignable(range, address))) return known;
    return this.ranges.newest();
  }

  private drawAddress(ranges: readonly NamedRange[], taken: ReadonlySet<string> | null): string {
    const parts = ranges.map(({ range }) => drawnPart(range));
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const start = this.deps.random.below(count);
    if (taken === null) return addressAt(parts, start);
    for (let i = 0; i < count; i += 1) {
      const address = addressAt(parts, (start + i) % count);
      if (!taken.has(address)) return address;
    }
    // The lower part is for addresses that people choose, but it is better than none.
    for (const { range } of ranges) {
      for (let low = range.base + 1; low < drawnPart(range).first; low += 1) {
        if (!taken.has(formatAddress(low))) return formatAddress(low);
      }
    }
    throw new ApiFailure(internalError("failed to allocate a serviceIP: range is full"));
  }

  private drawPort(taken: ReadonlySet<string> | null): number {
    const start = this.deps.random.below(NODE_PORT_COUNT);
    if (taken === null) return NODE_PORT_FIRST + start;
    for (let i = 0; i < NODE_PORT_COUNT; i += 1) {
      const port = NODE_PORT_FIRST + ((start + i) % NODE_PORT_COUNT);
      if (!taken.has(String(port))) return port;
    }
    throw new ApiFailure(internalError("failed to allocate a nodePort: range is full"));
  }

  private async taken(): Promise<Readonly<Record<Claim["type"], ReadonlySet<string>>>> {
    const [address, port] = await Promise.all([
      this.valuesUnder(CLAIM_PREFIXES.address),
      this.valuesUnder(CLAIM_PREFIXES.port),
    ]);
    return { address, port };
  }

  private async valuesUnder(prefix: string): Promise<ReadonlySet<string>> {
    const range = { key: Buffer.from(prefix), rangeEnd: prefixEnd(prefix), keysOnly: true };
    const { kvs } = await this.deps.store.range(range);
    return new Set(kvs.map(({ key }) => key.toString("latin1").slice(prefix.length)));
  }
}

function isService({ group, resource }: ResourceId): boolean {
  return group === "" && resource === "services";
}

function isAddress({ group, resource }: ResourceId): boolean {
  return group === IP_ADDRESSES.group && resource === IP_ADDRESSES.resource;
}

function nameOf({ type, value }: Claim): string {
  return `${type}/${value}`;
}

/** The ServiceCIDR that an address depends on; null where the server's own range holds it. */
function nameOfRange({ type, value }: Claim, ranges: readonly NamedRange[]): string | null {
  const address = type === "address" ? parseAddress(value) : null;
  if (address === null) return null;
  const holders = ranges.filter(({ range }) => isAssignable(range, address));
  return holders.some(({ name }) => name === null) ? null : (holders[0]?.name ?? null);
}

/** The address at a place, counted through all parts. */
function addressAt(
  parts: readonly { readonly first: number; readonly count: number }[],
  index: number,
): string {
  let left = index;
  for (const { first, count } of parts) {
    if (left < count) return formatAddress(first + left);
    left -= count;
  }
  throw new ApiFailure(internalError("failed to allocate a serviceIP: range is full"));
}

function invalidService(
  { metadata }: Service,
  errors: Parameters<typeof invalidObject>[2],
): StatusBody {
  return invalidObject({ group: "", kind: "Service" }, metadata.name, errors);
}
