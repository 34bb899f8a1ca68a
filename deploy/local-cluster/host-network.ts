import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
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
/** What a mount of ours on it is called, so that it is known again. */
const NETNS_MOUNT = "raftsman-netns";
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
  await ensureNamespaceFolder();
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
  await removeNamespaceFolder();
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
 * The folder of namespaces becomes a mount where it is none, as `ip netns add` would make it: it
 * lays one over the namespaces that are there already, and nobody can take those away after that.
 */
async function ensureNamespaceFolder(): Promise<void> {
  mkdirSync(NETNS_DIR, { recursive: true, mode: 0o755 });
  if (mountsOn(NETNS_DIR).length > 0 || readdirSync(NETNS_DIR).length > 0) return;
  const options = "mode=0755,size=1m";
  await runCommand("mount", ["-t", "tmpfs", "-o", options, NETNS_MOUNT, NETNS_DIR]);
  await runCommand("mount", ["--make-shared", NETNS_DIR]);
}

/** Takes the folder away when nobody has a namespace in it; a mount only when it is ours. */
async function removeNamespaceFolder(): Promise<void> {
  if (!existsSync(NETNS_DIR) || readdirSync(NETNS_DIR).length > 0) return;
  const mounts = mountsOn(NETNS_DIR);
  if (mounts.some((name) => name !== NETNS_MOUNT)) return;
  if (mounts.length > 0) await runCommand("umount", [NETNS_DIR]);
  try {
    rmdirSync(NETNS_DIR);
  } catch (error) {
    // Another cluster comes or goes at the same time.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EBUSY" && code !== "ENOENT") throw error;
  }
}

/** A named namespace is a file with a namespace mounted on it. */
async function ensureNamespace(netns: string): Promise<void> {
  const path = netnsPath(netns);
  if (mountsOn(path).length > 0) return;
  closeSync(openSync(path, "a", 0o444));
  await runCommand("unshare", [`--net=${path}`, "true"]);
}

async function removeNamespace(netns: string): Promise<void> {
  const path = netnsPath(netns);
  if (mountsOn(path).length > 0) await runCommand("umount", ["--lazy", path]);
  rmSync(path, { force: true });
}

/** The names of what is mounted there. /var/run is a link to /run on most computers. */
function mountsOn(path: string): readonly string[] {
  const places = [path, path.replace(/^\/var\/run\//, "/run/")];
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, place = ""]) => places.includes(place))
    .map(([name = ""]) => name);
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
