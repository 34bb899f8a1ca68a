import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";
import { machineState } from "./machine-state.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** A server that is a node too, with containers. */

t.setTimeout(400_000);

const ROLE = "node-role.kubernetes.io/control-plane";
const cluster = new TestCluster("sn");
const before = machineState(cluster.name);
t.teardown(() => cluster.destroy());
const shape = ["--server-nodes", "--servers", "1", "--nodes", "1"];

/** A page on every node, servers included. */
const DAEMONS = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "everywhere" },
  spec: {
    selector: { matchLabels: { app: "everywhere" } },
    template: {
      metadata: { labels: { app: "everywhere" } },
      spec: {
        terminationGracePeriodSeconds: 0,
        tolerations: [{ key: ROLE, operator: "Exists", effect: "NoSchedule" }],
        containers: [
          {
            name: "web",
            image: BUSYBOX_IMAGE,
            command: ["sh", "-c", "hostname > /index.html && exec httpd -f -p 8080 -h /"],
          },
        ],
      },
    },
  },
});

await t.test("up: the example keeps off the server", async (t) => {
  const { code, stderr } = await cluster.raftsman(["up", ...shape]);
  t.equal(code, 0, stderr);
  t.match(stderr, /agent server-1 \(started\)[^]*<h1>It floats\.<\/h1>/);
  const kubectl = cluster.kubectl();
  const { items } = await kubectl.json<{ items: Node[] }>(["get", "nodes"]);
  t.same(
    items.map(({ metadata, spec }) => [metadata.name, metadata.labels?.[ROLE], spec.taints]),
    [
      ["node-1", undefined, undefined],
      ["server-1", "", [{ key: ROLE, effect: "NoSchedule" }]],
    ],
  );
  const pods = await kubectl.json<{ items: Pod[] }>(["get", "pods", "-l", "app=web"]);
  t.ok(pods.items.every(({ spec }) => spec.nodeName === "node-1"));
  const server = await cluster.host("server-1");
  t.same(
    server.processes.map(({ name }) => name),
    ["consensus", "api", "agent", "containerd", "dns"],
  );
  t.match(await cluster.ok(["image", "list"]), /server-1 +localhost\/raftsman\/busybox:1/);
});

await t.test("what tolerates the taint runs there, and is reached", async (t) => {
  const kubectl = cluster.kubectl();
  const file = join(cluster.home, "everywhere.json");
  writeFileSync(file, DAEMONS);
  await kubectl.ok(["apply", "-f", file]);
  await kubectl.ok(["rollout", "status", "daemonset/everywhere", "--timeout=120s"]);
  const { items } = await kubectl.json<{ items: Pod[] }>(["get", "pods", "-l", "app=everywhere"]);
  t.same(new Set(items.map(({ spec }) => spec.nodeName)), new Set(["node-1", "server-1"]));
  // The computer's way to pods leads over node-1, which knows the way to those of the server.
  for (const { metadata, status } of items) {
    const page = await (await fetch(`http://${status?.podIP}:8080/`)).text();
    t.equal(page.trim(), metadata.name);
  }
});

await t.test("the server is killed: its pods go on; up starts both parts again", async (t) => {
  await cluster.ok(["kill", "server-1"]);
  const dead = await cluster.host("server-1");
  t.match(dead, { alive: false, pid: null });
  t.same(
    dead.processes.map(({ name }) => name),
    ["containerd", "dns"],
  );
  const { code, stderr } = await cluster.raftsman(["up", ...shape]);
  t.equal(code, 0, stderr);
  t.match(stderr, /server server-1 \(started\)[^]*agent server-1 \(started\)/);
  await until("the pod of server-1 to be the same, and ready", async () => {
    const args = ["get", "pods", "-l", "app=everywhere", "--no-headers"];
    const lines = (await cluster.kubectl().ok(args)).trim().split("\n");
    return lines.every((line) => /1\/1 +Running +0 /.test(line));
  });
});

await t.test("down leaves nothing", async (t) => {
  const { code, stderr } = await cluster.raftsman(["down"]);
  t.equal(code, 0, stderr);
  const { processes, ...rest } = machineState(cluster.name);
  const { processes: had, ...restBefore } = before;
  t.same(rest, restBefore);
  t.same(
    processes.filter((line) => !had.includes(line)),
    [],
  );
});
