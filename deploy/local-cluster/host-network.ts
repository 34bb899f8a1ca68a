import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  rmdirSync,
} from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../base/logger.js";
import { FORWARDING_SYSCTLS, nftTableName } from "../../node/cni/network-plan.js";
import { openForwardChains, removeForwardExceptions } from "../../node/cni/pod-network.js";
import { runCommand } from "../../node/cni/run-command.js";
import { applySysctls, restoreSysctls } from "../../node/cni/sysctl-journal.js";
import { CommandError } from "../cli/output.js";
import { DEFAULT_CLUSTER_CIDR, DEFAULT_SERVICE_CIDR } from "../server/server-config.js";
import type { ClusterNetwork, ClusterState } from "./cluster-state.js";
import {
  chooseSubnet,
  hostLinkOf,
  planComputerLinks,
  planComputerRoutes,
  planHostLinks,
  renderUplink,
  ROUTE_PROTOCOL,
} from "./host-network-plan.js";
import type { ClusterLayout } from "./layout.js";

/** Where iproute2 keeps named network namespaces. */
const NETNS_DIR = "/var/run/netns";
const ROUTED_RANGES = [DEFAULT_CLUSTER_CIDR, DEFAULT_SERVICE_CIDR];

/** What `ip` and nft show of a cluster's network on the computer itself. */
export interface HostNetworkRemains {
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
}

interface Link {
  readonly ifname: string;
}

/** The file that stands for a namespace, for `nsenter --net=`. */
export function netnsPath(netns: string): string {
  return join(NETNS_DIR, netns);
}

/**
 * A range for hosts that leads nowhere else; null when there is none. Throws CommandError "Unsafe"
 * when another network has the addresses of pods or Services.
 */
export async function freeSubnet(): Promise<string | null> {
  const listing = await runCommand("ip", ["-j", "-4", "route", "show", "table", "all"]);
  const routes = JSON.parse(listing || "[]") as readonly { dst: string; dev?: string }[];
  const taken = routes.find(({ dst }) => ROUTED_RANGES.includes(dst));
  if (taken !== undefined)
    throw new CommandError("Unsafe", `${taken.dst} is routed to ${taken.dev ?? "somewhere"}`, {
      hint: "Another cluster has the addresses of pods or Services: take it down first.",
    });
  return chooseSubnet(routes.map(({ dst }) => dst).filter((dst) => dst !== "default"));
}

/**
 * Makes what is missing of the hosts' namespaces, their links to the bridge, and the computer's ways
 * to them. May be repeated. Rejects with CodedError (CommandErrorCode of node/cni/run-command.ts).
 */
export async function ensureHostNetwork(
  layout: ClusterLayout,
  state: ClusterState,
  logger: Logger,
): Promise<void> {
  const { network, hosts } = state;
  if (network === undefined) return;
  await applySysctls(layout.dir, runCommand, FORWARDING_SYSCTLS);
  for (const { netns } of hosts) if (netns !== null) await ensureNamespace(netns);
  await ipBatch(planComputerLinks(network, hosts, { links: new Set(await linkNames()) }));
  for (const host of hosts)
    if (host.netns !== null) await ipBatch(planHostLinks(network, host), ["-n", host.netns]);
  await ipBatch(planComputerRoutes(hosts, ROUTED_RANGES));
  await runCommand("nft", ["-f", "-"], { input: renderUplink(uplinkTable(state.name), network) });
  const ranges = [network.subnet, ...ROUTED_RANGES];
  const forwarded = { networkName: forwardName(state.name), ranges };
  await openForwardChains(forwarded, { run: runCommand, logger });
}

/** Takes back what ensureHostNetwork did; nothing may run in the namespaces any more. */
export async function removeHostNetwork(layout: ClusterLayout, state: ClusterState): Promise<void> {
  const { network, hosts } = state;
  if (network === undefined) return;
  const links = new Set(await linkNames());
  const own = [...hosts.flatMap(({ netns }) => netns ?? []).map(hostLinkOf), network.bridge];
  // Routes over the bridge go with it.
  for (const link of own) if (links.has(link)) await runCommand("ip", ["link", "del", link]);
  for (const { netns } of hosts) if (netns !== null) await removeNamespace(netns);
  const table = uplinkTable(state.name);
  const input = `add table ip ${table}\ndelete table ip ${table}\n`;
  await runCommand("nft", ["-f", "-"], { input });
  await removeForwardExceptions(forwardName(state.name), runCommand);
  await restoreSysctls(layout.dir, runCommand);
}

/** Lists what removeHostNetwork would remove; changes nothing. */
export function listHostNetwork(state: ClusterState): HostNetworkRemains {
  const { network, hosts } = state;
  if (network === undefined) return { namespaces: [], links: [], routes: [] };
  const netns = hosts.flatMap((host) => host.netns ?? []);
  // Not /sys/class/net: /sys shows the network namespace it was mounted in.
  const present = new Set(
    (JSON.parse(execFileSync("ip", ["-j", "link", "show"]).toString()) as Link[]).map(
      ({ ifname }) => ifname,
    ),
  );
  const own = [network.bridge, ...netns.map(hostLinkOf)];
  return {
    namespaces: netns.filter((name) => existsSync(netnsPath(name))),
    links: own.filter((name) => present.has(name)),
    routes: present.has(network.bridge) ? routesOver(network) : [],
  };
}

function routesOver({ bridge }: ClusterNetwork): readonly string[] {
  const args = ["-j", "-4", "route", "show", "dev", bridge, "proto", ROUTE_PROTOCOL];
  const listing = execFileSync("ip", args).toString();
  return (JSON.parse(listing || "[]") as readonly { dst: string }[]).map(({ dst }) => dst);
}

/**
 * A named namespace is a file with a namespace mounted on it. `ip netns add` would besides make the
 * folder a mount of its own, which nobody would take away again.
 */
async function ensureNamespace(netns: string): Promise<void> {
  const path = netnsPath(netns);
  if (isMounted(path)) return;
  mkdirSync(NETNS_DIR, { recursive: true, mode: 0o755 });
  closeSync(openSync(path, "a", 0o444));
  await runCommand("unshare", [`--net=${path}`, "true"]);
}

async function removeNamespace(netns: string): Promise<void> {
  const path = netnsPath(netns);
  if (isMounted(path)) await runCommand("umount", ["--lazy", path]);
  rmSync(path, { force: true });
  try {
    rmdirSync(NETNS_DIR);
  } catch (error) {
    // Others have namespaces there, or made it a mount.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EBUSY" && code !== "ENOENT") throw error;
  }
}

/** True while a namespace is mounted on the file. /var/run is a link to /run on most computers. */
function isMounted(path: string): boolean {
  const places = [path, path.replace(/^\/var\/run\//, "/run/")];
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .some((line) => places.includes(line.split(" ")[1] ?? ""));
}

async function linkNames(): Promise<readonly string[]> {
  const listing = await runCommand("ip", ["-j", "link", "show"]);
  return (JSON.parse(listing || "[]") as readonly Link[]).map(({ ifname }) => ifname);
}

async function ipBatch(lines: readonly string[], options: readonly string[] = []): Promise<void> {
  if (lines.length === 0) return;
  await runCommand("ip", [...options, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

function uplinkTable(cluster: string): string {
  return nftTableName(`raftsman-${cluster}`, "hosts");
}

function forwardName(cluster: string): string {
  return `raftsman-${cluster}-hosts`;
}
