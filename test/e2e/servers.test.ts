import t from "tap";
import { memberList, servers } from "./features/servers.js";
import { machineState } from "./machine-state.js";
import { TestCluster } from "./test-cluster.js";

/** A cluster of three servers and two nodes, each a network namespace on a bridge. */

t.setTimeout(400_000);

const cluster = new TestCluster("srv");
const before = machineState(cluster.name);
t.teardown(() => cluster.destroy());
const SERVER = "jsonpath={.clusters[0].cluster.server}";
const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
const shape = ["--servers", "3", "--nodes", "2", "--empty"];

await t.test("up: three servers agree; the kubeconfig names the address that moves", async (t) => {
  const { code, stderr } = await cluster.raftsman(["up", ...shape]);
  t.equal(code, 0, stderr);
  t.match(stderr, /3 servers agree/);
  const { hosts, endpoint } = await cluster.status();
  t.same(
    hosts.map(({ name, role, netns, ready }) => ({ name, role, netns, ready })),
    ["server-1", "server-2", "server-3", "node-1", "node-2"].map((name) => ({
      name,
      role: name.startsWith("server") ? "server" : "agent",
      netns: `raftsman-${cluster.name}-${name}`,
      ready: true,
    })),
  );
  t.match(endpoint, /^https:\/\/10\.201\.\d+\.2:6443$/);
  t.equal(
    (await cluster.kubectl().ok(["config", "view", "--minify", "-o", SERVER])).trim(),
    endpoint,
  );
  const { members } = await memberList(cluster);
  t.same(
    members.map(({ name, voter, healthy }) => ({ name, voter, healthy })).sort(byName),
    ["server-1", "server-2", "server-3"].map((name) => ({ name, voter: true, healthy: true })),
  );
  for (const { pid, name } of members) t.equal((await cluster.host(name)).pid, pid);
  t.equal((await cluster.raftsman(["up", "--servers", "1", "--nodes", "2"])).code, 4);
});

await t.test("any one server may die", (t) => servers(t, cluster));

await t.test("all servers die, and start one by one or all at once", async (t) => {
  for (const name of ["server-1", "server-2", "server-3"]) await cluster.ok(["kill", name]);
  await cluster.ok(["start", "server-2"]);
  t.equal((await cluster.host("server-2")).alive, true, "it runs, and waits for others");
  const { code, stderr } = await cluster.raftsman(["up", ...shape]);
  t.equal(code, 0, stderr);
  t.match(stderr, /server-1 \(started\)[^]*server-2 \(was running\)[^]*node-1 \(was running\)/);
});

await t.test("nothing is left after down", async (t) => {
  const { code, stderr } = await cluster.raftsman(["down"]);
  t.equal(code, 0, stderr);
  const { processes, ...rest } = machineState(cluster.name);
  const { processes: had, ...restBefore } = before;
  t.same(rest, restBefore);
  t.same(
    processes.filter((line) => !had.includes(line)),
    [],
    "no process is left",
  );
});
