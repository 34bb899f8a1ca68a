import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { readClusterState } from "../../deploy/local-cluster/cluster-state.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { LocalCluster } from "../../deploy/local-cluster/local-cluster.js";
import { crash, load, NodeObserver, whileBusy } from "./node-death.js";
import { TestCluster } from "./test-cluster.js";

/** How soon a host that vanished is NotReady, and that one which only stands still never is. */

t.setTimeout(3_000_000);
const ROUNDS = Number(process.env["RAFTSMAN_DEATHS"] ?? 50);
const NODES = 3;
/** The promise. */
const DEAD_MS = 5_000;
const STOPPED_MS = 3_000;
/** Between two stops of a node: longer than its heartbeats are apart, by another part of it. */
const APART_MS = 1_370;
/** Kubernetes' --node-eviction-rate: the second taint is put on one node within that time. */
const PACE_MS = 10_000;
/** Work for every core and then some. */
const BUSY_LOOPS = 6;

const cluster = new TestCluster("deaths");
t.teardown(() => cluster.destroy());
await cluster.ok(["up", "--servers", "3", "--nodes", String(NODES)]);
const layout = layoutOf(cluster.home, cluster.name);
const state = readClusterState(layout);
if (state === null) throw new Error("the cluster left no state");
const client = new LocalCluster(layout, state).adminClient();
const observer = new NodeObserver(client);
t.teardown(() => {
  observer.close();
  client.close();
});
const names = Array.from({ length: NODES }, (_, index) => `node-${index + 1}`);

await t.test("a node that stands still for three seconds stays Ready", async (t) => {
  for (const name of names) await observer.until(name, ({ ready }) => ready);
  const pids = await Promise.all(names.map((name) => cluster.pidOf(name, "agent")));
  observer.forget();
  const rounds = Math.ceil(ROUNDS / NODES);
  for (let round = 0; round < rounds; round += 1) {
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    await delay(STOPPED_MS);
    for (const pid of pids) process.kill(pid, "SIGCONT");
    await delay(APART_MS);
  }
  t.same(observer.losses, [], `${rounds * NODES} stops of ${STOPPED_MS} ms, load ${load()}`);
});

await t.test("nor does a busy computer cost a node its readiness", async (t) => {
  observer.forget();
  await whileBusy(BUSY_LOOPS, () => delay(60_000));
  t.same(observer.losses, [], `${BUSY_LOOPS} busy loops for 60 s, load ${load()}`);
});

await t.test(`a host that vanishes is NotReady and tainted within ${DEAD_MS} ms`, async (t) => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = names[round % NODES] ?? "";
    await observer.until(name, ({ ready, tainted }) => ready && !tainted);
    const mend = await crash(cluster, name);
    const tookMs = await observer.until(name, ({ ready, tainted }) => !ready && tainted);
    t.comment(`${name}: ${tookMs.toFixed(0)} ms, load ${load()}`);
    times.push(tookMs);
    await Promise.all([mend(), delay(PACE_MS)]);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.ceil(share * times.length) - 1] ?? Number.NaN).toFixed(0);
  const slow = times.filter((ms) => ms > DEAD_MS);
  t.comment(`NotReady and tainted after ms: median ${at(0.5)}, 95 % ${at(0.95)}, all ${at(1)}`);
  t.comment(`${times.length - slow.length} of ${times.length} in time, load ${load()}`);
  t.same(slow, []);
});
