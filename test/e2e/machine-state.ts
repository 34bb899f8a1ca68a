import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * What a cluster can leave on a computer, each as sorted lines, so that two looks can be compared.
 */
export interface MachineState {
  readonly namespaces: readonly string[];
  readonly nftTables: readonly string[];
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  readonly sysctls: readonly string[];
}

/** Settings that move by themselves. */
const VOLATILE =
  /^(fs\.(dentry-state|file-nr|inode-nr|inode-state|quota)|kernel\.(random|ns_last_pid|pty\.nr|sched|perf|threads|keys)|net\.netfilter\.nf_conntrack_(count|buckets)|vm\.(stat|drop))/;
/** Programs that a cluster starts. */
const OURS = /raftsman|containerd|catatonit|pause|runc/;

/** What the tests themselves run. */
const FOREIGN = /\/test\/|docker-registry/;

/**
 * Looks at the computer now; of cgroups and of named network namespaces at those of that cluster:
 * they are everybody's, also where a test has namespaces of its own.
 */
export function machineState(cluster: string): MachineState {
  return {
    namespaces: lines("ip", ["netns", "list"]).filter((line) =>
      line.startsWith(`raftsman-${cluster}-`),
    ),
    nftTables: lines("nft", ["list", "tables"]),
    links: lines("ip", ["-br", "link"]).map((line) => line.split(/\s+/)[0] ?? ""),
    addresses: lines("ip", ["-br", "-4", "addr"]),
    routes: lines("ip", ["-4", "route", "show", "table", "all"]),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").filter(Boolean).sort(),
    processes: processes(),
    cgroups: cgroups(cluster),
    sysctls: lines("sysctl", ["-a"]).filter((line) => !VOLATILE.test(line)),
  };
}

function lines(program: string, args: readonly string[]): string[] {
  const output = execFileSync(program, [...args], { stdio: ["ignore", "pipe", "ignore"] });
  return output
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
        return OURS.test(command) && !FOREIGN.test(command) ? [`${pid} ${command.trim()}`] : [];
      } catch {
        return [];
      }
    })
    .sort();
}

function cgroups(cluster: string): string[] {
  const roots = ["", "cpu", "memory", "pids", "unified"].map((name) =>
    join("/sys/fs/cgroup", name),
  );
  return roots
    .map((root) => join(root, "raftsman", cluster))
    .filter((path) => existsSync(path))
    .sort();
}
