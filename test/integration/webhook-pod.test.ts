import t from "tap";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "../../apiserver/test-server.js";
import { ALLOW, TestWebhook, deny } from "../../apiserver/webhooks/test-webhook.js";
import { startPodOnAgent } from "./pod-on-agent.js";

/** A webhook that is a pod: the API server reaches it through the agent of its node. */

const server = await TestServer.start();
t.teardown(() => server.close());
const agent = await startPodOnAgent(server, "one");
t.teardown(() => agent.close());
const hook = await TestWebhook.start(server.authority);
t.teardown(() => hook.close());
const DEFAULT = "/api/v1/namespaces/default";
const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

async function made(path: string, body: JsonObject): Promise<void> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(String(answer.body["message"]));
}

function createConfigMap(name: string): Promise<TestAnswer> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
  return server.send("POST", `${DEFAULT}/configmaps`, { body });
}

t.test("a webhook in a pod is asked through its agent, over one connection", async (t) => {
  const { port } = hook;
  await made(`${DEFAULT}/services`, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "hook" },
    spec: { ports: [{ name: "https", port, targetPort: port }] },
  });
  hook.on("/pod", ({ name }) => (name === "bad" ? deny("not in here") : ALLOW));
  const clientConfig = hook.serviceConfig("/pod");
  const rule = {
    operations: ["CREATE"],
    apiGroups: [""],
    apiVersions: ["v1"],
    resources: ["configmaps"],
  };
  await made(CONFIGURATIONS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "pod" },
    webhooks: [
      {
        name: "pod.example.com",
        clientConfig,
        rules: [rule],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
  const early = await createConfigMap("early");
  t.equal(early.status, 500);
  t.match(early.body["message"], /no endpoints available for service "hook"$/u);
  const targetRef = { kind: "Pod", namespace: "default", name: "one" };
  await made(`${DEFAULT}/endpoints`, {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "hook" },
    subsets: [{ addresses: [{ ip: "192.0.2.1", targetRef }], ports: [{ name: "https", port }] }],
  });
  const bad = await createConfigMap("bad");
  t.equal(bad.status, 400, String(bad.body["message"]));
  const text = 'admission webhook "pod.example.com" denied the request: not in here';
  t.equal(bad.body["message"], text);
  for (let i = 0; i < 5; i += 1) t.equal((await createConfigMap(`good-${i}`)).status, 201);
  t.equal(hook.connections, 1, "the connection through the tunnel is kept");
});
