import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import {
  CONFLIST_FILE,
  exceptionComment,
  findDroppingChains,
  findExceptionHandles,
  type ForwardedRanges,
  nftTableName,
  type PodNetworkConfig,
  ROUTE_PROTOCOL,
  renderConflist,
  renderForwardException,
  renderMasquerade,
} from "./network-plan.js";
import { planHostPortCleanup } from "./host-port-chains.js";
import { isWithin, parseRoutes } from "./route-plan.js";
import type { RunCommand } from "./run-command.js";
import { runCommand } from "./run-command.js";
import { applySysctls, restoreSysctls } from "./sysctl-journal.js";

export interface PodNetworkOptions {
  /** Unique among the clusters and hosts of the machine, such as "raftsman-dev-node-1". */
  readonly networkName: string;
  readonly podCidr: string;
  readonly clusterCidr: string;
  /** The folder of CNI configurations that the runtime reads; it must belong to this host alone. */
  readonly confDir: string;
  /**
   * The host's own data folder: address book of the pods and journal of changed kernel settings.
   */
  readonly dataDir: string;
  /** Given when processes of the host itself shall reach Services although no route leads there. */
  readonly serviceCidr?: string;
  readonly nodeAddress?: string;
  readonly mtu?: number;
  readonly logger: Logger;
  readonly run?: RunCommand;
}

/**
 * Makes this host able to carry pods: kernel settings, masquerading, an exception in iptables'
 * FORWARD chain where that drops by policy, and last the CNI configuration, which the runtime
 * takes as the sign that the network is ready. Idempotent; call it again when podCidr changes.
 * Rejects with CodedError (CommandErrorCode) or a file system error.
 */
export async function ensurePodNetwork(options: PodNetworkOptions): Promise<void> {
  const run = options.run ?? runCommand;
  const config: PodNetworkConfig = {
    networkName: options.networkName,
    podCidr: options.podCidr,
    clusterCidr: options.clusterCidr,
    ipamDir: join(options.dataDir, "cni", "networks"),
    ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
  };
  await mkdir(config.ipamDir, { recursive: true });
  await mkdir(options.confDir, { recursive: true });
  await applySysctls(options.dataDir, run);
  await run("nft", ["-f", "-"], { input: renderMasquerade(config) });
  const forwarded = { networkName: config.networkName, ranges: [config.clusterCidr] };
  await openForwardChains(forwarded, { run, logger: options.logger });
  await ensureServiceRoute(options, run);
  await writeConflist(join(options.confDir, CONFLIST_FILE), renderConflist(config));
}

/** What teardownPodNetwork needs to find what ensurePodNetwork and NodeRoutes made. */
export interface PodNetworkTeardown {
  readonly networkName: string;
  readonly dataDir: string;
  readonly clusterCidr: string;
  readonly serviceCidr?: string;
  readonly confDir?: string;
  readonly run?: RunCommand;
}

/**
 * Takes back everything ensurePodNetwork and NodeRoutes did in this network namespace. Call it
 * after the pods are gone. It does all it can and then rejects with an AggregateError when
 * something could not be taken back.
 */
export async function teardownPodNetwork(options: PodNetworkTeardown): Promise<void> {
  const run = options.run ?? runCommand;
  const { networkName, dataDir, confDir } = options;
  const table = nftTableName(networkName, "pods");
  const results = await Promise.allSettled([
    run("nft", ["-f", "-"], { input: `add table ip ${table}\ndelete table ip ${table}\n` }),
    removeForwardExceptions(networkName, run),
    removeRoutes(options, run),
    removeHostPortChains(run),
    restoreSysctls(dataDir, run),
    rm(join(dataDir, "cni"), { recursive: true, force: true }),
    confDir === undefined ? null : rm(join(confDir, CONFLIST_FILE), { force: true }),
  ]);
  const errors = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  if (errors.length > 0)
    throw new AggregateError(errors, `network not taken down: ${errors.map(messageOf).join("; ")}`);
}

async function writeConflist(path: string, text: string): Promise<void> {
  const existing = await readFile(path, "utf8").catch(() => null);
  if (existing === text) return;
  await writeFile(`${path}.new`, text, { flush: true });
  await rename(`${path}.new`, path);
}

/**
 * Lets packets of these ranges through iptables' FORWARD chain where that drops by policy; warns of
 * other chains that do. May be repeated. Rejects with CodedError (CommandErrorCode).
 */
export async function openForwardChains(
  forwarded: ForwardedRanges,
  { run, logger }: { run: RunCommand; logger: Logger },
): Promise<void> {
  await removeForwardExceptions(forwarded.networkName, run);
  for (const chain of findDroppingChains(await run("nft", ["-j", "list", "chains"]))) {
    if (chain.canExcept) {
      await run("nft", ["-f", "-"], { input: renderForwardException(chain, forwarded) });
      logger.info("let pod traffic through iptables' FORWARD chain, which drops by policy");
      continue;
    }
    const target = `${chain.family} ${chain.table} ${chain.chain}`;
    const rules = forwarded.ranges.map(
      (range) => `nft insert rule ${target} ip saddr ${range} accept`,
    );
    logger.warn("a firewall chain drops forwarded packets by policy: pods may be cut off", {
      chain: target,
      remedy: `${rules.join("; ")}, and the same with daddr`,
    });
  }
}

/** Takes back what openForwardChains did. */
export async function removeForwardExceptions(networkName: string, run: RunCommand): Promise<void> {
  const listing = await run("nft", ["-a", "-j", "list", "ruleset", "ip"]);
  // The listing is large on a busy host: parse it only when there is something of ours in it.
  if (!listing.includes(exceptionComment(networkName))) return;
  const input = findExceptionHandles(listing, networkName)
    .map((handle) => `delete rule ip filter FORWARD handle ${handle}\n`)
    .join("");
  if (input !== "") await run("nft", ["-f", "-"], { input });
}

/**
 * A connect() fails before nftables sees a packet when no route leads to the address: give it one.
 */
async function ensureServiceRoute(options: PodNetworkOptions, run: RunCommand): Promise<void> {
  const { serviceCidr, nodeAddress } = options;
  if (serviceCidr === undefined || nodeAddress === undefined) return;
  const address = serviceCidr.split("/")[0] ?? serviceCidr;
  const reachable = await run("ip", ["-j", "route", "get", address]).then(
    () => true,
    () => false,
  );
  if (reachable) return;
  const route = [serviceCidr, "dev", "lo", "src", nodeAddress, "proto", ROUTE_PROTOCOL];
  await run("ip", ["route", "replace", ...route]);
}

async function removeHostPortChains(run: RunCommand): Promise<void> {
  const tables = await run("nft", ["list", "tables"]);
  let used = false;
  for (const family of ["ip", "ip6"] as const) {
    if (!tables.split("\n").includes(`table ${family} nat`)) continue;
    const listing = await run("nft", ["-j", "list", "table", family, "nat"]);
    const input = planHostPortCleanup(listing, { family, used });
    used ||= input !== "";
    if (input !== "") await run("nft", ["-f", "-"], { input });
  }
}

async function removeRoutes(options: PodNetworkTeardown, run: RunCommand): Promise<void> {
  const routes = parseRoutes(await run("ip", ["-j", "route", "show", "proto", ROUTE_PROTOCOL]));
  const ranges = [options.clusterCidr, options.serviceCidr].filter((range) => range !== undefined);
  const lines = routes
    .filter((route) => ranges.some((range) => isWithin(route.podCidr, range)))
    .map((route) => `route del ${route.podCidr} proto ${ROUTE_PROTOCOL}\n`);
  if (lines.length > 0) await run("ip", ["-force", "-batch", "-"], { input: lines.join("") });
}
