import { invalid } from "../../api/machinery/field-errors.js";
import { type StatusBody, internalError, invalidObject } from "../../api/machinery/status.js";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Random } from "../../base/random.js";
import type { Op, Store } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import { type AddressRange, drawnPart, formatAddress } from "./address-range.js";
import { type ResourceId, prefixEnd } from "./keys.js";
import {
  type Claim,
  NODE_PORT_COUNT,
  NODE_PORT_FIRST,
  claimsOf,
  planAllocation,
} from "./service-allocation.js";
import type { Guard, WriteExtras } from "./storage.js";

export interface Allocated {
  readonly object: KubernetesObject;
  readonly extras: WriteExtras;
}

const PREFIXES: Readonly<Record<Claim["type"], string>> = {
  address: "/raftsman/service-addresses/",
  port: "/raftsman/service-ports/",
};
/** Draws before the store is asked which values are free. */
const BLIND_DRAWS_MAX = 16;

/**
 * Gives Services their cluster IPs and node ports. Each is a key of its own, taken and given back
 * in the transaction that writes the Service: no two Services ever hold the same one, and none is
 * lost.
 */
export class ServiceAllocator {
  private readonly range: AddressRange;
  private readonly random: Random;
  private readonly store: Store;

  constructor(range: AddressRange, deps: { random: Random; store: Store }) {
    this.range = range;
    this.random = deps.random;
    this.store = deps.store;
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
    if (!isService(id)) return { object, extras: {} };
    const service = object as Service;
    const taken = attempt < BLIND_DRAWS_MAX ? null : await this.taken();
    const plan = planAllocation(service, this.range, {
      address: () => this.drawAddress(taken?.address ?? null),
      port: () => this.drawPort(taken?.port ?? null),
    });
    if (plan.errors.length > 0) throw new ApiFailure(invalidService(service, plan.errors));
    const before = old === null ? [] : claimsOf(old as Service);
    const kept = new Set(before.map(nameOf));
    const wanted = new Set(plan.claims.map(nameOf));
    const takes = plan.claims.filter((claim) => !kept.has(nameOf(claim)));
    const gives = before.filter((claim) => !wanted.has(nameOf(claim)));
    return {
      object: plan.service,
      extras: {
        guards: takes.map((claim) => absent(claim, service)),
        ops: [...takes.map((claim) => take(claim, service)), ...gives.map(give)],
      },
    };
  }

  /** What goes into the transaction that deletes the object. */
  release(id: ResourceId, object: KubernetesObject): WriteExtras {
    return isService(id) ? { ops: claimsOf(object as Service).map(give) } : {};
  }

  private drawAddress(taken: ReadonlySet<string> | null): string {
    const { first, count } = drawnPart(this.range);
    const start = this.random.below(count);
    if (taken === null) return formatAddress(first + start);
    for (let i = 0; i < count; i += 1) {
      const address = formatAddress(first + ((start + i) % count));
      if (!taken.has(address)) return address;
    }
    // The lower part is for addresses that people choose, but it is better than none.
    for (let low = this.range.base + 1; low < first; low += 1) {
      if (!taken.has(formatAddress(low))) return formatAddress(low);
    }
    throw new ApiFailure(internalError("failed to allocate a serviceIP: range is full"));
  }

  private drawPort(taken: ReadonlySet<string> | null): number {
    const start = this.random.below(NODE_PORT_COUNT);
    if (taken === null) return NODE_PORT_FIRST + start;
    for (let i = 0; i < NODE_PORT_COUNT; i += 1) {
      const port = NODE_PORT_FIRST + ((start + i) % NODE_PORT_COUNT);
      if (!taken.has(String(port))) return port;
    }
    throw new ApiFailure(internalError("failed to allocate a nodePort: range is full"));
  }

  private async taken(): Promise<Readonly<Record<Claim["type"], ReadonlySet<string>>>> {
    const [address, port] = await Promise.all([
      this.valuesUnder(PREFIXES.address),
      this.valuesUnder(PREFIXES.port),
    ]);
    return { address, port };
  }

  private async valuesUnder(prefix: string): Promise<ReadonlySet<string>> {
    const range = { key: Buffer.from(prefix), rangeEnd: prefixEnd(prefix), keysOnly: true };
    const { kvs } = await this.store.range(range);
    return new Set(kvs.map(({ key }) => key.toString("latin1").slice(prefix.length)));
  }
}

function isService({ group, resource }: ResourceId): boolean {
  return group === "" && resource === "services";
}

function nameOf({ type, value }: Claim): string {
  return `${type}/${value}`;
}

function keyOf({ type, value }: Claim): Buffer {
  return Buffer.from(PREFIXES[type] + value);
}

function take(claim: Claim, { metadata }: Service): Op {
  const value = Buffer.from(`${metadata.namespace ?? ""}/${metadata.name}`);
  return { type: "put", key: keyOf(claim), value };
}

function give(claim: Claim): Op {
  return { type: "delete", key: keyOf(claim) };
}

function absent(claim: Claim, service: Service): Guard {
  return {
    compare: { target: "createRevision", key: keyOf(claim), result: "=", value: 0 },
    drawAgain: claim.drawn,
    failure: () => new ApiFailure(taken(claim, service)),
  };
}

function taken(claim: Claim, service: Service): StatusBody {
  const error =
    claim.type === "address"
      ? invalid(
          claim.field,
          [claim.value],
          `failed to allocate IP ${claim.value}: provided IP is already allocated`,
        )
      : invalid(claim.field, Number(claim.value), "provided port is already allocated");
  return invalidService(service, [error]);
}

function invalidService(
  { metadata }: Service,
  errors: Parameters<typeof invalidObject>[2],
): StatusBody {
  return invalidObject({ group: "", kind: "Service" }, metadata.name, errors);
}
