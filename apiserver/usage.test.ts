import t, { type Test } from "tap";
import { createApiClient } from "../api/client/rest-client.js";
import { systemClock, systemRandom } from "../api/client/system-clock.js";
import { silentLogger } from "../base/logger.js";
import { ServerList } from "../base/server-list.js";
import { type AgentLink, startAgentLink } from "../gossip/agent-link.js";
import type { NodeUsage, PodUsage } from "../gossip/usage.js";
import { usageFeed } from "./agents/relay-feeds.js";
import { followOtherServers } from "./agents/server-relay.js";
import { UsageTable } from "./agents/usage-table.js";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const API = "/apis/metrics.k8s.io/v1beta1";
const PODS = "/api/v1/namespaces/default/pods";
const AT_MS = Date.parse("2026-01-02T03:04:05Z");

async function created(path: string, body: object): Promise<{ readonly uid: string }> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body["metadata"] as { readonly uid: string };
}
function pod(name: string, nodeName: string, labels: object): object {
  const metadata = { name, labels };
  const containers = [{ name: "main", image: "busybox" }];
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { nodeName, containers } };
}
function node(name: string): object {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: { disk: "ssd" } } };
}
async function link(t: Test, name: string): Promise<AgentLink> {
  const files = await server.authority.issue(name, `CN=system:node:${name}, O=system:nodes`);
  return new Promise((resolve) => {
    const agent = startAgentLink({
      nodeName: name,
      agentVersion: "1",
      serverList: new ServerList([server.url]),
      caFile: server.authority.caFile,
      ...files,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      onChange: (linked) => linked !== null && resolve(agent),
    });
    t.teardown(() => agent.close());
  });
}
function podUsage(name: string, uid: string): PodUsage {
  const containers = [{ name: "main", cpuNanoCores: 250_000_000, memoryBytes: 64 << 20 }];
  return { namespace: "default", name, uid, containers };
}
function usage(pods: readonly PodUsage[]): NodeUsage {
  const node = { cpuNanoCores: 1_234_567_891, memoryBytes: 3 * 2 ** 30 };
  return { atMs: AT_MS, windowMs: 10_062, simulated: false, ...node, pods };
}
function namesOf({ body }: TestAnswer): string[] {
  const items = body["items"] as { readonly metadata: { readonly name: string } }[];
  return items.map(({ metadata }) => metadata.name);
}
/** What the server knows of usage, as another server hears of it; ends with the test. */
async function relayed(t: Test): Promise<UsageTable> {
  const files = await server.authority.issue("relay", "CN=relay, O=system:masters");
  const { caFile } = server.authority;
  const deps = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const stop = new AbortController();
  const table = new UsageTable();
  const done = followOtherServers(
    [usageFeed(table, systemClock)],
    {
      ...deps,
      otherServers: () => Promise.resolve([server.url]),
      connect: (url) =>
        createApiClient({ servers: [url], caFile, ...files, userAgent: "relay" }, deps),
    },
    stop.signal,
  );
  t.teardown(async () => {
    stop.abort();
    await done;
  });
  return table;
}
/** Asks again until the answer satisfies `holds`: a frame has no acknowledgement. */
async function until(path: string, holds: (answer: TestAnswer) => boolean): Promise<TestAnswer> {
  for (;;) {
    const answer = await server.send("GET", path);
    if (holds(answer)) return answer;
  }
}

t.test("usage of nodes and pods", { timeout: 120_000 }, async (t) => {
  for (const name of ["node-1", "node-2"]) await created("/api/v1/nodes", node(name));
  const a = await created(PODS, pod("a", "node-1", { app: "web" }));
  await created(PODS, pod("b", "node-1", { app: "db" }));
  const c = await created(PODS, pod("c", "node-2", { app: "web" }));
  t.same(namesOf(await server.send("GET", `${API}/nodes`)), [], "nobody told anything yet");
  t.match(await server.send("GET", `${API}/nodes/node-1`), {
    status: 404,
    body: { message: 'nodes.metrics.k8s.io "node-1" not found' },
  });
  const agent = await link(t, "node-1");
  const elsewhere = await relayed(t);
  agent.sendUsage(
    // Its own pod, one whose name another pod has taken, one of another node, one that is gone.
    usage([
      podUsage("a", a.uid),
      podUsage("b", "uid-of-an-earlier-b"),
      podUsage("c", c.uid),
      podUsage("d", "gone"),
    ]),
  );
  const one = await until(`${API}/nodes/node-1`, ({ status }) => status === 200);
  t.match(one.body, {
    kind: "NodeMetrics",
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: { name: "node-1", labels: { disk: "ssd" }, annotations: undefined },
    timestamp: "2026-01-02T03:04:05Z",
    window: "10.062s",
    usage: { cpu: "1234567891n", memory: "3Gi" },
  });
  await t.test("a node speaks for its own pods alone", async (t) => {
    const { body } = await server.send("GET", `${API}/pods`);
    t.match(body, { kind: "PodMetricsList", apiVersion: "metrics.k8s.io/v1beta1" });
    t.match(body["items"], [
      {
        metadata: { name: "a", namespace: "default", labels: { app: "web" } },
        containers: [{ name: "main", usage: { cpu: "250m", memory: "64Mi" } }],
      },
    ]);
    t.equal((body["items"] as unknown[]).length, 1);
    const path = `${API}/namespaces/default/pods`;
    for (const name of ["b", "c", "d"])
      t.equal((await server.send("GET", `${path}/${name}`)).status, 404, name);
    t.equal((await server.send("GET", `${path}/a`)).status, 200);
  });
  await t.test("selectors, tables, formats", async (t) => {
    const all = `${API}/namespaces/default/pods`;
    const cases: readonly (readonly [query: string, names: readonly string[]])[] = [
      ["labelSelector=app%3Dweb", ["a"]],
      ["labelSelector=app%3Ddb", []],
      ["fieldSelector=metadata.name%3Da", ["a"]],
      ["fieldSelector=metadata.name!%3Da", []],
    ];
    for (const [query, names] of cases)
      t.same(namesOf(await server.send("GET", `${all}?${query}`)), names, query);
    t.same(namesOf(await server.send("GET", `${API}/namespaces/other/pods`)), []);
    t.equal((await server.send("GET", `${all}?fieldSelector=spec.x%3Da`)).status, 400);
    t.equal((await server.send("GET", `${all}?watch=1`)).status, 405);
    t.equal((await server.send("DELETE", `${all}/a`)).status, 405);
    t.equal((await server.send("POST", all, { body: {} })).status, 405);
    const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const { body } = await server.send("GET", all, { headers: { accept: table } });
    t.match(body, { kind: "Table", rows: [{ cells: ["a", "250m", "64Mi", "10.062s"] }] });
    const accept = "application/vnd.kubernetes.protobuf";
    const wire = await server.send("GET", `${API}/nodes/node-1`, { headers: { accept } });
    t.match(wire.bytes.toString("latin1"), /^k8s\0[^]*NodeMetrics[^]*1234567891n/u);
  });
  await t.test("who may read it", async (t) => {
    t.equal((await server.send("GET", `${API}/nodes`, { as: "nobody" })).status, 403);
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "nobody-views" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "nobody" }],
    };
    await created("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding);
    t.equal((await server.send("GET", `${API}/nodes`, { as: "nobody" })).status, 200);
    const feed = await server.send("GET", "/raftsman/v1/usage", { as: "nobody" });
    t.equal(feed.status, 403, "what servers tell each other is theirs");
  });
  await t.test("discovery names it, kubectl top shows it", async (t) => {
    const { body } = await server.send("GET", API);
    t.match(body["resources"], [
      { name: "nodes", namespaced: false, kind: "NodeMetrics", verbs: ["get", "list"] },
      { name: "pods", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
    ]);
    const top = await server.kubectl("1.33", ["top", "pods", "--containers", "--no-headers"]);
    t.match(top, { code: 0, stdout: /^a\s+main\s+250m\s+64Mi\s*$/u });
  });
  await t.test("another server hears of it", async (t) => {
    // The agent tells again and again; here it is told once more for a follower that came late.
    while (elsewhere.of("node-1", systemClock.monotonicMs()) === null) {
      agent.sendUsage(usage([]));
      await server.send("GET", "/livez");
    }
    t.match(elsewhere.of("node-1", systemClock.monotonicMs()), { windowMs: 10_062 });
    t.same(elsewhere.heardHere(), [], "and does not pass it on");
  });
});
