import { withClusterLock } from "../local-cluster/cluster-lock.js";
import { requireClusterState } from "../local-cluster/cluster-state.js";
import { layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { listRemains, takeDown } from "../local-cluster/take-down.js";
import { printData, type OutputFormat } from "./output.js";
import { Progress } from "./progress.js";

/**
 * `raftsman down`: stops the cluster and leaves nothing behind. Throws CommandError "NotRunning".
 */
export async function downCommand(options: {
  name: string;
  dryRun?: boolean;
  output: OutputFormat;
}): Promise<void> {
  const layout = layoutOf(raftsmanHome(), options.name);
  requireClusterState(layout, options.name);
  if (options.dryRun === true) {
    const remains = listRemains(layout, options.name);
    printData(options.output, remains, () => [
      ["KIND", "NAME"],
      ...Object.entries(remains).flatMap(([kind, names]) =>
        names.map((name: string | number) => [kind, String(name)]),
      ),
    ]);
    return;
  }
  const progress = new Progress();
  const onWait = (pid: number): void =>
    progress.note(`… another raftsman (pid ${pid}) works on this cluster; waiting for it`);
  const { signal } = new AbortController();
  await withClusterLock(layout, { signal, onWait }, () =>
    progress.step(`cluster ${options.name} stopped and removed`, () =>
      takeDown(layout, options.name),
    ),
  );
}
