import { chownSync, existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** The same cluster with simulated pods, for people who are not root. */

const ORDINARY_USER = 65534;
const TOLERATION_S = 3;
/** How soon pods of a dead node are replaced after their toleration; asserted three times over. */
const REPLACED_MS = 10_000;
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

await t.test("pods of a dead node are replaced after their toleration; a set waits", async (t) => {
  const kubectl = cluster.kubectl();
  const tolerations = ["not-ready", "unreachable"].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: TOLERATION_S,
  }));
  const workload = (kind: string, name: string, more: object): object => ({
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { tolerations, containers: [{ name: "c", image: "simulated" }] },
      },
      ...more,
    },
  });
  const items = [
    workload("Deployment", "spread", {}),
    workload("StatefulSet", "kept", { serviceName: "kept", podManagementPolicy: "Parallel" }),
  ];
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await kubectl.ok(["apply", "-f", "-"], { stdin: list });
  const podsOf = async (name: string): Promise<readonly Pod[]> =>
    (await kubectl.json<{ items: Pod[] }>(["get", "pods", "-l", `app=${name}`])).items;
  const isOn = (node: string) => (pod: Pod) => pod.spec.nodeName === node;
  const runs = ({ status, metadata }: Pod): boolean =>
    status?.phase === "Running" && metadata.deletionTimestamp === undefined;
  for (const name of ["spread", "kept"])
    await until(`four pods of ${name}`, async () => (await podsOf(name)).filter(runs).length === 4);
  t.ok((await podsOf("spread")).some(isOn("node-2")));
  const before = (await podsOf("kept")).filter(isOn("node-2"));
  t.ok(before.length > 0);

  process.kill(await cluster.pidOf("node-2", "agent"), "SIGKILL");
  const killedMs = performance.now();
  await until("four pods on the other node", async () => {
    const pods = await podsOf("spread");
    return pods.filter((pod) => runs(pod) && isOn("node-1")(pod)).length === 4;
  });
  const tookMs = Math.round(performance.now() - killedMs);
  t.comment(`replaced ${tookMs} ms after the kill`);
  t.ok(tookMs < TOLERATION_S * 1_000 + 3 * REPLACED_MS, `${tookMs} ms`);
  await until("the set's pods to be told to go", async () =>
    (await podsOf("kept")).filter(isOn("node-2")).every((pod) => !runs(pod)),
  );
  // Nobody knows whether they still run there: no second one of their name may start.
  t.same(
    (await podsOf("kept")).filter(isOn("node-2")).map(({ metadata }) => metadata.uid),
    before.map(({ metadata }) => metadata.uid),
  );
  await cluster.ok(upArgs, { uid: ORDINARY_USER });
  await until("the set to be whole", async () => {
    const pods = await podsOf("kept");
    const uids = pods.map(({ metadata }) => metadata.uid);
    return (
      pods.filter(runs).length === 4 && before.every(({ metadata }) => !uids.includes(metadata.uid))
    );
  });
  await kubectl.ok(["delete", "deployment/spread", "statefulset/kept"]);
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
