import { clusterStatus, type ClusterStatus } from "../local-cluster/cluster-status.js";
import { requireClusterState } from "../local-cluster/cluster-state.js";
import { layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { printData, type OutputFormat } from "./output.js";

/** `raftsman status`: every host with its processes. Throws CommandError "NotRunning". */
export async function statusCommand(options: {
  name: string;
  output: OutputFormat;
}): Promise<void> {
  const layout = layoutOf(raftsmanHome(), options.name);
  const status = await clusterStatus(layout, requireClusterState(layout, options.name));
  printData(options.output, status, () => tableOf(status));
}

function tableOf(status: ClusterStatus): string[][] {
  const rows = status.hosts.map((host) => [
    host.name,
    host.role,
    host.ready ? "Ready" : host.alive ? "NotReady" : "Dead",
    host.address,
    host.processes.map((entry) => `${entry.name}=${entry.pid}`).join(" ") || "-",
  ]);
  return [["HOST", "ROLE", "STATUS", "ADDRESS", "PROCESSES"], ...rows];
}
