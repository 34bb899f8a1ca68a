import t from "tap";
import { TestServer } from "./test-server.js";

const PRESETS = "/apis/settings.k8s.io/v1alpha1/namespaces/default/podpresets";
const PODS = "/api/v1/namespaces/default/pods";

const server = await TestServer.start();
t.teardown(() => server.close());

const preset = (name: string, value: string) => ({
  apiVersion: "settings.k8s.io/v1alpha1",
  kind: "PodPreset",
  metadata: { name },
  spec: { selector: { matchLabels: { role: "frontend" } }, env: [{ name: "DB_PORT", value }] },
});
const pod = (name: string, annotations = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { role: "frontend" }, annotations },
  spec: { automountServiceAccountToken: false, containers: [{ name: "c", image: "web" }] },
});
const template = { metadata: { labels: { role: "frontend" } }, spec: pod("t").spec };

await t.test("pods get the presets of their namespace when they are created", async (t) => {
  const early = await server.send("POST", PODS, { body: pod("early") });
  const created = await server.send("POST", PRESETS, { body: preset("database", "6379") });
  t.equal(created.status, 201);
  const { resourceVersion } = created.body["metadata"] as { resourceVersion: string };
  const { body } = await server.send("POST", PODS, { body: pod("web") });
  t.match(body, {
    metadata: {
      annotations: { "podpreset.admission.kubernetes.io/podpreset-database": resourceVersion },
    },
    spec: { containers: [{ env: [{ name: "DB_PORT", value: "6379" }] }] },
  });
  const same = await server.send("GET", `${PODS}/early`);
  t.strictSame(same.body, early.body, "what is there already stays");
  const exclude = { "podpreset.admission.kubernetes.io/exclude": "true" };
  const excluded = await server.send("POST", PODS, { body: pod("excluded", exclude) });
  t.notMatch(excluded.body, { spec: { containers: [{ env: Array }] } });
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { selector: { matchLabels: { role: "frontend" } }, template },
  };
  const path = "/apis/apps/v1/namespaces/default/deployments";
  const { body: deployed } = await server.send("POST", path, { body: deployment });
  t.notMatch(deployed, { spec: { template: { spec: { containers: [{ env: Array }] } } } });
});

await t.test("a conflict leaves the pod as it is, and an event says why", async (t) => {
  await server.send("POST", PRESETS, { body: preset("other", "1") });
  const events = await server.open("/api/v1/namespaces/default/events?watch=1");
  const { status, body } = await server.send("POST", PODS, { body: pod("torn") });
  t.equal(status, 201);
  t.notMatch(body, { spec: { containers: [{ env: Array }] } });
  t.notMatch(body, { metadata: { annotations: Object } });
  t.match((await events.next())?.["object"], {
    type: "Warning",
    reason: "PodPresetConflict",
    source: { component: "podpreset" },
    involvedObject: { kind: "Pod", name: "torn", uid: (body["metadata"] as { uid: string }).uid },
    message:
      "conflict occurred while applying podpresets: database,other on pod: torn err: " +
      "merging env for other has a conflict on DB_PORT",
  });
  events.close();
});

await t.test("kubectl knows the kind", async (t) => {
  const manifest = JSON.stringify(preset("kubectl", "1"));
  const made = await server.kubectl("1.33", ["create", "-f", "-"], manifest);
  t.match(made, { code: 0, stdout: "podpreset.settings.k8s.io/kubectl created" });
  const listed = await server.kubectl("1.33", ["get", "podpresets"]);
  t.match(listed.stdout, /^NAME +CREATED AT\ndatabase +20/u);
  const described = await server.kubectl("1.33", ["describe", "podpreset", "kubectl"]);
  t.match(described.stdout, /Name: +DB_PORT\n +Value: +1/u);
  const explained = await server.kubectl("1.33", ["explain", "podpreset.spec"]);
  t.match(explained.stdout, /GROUP: +settings.k8s.io\nKIND: +PodPreset/u);
  t.match(explained.stdout, "volumeMounts");
});
