import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import { parseAddress } from "../cni/route-plan.js";
import {
  compareText,
  type DnsRecord,
  type ServiceRecords,
  serviceRecords,
} from "./service-records.js";

/** Seconds for which a client may keep an answer, positive or negative. */
export const ZONE_TTL_SECONDS = 5;

/** What the zone says to a question. */
export interface ZoneAnswer {
  /** NXDOMAIN: no such name. NOERROR without answers: the name has no records of this type. */
  readonly code: "NOERROR" | "NXDOMAIN";
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** A name outside that an alias (CNAME) leads to: the addresses are to be asked for elsewhere. */
  readonly alias: string | null;
}

const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
const NO_SUCH_NAME: ZoneAnswer = { code: "NXDOMAIN", answers: [], additionals: [], alias: null };
const NO_DATA: ZoneAnswer = { ...NO_SUCH_NAME, code: "NOERROR" };
const REVERSE_SUFFIX = ".in-addr.arpa";
const ALIAS_DEPTH_MAX = 8;

/**
 * The names of a cluster, after the specification "Kubernetes DNS-Based Service Discovery" 1.1.0,
 * from Services and EndpointSlices. Pure. A change of one object computes the names of its Service
 * again, and nothing else.
 */
export class DnsZone {
  readonly domain: string;
  private readonly services = new Map<string, Service>();
  private readonly slices = new Map<string, Map<string, EndpointSlice>>();
  private readonly sliceOwners = new Map<string, string>();
  /** Full names without the last dot, in lower case. */
  private readonly names = new Map<string, NameEntry>();
  private readonly records = new Map<string, ServiceRecords>();
  private readonly reverse = new Map<string, Map<string, readonly string[]>>();

  /** `domain` such as cluster.local. */
  constructor(domain: string) {
    this.domain = domain.toLowerCase().replace(/\.$/, "");
  }

  setService(service: Service): void {
    const key = keyOf(service.metadata.namespace, service.metadata.name);
    this.services.set(key, service);
    this.rebuild(key);
  }

  deleteService(service: Service): void {
    const key = keyOf(service.metadata.namespace, service.metadata.name);
    if (this.services.delete(key)) this.rebuild(key);
  }

  setSlice(slice: EndpointSlice): void {
    const { namespace, name, labels } = slice.metadata;
    const service = labels?.[SERVICE_NAME_LABEL];
    const owner = service === undefined ? null : keyOf(namespace, service);
    if (this.sliceOwners.get(keyOf(namespace, name)) !== owner) this.deleteSlice(slice);
    if (owner === null) return;
    this.sliceOwners.set(keyOf(namespace, name), owner);
    const slices = this.slices.get(owner) ?? new Map<string, EndpointSlice>();
    slices.set(name, slice);
    this.slices.set(owner, slices);
    this.rebuild(owner);
  }

  deleteSlice(slice: EndpointSlice): void {
    const { namespace, name } = slice.metadata;
    const owner = this.sliceOwners.get(keyOf(namespace, name));
    if (owner === undefined) return;
    this.sliceOwners.delete(keyOf(namespace, name));
    const slices = this.slices.get(owner);
    slices?.delete(name);
    if (slices?.size === 0) this.slices.delete(owner);
    this.rebuild(owner);
  }

  /**
   * Answers a question, or null when the name is not the cluster's to answer. `name` in any case,
   * without last dot.
   */
  resolve(name: string, type: string): ZoneAnswer | null {
    const lower = name.toLowerCase();
    if (lower.endsWith(REVERSE_SUFFIX)) return this.resolveReverse(lower, type);
    if (lower !== this.domain && !lower.endsWith(`.${this.domain}`)) return null;
    return this.resolveOwn(lower, type, 0);
  }

  /** Goes with every negative answer: says for how long it may be kept. */
  soa(): DnsRecord {
    return {
      type: "SOA",
      name: this.domain,
      ttl: ZONE_TTL_SECONDS,
      data: {
        mname: `ns.dns.${this.domain}`,
        rname: `hostmaster.${this.domain}`,
        serial: 1,
        refresh: 7200,
        retry: 1800,
        expire: 86400,
        minimum: ZONE_TTL_SECONDS,
      },
    };
  }

  private resolveOwn(name: string, type: string, depth: number): ZoneAnswer {
    if (name === this.domain) return type === "SOA" ? answer([this.soa()]) : NO_DATA;
    const relative = name.slice(0, -this.domain.length - 1);
    if (relative === "dns-version")
      return type === "TXT" ? answer([record("TXT", name, "1.1.0")]) : NO_DATA;
    const pod = podAddressOf(relative);
    if (pod !== null) return type === "A" ? answer([record("A", name, pod)]) : NO_DATA;
    const entry = this.names.get(name);
    if (entry === undefined) return NO_SUCH_NAME;
    const [alias] = entry.recordsOf("CNAME");
    if (alias !== undefined) return this.resolveAlias(alias, type, depth);
    const records = entry.recordsOf(type);
    const targets = type === "SRV" ? this.addressesOf(records) : [];
    return { ...NO_DATA, answers: records, additionals: targets };
  }

  private resolveAlias(alias: DnsRecord, type: string, depth: number): ZoneAnswer {
    const target = typeof alias.data === "string" ? alias.data.toLowerCase() : "";
    if (type === "CNAME" || depth >= ALIAS_DEPTH_MAX) return answer([alias]);
    if (!target.endsWith(`.${this.domain}`)) return { ...answer([alias]), alias: target };
    const further = this.resolveOwn(target, type, depth + 1);
    return { ...further, code: "NOERROR", answers: [alias, ...further.answers] };
  }

  private addressesOf(services: readonly DnsRecord[]): readonly DnsRecord[] {
    const targets = services.map(({ data }) =>
      typeof data === "object" && "target" in data ? data.target : "",
    );
    return [...new Set(targets)].flatMap((target) => this.names.get(target)?.recordsOf("A") ?? []);
  }

  private resolveReverse(name: string, type: string): ZoneAnswer | null {
    const octets = name.slice(0, -REVERSE_SUFFIX.length).split(".");
    const targets = this.reverse.get(octets.reverse().join("."));
    if (targets === undefined) return null;
    if (type !== "PTR") return NO_DATA;
    const names = new Set([...targets.values()].flat());
    return answer([...names].sort(compareText).map((target) => record("PTR", name, target)));
  }

  private rebuild(key: string): void {
    const before = this.records.get(key);
    const service = this.services.get(key);
    const slices = [...(this.slices.get(key)?.values() ?? [])];
    const after = service === undefined ? undefined : serviceRecords(service, slices, this.domain);
    if (before !== undefined) this.withdraw(key, before);
    if (after === undefined) this.records.delete(key);
    else {
      this.records.set(key, after);
      this.publish(key, after);
    }
  }

  private publish(key: string, { names, addresses }: ServiceRecords): void {
    for (const [name, records] of names) {
      const entry = this.names.get(name) ?? new NameEntry();
      entry.set(key, records);
      this.names.set(name, entry);
    }
    for (const [address, targets] of addresses) {
      const owners = this.reverse.get(address) ?? new Map<string, readonly string[]>();
      owners.set(key, targets);
      this.reverse.set(address, owners);
    }
  }

  private withdraw(key: string, { names, addresses }: ServiceRecords): void {
    for (const name of names.keys()) {
      const entry = this.names.get(name);
      if (entry?.remove(key) === true) this.names.delete(name);
    }
    for (const address of addresses.keys()) {
      const owners = this.reverse.get(address);
      owners?.delete(key);
      if (owners?.size === 0) this.reverse.delete(address);
    }
  }
}

/**
 * One name: what each Service says about it. Several do for names that only lead to others, such
 * as a namespace's.
 */
class NameEntry {
  private readonly shares = new Map<string, readonly DnsRecord[]>();

  set(key: string, records: readonly DnsRecord[]): void {
    this.shares.set(key, records);
  }

  /** True when nobody speaks for the name any more. */
  remove(key: string): boolean {
    this.shares.delete(key);
    return this.shares.size === 0;
  }

  recordsOf(type: string): readonly DnsRecord[] {
    const records: DnsRecord[] = [];
    for (const share of this.shares.values()) {
      for (const one of share) if (one.type === type) records.push(one);
    }
    return records;
  }
}

/** The address in a name such as 10-244-1-2.default.pod, or null. */
function podAddressOf(relative: string): string | null {
  const match = /^(\d+-\d+-\d+-\d+)\.[a-z0-9-]+\.pod$/.exec(relative);
  const address = match?.[1]?.replaceAll("-", ".");
  return address !== undefined && parseAddress(address) !== null ? address : null;
}

function answer(answers: readonly DnsRecord[]): ZoneAnswer {
  return { ...NO_DATA, answers };
}

function record(type: "A" | "TXT" | "PTR", name: string, data: string): DnsRecord {
  return { type, name, ttl: ZONE_TTL_SECONDS, data };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}
