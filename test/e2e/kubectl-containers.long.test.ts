import t from "tap";
import { kubectlMatrix } from "./features/kubectl-matrix.js";
import { thoroughOlder } from "./kubectl-steps/typists.js";
import { TestCluster } from "./test-cluster.js";

/**
 * What people type into a cluster with containers, with all nuances, with the kubectls that are
 * spared them in cluster.test.ts.
 */

t.setTimeout(1_800_000);
const cluster = new TestCluster("kctl");
t.teardown(() => cluster.destroy());

await t.test("every kubectl but the newest", async (t) => {
  await cluster.ok(["up"]);
  await kubectlMatrix(t, cluster, thoroughOlder());
});
