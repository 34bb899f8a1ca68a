import t from "tap";
import { leaderOf, memberList, startWriter } from "./features/servers.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** Five servers bear the loss of two, and with three dead nothing is acknowledged. */

t.setTimeout(600_000);

const WRITES = 10;
const SERVERS = [1, 2, 3, 4, 5].map((n) => `server-${n}`);
const cluster = new TestCluster("five");
t.teardown(() => cluster.destroy());
const shape = ["--servers", "5", "--nodes", "1"];

await t.test("up: all five vote, and the example serves", async (t) => {
  const { code, stderr } = await cluster.raftsman(["up", ...shape]);
  t.equal(code, 0, stderr);
  t.match(stderr, /5 servers agree[^]*<h1>It floats\.<\/h1>/);
  const { members } = await memberList(cluster);
  t.same(
    members.map(({ name, voter }) => [name, voter]),
    SERVERS.map((name) => [name, true]),
  );
});

await t.test("the leader and another die: writes go on", async (t) => {
  const kubectl = cluster.kubectl();
  const writer = await startWriter(cluster);
  t.teardown(() => writer.stop());
  await writer.untilWritten(WRITES);
  const leader = await leaderOf(cluster);
  const other = SERVERS.find((name) => name !== leader) ?? "";
  const killedMs = performance.now();
  await Promise.all([leader, other].map((name) => cluster.ok(["kill", name])));
  await writer.untilWritten(WRITES);
  t.comment(`${WRITES} writes after ${Math.round(performance.now() - killedMs)} ms`);
  const { members } = await memberList(cluster);
  t.same(
    members.filter(({ role }) => role === "unreachable").map(({ name }) => name),
    [leader, other].sort(),
  );
  t.equal(members.filter(({ role }) => role === "leader").length, 1);
  await kubectl.ok(["rollout", "restart", "deployment/web"]);
  await kubectl.ok(["rollout", "status", "deployment/web", "--timeout=120s"]);

  // A third: two of five are no majority.
  const third = SERVERS.find((name) => ![leader, other].includes(name)) ?? "";
  await cluster.ok(["kill", third]);
  const alone = ["create", "configmap", "alone", "--request-timeout=3s"];
  await until("a write to be refused", async () => {
    const { code } = await kubectl.run(alone, { timeoutMs: 6_000 });
    return code !== 0;
  });

  const up = await cluster.raftsman(["up", ...shape]);
  t.equal(up.code, 0, up.stderr);
  await writer.untilWritten(WRITES);
  await writer.stop();
  t.comment(`${writer.acknowledged.length} acknowledged, ${writer.failures.length} unknown`);
  const listed = await kubectl.ok(["get", "configmaps", "-l", "app=steady", "-o", "name"]);
  const names = new Set(listed.trim().split("\n"));
  t.same(
    writer.acknowledged.filter((name) => !names.has(`configmap/${name}`)),
    [],
    "nothing that was acknowledged is lost",
  );
  await until("the same hash on all five", async () => {
    const list = (await memberList(cluster)).members;
    const states = new Set(list.map(({ hash, hashRevision }) => `${hashRevision} ${hash}`));
    return list.length === 5 && list.every(({ healthy }) => healthy) && states.size === 1;
  });
});

await t.test("down", async (t) => {
  const { code, stderr } = await cluster.raftsman(["down"]);
  t.equal(code, 0, stderr);
});
