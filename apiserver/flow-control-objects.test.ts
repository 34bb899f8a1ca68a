import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1";
const SCHEMAS = `${GROUP}/flowschemas`;
const LEVELS = `${GROUP}/prioritylevelconfigurations`;
const SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const MERGE = { "content-type": "application/merge-patch+json" };

const said = ({ body }: TestAnswer): unknown => body["message"];
const names = ({ body }: TestAnswer): string[] =>
  (body["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);

const schema = (name: string, spec: JsonObject): JsonObject => ({
  apiVersion: "flowcontrol.apiserver.k8s.io/v1",
  kind: "FlowSchema",
  metadata: { name },
  spec: {
    priorityLevelConfiguration: { name: "workload-low" },
    rules: [
      {
        subjects: [{ kind: "Group", group: { name: "dev" } }],
        resourceRules: [
          { verbs: ["get"], apiGroups: [""], resources: ["pods"], namespaces: ["default"] },
        ],
      },
    ],
    ...spec,
  },
});
const level = (name: string, limited: JsonObject): JsonObject => ({
  apiVersion: "flowcontrol.apiserver.k8s.io/v1",
  kind: "PriorityLevelConfiguration",
  metadata: { name },
  spec: { type: "Limited", limited },
});

t.test("a cluster begins with what Kubernetes suggests", async (t) => {
  t.same(names(await server.send("GET", LEVELS)), [
    "catch-all",
    "exempt",
    "global-default",
    "leader-election",
    "node-high",
    "system",
    "workload-high",
    "workload-low",
  ]);
  t.equal(names(await server.send("GET", SCHEMAS)).length, 13);
  const { stdout } = await server.kubectl("1.33", ["get", "flowschemas", "catch-all"]);
  t.match(
    stdout,
    /^NAME +PRIORITYLEVEL +MATCHINGPRECEDENCE +DISTINGUISHERMETHOD +AGE +MISSINGPL\n/u,
  );
  t.match(stdout, /catch-all +catch-all +10000 +ByUser +\S+ +\?/u);
});

t.test("schemas and levels are stored, changed and deleted, status apart", async (t) => {
  const made = await server.send("POST", SCHEMAS, { body: schema("mine", {}) });
  t.equal(made.status, 201, String(said(made)));
  t.match(made.body, { metadata: { generation: 1 }, spec: { matchingPrecedence: 1000 } });
  const condition = { type: "Dangling", status: "False", reason: "Found", message: "x" };
  const status = await server.send("PATCH", `${SCHEMAS}/mine/status`, {
    headers: MERGE,
    body: { status: { conditions: [condition] }, spec: { matchingPrecedence: 7 } },
  });
  t.match(status.body, { spec: { matchingPrecedence: 1000 }, status: { conditions: [condition] } });
  const shown = await server.kubectl("1.33", ["get", "flowschema", "mine"]);
  t.match(shown.stdout, /mine +workload-low +1000 +<none> +\S+ +False/u);
  const patched = await server.send("PATCH", `${SCHEMAS}/mine`, {
    headers: MERGE,
    body: { spec: { matchingPrecedence: 7 } },
  });
  t.match(patched.body, { metadata: { generation: 2 }, status: { conditions: [condition] } });
  t.equal((await server.send("DELETE", `${SCHEMAS}/mine`)).status, 200);
  const queued = { limitResponse: { type: "Queue", queuing: {} } };
  const own = await server.send("POST", LEVELS, { body: level("own", queued) });
  t.equal(own.status, 201, String(said(own)));
  t.match(own.body["spec"], {
    limited: {
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    },
  });
});

t.test("what is wrong is said field by field", async (t) => {
  const rule = (more: JsonObject): JsonObject => ({ rules: [{ subjects: [], ...more }] });
  const cases: readonly [body: JsonObject, text: RegExp][] = [
    [schema("bad", { matchingPrecedence: 10_001 }), /Precedence: Invalid value: 10001: must not/u],
    [schema("bad", { matchingPrecedence: 1 }), /only the schema named 'exempt' may have/u],
    [schema("bad", { priorityLevelConfiguration: {} }), /name: Required value: must reference a/u],
    [schema("bad", { distinguisherMethod: { type: "X" } }), /type: Unsupported value: "X"/u],
    [schema("bad", rule({})), /rules\[0\].subjects: Required value: subjects must contain/u],
    [schema("bad", rule({})), /rules\[0\]: Required value: at least one of resourceRules/u],
    [
      schema("bad", rule({ subjects: [{ kind: "User" }] })),
      /subjects\[0\].user: Required value: user is required when subject kind is 'User'/u,
    ],
    [
      schema(
        "bad",
        rule({ resourceRules: [{ verbs: ["get"], apiGroups: ["*"], resources: ["*"] }] }),
      ),
      /namespaces: Required value: resource rules that are not cluster scoped must supply/u,
    ],
    [
      schema("bad", rule({ nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["x"] }] })),
      /nonResourceURLs\[0\]: Invalid value: "x": must start with slash/u,
    ],
    [level("bad", { nominalConcurrencyShares: -1 }), /must be a non-negative integer/u],
    [level("bad", { lendablePercent: 101 }), /must be between 0 and 100, inclusive/u],
    [level("bad", { limitResponse: { type: "Queue" } }), /queuing: Required value: must not be/u],
    [
      level("bad", { limitResponse: { type: "Reject", queuing: {} } }),
      /queuing: Forbidden: must be nil/u,
    ],
    [
      level("bad", { limitResponse: { type: "Queue", queuing: { queues: 4, handSize: 5 } } }),
      /handSize: Invalid value: 5: should not be greater than queues \(4\)/u,
    ],
    [
      { ...level("bad", {}), spec: { type: "Exempt" } },
      /type must be 'Exempt' if and only if name is 'exempt'/u,
    ],
  ];
  for (const [body, text] of cases) {
    const path = body["kind"] === "FlowSchema" ? SCHEMAS : LEVELS;
    const refused = await server.send("POST", path, { body });
    t.equal(refused.status, 422, JSON.stringify(refused.body));
    t.match(said(refused), text);
  }
  for (const path of [`${SCHEMAS}/catch-all`, `${LEVELS}/catch-all`]) {
    const spec = path.startsWith(SCHEMAS)
      ? { matchingPrecedence: 5 }
      : { limited: { nominalConcurrencyShares: 500 } };
    const changed = await server.send("PATCH", path, { headers: MERGE, body: { spec } });
    t.match(said(changed), /spec of 'catch-all' must equal the fixed value/u);
  }
});

t.test("every version that is served has an APIService", async (t) => {
  const all = names(await server.send("GET", SERVICES));
  for (const name of ["v1.", "v1.apps", "v2.autoscaling", "v1.apiregistration.k8s.io"])
    t.ok(all.includes(name), name);
  const { stdout } = await server.kubectl("1.33", ["get", "apiservice", "v1.apps"]);
  t.match(stdout, /NAME +SERVICE +AVAILABLE +AGE\nv1.apps +Local +True +/u);
  const core = await server.send("GET", `${SERVICES}/v1.`);
  t.match(core.body["spec"], { version: "v1", groupPriorityMinimum: 18_000, versionPriority: 100 });
  t.match(core.body["status"], {
    conditions: [{ type: "Available", status: "True", reason: "Local" }],
  });
});

t.test("APIServices with wrong names and priorities are refused", async (t) => {
  const service = (spec: JsonObject): JsonObject => ({
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.example.com" },
    spec: {
      group: "example.com",
      version: "v1",
      groupPriorityMinimum: 100,
      versionPriority: 10,
      ...spec,
    },
  });
  const cases: readonly [spec: JsonObject, text: RegExp][] = [
    [{ version: "v2" }, /metadata.name: Invalid value: "v1.example.com": must be `spec.version/u],
    [{ groupPriorityMinimum: 0 }, /groupPriorityMinimum: Invalid value: 0: must be positive and/u],
    [{ versionPriority: 1001 }, /versionPriority: Invalid value: 1001: must be positive and less/u],
    [{ insecureSkipTLSVerify: true }, /local APIServices may not have insecureSkipTLSVerify/u],
  ];
  for (const [spec, text] of cases)
    t.match(said(await server.send("POST", SERVICES, { body: service(spec) })), text);
});
