import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ClientConfig } from "../../api/client/client-types.js";
import { CodedError } from "../../base/errors.js";

/** What the DNS process of a host is told, in a file: no secrets, but paths to them. */
export interface DnsConfig {
  readonly version: 1;
  readonly clusterName: string;
  readonly hostName: string;
  /** Link-local address pods are given as their name server. */
  readonly listenAddress: string;
  readonly port: number;
  /** Such as cluster.local. */
  readonly domain: string;
  readonly client: ClientConfig;
  /** Where the host names its own servers. */
  readonly resolvConf: string;
}

/** Reads a configuration file. Throws CodedError "BadDnsConfig". */
export async function readDnsConfig(path: string): Promise<DnsConfig> {
  const value = JSON.parse(await readFile(path, "utf8")) as Partial<
    Record<keyof DnsConfig, unknown>
  >;
  const client = value.client as Partial<Record<keyof ClientConfig, unknown>> | undefined;
  const texts = [value.clusterName, value.hostName, value.listenAddress, value.domain];
  texts.push(
    value.resolvConf,
    client?.caFile,
    client?.certFile,
    client?.keyFile,
    client?.userAgent,
  );
  const complete =
    value.version === 1 &&
    texts.every((text) => typeof text === "string" && text !== "") &&
    typeof value.port === "number" &&
    Array.isArray(client?.servers);
  if (!complete)
    throw new CodedError("BadDnsConfig", "not a configuration of the DNS process", {
      details: { path, version: value.version },
    });
  return value as unknown as DnsConfig;
}

/**
 * The file beside the configuration that says that the address was added by this host's DNS, and
 * is to be removed with it: another cluster in the same network namespace may have been there
 * first.
 */
export function addressMarkerPath(configPath: string): string {
  return join(dirname(configPath), "dns.address");
}

/** Title of the process in `ps`. */
export function dnsProcessTitle({ hostName, clusterName }: DnsConfig): string {
  return `raftsman: dns ${hostName} (${clusterName})`;
}
