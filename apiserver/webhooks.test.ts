import t, { type Test } from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "./test-server.js";
import { ALLOW, TestWebhook, deny, patched } from "./webhooks/test-webhook.js";

const server = await TestServer.start();
const hook = await TestWebhook.start(server.authority);
t.teardown(async () => {
  await server.close();
  await hook.close();
});

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const VALIDATING = `${GROUP}/validatingwebhookconfigurations`;
const MUTATING = `${GROUP}/mutatingwebhookconfigurations`;
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const MERGE = { "content-type": "application/merge-patch+json" };
const JSON_PATCH = { "content-type": "application/json-patch+json" };

const ON_CONFIG_MAPS = {
  operations: ["CREATE", "UPDATE", "DELETE"],
  apiGroups: [""],
  apiVersions: ["v1"],
  resources: ["configmaps"],
};

function webhook(path: string, more: JsonObject = {}): JsonObject {
  return {
    name: `${path.slice(1)}.example.com`,
    clientConfig: hook.clientConfig(path),
    rules: [ON_CONFIG_MAPS],
    sideEffects: "None",
    admissionReviewVersions: ["v1", "v1beta1"],
    ...more,
  };
}

function configuration(kind: string, name: string, webhooks: readonly JsonObject[]): JsonObject {
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name }, webhooks };
}

/** Configures webhooks for the time of one test. */
async function configured(
  t: Test,
  type: "validating" | "mutating",
  webhooks: readonly JsonObject[],
  name = "test",
): Promise<void> {
  const [path, kind] =
    type === "validating"
      ? [VALIDATING, "ValidatingWebhookConfiguration"]
      : [MUTATING, "MutatingWebhookConfiguration"];
  const body = configuration(kind, name, webhooks);
  const made = await server.send("POST", path, { body });
  t.equal(made.status, 201, String(made.body["message"]));
  t.teardown(async () => {
    await server.send("DELETE", `${path}/${name}`);
  });
}
const configMap = (name: string, data: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});
const create = (path: string, body: JsonObject, query = ""): Promise<TestAnswer> =>
  server.send("POST", `${path}${query}`, { body });
const dataOf = (answer: TestAnswer): unknown => (answer.body as { data?: unknown }).data;
const said = ({ body }: TestAnswer): unknown => body["message"];

t.test("configurations are stored with defaults, listed, patched and deleted", async (t) => {
  const bare = configuration("ValidatingWebhookConfiguration", "bare", [
    {
      name: "a.example.com",
      clientConfig: { service: { namespace: "default", name: "none" } },
      rules: [ON_CONFIG_MAPS],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      failurePolicy: "Ignore",
      objectSelector: { matchLabels: { never: "met" } },
    },
  ]);
  const made = await create(VALIDATING, bare);
  t.equal(made.status, 201, String(said(made)));
  const [stored] = made.body["webhooks"] as JsonObject[];
  t.match(stored, { matchPolicy: "Equivalent", timeoutSeconds: 10, namespaceSelector: {} });
  t.match(stored?.["clientConfig"], { service: { port: 443 } });
  t.match(stored?.["rules"], [{ scope: "*" }]);
  t.match(made.body["metadata"], { generation: 1 });
  const patch = [{ op: "replace", path: "/webhooks/0/timeoutSeconds", value: 3 }];
  const changed = await server.send("PATCH", `${VALIDATING}/bare`, {
    headers: JSON_PATCH,
    body: patch,
  });
  t.match(changed.body["metadata"], { generation: 2 });
  const list = await server.send("GET", VALIDATING);
  t.equal((list.body["items"] as unknown[]).length, 1);
  const table = await server.kubectl("1.33", ["get", "validatingwebhookconfiguration", "bare"]);
  t.match(table.stdout, /NAME +WEBHOOKS +AGE\nbare +1 +\d+s/u);
  t.equal((await server.send("DELETE", VALIDATING)).status, 200);
  t.equal((await server.send("GET", `${VALIDATING}/bare`)).status, 404);
  const discovered = await server.send("GET", GROUP);
  const resources = discovered.body["resources"] as unknown as readonly { name: string }[];
  const names = resources.map(({ name }) => name).filter((name) => name.includes("webhook"));
  t.same(names, ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]);
});

t.test("a denial is told in the webhook's words, code and reason", async (t) => {
  hook.on("/deny", ({ object }) =>
    (object?.["data"] as JsonObject | undefined)?.["bad"] === undefined
      ? ALLOW
      : deny("no bad data", { code: 403, reason: "Forbidden" }),
  );
  await configured(t, "validating", [webhook("/deny")]);
  t.equal((await create(CONFIG_MAPS, configMap("good"))).status, 201);
  const bad = await create(CONFIG_MAPS, configMap("bad", { bad: "yes" }));
  t.equal(bad.status, 403);
  t.equal(said(bad), 'admission webhook "deny.example.com" denied the request: no bad data');
  t.equal(bad.body["reason"], "Forbidden");
  const update = await server.send("PATCH", `${CONFIG_MAPS}/good`, {
    headers: MERGE,
    body: { data: { bad: "yes" } },
  });
  t.equal(update.status, 403);
  const put = await server.send("PUT", `${CONFIG_MAPS}/good`, {
    body: configMap("good", { bad: "yes" }),
  });
  t.equal(put.status, 403);
  const applied = await server.kubectl(
    "1.33",
    ["apply", "--server-side", "-f", "-"],
    JSON.stringify(configMap("applied", { bad: "yes" })),
  );
  t.match(applied.stderr, /admission webhook "deny.example.com" denied the request: no bad data/u);
  t.equal((await server.send("GET", `${CONFIG_MAPS}/applied`)).status, 404);
  const [first] = hook.requests("/deny");
  t.match(first, {
    operation: "CREATE",
    name: "good",
    namespace: "default",
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    resource: { group: "", version: "v1", resource: "configmaps" },
    requestKind: { kind: "ConfigMap" },
    requestResource: { resource: "configmaps" },
    oldObject: null,
    dryRun: false,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    userInfo: { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] },
  });
  const updates = hook.requests("/deny").filter(({ operation }) => operation === "UPDATE");
  t.match(updates[0], {
    options: { kind: "UpdateOptions" },
    object: { data: { bad: "yes" } },
    oldObject: { metadata: { name: "good" } },
  });
  t.equal(hook.seen.at(0)?.query, "timeout=10s");
  await server.send("DELETE", `${CONFIG_MAPS}/good`);
});

t.test("without a code a denial is 400, without words it says so", async (t) => {
  hook.on("/silent", () => ({ allowed: false }));
  await configured(t, "validating", [webhook("/silent")]);
  const bad = await create(CONFIG_MAPS, configMap("bad"));
  t.equal(bad.status, 400);
  const text = 'admission webhook "silent.example.com" denied the request without explanation';
  t.equal(said(bad), text);
});

t.test("deletions are judged one by one, with the old object", async (t) => {
  hook.on("/keep", ({ oldObject }) =>
    (oldObject?.["data"] as JsonObject | undefined)?.["keep"] === "yes"
      ? deny("kept")
      : { ...ALLOW, warnings: ["it is gone"] },
  );
  await create(CONFIG_MAPS, configMap("kept", { keep: "yes" }));
  await create(CONFIG_MAPS, configMap("loose"));
  await configured(t, "validating", [
    webhook("/keep", { rules: [{ ...ON_CONFIG_MAPS, operations: ["DELETE"] }] }),
  ]);
  const all = await server.send("DELETE", CONFIG_MAPS);
  t.equal(all.status, 400);
  t.match(said(all), /denied the request: kept/u);
  t.equal((await server.send("GET", `${CONFIG_MAPS}/kept`)).status, 200);
  await create(CONFIG_MAPS, configMap("loose"));
  const one = await server.send("DELETE", `${CONFIG_MAPS}/loose?gracePeriodSeconds=0`);
  t.equal(one.headers["warning"], '299 - "it is gone"');
  t.match(hook.requests("/keep").at(-1), {
    operation: "DELETE",
    object: null,
    options: { kind: "DeleteOptions", gracePeriodSeconds: 0 },
  });
});

t.test("a pod is mutated, completed again and validated again", async (t) => {
  const container = { name: "added", image: "busybox:latest" };
  hook.on("/sidecar", () => patched({ op: "add", path: "/spec/containers/-", value: container }));
  await configured(t, "mutating", [
    webhook("/sidecar", { rules: [{ ...ON_CONFIG_MAPS, resources: ["pods"] }] }),
  ]);
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "one" } };
  const spec = { containers: [{ name: "c", image: "busybox:1" }] };
  const made = await create(PODS, { ...pod, spec });
  t.equal(made.status, 201, String(said(made)));
  const { containers } = made.body["spec"] as { containers: JsonObject[] };
  t.match(containers[1], {
    name: "added",
    imagePullPolicy: "Always",
    terminationMessagePath: "/dev/termination-log",
  });
  hook.on("/sidecar", () =>
    patched({ op: "add", path: "/spec/containers/-", value: { name: "NOT VALID", image: "x" } }),
  );
  const wrong = await create(PODS, { ...pod, metadata: { name: "two" }, spec });
  t.equal(wrong.status, 422);
  t.match(said(wrong), /spec.containers\[1\].name: Invalid value: "NOT VALID"/u);
  await server.send("DELETE", `${PODS}/one?gracePeriodSeconds=0`);
});

t.test("webhooks change the object one after another, by configuration and place", async (t) => {
  const stage = (name: string, after: string): void =>
    hook.on(`/${name}`, ({ object }) => {
      const data = (object?.["data"] ?? {}) as JsonObject;
      if (after !== "" && data[after] === undefined) return ALLOW;
      return patched({ op: "add", path: `/data/${name}`, value: "yes" });
    });
  stage("stage1", "start");
  stage("stage2", "stage1");
  stage("stage3", "stage2");
  await configured(t, "mutating", [webhook("/stage3")], "b");
  await configured(t, "mutating", [webhook("/stage1"), webhook("/stage2")], "a");
  const made = await create(CONFIG_MAPS, configMap("staged", { start: "yes" }));
  t.same(dataOf(made), { start: "yes", stage1: "yes", stage2: "yes", stage3: "yes" });
  await server.send("DELETE", `${CONFIG_MAPS}/staged`);
});

t.test("who wants to is asked again when others changed the object after it", async (t) => {
  let counted = 0;
  hook.on("/first", ({ object }) => {
    counted += 1;
    const data = (object?.["data"] ?? {}) as JsonObject;
    if (data["later"] === undefined) return ALLOW;
    return patched({ op: "add", path: "/data/sawLater", value: "yes" });
  });
  hook.on("/later", () => patched({ op: "add", path: "/data/later", value: "yes" }));
  await configured(t, "mutating", [
    webhook("/first", { reinvocationPolicy: "IfNeeded" }),
    webhook("/later"),
  ]);
  const made = await create(CONFIG_MAPS, configMap("again", { start: "yes" }));
  t.same(dataOf(made), { start: "yes", later: "yes", sawLater: "yes" });
  t.equal(counted, 2, "once in each round");
  t.equal(hook.requests("/later").length, 1, "whoever does not want to is asked once");
  await server.send("DELETE", `${CONFIG_MAPS}/again`);
});

t.test("a webhook may not move or rename an object, nor change what is deleted", async (t) => {
  hook.on("/move", ({ operation }) =>
    patched({ op: "add", path: "/metadata/namespace", value: operation }),
  );
  await configured(t, "mutating", [webhook("/move")]);
  const moved = await create(CONFIG_MAPS, configMap("moved"));
  t.equal(moved.status, 400);
  t.match(said(moved), /may not change the name or the namespace/u);
  hook.on("/move", ({ operation }) =>
    operation === "DELETE" ? patched({ op: "add", path: "/data", value: {} }) : ALLOW,
  );
  await create(CONFIG_MAPS, configMap("moved"));
  const deleted = await server.send("DELETE", `${CONFIG_MAPS}/moved`);
  t.equal(deleted.status, 500);
  t.match(said(deleted), /attempted to modify the object, which is not supported/u);
  hook.on("/move", () => ALLOW);
  await server.send("DELETE", `${CONFIG_MAPS}/moved`);
});

t.test("failures and timeouts follow the policy", async (t) => {
  hook.on("/never", () => null);
  hook.raw("/broken", () => ({ hello: "world" }));
  const cases: readonly [what: string, config: JsonObject, text: RegExp][] = [
    [
      "a timeout",
      { clientConfig: hook.clientConfig("/never"), timeoutSeconds: 1 },
      /failed to call webhook: Post "https:.*\/never\?timeout=1s": context deadline exceeded$/u,
    ],
    [
      "nobody there",
      { clientConfig: { ...hook.clientConfig(""), url: "https://127.0.0.1:1/x" } },
      /dial tcp 127.0.0.1:1: connect: connection refused$/u,
    ],
    [
      "a certificate that nobody knows",
      { clientConfig: { url: hook.clientConfig("/never")["url"] } },
      /failed to verify certificate/u,
    ],
    [
      "another path",
      { clientConfig: hook.clientConfig("/missing") },
      /failed to call webhook: the server could not find the requested resource$/u,
    ],
    [
      "an answer that is no review",
      { clientConfig: hook.clientConfig("/broken") },
      /received invalid webhook response: expected webhook response of admission.k8s.io\/v1/u,
    ],
    [
      "no such service",
      { clientConfig: { service: { namespace: "default", name: "absent" } } },
      /Post "https:\/\/absent.default.svc:443\?timeout=10s": service "absent" not found$/u,
    ],
  ];
  for (const [what, config, text] of cases) {
    await t.test(what, async (t) => {
      await configured(t, "validating", [webhook("/closed", config)]);
      const refused = await create(CONFIG_MAPS, configMap("closed"));
      t.equal(refused.status, 500);
      t.match(said(refused), text);
      t.match(said(refused), /^Internal error occurred: failed calling webhook "closed\./u);
    });
    await t.test(`${what}, ignored`, async (t) => {
      const open = { ...config, failurePolicy: "Ignore" };
      await configured(t, "validating", [webhook("/open", open)]);
      t.equal((await create(CONFIG_MAPS, configMap("open"))).status, 201);
      await server.send("DELETE", `${CONFIG_MAPS}/open`);
    });
  }
});

t.test("the uid must come back, and only mutating webhooks patch", async (t) => {
  hook.on("/uid", () => ({ uid: "another", ...ALLOW }));
  await configured(t, "validating", [webhook("/uid")]);
  t.match(said(await create(CONFIG_MAPS, configMap("x"))), /expected response.uid=".*", got "ano/u);
  hook.on("/uid", () => patched({ op: "add", path: "/data", value: {} }));
  const text = /validating webhook may not return response.patch$/u;
  t.match(said(await create(CONFIG_MAPS, configMap("x"))), text);
});

t.test("dry runs reach webhooks without side effects alone", async (t) => {
  hook.on("/dry", () => ALLOW);
  await configured(t, "validating", [webhook("/dry", { sideEffects: "NoneOnDryRun" })]);
  const made = await create(CONFIG_MAPS, configMap("dry"), "?dryRun=All");
  t.equal(made.status, 201);
  t.match(hook.requests("/dry"), [{ dryRun: true, options: { dryRun: ["All"] } }]);
  const some = configuration("ValidatingWebhookConfiguration", "some", [
    webhook("/dry", { sideEffects: "Some" }),
  ]);
  t.equal((await create(VALIDATING, some)).status, 422, "others cannot be configured");
});

t.test("configurations are never judged by webhooks", async (t) => {
  hook.on("/all", () => deny("nothing goes"));
  const everything = {
    operations: ["*"],
    apiGroups: ["*"],
    apiVersions: ["*"],
    resources: ["*/*"],
  };
  const body = configuration("ValidatingWebhookConfiguration", "all", [
    webhook("/all", { rules: [everything] }),
  ]);
  t.equal((await create(VALIDATING, body)).status, 201);
  t.equal((await create(CONFIG_MAPS, configMap("x"))).status, 400);
  const other = configuration("MutatingWebhookConfiguration", "other", []);
  t.equal((await create(MUTATING, other)).status, 201);
  t.equal((await server.send("DELETE", `${MUTATING}/other`)).status, 200);
  t.equal((await server.send("DELETE", `${VALIDATING}/all`)).status, 200);
  t.equal((await create(CONFIG_MAPS, configMap("x"))).status, 201);
  await server.send("DELETE", `${CONFIG_MAPS}/x`);
});

t.test("labels of namespaces and objects choose", async (t) => {
  hook.on("/chosen", () => deny("chosen"));
  await configured(t, "validating", [
    webhook("/chosen", {
      namespaceSelector: { matchLabels: { watched: "yes" } },
      objectSelector: { matchExpressions: [{ key: "free", operator: "DoesNotExist" }] },
    }),
  ]);
  const namespace = (name: string, labels: JsonObject): JsonObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels },
  });
  await create("/api/v1/namespaces", namespace("watched", { watched: "yes" }));
  const watched = "/api/v1/namespaces/watched/configmaps";
  t.equal((await create(watched, configMap("x"))).status, 400);
  const free = { ...configMap("x"), metadata: { name: "x", labels: { free: "yes" } } };
  t.equal((await create(watched, free)).status, 201);
  t.equal((await create(CONFIG_MAPS, configMap("x"))).status, 201, "another namespace");
  await server.send("DELETE", `${CONFIG_MAPS}/x`);
});

t.test("conditions in CEL choose, and what fails follows the policy", async (t) => {
  hook.on("/conditions", () => deny("asked"));
  const conditions = (expression: string, failurePolicy = "Fail"): JsonObject => ({
    matchConditions: [
      { name: "has-data", expression: "has(object.data)" },
      { name: "other", expression },
    ],
    failurePolicy,
  });
  const outcome = async (more: JsonObject): Promise<string> => {
    const body = configuration("ValidatingWebhookConfiguration", "cel", [
      webhook("/conditions", more),
    ]);
    await create(VALIDATING, body);
    await server.send("GET", "/api/v1/namespaces/default");
    const answer = await create(CONFIG_MAPS, configMap("cel", { a: "b" }), "?dryRun=All");
    await server.send("DELETE", `${VALIDATING}/cel`);
    return answer.status === 201 ? "" : String(said(answer));
  };
  t.match(await outcome(conditions("object.data.a == 'b'")), /denied the request: asked$/u);
  t.equal(await outcome(conditions("object.data.a == 'c'")), "");
  const mine = "authorizer.requestResource.check('create').allowed()";
  t.match(await outcome(conditions(mine)), /denied the request: asked$/u);
  t.match(
    await outcome(conditions("object.data.z == 'c'")),
    /^configmaps "cel" is forbidden: expression 'object.data.z == 'c'' resulted in error: no such/u,
  );
  t.equal(await outcome(conditions("object.data.z == 'c'", "Ignore")), "");
});

t.test("a webhook behind a Service is asked under the Service's name", async (t) => {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "hook" },
    spec: { type: "ExternalName", externalName: "localhost" },
  };
  t.equal((await create("/api/v1/namespaces/default/services", service)).status, 201);
  hook.on("/service", () => deny("reached"));
  const clientConfig = hook.serviceConfig("/service");
  await configured(t, "validating", [webhook("/service", { clientConfig })]);
  const refused = await create(CONFIG_MAPS, configMap("x"));
  t.equal(said(refused), 'admission webhook "service.example.com" denied the request: reached');
  const before = hook.connections;
  await create(CONFIG_MAPS, configMap("x"));
  t.equal(hook.connections, before, "the connection is kept");
});

t.test("who speaks v1beta1 alone is asked in it", async (t) => {
  hook.on("/beta", () => deny("beta"));
  await configured(t, "validating", [webhook("/beta", { admissionReviewVersions: ["v1beta1"] })]);
  t.match(said(await create(CONFIG_MAPS, configMap("x"))), /denied the request: beta$/u);
});

t.test("rules for one version see the others, unless they must be exact", async (t) => {
  hook.on("/v1", ({ object }) =>
    (object?.["spec"] as JsonObject | undefined)?.["targetCPUUtilizationPercentage"] === 7
      ? deny("as v1")
      : ALLOW,
  );
  hook.on("/exact", () => deny("exact"));
  const rules = [
    {
      operations: ["CREATE"],
      apiGroups: ["autoscaling"],
      apiVersions: ["v1"],
      resources: ["horizontalpodautoscalers"],
    },
  ];
  await configured(t, "validating", [
    webhook("/v1", { rules }),
    webhook("/exact", { rules, matchPolicy: "Exact" }),
  ]);
  const autoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "one" },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "x" },
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 7 } },
        },
      ],
    },
  };
  const path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  t.match(said(await create(path, autoscaler)), /denied the request: as v1$/u);
  t.match(hook.requests("/v1"), [
    {
      kind: { version: "v1" },
      resource: { version: "v1" },
      requestKind: { version: "v2" },
      requestResource: { version: "v2" },
    },
  ]);
  t.same(hook.requests("/exact"), []);
});

t.test("subresources, streams and what is only answered", async (t) => {
  const seen: string[] = [];
  hook.on("/sub", ({ operation, subResource = "", kind, resource, object }) => {
    const spec = (object?.["spec"] ?? {}) as JsonObject;
    seen.push(`${operation} ${resource["resource"]}/${subResource} ${kind["kind"]}`);
    if (subResource === "scale" && spec["replicas"] === 9) return deny("too many");
    return subResource === "attach" || subResource === "exec" ? deny("no streams") : ALLOW;
  });
  hook.on("/scale", ({ object }) =>
    (object?.["spec"] as JsonObject | undefined)?.["replicas"] === 4
      ? patched({ op: "replace", path: "/spec/replicas", value: 5 })
      : ALLOW,
  );
  const rules = (...resources: string[]): readonly JsonObject[] => [
    { operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources },
  ];
  const subs = ["*/scale", "pods/*", "serviceaccounts/token", "tokenreviews"];
  await configured(t, "validating", [webhook("/sub", { rules: rules(...subs) })]);
  await configured(t, "mutating", [webhook("/scale", { rules: rules("deployments/scale") })]);
  const template = {
    metadata: { labels: { app: "x" } },
    spec: { containers: [{ name: "c", image: "busybox" }] },
  };
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  await create(deployments, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec: { selector: { matchLabels: { app: "x" } }, template },
  });
  const scale = (replicas: number): Promise<TestAnswer> =>
    server.send("PATCH", `${deployments}/d/scale`, {
      headers: MERGE,
      body: { spec: { replicas } },
    });
  t.match(said(await scale(9)), /denied the request: too many$/u);
  t.match((await scale(4)).body["spec"], { replicas: 5 });
  await create(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: template.spec,
  });
  const exec = await server.kubectl("1.33", ["exec", "p", "--", "true"]);
  t.match(exec.stderr, /admission webhook "sub.example.com" denied the request: no streams/u);
  const attach = await server.kubectl("1.33", ["attach", "p"]);
  t.match(attach.stderr, /no streams|not running/u);
  const target = { apiVersion: "v1", kind: "Node", name: "node-1" };
  const bound = await create(`${PODS}/p/binding`, {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: "p" },
    target,
  });
  t.equal(bound.status, 201, String(said(bound)));
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } };
  t.equal((await create(`${PODS}/p/eviction`, eviction)).status, 201);
  t.match(
    seen.filter((line, index) => seen.indexOf(line) === index),
    ["UPDATE deployments/scale Scale", "CREATE pods/ Pod", "CONNECT pods/exec PodExecOptions"],
  );
  for (const line of ["CREATE pods/binding Binding", "CREATE pods/eviction Eviction"])
    t.ok(seen.includes(line), line);
  t.notOk(seen.includes("DELETE pods/eviction Pod"));
});

t.test("custom kinds and their definitions are judged as all others", async (t) => {
  hook.on("/custom", ({ object, kind }) => {
    if (kind["kind"] === "CustomResourceDefinition")
      return JSON.stringify(object).includes('"webhook-bad"') ? deny("no such kinds") : ALLOW;
    return patched({ op: "add", path: "/spec/added", value: 1 });
  });
  const definition = (plural: string, labels: JsonObject): JsonObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com`, labels },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural, kind: plural[0]?.toUpperCase() + plural.slice(1) },
      versions: ["v1", "v2"].map((name, at) => ({
        name,
        served: true,
        storage: at === 0,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  added: { type: "integer" },
                  given: { type: "string", default: "by default" },
                },
              },
            },
          },
        },
      })),
    },
  });
  const rules = [
    {
      operations: ["CREATE"],
      apiGroups: ["example.com", "apiextensions.k8s.io"],
      apiVersions: ["v1"],
      resources: ["*"],
    },
  ];
  await configured(t, "mutating", [webhook("/custom", { rules })]);
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const bad = await create(definitions, definition("bads", { kind: "webhook-bad" }));
  t.match(said(bad), /denied the request: no such kinds$/u);
  t.equal((await create(definitions, definition("things", {}))).status, 201);
  const thing = { kind: "Things", metadata: { name: "one" }, spec: {} };
  for (const version of ["v1", "v2"]) {
    const made = await create(`/apis/example.com/${version}/namespaces/default/things`, {
      ...thing,
      metadata: { name: version },
      apiVersion: `example.com/${version}`,
    });
    t.match(made.body, {
      apiVersion: `example.com/${version}`,
      spec: { added: 1, given: "by default" },
    });
  }
  t.match(hook.requests("/custom").at(-1), {
    kind: { version: "v1" },
    requestKind: { version: "v2" },
    object: { apiVersion: "example.com/v1" },
  });
});

t.test("calls are counted under Kubernetes' names", async (t) => {
  const text = (await server.send("GET", "/metrics")).bytes.toString();
  for (const part of [
    'apiserver_admission_webhook_admission_duration_seconds_count{name="deny.example.com",type="validating",operation="CREATE",rejected="true"}',
    'apiserver_admission_webhook_rejection_count{name="deny.example.com",type="validating",operation="CREATE",error_type="no_error",rejection_code="403"}',
    'apiserver_admission_webhook_rejection_count{name="closed.example.com",type="validating",operation="CREATE",error_type="calling_webhook_error"',
    'apiserver_admission_webhook_fail_open_count{name="open.example.com",type="validating"}',
  ])
    t.ok(text.includes(part), part);
});

t.test("wrong configurations are refused field by field", async (t) => {
  const cases: readonly [change: JsonObject, text: RegExp][] = [
    [{ name: "short" }, /webhooks\[0\].name: Invalid value: "short": should be a domain with at/u],
    [{ sideEffects: undefined as never }, /webhooks\[0\].sideEffects: Required value/u],
    [{ timeoutSeconds: 31 }, /timeoutSeconds: Invalid value: 31: the timeout value must be betw/u],
    [{ failurePolicy: "Maybe" }, /failurePolicy: Unsupported value: "Maybe": supported values/u],
    [{ clientConfig: {} }, /clientConfig: Required value: exactly one of url or service is req/u],
    [
      { clientConfig: { url: "http://x" } },
      /url: Invalid value: "http": 'https' is the only allo/u,
    ],
    [{ clientConfig: { url: "https://u@x" } }, /url: Invalid value: "u": user information is/u],
    [{ clientConfig: { url: "https://" } }, /url: Invalid value: "": host must be provided/u],
    [{ clientConfig: { url: "https://x/?a" } }, /url: Invalid value: "a": query parameters are/u],
    [
      { clientConfig: { service: { namespace: "a", name: "b", path: "x" } } },
      /service.path: Invalid value: "x": must start with a '\/'/u,
    ],
    [{ rules: [{}] }, /rules\[0\].operations: Required value/u],
    [
      { rules: [{ ...ON_CONFIG_MAPS, resources: ["*/*", "pods"] }] },
      /resources: Invalid value: \["\*\/\*","pods"\]: if '\*\/\*' is present, must not specify/u,
    ],
    [{ admissionReviewVersions: ["v7"] }, /must include at least one of v1, v1beta1/u],
    [{ admissionReviewVersions: [] }, /admissionReviewVersions: Required value: must specify one/u],
    [
      { matchConditions: [{ name: "a", expression: "object.x ||" }] },
      /matchConditions\[0\].expression: Invalid value: .*compilation failed: ERROR: <input>/su,
    ],
  ];
  for (const [change, text] of cases) {
    const body = configuration("ValidatingWebhookConfiguration", "wrong", [
      webhook("/wrong", change),
    ]);
    const refused = await create(VALIDATING, body);
    t.equal(refused.status, 422);
    t.match(said(refused), text);
  }
  const twice = configuration("MutatingWebhookConfiguration", "twice", [
    webhook("/a"),
    webhook("/a"),
  ]);
  t.match(said(await create(MUTATING, twice)), /webhooks\[1\].name: Duplicate value/u);
});
