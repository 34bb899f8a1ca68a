import { createHash } from "node:crypto";

/** The sets and maps of the Service table that hold one entry per address or port of a Service. */
export type ElementSet =
  | "service_ips"
  | "node_ports"
  | "cluster_ips"
  | "reject_addresses"
  | "reject_ports"
  | "hairpin";

/**
 * One entry of a set or, with a verdict, of a verdict map. Protocols are numbers: no
 * /etc/protocols is needed.
 */
export interface Element {
  readonly set: ElementSet;
  /** As nft writes it, such as "10.96.0.1 . 6 . 80". */
  readonly key: string;
  /** Null in a plain set. */
  readonly verdict: string | null;
}

/**
 * A chain and its rules; the digest is on every rule as its comment, so that a listing tells what
 * is loaded.
 */
export interface Chain {
  readonly name: string;
  /** The hook of a base chain, such as "type nat hook output priority -100; policy accept;". */
  readonly hook: string | null;
  readonly rules: readonly string[];
  readonly digest: string;
}

/** What is, or shall be, in the table: of one Service, or of all of them. */
export interface RuleSet {
  readonly chains: ReadonlyMap<string, ChainState>;
  /** By elementId. */
  readonly elements: ReadonlyMap<string, Element>;
  /**
   * Sets that the kernel fills with client addresses (session affinity): name and time-out in
   * seconds.
   */
  readonly affinitySets: ReadonlyMap<string, number>;
}

/** A chain as wanted, or as found in the kernel (then without its rules' text). */
export type ChainState = Chain | { readonly name: string; readonly digest: string | null };

/** Identifies an element among all sets. */
export function elementId(element: { readonly set: ElementSet; readonly key: string }): string {
  return `${element.set} ${element.key}`;
}

/** A chain with its digest. */
export function chainOf(name: string, rules: readonly string[], hook: string | null = null): Chain {
  const digest = createHash("sha256")
    .update(JSON.stringify([hook, rules]))
    .digest("hex")
    .slice(0, 16);
  return { name, hook, rules, digest: `${digest}.${rules.length}` };
}

/** Types of the element sets, in nft's words. */
export const ELEMENT_SET_TYPES: Readonly<Record<ElementSet, string>> = {
  service_ips: "ipv4_addr . inet_proto . inet_service : verdict",
  node_ports: "inet_proto . inet_service : verdict",
  cluster_ips: "ipv4_addr",
  reject_addresses: "ipv4_addr . inet_proto . inet_service",
  reject_ports: "inet_proto . inet_service",
  hairpin: "ipv4_addr . ipv4_addr",
};
