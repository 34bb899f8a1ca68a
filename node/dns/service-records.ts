import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { Endpoint, EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import { parseAddress } from "../cni/route-plan.js";

const TTL_SECONDS = 5;

/** One resource record, in the form of dns-packet. */
export type DnsRecord =
  | {
      readonly type: "A" | "AAAA" | "CNAME" | "PTR" | "TXT" | "NS";
      readonly name: string;
      readonly ttl: number;
      readonly data: string;
    }
  | {
      readonly type: "SRV";
      readonly name: string;
      readonly ttl: number;
      readonly data: {
        readonly priority: number;
        readonly weight: number;
        readonly port: number;
        readonly target: string;
      };
    }
  | {
      readonly type: "SOA";
      readonly name: string;
      readonly ttl: number;
      readonly data: {
        readonly mname: string;
        readonly rname: string;
        readonly serial: number;
        readonly refresh: number;
        readonly retry: number;
        readonly expire: number;
        readonly minimum: number;
      };
    };

/** What one Service says. A name without records exists all the same (RFC 8020). */
export interface ServiceRecords {
  readonly names: ReadonlyMap<string, readonly DnsRecord[]>;
  /** Names by address, for reverse lookups. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/** The names of one Service below `domain`, all in lower case. */
export function serviceRecords(
  service: Service,
  slices: readonly EndpointSlice[],
  domain: string,
): ServiceRecords {
  const builder = new RecordBuilder(service, domain);
  const { spec } = service;
  if (spec.type === "ExternalName") {
    const target = (spec.externalName ?? "").replace(/\.$/, "");
    if (parseAddress(target) === null && target !== "") builder.addAlias(target);
  } else if (spec.clusterIP === "None") builder.addHeadless(slices);
  else builder.addClusterIps(slices);
  return builder.result();
}

class RecordBuilder {
  private readonly names = new Map<string, DnsRecord[]>();
  private readonly addresses = new Map<string, string[]>();
  private readonly service: Service;
  private readonly base: string;

  constructor(service: Service, domain: string) {
    this.service = service;
    const namespace = service.metadata.namespace ?? "";
    this.base = `${service.metadata.name}.${namespace}.svc.${domain}`;
    for (const name of [this.base, `${namespace}.svc.${domain}`, `svc.${domain}`]) this.touch(name);
  }

  result(): ServiceRecords {
    return { names: this.names, addresses: this.addresses };
  }

  addAlias(target: string): void {
    this.add({ type: "CNAME", name: this.base, ttl: TTL_SECONDS, data: target });
  }

  addClusterIps(slices: readonly EndpointSlice[]): void {
    const { spec } = this.service;
    const all = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
    const addresses = all.filter((ip) => parseAddress(ip) !== null);
    for (const address of addresses) this.addAddress(this.base, address);
    if (addresses.length > 0) {
      for (const { name, protocol, port } of spec.ports ?? [])
        this.addPort({ name, protocol, port, target: this.base });
    }
    // Pods of a Service with a cluster address have names too, if they have host names.
    for (const { endpoint, address } of readyEndpoints(slices)) {
      if (endpoint.hostname !== undefined)
        this.addAddress(`${endpoint.hostname.toLowerCase()}.${this.base}`, address);
    }
  }

  addHeadless(slices: readonly EndpointSlice[]): void {
    for (const { endpoint, address, slice } of readyEndpoints(slices)) {
      const label = endpoint.hostname?.toLowerCase() ?? address.replaceAll(".", "-");
      const target = `${label}.${this.base}`;
      this.add({ type: "A", name: this.base, ttl: TTL_SECONDS, data: address });
      this.addAddress(target, address);
      for (const { name, protocol, port } of slice.ports ?? []) {
        if (port !== undefined) this.addPort({ name, protocol, port, target });
      }
    }
  }

  private addPort(entry: {
    readonly name: string | undefined;
    readonly protocol: string | undefined;
    readonly port: number;
    readonly target: string;
  }): void {
    const data = { priority: 0, weight: 100, port: entry.port, target: entry.target };
    this.add({ type: "SRV", name: this.base, ttl: TTL_SECONDS, data });
    if (entry.name === undefined || entry.name === "") return;
    const transport = `_${(entry.protocol ?? "TCP").toLowerCase()}.${this.base}`;
    this.touch(transport);
    this.add({ type: "SRV", name: `_${entry.name}.${transport}`, ttl: TTL_SECONDS, data });
  }

  private addAddress(name: string, address: string): void {
    this.add({ type: "A", name, ttl: TTL_SECONDS, data: address });
    const names = this.addresses.get(address);
    if (names === undefined) this.addresses.set(address, [name]);
    else if (!names.includes(name)) names.push(name);
  }

  private touch(name: string): DnsRecord[] {
    const records = this.names.get(name) ?? [];
    this.names.set(name, records);
    return records;
  }

  /** Adds a record once: an endpoint may be in two slices for a moment. */
  private add(record: DnsRecord): void {
    const records = this.touch(record.name);
    const text = JSON.stringify(record.data);
    const known = records.some(
      (other) => other.type === record.type && JSON.stringify(other.data) === text,
    );
    if (!known) records.push(record);
  }
}

function readyEndpoints(slices: readonly EndpointSlice[]): readonly {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly slice: EndpointSlice;
}[] {
  return slices
    .filter(({ addressType }) => addressType === "IPv4")
    .flatMap((slice) =>
      (slice.endpoints ?? []).flatMap((endpoint) => {
        const address = endpoint.addresses[0];
        const ready = endpoint.conditions?.ready ?? true;
        if (!ready || address === undefined || parseAddress(address) === null) return [];
        return [{ endpoint, address, slice }];
      }),
    )
    .sort((a, b) => compareText(a.address, b.address));
}

/** Orders texts by their code units: the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
