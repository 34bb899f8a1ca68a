import t from "tap";
import { installedKubectls } from "../api/streaming/test-kubectls.js";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const APPLY = { "content-type": "application/apply-patch+yaml" };
const MERGE = { "content-type": "application/merge-patch+json" };
const JSON_PATCH = { "content-type": "application/json-patch+json" };

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}
interface Deployment {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly labels?: Record<string, string>;
    readonly managedFields?: readonly Entry[];
  };
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: object } };
}
function bodyOf(answer: TestAnswer): Deployment {
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body as unknown as Deployment;
}
function managersOf(answer: TestAnswer): string[] {
  return (bodyOf(answer).metadata.managedFields ?? []).map(
    ({ manager, operation, subresource = "" }) => `${manager} ${operation} ${subresource}`.trim(),
  );
}
function fieldsBy(answer: TestAnswer, manager: string): object | undefined {
  const entries = bodyOf(answer).metadata.managedFields ?? [];
  return entries.find((entry) => entry.manager === manager)?.fieldsV1;
}
function deployment(name: string, spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...metadata },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image: "nginx" }] },
      },
      ...spec,
    },
  };
}
function apply(name: string, query: string, body: object | string): Promise<TestAnswer> {
  return server.send("PATCH", `${DEPLOYMENTS}/${name}?${query}`, { body, headers: APPLY });
}
function configMap(name: string, data: object, metadata: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
}

void t.test("A applies, B is refused, forces, and A's dropped field goes", async (t) => {
  const first = await apply("web", "fieldManager=A", deployment("web", { replicas: 2 }));
  t.equal(first.status, 201);
  t.same(managersOf(first), ["A Apply"]);
  const again = await apply("web", "fieldManager=A", deployment("web", { replicas: 2 }));
  t.equal(again.status, 200);
  t.equal(bodyOf(again).metadata.resourceVersion, bodyOf(first).metadata.resourceVersion);

  const refused = await apply("web", "fieldManager=B", deployment("web", { replicas: 3 }));
  t.equal(refused.status, 409);
  t.match(refused.body, {
    reason: "Conflict",
    message: 'Apply failed with 1 conflict: conflict with "A": .spec.replicas',
    details: {
      causes: [
        {
          reason: "FieldManagerConflict",
          message: 'conflict with "A"',
          field: ".spec.replicas",
        },
      ],
    },
  });
  const forced = await apply(
    "web",
    "fieldManager=B&force=true",
    deployment("web", { replicas: 3 }, { labels: { tier: "b" } }),
  );
  t.equal(bodyOf(forced).spec.replicas, 3);
  t.notMatch(fieldsBy(forced, "A"), { "f:spec": { "f:replicas": {} } });
  t.match(fieldsBy(forced, "B"), { "f:spec": { "f:replicas": {} } });

  t.same(bodyOf(await apply("web", "fieldManager=A", deployment("web"))).metadata.labels, {
    tier: "b",
  });
  const dropped = bodyOf(await apply("web", "fieldManager=B", deployment("web")));
  t.equal(dropped.metadata.labels, undefined);
  t.equal(dropped.spec.replicas, 1, "nobody has it: the default again");
});

void t.test("a conflict with an update names its version", async (t) => {
  const created = await server.send("POST", `${DEPLOYMENTS}?fieldManager=A`, {
    body: deployment("up", { replicas: 2 }),
  });
  t.same(managersOf(created), ["A Update"]);
  const refused = await apply("up", "fieldManager=B", deployment("up", { replicas: 3 }));
  t.equal(
    refused.body["message"],
    'Apply failed with 1 conflict: conflict with "A" using apps/v1: .spec.replicas',
  );
});

void t.test("who writes is the field manager, or else the program", async (t) => {
  const headers = { "user-agent": "tool/v1 (linux)", "content-type": "application/json" };
  const created = await server.send("POST", CONFIG_MAPS, {
    body: configMap("who", { a: "1" }),
    headers,
  });
  t.same(managersOf(created), ["tool Update"]);
  t.same(fieldsBy(created, "tool"), { "f:data": { ".": {}, "f:a": {} } });
  const patched = await server.send("PATCH", `${CONFIG_MAPS}/who?fieldManager=me`, {
    body: { data: { a: "2", b: "3" } },
    headers: MERGE,
  });
  t.same(managersOf(patched).sort(), ["me Update", "tool Update"]);
  t.same(fieldsBy(patched, "me"), { "f:data": { "f:a": {}, "f:b": {} } });
  t.same(fieldsBy(patched, "tool"), { "f:data": {} });
  const removed = await server.send("PATCH", `${CONFIG_MAPS}/who?fieldManager=you`, {
    body: { data: { b: null } },
    headers: MERGE,
  });
  t.same(fieldsBy(removed, "me"), { "f:data": { "f:a": {} } });
  t.same(fieldsBy(removed, "you"), undefined);
});

void t.test("parts of an object have managers of their own", async (t) => {
  await apply("parts", "fieldManager=A", deployment("parts", { replicas: 2 }));
  const path = `${DEPLOYMENTS}/parts`;
  await server.send("PATCH", `${path}/status?fieldManager=loop`, {
    body: { spec: { replicas: 9 }, status: { replicas: 2, observedGeneration: 1 } },
    headers: MERGE,
  });
  await server.send("PATCH", `${path}/scale?fieldManager=auto`, {
    body: { spec: { replicas: 4 } },
    headers: MERGE,
  });
  const now = await server.send("GET", path);
  t.same(managersOf(now).sort(), ["A Apply", "auto Update scale", "loop Update status"]);
  t.same(fieldsBy(now, "loop"), { "f:status": { "f:observedGeneration": {}, "f:replicas": {} } });
  t.same(fieldsBy(now, "auto"), { "f:spec": { "f:replicas": {} } });
  const refused = await apply("parts", "fieldManager=A", deployment("parts", { replicas: 2 }));
  t.match(
    refused.body["message"],
    /"auto" with subresource "scale" using apps\/v1: .spec.replicas/u,
  );

  const status = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "parts" } };
  const applied = await server.send("PATCH", `${path}/status?fieldManager=S`, {
    body: { ...status, spec: { replicas: 8 }, status: { collisionCount: 1 } },
    headers: APPLY,
  });
  t.same(fieldsBy(applied, "S"), { "f:status": { "f:collisionCount": {} } });
  t.equal(bodyOf(applied).spec.replicas, 4, "the status has no say in the spec");
  const scaled = await server.send("PATCH", `${path}/scale?fieldManager=S&force=1`, {
    body: {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "parts" },
      spec: { replicas: 6 },
    },
    headers: APPLY,
  });
  t.match(scaled.body, { kind: "Scale", spec: { replicas: 6 } });
  t.same(managersOf(await server.send("GET", path)).sort(), [
    "A Apply",
    "S Apply scale",
    "S Apply status",
    "loop Update status",
  ]);
});

void t.test("an object that somebody updated is applied to", async (t) => {
  const body = configMap("mixed", { a: "1" });
  await server.send("POST", `${CONFIG_MAPS}?fieldManager=u`, { body });
  const path = `${CONFIG_MAPS}/mixed`;
  const send = (data: object, query: string): Promise<TestAnswer> =>
    server.send("PATCH", `${path}?${query}`, { body: configMap("mixed", data), headers: APPLY });
  const shared = await send({ a: "1", b: "2" }, "fieldManager=A");
  t.same(managersOf(shared), ["A Apply", "u Update"]);
  const left = await send({ b: "2" }, "fieldManager=A");
  t.same(left.body["data"], { a: "1", b: "2" }, "u still has a");
  const gone = await send({}, "fieldManager=A");
  t.same(gone.body["data"], { a: "1" });
});

void t.test("managedFields can be set, reset, and are not lost", async (t) => {
  const path = `${CONFIG_MAPS}/meta`;
  const headers = { "content-type": "application/json" };
  await server.send("POST", `${CONFIG_MAPS}?fieldManager=u`, {
    body: configMap("meta", { a: "1" }),
  });
  const put = (metadata: object): Promise<TestAnswer> =>
    server.send("PUT", `${path}?fieldManager=u`, {
      body: configMap("meta", { a: "1" }, metadata),
      headers,
    });
  t.same(managersOf(await put({})), ["u Update"], "a client that knows nothing of them");
  const mine = {
    manager: "m",
    operation: "Apply",
    apiVersion: "v1",
    time: "2026-01-01T00:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:data": { "f:a": {} } },
  };
  t.same(managersOf(await put({ managedFields: [mine] })), ["m Apply"]);
  const unreadable = { ...mine, manager: "x", fieldsV1: { a: {} } };
  t.same(managersOf(await put({ managedFields: [unreadable] })), ["m Apply"], "kept as it was");
  const long = await put({ managedFields: [{ ...mine, manager: "m".repeat(200) }] });
  t.equal(long.status, 422);
  t.match(long.body["message"], /metadata\.managedFields\[0\]\.manager: Too long/u);
  for (const managedFields of [[], [{}]]) {
    await put({ managedFields: [mine] });
    t.same(managersOf(await put({ managedFields })), [], JSON.stringify(managedFields));
    const patch = [{ op: "add", path: "/metadata/managedFields", value: [mine] }];
    t.same(managersOf(await server.send("PATCH", path, { body: patch, headers: JSON_PATCH })), [
      "m Apply",
    ]);
  }
  const patch = [{ op: "replace", path: "/metadata/managedFields", value: [{}] }];
  t.same(managersOf(await server.send("PATCH", path, { body: patch, headers: JSON_PATCH })), []);
  t.same(managersOf(await put({ labels: { now: "here" } })), [], "not tracked until applied");
  const applied = await server.send("PATCH", `${path}?fieldManager=A`, {
    body: configMap("meta", { b: "2" }),
    headers: APPLY,
  });
  t.same(managersOf(applied), ["A Apply", "before-first-apply Update"]);
});

void t.test("an apply is checked", async (t) => {
  const body = deployment("bad");
  const cases: readonly { query: string; body: object | string; code: number; text: RegExp }[] = [
    { query: "", body, code: 422, text: /fieldManager: Required value: is required for apply/u },
    {
      query: "fieldManager=A",
      body: { ...body, spc: 1 },
      code: 400,
      text: /^failed to create typed patch object \(default\/bad; apps\/v1, Kind=Deployment\): \.spc/u,
    },
    { query: "fieldManager=A", body: "a: [", code: 400, text: /error decoding patch/u },
    { query: "fieldManager=A", body: "text", code: 400, text: /error decoding patch/u },
    {
      query: "fieldManager=A",
      body: configMap("bad", {}),
      code: 400,
      text: /^invalid object type: \/v1, Kind=ConfigMap$/u,
    },
    {
      query: "fieldManager=A",
      body: deployment("bad", {}, { managedFields: [] }),
      code: 400,
      text: /^metadata\.managedFields must be nil$/u,
    },
    { query: "fieldManager=A", body: deployment("other"), code: 400, text: /name on the URL/u },
    {
      query: "fieldManager=A&fieldValidation=Strict",
      body: "apiVersion: apps/v1\nkind: Deployment\nkind: Deployment\n",
      code: 400,
      text: /error strict decoding patch/u,
    },
  ];
  for (const { query, body, code, text } of cases) {
    const answer = await apply("bad", query, body);
    t.equal(answer.status, code, text.source);
    t.match(answer.body["message"], text);
  }
  const forced = await server.send("PATCH", `${DEPLOYMENTS}/bad?force=true`, {
    body: {},
    headers: MERGE,
  });
  t.match(forced.body["message"], /force: Forbidden: may not be specified for non-apply patch/u);
  const dry = await apply("bad", "fieldManager=A&dryRun=All", body);
  t.equal(dry.status, 201);
  t.equal((await server.send("GET", `${DEPLOYMENTS}/bad`)).status, 404);
  const status = await server.send("PATCH", `${DEPLOYMENTS}/bad/status?fieldManager=A`, {
    body: deployment("bad"),
    headers: APPLY,
  });
  t.equal(status.status, 404, "a part does not make its object");
  const stale = await apply(
    "web",
    "fieldManager=A",
    deployment("web", {}, { resourceVersion: "1" }),
  );
  t.equal(stale.status, 409);
});

const YAML = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NS, labels: {set: one}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: nginx
        ports: [{containerPort: 53, protocol: TCP}, {containerPort: 53, protocol: UDP}]
`;

interface Step {
  readonly run: string;
  readonly stdin?: string;
  readonly code?: number;
  readonly prints: RegExp;
}

function steps(ns: string): readonly Step[] {
  const yaml = YAML.replace("NS", ns);
  const three = yaml.replace("replicas: 2", "replicas: 3");
  const show = `get deploy web -n ${ns} --show-managed-fields -o`;
  const managers = "jsonpath={.metadata.managedFields[*].manager}";
  const ports = "jsonpath={.spec.template.spec.containers[0].ports[*].protocol}";
  // Without a list kubectl asks for kinds that this server does not have yet.
  const kinds = "--prune-allowlist core/v1/ConfigMap --prune-allowlist apps/v1/Deployment";
  const prune = `apply -f - --prune -l set=one ${kinds} -n ${ns}`;
  return [
    { run: `create namespace ${ns}`, prints: /created/u },
    { run: "apply -f -", stdin: yaml, prints: /web created/u },
    { run: `apply view-last-applied deploy web -n ${ns}`, prints: /replicas: 2/u },
    { run: `${show} ${managers}`, prints: /^kubectl-client-side-apply$/u },
    { run: "apply --server-side -f -", stdin: yaml, prints: /web serverside-applied/u },
    // By time, to the second, and then by name; it is two requests.
    {
      run: `${show} ${managers}`,
      prints: /^(?:kubectl kubectl-last-applied|kubectl-last-applied kubectl)$/u,
    },
    { run: "apply --server-side -f -", stdin: three, prints: /web serverside-applied/u },
    { run: "diff --server-side -f -", stdin: three, prints: /^$/u },
    { run: `apply view-last-applied deploy web -n ${ns}`, prints: /replicas: 3/u },
    { run: `${show} ${ports}`, prints: /^TCP UDP$/u },
    {
      run: "apply --server-side --field-manager=other -f -",
      stdin: yaml,
      code: 1,
      prints: /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.replicas/u,
    },
    {
      run: "apply --server-side --field-manager=other --force-conflicts -f -",
      stdin: yaml,
      prints: /web serverside-applied/u,
    },
    { run: `${show} jsonpath={.spec.replicas}`, prints: /^2$/u },
    { run: `get deploy web -n ${ns} -o yaml`, prints: /^(?!.*managedFields)/su },
    { run: `label deploy web -n ${ns} extra=yes`, prints: /labeled/u },
    { run: `${show} ${managers}`, prints: /other kubectl-label$/u },
    { run: "apply --server-side --dry-run=server -f -", stdin: yaml, prints: /server dry run/u },
    { run: prune, stdin: yaml, prints: /web (?:configured|unchanged)/u },
    {
      run: prune,
      stdin: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {set: one}}\n`,
      prints: /deployment\.apps\/web pruned/u,
    },
  ];
}

// Ones older than 1.27 migrate nothing to the server and have no allow list to prune by.
for (const { version } of installedKubectls().slice(-1)) {
  void t.test(`kubectl ${version} applies on the server`, async (t) => {
    for (const { run, stdin, code = 0, prints } of steps(`ns-${version.replace(".", "-")}`)) {
      const result = await server.kubectl(version, run.split(" "), stdin);
      t.equal(result.code, code, `${run}: ${result.stderr}`);
      t.match(code === 0 ? result.stdout : result.stderr, prints, run);
    }
  });
}
