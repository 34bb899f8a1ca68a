import { endProcess, runningProcesses, signalProcess } from "../local-cluster/host-processes.js";
import { withClusterLock } from "../local-cluster/cluster-lock.js";
import {
  type ClusterState,
  type HostState,
  partsOf,
  requireClusterState,
  requireHost,
} from "../local-cluster/cluster-state.js";
import { type ClusterLayout, layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { LocalCluster } from "../local-cluster/local-cluster.js";
import { unlessInterrupted } from "./interrupt.js";
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
  if (verb === "start") await start(host, { layout, state });
  else for (const { pid } of ownProcesses(host, layout)) await act(verb, pid);
  const processes = runningProcesses(host, folders);
  printData(options.output, { host: host.name, processes }, () => [
    ["HOST", "PROCESSES"],
    [host.name, processes.map(({ name, pid }) => `${name}=${pid}`).join(" ") || "-"],
  ]);
}

/** Interrupted, what it started is ended again. */
function start(
  host: HostState,
  { layout, state }: { readonly layout: ClusterLayout; readonly state: ClusterState },
): Promise<void> {
  const ran = ownProcesses(host, layout).map(({ pid }) => pid);
  return unlessInterrupted("What was started is ended again.", (signal) =>
    withClusterLock(layout, { signal }, async () => {
      try {
        const cluster = new LocalCluster(layout, state);
        await cluster.ensureNetwork();
        const { joined } = await cluster.ensureHost(host, signal);
        if (joined) await cluster.waitVoters(signal);
      } finally {
        const begun = signal.aborted ? ownProcesses(host, layout) : [];
        for (const { pid } of begun) if (!ran.includes(pid)) await act("stop", pid);
      }
    }),
  );
}

/** Those that are raftsman's own: of an agent first, so that servers hear its last words. */
function ownProcesses(host: HostState, layout: ClusterLayout): readonly { readonly pid: number }[] {
  const folders = layout.host(host.name);
  return [...partsOf(host)]
    .reverse()
    .flatMap((part) => runningProcesses(host, folders, [part]))
    .filter(({ name }) => name !== "containerd" && name !== "dns");
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
