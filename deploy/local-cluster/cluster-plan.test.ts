import t from "tap";
import { PodCidrPool } from "../../controllers/node-ipam/plan.js";
import { clusterCidrOf } from "./cluster-state.js";
import { endpointOf } from "./cluster-status.js";
import { planCluster, refuseOtherShape, type WantedCluster } from "./cluster-plan.js";

const wanted: WantedCluster = {
  name: "dev",
  servers: 1,
  nodes: 1,
  serverNodes: false,
  runtime: "containerd",
  registryMirrors: {},
};
const facts = { address: "10.0.0.5", freePorts: [6443, 10250, 10251], subnet: "10.201.0.0/24" };

t.test("one server and one node share the computer", (t) => {
  const state = planCluster(wanted, facts);
  t.same(
    state.hosts.map(({ name, role, netns, ports }) => ({ name, role, netns, ports })),
    [
      { name: "server-1", role: "server", netns: null, ports: { api: 6443, peer: 10251 } },
      { name: "node-1", role: "agent", netns: null, ports: { agent: 10250 } },
    ],
  );
  t.end();
});

t.test("simulated nodes can be many", (t) => {
  const state = planCluster({ ...wanted, runtime: "hollow", nodes: 2 }, facts);
  t.same(
    state.hosts.map((host) => host.name),
    ["server-1", "node-1", "node-2"],
  );
  t.ok(new PodCidrPool(clusterCidrOf(state), 24).free > 5_000, "each has a range for its pods");
  t.equal(clusterCidrOf(planCluster(wanted, facts)), "10.244.0.0/16", "containers: what is routed");
  t.end();
});

t.test("several servers with containers: a namespace each, and an address that moves", (t) => {
  const state = planCluster({ ...wanted, servers: 3, nodes: 2 }, facts);
  t.same(
    state.hosts.map(({ name, address, netns }) => `${name} ${address} ${netns}`),
    [
      "server-1 10.201.0.11 raftsman-dev-server-1",
      "server-2 10.201.0.12 raftsman-dev-server-2",
      "server-3 10.201.0.13 raftsman-dev-server-3",
      "node-1 10.201.0.101 raftsman-dev-node-1",
      "node-2 10.201.0.102 raftsman-dev-node-2",
    ],
  );
  t.equal(endpointOf(state), "https://10.201.0.2:6443");
  t.end();
});

t.test("several servers with simulated pods share the computer, each with its ports", (t) => {
  const freePorts = [6443, 6444, 6445, 10250, 7001, 7002, 7003];
  const state = planCluster({ ...wanted, runtime: "hollow", servers: 3 }, { ...facts, freePorts });
  t.same(
    state.hosts.map(({ name, ports }) => [name, ports]),
    [
      ["server-1", { api: 6443, peer: 7001 }],
      ["server-2", { api: 6444, peer: 7002 }],
      ["server-3", { api: 6445, peer: 7003 }],
      ["node-1", { agent: 10250 }],
    ],
  );
  t.end();
});

t.test("shapes that cannot be run are refused", (t) => {
  for (const change of [{ servers: 8 }, { servers: 0 }, { nodes: 101 }, { nodes: -1 }])
    t.throws(() => planCluster({ ...wanted, ...change }, facts), { code: "Usage" });
  t.end();
});

t.test("another shape than the running one is refused, the same is not", (t) => {
  const state = planCluster({ ...wanted, registryMirrors: { "docker.io": "http://a" } }, facts);
  refuseOtherShape(state, { ...wanted, registryMirrors: { "docker.io": "http://a" } });
  refuseOtherShape(state, wanted);
  for (const change of [
    { nodes: 2 },
    { runtime: "hollow" as const },
    { registryMirrors: { "docker.io": "http://b" } },
  ])
    t.throws(() => refuseOtherShape(state, { ...wanted, ...change }), { code: "Unsafe" });
  t.end();
});
