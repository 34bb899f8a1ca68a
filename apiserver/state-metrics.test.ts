import t from "tap";
import { type KindMetrics, renderObject } from "./state-metrics/family.js";
import { STATE_METRICS } from "./state-metrics/state-metrics-handler.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

async function created(path: string, body: object): Promise<string> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return (answer.body["metadata"] as { readonly uid: string }).uid;
}

/** The samples of a scrape, without comments. */
async function scrape(): Promise<string[]> {
  const { status, bytes } = await server.send("GET", "/metrics/state");
  if (status !== 200) throw new Error(`/metrics/state answered ${status}`);
  return Buffer.from(bytes).toString().split("\n");
}

void t.test("objects under kube-state-metrics' names", async (t) => {
  const uid = await created("/api/v1/namespaces/default/pods", {
    metadata: { name: "web" },
    spec: {
      containers: [
        {
          name: "main",
          image: "busybox",
          resources: { requests: { cpu: "250m", memory: "64Mi" }, limits: { cpu: "1" } },
        },
      ],
    },
  });
  await created("/apis/apps/v1/namespaces/default/deployments", {
    metadata: { name: "d" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { a: "b" } },
      template: {
        metadata: { labels: { a: "b" } },
        spec: { containers: [{ name: "c", image: "busybox" }] },
      },
    },
  });
  await created("/api/v1/nodes", {
    metadata: { name: "n1", labels: { "node-role.kubernetes.io/edge": "" } },
    spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] },
  });
  await created("/apis/batch/v1/namespaces/default/cronjobs", {
    metadata: { name: "cj" },
    spec: {
      schedule: "@daily",
      jobTemplate: {
        spec: {
          template: {
            spec: { restartPolicy: "Never", containers: [{ name: "c", image: "busybox" }] },
          },
        },
      },
    },
  });
  const lines = await scrape();
  const pod = `namespace="default",pod="web",uid="${uid}"`;
  const container = `${pod},container="main",node=""`;
  for (const line of [
    `kube_pod_status_phase{${pod},phase="Pending"} 1`,
    `kube_pod_status_phase{${pod},phase="Running"} 0`,
    `kube_pod_owner{${pod},owner_kind="",owner_name="",owner_is_controller=""} 1`,
    `kube_pod_container_resource_requests{${container},resource="cpu",unit="core"} 0.25`,
    `kube_pod_container_resource_requests{${container},resource="memory",unit="byte"} 67108864`,
    `kube_pod_container_resource_limits{${container},resource="cpu",unit="core"} 1`,
    'kube_deployment_spec_replicas{namespace="default",deployment="d"} 3',
    'kube_deployment_metadata_generation{namespace="default",deployment="d"} 1',
    'kube_node_role{node="n1",role="edge"} 1',
    'kube_node_spec_taint{node="n1",key="k",value="v",effect="NoSchedule"} 1',
    'kube_namespace_status_phase{namespace="default",phase="Active"} 1',
    'kube_cronjob_info{namespace="default",cronjob="cj",schedule="@daily",concurrency_policy="Allow",timezone="local"} 1',
  ])
    t.ok(lines.includes(line), line);

  // A change of an object changes its lines, and those of no other.
  const patch = { spec: { replicas: 5 } };
  await server.send("PATCH", "/apis/apps/v1/namespaces/default/deployments/d", {
    body: patch,
    headers: { "content-type": "application/merge-patch+json" },
  });
  const after = await scrape();
  t.ok(after.includes('kube_deployment_spec_replicas{namespace="default",deployment="d"} 5'));
  t.ok(after.includes(`kube_pod_status_phase{${pod},phase="Pending"} 1`));
  await server.send("DELETE", "/api/v1/namespaces/default/pods/web?gracePeriodSeconds=0");
  t.notOk((await scrape()).some((line) => line.includes(uid)));
});

void t.test("each name comes once, with its help and type before its samples", async (t) => {
  const names = STATE_METRICS.flatMap(({ families }) => families.map(({ name }) => name));
  t.equal(new Set(names).size, names.length);
  let current = "";
  for (const line of await scrape()) {
    current = /^# TYPE (\S+) (?:gauge|counter)$/.exec(line)?.[1] ?? current;
    if (line !== "" && !line.startsWith("#"))
      t.match(line, new RegExp(`^${current}\\{.*\\} [0-9.e+]+$`));
  }
});

void t.test("labels are escaped", async (t) => {
  const kind: KindMetrics<string> = {
    resource: { group: "", resource: "things" },
    names: (text) => ({ text, left: undefined, empty: null }),
    families: [{ name: "thing", help: "A thing.", of: () => 1 }],
  };
  t.same(renderObject(kind, 'a"b\\c\nd'), ['thing{text="a\\"b\\\\c\\nd",empty=""} 1\n']);
});

void t.test("who may not read it is told so", async (t) => {
  t.match(await server.send("GET", "/metrics/state", { as: "anonymous" }), { status: 403 });
});
