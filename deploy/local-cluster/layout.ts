import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readFileSync } from "node:fs";

/** The folders of one host of a cluster. */
export interface HostFolders {
  readonly dir: string;
  /** What must survive: the store, keys, pods' volumes. */
  readonly data: string;
  /** The same of a server's agent, where servers are nodes. */
  readonly serverAgentData: string;
  readonly log: string;
  /** Sockets and records of running processes: worthless after a reboot. */
  readonly run: string;
}

/** Where everything of one cluster lies. */
export interface ClusterLayout {
  readonly dir: string;
  readonly stateFile: string;
  /** Held while a command starts or removes hosts; beside the folder, which comes and goes. */
  readonly lockFile: string;
  readonly kubeconfig: string;
  /** Archives of the images that are built here. */
  readonly images: string;
  host(name: string): HostFolders;
}

/**
 * The folder that holds all clusters of this user: `RAFTSMAN_HOME`, or `.raftsman` in the home of
 * the person who typed the command (under sudo that is not root's).
 */
export function raftsmanHome(env: NodeJS.ProcessEnv = process.env): string {
  const named = env["RAFTSMAN_HOME"];
  // The processes of hosts have another working folder.
  if (named !== undefined && named !== "") return resolve(named);
  return join(sudoCallerHome(env) ?? homedir(), ".raftsman");
}

/** The layout of `cluster` under `home`. */
export function layoutOf(home: string, cluster: string): ClusterLayout {
  const dir = join(home, cluster);
  return {
    dir,
    stateFile: join(dir, "cluster.json"),
    lockFile: `${dir}.lock`,
    kubeconfig: join(dir, "kubeconfig"),
    images: join(dir, "images"),
    host: (name) => {
      const host = join(dir, "hosts", name);
      return {
        dir: host,
        data: join(host, "data"),
        serverAgentData: join(host, "data", "agent"),
        log: join(host, "log"),
        run: join(host, "run"),
      };
    },
  };
}

function sudoCallerHome(env: NodeJS.ProcessEnv): string | null {
  const caller = env["SUDO_USER"];
  if (caller === undefined || caller === "" || caller === "root") return null;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${caller}:`));
  return line?.split(":")[5] ?? null;
}
