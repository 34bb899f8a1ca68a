import { KUBERNETES_VERSION, RAFTSMAN_VERSION } from "../version.js";
import { printData, type OutputFormat } from "./output.js";

/** `raftsman version`: of raftsman, of the Kubernetes API it speaks, of Node.js. */
export async function versionCommand(options: { output: OutputFormat }): Promise<void> {
  const versions = {
    version: RAFTSMAN_VERSION,
    kubernetesVersion: KUBERNETES_VERSION,
    nodeVersion: process.version,
  };
  printData(options.output, versions, () => [
    ["raftsman", versions.version],
    ["Kubernetes API", versions.kubernetesVersion],
    ["Node.js", versions.nodeVersion],
  ]);
}
