import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parse } from "yaml";
import { dashboardQueries } from "../../deploy/grafana/dashboard-queries.js";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";
import { inject, loud, nodeFaults, serverFaults, withHooks } from "./features/prometheus-faults.js";
import {
  filled,
  FINDS_TARGETS,
  inAHurry,
  Prometheus,
  shipped,
  withFileDiscovery,
} from "./prometheus.js";
import { Discovery } from "./prometheus-discovery.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** Prometheus with what deploy/ ships for it, against three servers and two nodes. */

t.setTimeout(1_800_000);
const FAULT_MS = 240_000;
const CALM_MS = 120_000;
/** Servers, three pages of each node, and what objects say. */
const TARGETS = 3 + 3 * 2 + 1;
const RULES = shipped("rules.yml");
interface Rule {
  readonly record?: string;
  readonly alert?: string;
}
const rules = (parse(RULES) as { groups: { rules: Rule[] }[] }).groups.flatMap((one) => one.rules);

const cluster = new TestCluster("prom");
t.teardown(() => cluster.destroy());
await cluster.ok(["up", "--servers", "3", "--nodes", "2"]);
await withHooks(cluster);
const kubectl = cluster.kubectl();
const { address: lastServer } = await cluster.host("server-3");
/** A pod with everything that dashboards are about. */
const EXAMPLE = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "example" },
  spec: {
    containers: [
      {
        name: "main",
        image: BUSYBOX_IMAGE,
        command: ["sh", "-c", "while sleep 1; do wget -q -O- http://web >/dev/null; done"],
        resources: {
          requests: { cpu: "10m", memory: "16Mi" },
          limits: { cpu: "100m", memory: "64Mi" },
        },
        livenessProbe: { exec: { command: ["true"] }, periodSeconds: 1 },
      },
    ],
  },
};

const discoveries: Discovery[] = [];

/** A node that nobody runs. */
const STRANGER = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "stranger" },
  status: { addresses: [{ type: "InternalIP", address: "192.0.2.250" }] },
};

async function startPrometheus(): Promise<Prometheus> {
  await kubectl.ok(["apply", "-f", "-"], { stdin: shipped("rbac.yaml") });
  await kubectl.ok(["apply", "-f", "-"], { stdin: JSON.stringify(EXAMPLE) });
  const token = await kubectl.ok(["-n", "monitoring", "create", "token", "prometheus"]);
  const folder = join(cluster.home, "prometheus");
  mkdirSync(folder);
  const ca = "jsonpath={.clusters[0].cluster.certificate-authority-data}";
  const encoded = await kubectl.ok(["config", "view", "--raw", "--minify", "-o", ca]);
  writeFileSync(join(folder, "ca.crt"), Buffer.from(encoded, "base64"));
  writeFileSync(join(folder, "token"), token.trim());
  // The last one: it stays when others are killed.
  const own = filled(shipped("prometheus.yml"), `${lastServer}:6443`);
  const withFiles = (): string =>
    withFileDiscovery(own, (asked) => {
      const discovery = new Discovery({ ...asked, folder });
      t.teardown(() => discovery.close());
      discoveries.push(discovery);
      return discovery.file;
    });
  const config = FINDS_TARGETS ? own : withFiles();
  return Prometheus.start(folder, { config, rules: inAHurry(RULES) });
}

const prometheus = await startPrometheus();
t.teardown(() => prometheus.stop());

await t.test("every target is up", async (t) => {
  const targets = await until(
    "every target to be up",
    async () => {
      const all = await prometheus.targets();
      return all.length === TARGETS && all.every(({ health }) => health === "up") ? all : null;
    },
    { timeoutMs: CALM_MS },
  ).catch(() => prometheus.targets());
  t.same(
    targets.filter(({ health }) => health !== "up"),
    [],
  );
  t.equal(targets.length, TARGETS);
});

await t.test("targets are found, and lost again, as nodes come and go", async (t) => {
  t.same(
    discoveries.flatMap(({ failures }) => failures),
    [],
    "the service account may list and watch what discovery asks for",
  );
  const names = async (): Promise<readonly string[]> =>
    (await prometheus.targets()).map(({ name }) => name);
  await kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(STRANGER) });
  await until("the node's targets", async () => (await names()).includes("kubelet stranger"));
  await kubectl.ok(["delete", "node", "stranger"]);
  await until("them to be gone", async () => !(await names()).includes("kubelet stranger"));
  t.ok(FINDS_TARGETS || discoveries.some(({ events }) => events > 0), "by a watch");
});

await t.test("the service account may read nothing else", async (t) => {
  const account = "system:serviceaccount:monitoring:prometheus";
  for (const what of [
    ["list", "secrets"],
    ["get", "configmaps"],
    ["create", "nodes/proxy"],
  ])
    t.equal((await kubectl.run(["auth", "can-i", ...what, "-A", "--as", account])).stdout, "no\n");
});

await t.test("every recording rule and every query of a dashboard has data", async (t) => {
  const folder = new URL("../../../deploy/grafana/", import.meta.url);
  const dashboards = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const records = rules.flatMap(({ record }) => record ?? []);
  const queries = dashboards.flatMap((name) =>
    dashboardQueries(readFileSync(new URL(name, folder), "utf8")).map(
      (query) => [`${name}: ${query}`, query] as const,
    ),
  );
  t.ok(queries.length > 80, `${queries.length} queries of ${dashboards.length} dashboards`);
  const asked = [...records.map((name) => [name, name] as const), ...queries];
  const empty = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const [name, query] of asked)
      if ((await prometheus.query(query)).length === 0) found.push(name);
    return found;
  };
  await until("all of them to have data", async () => (await empty()).length === 0, {
    timeoutMs: CALM_MS,
    everyMs: 5_000,
  }).catch(() => {}); // Which of them have none is said below.
  t.same(await empty(), []);
});

const faults = [...nodeFaults(cluster), ...serverFaults(cluster)];

await t.test("there is a fault for every alert", (t) => {
  const named = faults.flatMap(({ alerts }) => alerts);
  t.same([...named].sort(), rules.flatMap(({ alert }) => alert ?? []).sort());
  t.end();
});

await t.test("nothing fires in the calm", async (t) => {
  const firing = async (): Promise<readonly string[]> => [...(await prometheus.firing())];
  // What starting a cluster looks like is over once an average has nothing of it any more.
  await until("calm", async () => (await firing()).length === 0, {
    timeoutMs: CALM_MS,
    everyMs: 1_000,
  }).catch(() => {}); // What fires is said below.
  t.same(await firing(), []);
});

for (const fault of faults)
  await t.test(fault.name, async (t) => {
    t.same(await loud(fault, prometheus, CALM_MS), [], "none of its alerts fires before it");
    const silent = await inject(fault, prometheus, FAULT_MS);
    for (const alert of fault.alerts) t.notOk(silent.includes(alert), `${alert} fires`);
  });
