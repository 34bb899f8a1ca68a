import { requireClusterState } from "../local-cluster/cluster-state.js";
import { layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { printData, type OutputFormat } from "./output.js";

/**
 * `raftsman kubeconfig`: the path of the cluster's kubeconfig. Throws CommandError "NotRunning".
 */
export async function kubeconfigCommand(options: {
  name: string;
  output: OutputFormat;
}): Promise<void> {
  const layout = layoutOf(raftsmanHome(), options.name);
  requireClusterState(layout, options.name);
  printData(options.output, { kubeconfig: layout.kubeconfig }, () => [[layout.kubeconfig]]);
}
