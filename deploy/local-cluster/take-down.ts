import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../base/errors.js";
import { runCommand } from "../../node/cni/run-command.js";
import { teardownNode, type TeardownOptions } from "../../node/teardown.js";
import { CLUSTER_DNS, cgroupRootOf, networkNameOf } from "../agent/node-names.js";
import { CommandError } from "../cli/output.js";
import { overlaps, parseCidr } from "../server/cidr.js";
import { DEFAULT_CLUSTER_CIDR, DEFAULT_SERVICE_CIDR } from "../server/server-config.js";
import {
  type ClusterState,
  type HostPart,
  type HostState,
  partsOf,
  requireClusterState,
} from "./cluster-state.js";
import { endProcess, runningProcesses } from "./host-processes.js";
import { listHostNetwork, netnsPath, removeHostNetwork } from "./host-network.js";
import type { ClusterLayout } from "./layout.js";

const STOP_GRACE_MS = 15_000;
/** Pods take as long as they take; what does not get on is killed by the teardown itself. */
const TEARDOWN_MS = 900_000;
const CGROUPS_MS = 10_000;
const POLL_MS = 50;

/** What there is of a cluster on this computer, by kind. */
export interface ClusterRemains {
  readonly processes: readonly number[];
  readonly mounts: readonly string[];
  readonly nftTables: readonly string[];
  readonly links: readonly string[];
  readonly namespaces: readonly string[];
  readonly routes: readonly string[];
  readonly cgroups: readonly string[];
  readonly folders: readonly string[];
}

/** Lists what `takeDown` would remove; changes nothing. */
export function listRemains(layout: ClusterLayout, name: string): ClusterRemains {
  const state = requireClusterState(layout, name);
  const containers = state.runtime === "containerd";
  const network = listHostNetwork(state);
  return {
    processes: state.hosts.flatMap((host) =>
      runningProcesses(host, layout.host(host.name)).map(({ pid }) => pid),
    ),
    mounts: mountsBelow(layout.dir),
    nftTables: (containers ? outputLines("nft", ["list", "tables"]) : [])
      .map((line) => line.split(" ").at(-1) ?? "")
      .filter((table) => table.startsWith(`raftsman_${name.replaceAll("-", "_")}_`)),
    links: state.network !== undefined ? network.links : containers ? podLinks() : [],
    namespaces: network.namespaces,
    routes: network.routes,
    cgroups: (containers ? cgroupParents() : [])
      .map((path) => join(path, name))
      .filter((path) => existsSync(path)),
    folders: [layout.dir],
  };
}

/**
 * Stops every host of a cluster, agents first, and removes all of it: pods, processes, rules,
 * links, mounts, cgroups, the folder. May be repeated. Throws CommandError when something could not
 * be removed; the folder then stays.
 */
export async function takeDown(layout: ClusterLayout, name: string): Promise<void> {
  const state = requireClusterState(layout, name);
  const errors: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      errors.push(`${what}: ${messageOf(error)}`);
    }
  };
  // Agents first, while servers still take in what they say; hosts of one kind at the same time.
  for (const part of ["agent", "server"] as const)
    await Promise.all(
      state.hosts
        .filter((host) => partsOf(host).includes(part))
        .map((host) => attempt(host.name, () => takeDownPart(host, { part, state, layout }))),
    );
  if (errors.length === 0) await attempt("network", () => removeHostNetwork(layout, state));
  if (errors.length === 0 && state.runtime === "containerd")
    await attempt("cgroups", () => removeCgroups(name));
  if (errors.length > 0)
    throw new CommandError("Failed", `not everything was removed: ${errors.join("; ")}`, {
      hint: `Try again: raftsman down --name ${name}. What is left: raftsman down --dry-run`,
    });
  rmSync(layout.dir, { recursive: true, force: true });
}

/**
 * A cluster without containers has none: what bears its name is another user's. A cgroup stays busy
 * for a moment after its last process has ended. Throws what rmdir throws when it stays so.
 */
async function removeCgroups(name: string): Promise<void> {
  const deadlineMs = performance.now() + CGROUPS_MS;
  for (const folder of cgroupFolders(name).reverse())
    while (!removed(folder, performance.now() > deadlineMs)) await delay(POLL_MS);
  for (const parent of cgroupParents()) removeIfEmpty(parent);
}

/** False while it is busy; `mustBe`: that is thrown. */
function removed(cgroup: string, mustBe: boolean): boolean {
  try {
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    if (code === "EBUSY" && !mustBe) return false;
    throw error;
  }
}

async function takeDownPart(
  host: HostState,
  { part, state, layout }: { part: HostPart; state: ClusterState; layout: ClusterLayout },
): Promise<void> {
  const folders = layout.host(host.name);
  const own = runningProcesses(host, folders, [part]).filter(
    (entry) => entry.name !== "containerd" && entry.name !== "dns",
  );
  for (const { pid } of own) await endProcess(pid, { graceMs: STOP_GRACE_MS });
  if (part !== "agent" || state.runtime !== "containerd") return;
  const options: TeardownOptions = {
    dataDir: host.role === "agent" ? folders.data : folders.serverAgentData,
    runDir: folders.run,
    cgroupRoot: cgroupRootOf(state.name, host.name),
    networkName: networkNameOf(state.name, host.name),
    clusterCidr: DEFAULT_CLUSTER_CIDR,
    serviceCidr: DEFAULT_SERVICE_CIDR,
    clusterDnsAddress: CLUSTER_DNS.address,
  };
  if (host.netns === null) await teardownNode(options);
  else if (existsSync(netnsPath(host.netns))) await teardownInside(host.netns, options);
}

/** The rules, routes and addresses of a node are in its own network namespace. */
async function teardownInside(netns: string, options: TeardownOptions): Promise<void> {
  const program = join(import.meta.dirname, "teardown-process.js");
  const args = [`--net=${netnsPath(netns)}`, process.execPath, program, JSON.stringify(options)];
  await runCommand("nsenter", args, { timeoutMs: TEARDOWN_MS });
}

function mountsBelow(dir: string): string[] {
  if (!existsSync("/proc/self/mounts")) return [];
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${dir}/`));
}

/** The host's ends of the pods' links: a route to each pod's address names its own. */
function podLinks(): string[] {
  const routes = JSON.parse(outputLines("ip", ["-j", "-4", "route"]).join("") || "[]") as {
    dst: string;
    dev?: string;
  }[];
  const range = parseCidr(DEFAULT_CLUSTER_CIDR);
  const links = routes.flatMap(({ dst, dev = "" }) => {
    const target = parseCidr(`${dst}/32`);
    const isPod = range !== null && target !== null && overlaps(range, target);
    return isPod && dev.startsWith("veth") ? [dev] : [];
  });
  return [...new Set(links)];
}

/** The folders below which cgroup v1 controllers or v2 are mounted. */
function cgroupParents(): string[] {
  const root = "/sys/fs/cgroup";
  if (!existsSync(root)) return [];
  const controllers = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name));
  return [root, ...controllers]
    .map((path) => join(path, "raftsman"))
    .filter((path) => existsSync(path));
}

function cgroupFolders(cluster: string): string[] {
  return cgroupParents()
    .map((path) => join(path, cluster))
    .filter((path) => existsSync(path))
    .flatMap((path) => [
      path,
      ...readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name)),
    ])
    .sort();
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EBUSY" && code !== "ENOTEMPTY" && code !== "ENOENT") throw error;
  }
}

function outputLines(program: string, args: readonly string[]): string[] {
  try {
    const output = execFileSync(program, [...args], { stdio: ["ignore", "pipe", "ignore"] });
    return output.toString().split("\n").filter(Boolean);
  } catch {
    // The program is not installed, or this user may not ask: then there is nothing of that kind
    // either.
    return [];
  }
}
