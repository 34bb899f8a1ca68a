import type { ServiceCIDR } from "../../api/schema/types/networking-v1.gen.js";
import type { Store } from "../../consensus/consensus.js";
import { type AddressRange, parseAddressRange } from "./address-range.js";
import { objectKey, prefixEnd, resourcePrefix } from "./keys.js";
import type { WatchCache } from "./watch-cache.js";

/** Where ServiceCIDRs live. */
export const SERVICE_CIDRS = { group: "networking.k8s.io", resource: "servicecidrs" };

/** A range and the object that says so; null: the server's own, which needs none. */
export interface NamedRange {
  readonly range: AddressRange;
  readonly name: string | null;
}

/** The ranges that Services get addresses from: the server's own, and those of ServiceCIDRs. */
export class ServiceRanges {
  private readonly own: AddressRange;
  private readonly cache: WatchCache;
  private readonly store: Store;

  constructor(own: AddressRange, deps: { readonly cache: WatchCache; readonly store: Store }) {
    this.own = own;
    this.cache = deps.cache;
    this.store = deps.store;
  }

  /** As this server knows them without asking. */
  cached(): readonly NamedRange[] {
    const found = this.cache.of(SERVICE_CIDRS).list({ namespace: "", indexed: null });
    return this.withOwn(found.map(({ value }) => value));
  }

  /** As the store has them. */
  async newest(): Promise<readonly NamedRange[]> {
    const prefix = resourcePrefix(SERVICE_CIDRS);
    const range = { key: Buffer.from(prefix), rangeEnd: prefixEnd(prefix) };
    const { kvs } = await this.store.range(range);
    return this.withOwn(kvs.map(({ value }) => value));
  }

  private withOwn(values: readonly Buffer[]): readonly NamedRange[] {
    const objects = values.map((value) => JSON.parse(value.toString()) as ServiceCIDR);
    return [{ range: this.own, name: null }, ...rangesOf(objects, this.own.cidr)];
  }
}

/** The key of the object that a range stands in. */
export function rangeKey(name: string): Buffer {
  return Buffer.from(objectKey(SERVICE_CIDRS, { namespace: "", name }));
}

/** The ranges of the ServiceCIDRs that are ready and not going, but for `own`. */
function rangesOf(objects: readonly ServiceCIDR[], own: string): NamedRange[] {
  return objects.filter(isReady).flatMap(({ metadata, spec }) =>
    (spec.cidrs ?? [])
      .filter((cidr) => cidr !== own)
      .map(parseAddressRange)
      .filter((range) => range !== null)
      .map((range) => ({ range, name: metadata.name })),
  );
}

function isReady({ metadata, status }: ServiceCIDR): boolean {
  if ((metadata.deletionTimestamp ?? null) !== null) return false;
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True";
}
