import { chownSync, existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** The same cluster with simulated pods, for people who are not root. */

const ORDINARY_USER = 65534;
t.setTimeout(300_000);

const cluster = new TestCluster("hollow");
chownSync(cluster.home, ORDINARY_USER, ORDINARY_USER);
const closeCode = cluster.openCodeToOthers();
t.teardown(async () => {
  closeCode();
  await cluster.destroy();
});
const upArgs = ["up", "--runtime", "hollow", "--nodes", "2"];

await t.test("an ordinary user brings it up", async (t) => {
  const { code, stderr } = await cluster.raftsman(upArgs, { uid: ORDINARY_USER });
  t.equal(code, 0, stderr);
  t.match(stderr, /simulated pods are ready \(2\)/);
});

await t.test("nodes and pods say that they are simulated", async (t) => {
  const kubectl = cluster.kubectl();
  const nodes = await kubectl.json<{ items: Node[] }>(["get", "nodes"]);
  t.equal(nodes.items.length, 2);
  for (const node of nodes.items)
    t.match(node.status?.nodeInfo?.containerRuntimeVersion, /^hollow:\/\//);
  const { items } = await kubectl.json<{ items: Pod[] }>(["get", "pods", "-l", "app=web"]);
  t.equal(items.length, 2);
  for (const pod of items) {
    t.equal(pod.status?.phase, "Running");
    t.match(pod.status?.containerStatuses?.[0]?.containerID, /^hollow:\/\//);
  }
  const exec = await kubectl.run(["exec", items[0]?.metadata.name ?? "", "--", "true"]);
  t.not(exec.code, 0);
  t.match(exec.stderr, /simulated/);
});

await t.test("a killed agent is seen, and comes back", async (t) => {
  const kubectl = cluster.kubectl();
  process.kill(await cluster.pidOf("node-2", "agent"), "SIGKILL");
  const killed = performance.now();
  await until("node-2 to be NotReady", async () =>
    /node-2 +NotReady/.test(await kubectl.ok(["get", "nodes"])),
  );
  t.ok(performance.now() - killed < 15_000, "within three times the promise of 5 s");
  await cluster.ok(upArgs, { uid: ORDINARY_USER });
  await until("node-2 to be Ready", async () =>
    /node-2 +Ready/.test(await kubectl.ok(["get", "nodes"])),
  );
});

await t.test("down removes the folder, and nothing of another user's cluster", async (t) => {
  const mount = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"].find((path) => existsSync(path)) ?? "";
  const foreign = join(mount, "raftsman", cluster.name);
  mkdirSync(foreign, { recursive: true });
  t.teardown(() => {
    rmdirSync(foreign);
    if (readdirSync(join(foreign, ".."), { withFileTypes: true }).every((it) => it.isFile()))
      rmdirSync(join(foreign, ".."));
  });
  t.match(await cluster.raftsman(["down"], { uid: ORDINARY_USER }), { code: 0 });
  t.equal((await cluster.raftsman(["status"], { uid: ORDINARY_USER })).code, 3);
  t.ok(existsSync(foreign), "root's cluster of the same name keeps its cgroups");
});
