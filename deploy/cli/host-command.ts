import { endProcess, runningProcesses, signalProcess } from "../local-cluster/host-processes.js";
import { withClusterLock } from "../local-cluster/cluster-lock.js";
import { requireClusterState, requireHost } from "../local-cluster/cluster-state.js";
import { layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { LocalCluster } from "../local-cluster/local-cluster.js";
import { printData, type OutputFormat } from "./output.js";

const STOP_GRACE_MS = 15_000;

export type HostVerb = "stop" | "start" | "kill" | "pause" | "resume";

/**
 * `raftsman stop|start|kill|pause|resume HOST`: to the raftsman processes of one host; containers,
 * their runtime and DNS go on, as they do when an agent dies. Throws CommandError "NotRunning" for
 * an unknown host.
 */
export async function hostCommand(
  verb: HostVerb,
  hostName: string,
  options: { name: string; output: OutputFormat },
): Promise<void> {
  const layout = layoutOf(raftsmanHome(), options.name);
  const state = requireClusterState(layout, options.name);
  const host = requireHost(state, hostName);
  const folders = layout.host(host.name);
  if (verb === "start") {
    const { signal } = new AbortController();
    await withClusterLock(layout, { signal }, async () => {
      const cluster = new LocalCluster(layout, state);
      await cluster.ensureNetwork();
      const { joined } = await cluster.ensureHost(host, signal);
      if (joined) await cluster.waitVoters(signal);
    });
  } else {
    const own = runningProcesses(host, folders).filter(
      ({ name }) => name !== "containerd" && name !== "dns",
    );
    for (const { pid } of own) await act(verb, pid);
  }
  const processes = runningProcesses(host, folders);
  printData(options.output, { host: host.name, processes }, () => [
    ["HOST", "PROCESSES"],
    [host.name, processes.map(({ name, pid }) => `${name}=${pid}`).join(" ") || "-"],
  ]);
}

async function act(verb: Exclude<HostVerb, "start">, pid: number): Promise<void> {
  switch (verb) {
    case "stop":
      return endProcess(pid, { graceMs: STOP_GRACE_MS });
    case "kill":
      return endProcess(pid, { graceMs: 0 });
    case "pause":
      return signalProcess(pid, "SIGSTOP");
    case "resume":
      return signalProcess(pid, "SIGCONT");
  }
}
