import t from "tap";
import type { NodeStatus } from "../../api/schema/types/core-v1.gen.js";
import { nodeStatusEvents } from "./node-events.js";

function status(conditions: Readonly<Record<string, string>>): NodeStatus {
  return { conditions: Object.entries(conditions).map(([type, is]) => ({ type, status: is })) };
}

void t.test("an event for each condition that turns", async (t) => {
  const well = {
    Ready: "True",
    MemoryPressure: "False",
    DiskPressure: "False",
    PIDPressure: "False",
  };
  const cases: readonly (readonly [string, NodeStatus | undefined, NodeStatus, string[]])[] = [
    [
      "a new node",
      undefined,
      status({ ...well, Ready: "False" }),
      ["NodeNotReady", "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"],
    ],
    ["it gets ready", status({ ...well, Ready: "False" }), status(well), ["NodeReady"]],
    ["nothing new", status(well), status(well), []],
    ["back from silence", status({ ...well, Ready: "Unknown" }), status(well), ["NodeReady"]],
    [
      "short of everything",
      status(well),
      status({ Ready: "True", MemoryPressure: "True", DiskPressure: "True", PIDPressure: "True" }),
      ["NodeHasInsufficientMemory", "NodeHasDiskPressure", "NodeHasInsufficientPID"],
    ],
  ];
  for (const [what, before, after, reasons] of cases)
    t.same(
      nodeStatusEvents("n", before, after).map(({ reason }) => reason),
      reasons,
      what,
    );
  t.same(nodeStatusEvents("n", status({ Ready: "False" }), status({ Ready: "True" })), [
    { reason: "NodeReady", message: "Node n status is now: NodeReady" },
  ]);
});
