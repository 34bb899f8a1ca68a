import { withClusterLock } from "../local-cluster/cluster-lock.js";
import { requireClusterState } from "../local-cluster/cluster-state.js";
import { layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { type ClusterRemains, listRemains, takeDown } from "../local-cluster/take-down.js";
import { unlessInterrupted } from "./interrupt.js";
import { printData, type OutputFormat } from "./output.js";
import { Progress } from "./progress.js";

const GOING_ON = "… what is half removed cannot be put back: going on (once more: at once)";

/**
 * `raftsman down`: stops the cluster and leaves nothing behind; as JSON it prints what there was.
 * Once it has begun a first signal does not stop it: what is half removed cannot be put back.
 * Throws CommandError "NotRunning".
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
    printData(options.output, remains, () => tableOf(remains));
    return;
  }
  const progress = new Progress();
  const onWait = (pid: number): void =>
    progress.note(`… another raftsman (pid ${pid}) works on this cluster; waiting for it`);
  const removed = await unlessInterrupted("Nothing was changed.", (signal) =>
    withClusterLock(layout, { signal, onWait }, async () => {
      signal.addEventListener("abort", () => progress.note(GOING_ON), { once: true });
      const remains = options.output === "json" ? listRemains(layout, options.name) : null;
      await progress.step(`cluster ${options.name} stopped and removed`, () =>
        takeDown(layout, options.name),
      );
      return remains;
    }),
  );
  if (removed !== null) printData("json", { name: options.name, removed }, () => []);
}

function tableOf(remains: ClusterRemains): string[][] {
  const rows = Object.entries(remains).flatMap(([kind, names]) =>
    names.map((name: string | number) => [kind, String(name)]),
  );
  return [["KIND", "NAME"], ...rows];
}
