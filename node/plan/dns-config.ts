import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { DnsConfig } from "../cri/cri-types.js";

/** Where pods ask for names. */
export interface ClusterDns {
  readonly address: string;
  /** Such as cluster.local. */
  readonly domain: string;
}

const SEARCHES_MAX = 32;

/**
 * What goes into the pod's resolv.conf by its dnsPolicy and dnsConfig. `host` is the node's own.
 */
export function podDnsConfig(pod: Pod, cluster: ClusterDns, host: DnsConfig): DnsConfig {
  const base = baseConfig(pod, cluster, host);
  const { dnsConfig } = pod.spec;
  const searches = [...base.searches, ...(dnsConfig?.searches ?? [])];
  const own = (dnsConfig?.options ?? []).map(({ name = "", value }) =>
    value === undefined || value === "" ? name : `${name}:${value}`,
  );
  const ownNames = new Set(own.map(optionName));
  return {
    servers: [...new Set([...base.servers, ...(dnsConfig?.nameservers ?? [])])],
    searches: [...new Set(searches)].slice(0, SEARCHES_MAX),
    options: [...base.options.filter((option) => !ownNames.has(optionName(option))), ...own],
  };
}

function baseConfig(pod: Pod, { address, domain }: ClusterDns, host: DnsConfig): DnsConfig {
  const policy = pod.spec.dnsPolicy ?? "ClusterFirst";
  if (policy === "None") return { servers: [], searches: [], options: [] };
  const cluster =
    policy === "ClusterFirstWithHostNet" ||
    (policy === "ClusterFirst" && pod.spec.hostNetwork !== true);
  if (!cluster) return host;
  const namespace = pod.metadata.namespace ?? "default";
  return {
    servers: [address],
    searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches],
    options: ["ndots:5"],
  };
}

function optionName(option: string): string {
  return option.split(":", 1)[0] ?? option;
}

/** Reads a resolv.conf. What is not understood is left out. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: readonly string[] = [];
  const options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    else if (keyword === "search" || keyword === "domain") searches = values;
    else if (keyword === "options") options.push(...values);
  }
  return { servers, searches: searches.filter((search) => search !== "."), options };
}
