import t from "tap";
import { volumeContext } from "./container-starter.js";
import type { NodeContext } from "./node-context.js";
import { aPod } from "./plan/plan-fixtures.js";

t.test("a limit that nobody set is what pods may have of the node", async (t) => {
  const config = {
    capacity: { cpuMilli: 2000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 2 ** 33 },
    allocatable: { cpuMilli: 1500, memoryBytes: 2 ** 29, ephemeralStorageBytes: 2 ** 32 },
  };
  const { resourceValue } = volumeContext({ config } as unknown as NodeContext, aPod(), []);
  const names = ["limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu"];
  const values = names.map((name) => resourceValue("main", name, "1m"));
  t.same(values, ["1500", `${2 ** 29 * 1000}`, `${2 ** 32 * 1000}`, "0"]);
  t.equal(resourceValue("other", "limits.cpu", undefined), null);
});
