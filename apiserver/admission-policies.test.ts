import t from "tap";
import { stringify } from "yaml";
import type { JsonObject } from "../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const API_VERSION = "admissionregistration.k8s.io/v1";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const PODS = "/api/v1/namespaces/default/pods";
const MERGE = { "content-type": "application/merge-patch+json" };

const ON_DEPLOYMENTS = {
  resourceRules: [
    {
      apiGroups: ["apps"],
      apiVersions: ["v1"],
      operations: ["CREATE", "UPDATE"],
      resources: ["deployments"],
    },
  ],
};
const ON_PODS = {
  resourceRules: [
    { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
  ],
};

/** Policies are read from the cache, which a read waits for. */
async function must(answer: Promise<TestAnswer>): Promise<TestAnswer> {
  const done = await answer;
  if (done.status >= 300) throw new Error(JSON.stringify(done.body));
  await server.send("GET", "/api/v1/namespaces/default");
  return done;
}

function make(plural: string, kind: string, name: string, spec: JsonObject): Promise<TestAnswer> {
  const body = { apiVersion: API_VERSION, kind, metadata: { name }, spec };
  return server.send("POST", `${GROUP}/${plural}`, { body });
}

/** A policy and its binding; both go at the end of the test. */
async function policy(
  t: { teardown(done: () => unknown): unknown },
  name: string,
  spec: JsonObject,
  binding: JsonObject = {},
): Promise<void> {
  const remove = async (): Promise<void> => {
    await server.send("DELETE", `${GROUP}/validatingadmissionpolicies/${name}`);
    await server.send("DELETE", `${GROUP}/validatingadmissionpolicybindings/${name}`);
  };
  t.teardown(remove);
  const whole = { matchConstraints: ON_DEPLOYMENTS, ...spec };
  await must(make("validatingadmissionpolicies", "ValidatingAdmissionPolicy", name, whole));
  const bound = { policyName: name, validationActions: ["Deny"], ...binding };
  await must(
    make("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", name, bound),
  );
}

async function mutation(
  t: { teardown(done: () => unknown): unknown },
  name: string,
  spec: JsonObject,
  binding: JsonObject = {},
): Promise<void> {
  const remove = async (): Promise<void> => {
    await server.send("DELETE", `${GROUP}/mutatingadmissionpolicies/${name}`);
    await server.send("DELETE", `${GROUP}/mutatingadmissionpolicybindings/${name}`);
  };
  t.teardown(remove);
  const whole = { matchConstraints: ON_PODS, reinvocationPolicy: "Never", ...spec };
  await must(make("mutatingadmissionpolicies", "MutatingAdmissionPolicy", name, whole));
  const bound = { policyName: name, ...binding };
  await must(
    make("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", name, bound),
  );
}

function deployment(name: string, replicas: number, more: JsonObject = {}): JsonObject {
  const labels = { app: name };
  const container = { name: "c", image: "registry.example.com/app:1" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels, ...more },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

function pod(name: string, more: JsonObject = {}): JsonObject {
  const containers = [{ name: "c", image: "registry.example.com/app:1" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers, ...more } };
}

/** What is answered to a dry run: nothing stays behind. */
function attempt(path: string, body: JsonObject): Promise<TestAnswer> {
  return server.send("POST", `${path}?dryRun=All`, { body });
}

void t.test("a limit of replicas", async (t) => {
  await policy(t, "replica-limit", {
    validations: [{ expression: "object.spec.replicas <= 5" }],
  });
  const refused = await attempt(DEPLOYMENTS, deployment("many", 6));
  t.equal(refused.status, 422);
  const text =
    "ValidatingAdmissionPolicy 'replica-limit' with binding 'replica-limit' denied request: " +
    "failed expression: object.spec.replicas <= 5";
  t.match(refused.body, {
    message: `deployments.apps "many" is forbidden: ${text}`,
    reason: "Invalid",
    details: { name: "many", group: "apps", kind: "deployments", causes: [{ message: text }] },
  });
  t.equal((await attempt(DEPLOYMENTS, deployment("few", 5))).status, 201);
  t.equal((await attempt(PODS, pod("other"))).status, 201);
});

void t.test("parameters of a kind of one's own, by name and by labels", async (t) => {
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "replicalimits.rules.example.com" },
    spec: {
      group: "rules.example.com",
      names: { plural: "replicalimits", kind: "ReplicaLimit" },
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", properties: { maxReplicas: { type: "integer" } } },
          },
        },
      ],
    },
  };
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await must(server.send("POST", definitions, { body: definition }));
  const spec = {
    paramKind: { apiVersion: "rules.example.com/v1", kind: "ReplicaLimit" },
    validations: [
      {
        expression: "object.spec.replicas <= params.maxReplicas",
        messageExpression: "'at most ' + string(params.maxReplicas) + ' replicas'",
        reason: "Forbidden",
      },
    ],
  };
  const paramRef = { name: "limit", parameterNotFoundAction: "Deny" };
  await policy(t, "limited", spec, { paramRef });
  const missing = await attempt(DEPLOYMENTS, deployment("x", 1));
  t.match(
    missing.body["message"],
    /with binding 'limited' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
  );
  const limit = (name: string, maxReplicas: number): JsonObject => ({
    apiVersion: "rules.example.com/v1",
    kind: "ReplicaLimit",
    metadata: { name, labels: { tier: "low" } },
    maxReplicas,
  });
  const limits = "/apis/rules.example.com/v1/namespaces/default/replicalimits";
  await must(server.send("POST", limits, { body: limit("limit", 3) }));
  const refused = await attempt(DEPLOYMENTS, deployment("x", 4));
  t.equal(refused.status, 403);
  t.match(refused.body["message"], /denied request: at most 3 replicas$/);
  t.equal((await attempt(DEPLOYMENTS, deployment("x", 3))).status, 201);

  const bindings = `${GROUP}/validatingadmissionpolicybindings/limited`;
  const selector = { matchLabels: { tier: "low" } };
  const changed = { spec: { paramRef: { name: null, selector } } };
  await must(server.send("PATCH", bindings, { body: changed, headers: MERGE }));
  await must(server.send("POST", limits, { body: limit("lower", 2) }));
  const lower = await attempt(DEPLOYMENTS, deployment("x", 3));
  t.match(lower.body["message"], /denied request: at most 2 replicas$/);
});

void t.test("variables, images and the namespace", async (t) => {
  await policy(t, "images", {
    matchConstraints: ON_PODS,
    variables: [
      { name: "containers", expression: "object.spec.containers" },
      {
        name: "bad",
        expression: "variables.containers.filter(c, !c.image.startsWith('registry.example.com/'))",
      },
      { name: "broken", expression: "object.spec.nothing" },
    ],
    validations: [
      {
        expression: "variables.bad.size() == 0",
        messageExpression: "'images from elsewhere: ' + variables.bad.map(c, c.image).join(', ')",
      },
      { expression: "namespaceObject.metadata.name == 'default' || variables.broken" },
      { expression: "request.userInfo.username != '' && request.operation == 'CREATE'" },
    ],
  });
  t.equal((await attempt(PODS, pod("good"))).status, 201);
  const containers = [{ name: "c", image: "docker.io/evil:1" }];
  const refused = await attempt(PODS, pod("bad", { containers }));
  t.match(refused.body["message"], /denied request: images from elsewhere: docker.io\/evil:1$/);
  const elsewhere = await attempt("/api/v1/namespaces/kube-public/pods", pod("x"));
  t.match(
    elsewhere.body["message"],
    /denied request: expression 'namespaceObject.*' resulted in error: composited variable "broken" fails to evaluate: no such key: nothing$/,
  );
});

void t.test("which writes: conditions, exclusions, selectors", async (t) => {
  await policy(
    t,
    "picky",
    {
      matchConstraints: {
        ...ON_DEPLOYMENTS,
        excludeResourceRules: [{ ...ON_DEPLOYMENTS.resourceRules[0], resourceNames: ["spared"] }],
        objectSelector: { matchExpressions: [{ key: "free", operator: "DoesNotExist" }] },
      },
      matchConditions: [
        { name: "not-for-robots", expression: "!request.userInfo.username.startsWith('robot')" },
        { name: "not-small", expression: "object.spec.replicas > 1" },
      ],
      validations: [{ expression: "false", message: "  never  " }],
    },
    { matchResources: { namespaceSelector: { matchLabels: { watched: "yes" } } } },
  );
  const status = async (body: JsonObject): Promise<number> =>
    (await attempt(DEPLOYMENTS, body)).status;
  t.equal(await status(deployment("a", 2)), 201, "the namespace has no label");
  const label = { metadata: { labels: { watched: "yes" } } };
  const namespace = "/api/v1/namespaces/default";
  await must(server.send("PATCH", namespace, { body: label, headers: MERGE }));
  t.equal(await status(deployment("a", 2)), 422);
  t.equal(await status(deployment("a", 1)), 201, "a condition says no");
  t.equal(await status(deployment("spared", 2)), 201, "excluded");
  t.equal(await status(deployment("a", 2, { labels: { free: "x" } })), 201, "by its label");
});

void t.test("errors, and what failurePolicy makes of them", async (t) => {
  const validations = [{ expression: "object.spec.nothing > 1" }];
  await policy(t, "failing", { validations });
  const refused = await attempt(DEPLOYMENTS, deployment("a", 1));
  t.match(
    refused.body["message"],
    /denied request: expression 'object.spec.nothing > 1' resulted in error: no such key: nothing$/,
  );
  const path = `${GROUP}/validatingadmissionpolicies/failing`;
  const body = { spec: { failurePolicy: "Ignore" } };
  await must(server.send("PATCH", path, { body, headers: MERGE }));
  t.equal((await attempt(DEPLOYMENTS, deployment("a", 1))).status, 201);
});

void t.test("warnings instead of refusals", async (t) => {
  const validations = [{ expression: "false", message: "think again" }];
  await policy(t, "warning", { validations }, { validationActions: ["Warn", "Audit"] });
  const answer = await attempt(DEPLOYMENTS, deployment("a", 1));
  t.equal(answer.status, 201);
  t.match(
    answer.headers["warning"],
    /Validation failed for ValidatingAdmissionPolicy 'warning' with binding 'warning': think again/,
  );
});

void t.test("who may do what, asked by a policy", async (t) => {
  await policy(t, "asking", {
    validations: [
      {
        expression:
          "authorizer.group('').resource('secrets').namespace('default').check('delete').allowed()",
        message: "the caller may not",
      },
      {
        expression:
          "!authorizer.serviceAccount('default', 'nobody').group('').resource('secrets')" +
          ".check('delete').allowed()",
        message: "nobody may",
      },
      { expression: "authorizer.requestResource.check('create').allowed()" },
    ],
  });
  t.equal((await attempt(DEPLOYMENTS, deployment("a", 1))).status, 201);
});

void t.test("a policy cannot shut out who would change it", async (t) => {
  const everything = {
    resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
  };
  await policy(t, "closed", {
    matchConstraints: everything,
    matchConditions: [{ name: "group", expression: "request.resource.group != 'apps'" }],
    validations: [{ expression: "false" }],
  });
  const path = "/api/v1/namespaces/default/configmaps";
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } };
  t.equal((await attempt(path, map)).status, 422);
  const changed = { spec: { failurePolicy: "Ignore" } };
  const own = `${GROUP}/validatingadmissionpolicies/closed`;
  t.equal((await server.send("PATCH", own, { body: changed, headers: MERGE })).status, 200);
});

void t.test("policies that are none are refused", async (t) => {
  const validations = [{ expression: "true" }];
  const base = { matchConstraints: ON_DEPLOYMENTS, validations };
  const table: readonly (readonly [spec: JsonObject, text: RegExp])[] = [
    [{ validations }, /spec.matchConstraints: Required value/],
    [
      { matchConstraints: ON_DEPLOYMENTS },
      /spec.validations: Required value: validations or audit/,
    ],
    [
      { ...base, validations: [{ expression: "object.x +" }] },
      /spec.validations\[0\].expression: Invalid value: "object.x \+": compilation failed: ERROR: <input>:1:11: Syntax error/,
    ],
    [
      { ...base, validations: [{ expression: "params.x" }] },
      /undeclared reference to 'params' \(in container ''\)/,
    ],
    [{ ...base, validations: [{ expression: "'a'" }] }, /must evaluate to bool/],
    [{ ...base, validations: [{ expression: "request.nothing" }] }, /undefined field 'nothing'/],
    [{ ...base, validations: [{ expression: "" }] }, /expression: Required value: expression is/],
    [
      { ...base, validations: [{ expression: "true", messageExpression: "authorizer.path('/')" }] },
      /messageExpression: Invalid value.*undeclared reference to 'authorizer'/s,
    ],
    [
      { ...base, variables: [{ name: "in", expression: "1" }] },
      /name is not a valid CEL identifier/,
    ],
    [{ ...base, failurePolicy: "Maybe" }, /spec.failurePolicy: Unsupported value: "Maybe"/],
    [{ ...base, paramKind: { apiVersion: "a/b/c" } }, /spec.paramKind.kind: Required value/],
    [
      { ...base, matchConditions: [{ name: "x y", expression: "true" }] },
      /spec.matchConditions\[0\].name: Invalid value/,
    ],
    [
      { ...base, auditAnnotations: [{ key: "a", valueExpression: "1" }] },
      /auditAnnotations\[0\].valueExpression: Invalid value: "1": must evaluate to one of/,
    ],
  ];
  for (const [spec, text] of table) {
    const kind = "ValidatingAdmissionPolicy";
    const answer = await make("validatingadmissionpolicies", kind, "bad", spec);
    t.equal(answer.status, 422, JSON.stringify(spec));
    t.match(answer.body["message"], text);
  }
  const kind = "ValidatingAdmissionPolicyBinding";
  const bad = { policyName: "p", validationActions: ["Deny", "Warn"], paramRef: {} };
  const binding = await make("validatingadmissionpolicybindings", kind, "bad", bad);
  t.match(binding.body["message"], /must not contain both Deny and Warn/);
  t.match(binding.body["message"], /spec.paramRef: Required value: one of name or selector/);
});

void t.test("a status, and a table", async (t) => {
  await policy(t, "shown", { validations: [{ expression: "true" }] });
  const { body } = await server.send("GET", `${GROUP}/validatingadmissionpolicies/shown`);
  t.match(body, {
    spec: { failurePolicy: "Fail", matchConstraints: { matchPolicy: "Equivalent" } },
    status: { observedGeneration: 1, typeChecking: {} },
  });
  const path = `${GROUP}/validatingadmissionpolicies/shown/status`;
  const condition = {
    type: "Ready",
    status: "True",
    reason: "Looked",
    message: "",
    lastTransitionTime: "2026-01-02T03:04:05Z",
  };
  const patched = await server.send("PATCH", path, {
    body: { status: { conditions: [condition] }, spec: { failurePolicy: "Ignore" } },
    headers: MERGE,
  });
  t.match(patched.body, {
    spec: { failurePolicy: "Fail" },
    status: { conditions: [{ type: "Ready" }] },
  });
  const shown = await server.kubectl("1.33", ["get", "validatingadmissionpolicies"]);
  t.match(shown.stdout, /^NAME +VALIDATIONS +PARAMKIND +AGE\nshown +1 +<unset> +/);
  const bindings = await server.kubectl("1.33", ["get", "validatingadmissionpolicybindings"]);
  t.match(bindings.stdout, /^NAME +POLICYNAME +PARAMREF +AGE\nshown +shown +<unset> +/);
});

void t.test("what does not fit the types is said in the status", async (t) => {
  await policy(t, "mistyped", {
    variables: [{ name: "all", expression: "object.spec.replicas" }],
    validations: [
      { expression: "object.spec.replicas > '5'" },
      { expression: "object.spec.foo == 1 || variables.all < 5" },
      { expression: "object.spec.template.spec.containers.all(c, c.image != '')" },
    ],
  });
  const { body } = await server.send("GET", `${GROUP}/validatingadmissionpolicies/mistyped`);
  t.match(body["status"], {
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: "spec.validations[0].expression",
          warning:
            "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for " +
            "'_>_' applied to '(int, string)'\n | object.spec.replicas > '5'\n | .....................^",
        },
        { fieldRef: "spec.validations[1].expression", warning: /undefined field 'foo'/ },
      ],
    },
  });
});

void t.test("a mutation that adds a sidecar, once", async (t) => {
  await mutation(t, "sidecar", {
    matchConditions: [
      {
        name: "no-sidecar",
        expression: "!object.spec.?initContainers.orValue([]).exists(c, c.name == 'mesh')",
      },
    ],
    mutations: [
      {
        patchType: "ApplyConfiguration",
        applyConfiguration: {
          expression: `Object{
            metadata: Object.metadata{annotations: Object.metadata.annotations{mesh: "on"}},
            spec: Object.spec{
              initContainers: [
                Object.spec.initContainers{
                  name: "mesh",
                  image: "mesh/proxy:v1.0.0",
                  args: ["proxy", "sidecar"],
                  restartPolicy: "Always"
                }
              ]
            }
          }`,
        },
      },
    ],
  });
  const refused = await attempt(PODS, pod("a"));
  t.match(refused.body["message"], /may not mutate atomic arrays, maps or structs: .*args/);
  const path = `${GROUP}/mutatingadmissionpolicies/sidecar`;
  const { body: now } = await server.send("GET", path);
  const spec = now["spec"] as unknown as {
    mutations: [{ applyConfiguration: { expression: string } }];
  };
  const expression = spec.mutations[0].applyConfiguration.expression.replace(/args: .*\n/, "");
  const mutations = [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }];
  await must(server.send("PATCH", path, { body: { spec: { mutations } }, headers: MERGE }));
  const made = await attempt(PODS, pod("a"));
  t.equal(made.status, 201, JSON.stringify(made.body));
  t.match(made.body, {
    metadata: { annotations: { mesh: "on" } },
    spec: {
      containers: [{ name: "c" }],
      initContainers: [
        { name: "mesh", restartPolicy: "Always", terminationMessagePath: "/dev/termination-log" },
      ],
    },
  });
});

void t.test("mutations by JSON patch, one after another", async (t) => {
  await mutation(t, "patching", {
    variables: [{ name: "labels", expression: "object.metadata.?labels.orValue({})" }],
    mutations: [
      {
        patchType: "JSONPatch",
        jsonPatch: {
          expression: `has(object.metadata.labels)
            ? [JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/a"),
                value: string(variables.labels.size())}]
            : [JSONPatch{op: "add", path: "/metadata/labels", value: {"example.com/a": "new"}}]`,
        },
      },
      {
        patchType: "JSONPatch",
        jsonPatch: {
          expression:
            '[JSONPatch{op: "test", path: "/metadata/labels/example.com~1a", value: "1"}, ' +
            'JSONPatch{op: "add", path: "/spec/tolerations", value: [Object.spec.tolerations{' +
            'key: "k", operator: "Exists"}]}]',
        },
      },
    ],
  });
  const fresh = await attempt(PODS, pod("a"));
  t.match(fresh.body, { metadata: { labels: { "example.com/a": "new" } } });
  t.notMatch(JSON.stringify(fresh.body["spec"]), /"key":"k"/);
  const labelled = { ...pod("a"), metadata: { name: "a", labels: { x: "y" } } };
  const made = await attempt(PODS, labelled);
  t.match(made.body, { metadata: { labels: { x: "y", "example.com/a": "1" } } });
  t.match(JSON.stringify(made.body["spec"]), /"key":"k","operator":"Exists"/);
});

void t.test("mutations that fail, and policies that are none", async (t) => {
  const patchType = "JSONPatch";
  const remove = '[JSONPatch{op: "remove", path: "/spec/nothing"}]';
  const mutations = [{ patchType, jsonPatch: { expression: remove } }];
  await mutation(t, "failing-mutation", { mutations });
  const refused = await attempt(PODS, pod("a"));
  t.equal(refused.status, 403);
  t.match(
    refused.body["message"],
    /^policy 'failing-mutation' with binding 'failing-mutation' denied request: JSONPath: /,
  );
  const table: readonly (readonly [spec: JsonObject, text: RegExp])[] = [
    [{ mutations: [] }, /spec.mutations: Required value/],
    [{ mutations: [{ patchType: "Merge" }] }, /patchType: Unsupported value: "Merge"/],
    [{ mutations: [{ patchType }] }, /jsonPatch: Required value: must be specified when/],
    [
      { mutations: [{ patchType, jsonPatch: { expression: "1" } }] },
      /jsonPatch.expression: Invalid value: "1": must evaluate to list\(dyn\)/,
    ],
    [{ mutations, reinvocationPolicy: "Always" }, /reinvocationPolicy: Unsupported value/],
  ];
  for (const [spec, text] of table) {
    const whole = { matchConstraints: ON_PODS, reinvocationPolicy: "Never", ...spec };
    const kind = "MutatingAdmissionPolicy";
    const answer = await make("mutatingadmissionpolicies", kind, "bad", whole);
    t.equal(answer.status, 422, JSON.stringify(spec));
    t.match(answer.body["message"], text);
  }
});

void t.test("an earlier policy comes again when a later one changed something", async (t) => {
  const annotate = (name: string, value: string): JsonObject => ({
    patchType: "ApplyConfiguration",
    applyConfiguration: {
      expression:
        "Object{metadata: Object.metadata{annotations: Object.metadata.annotations{" +
        `${name}: ${value}}}}`,
    },
  });
  await mutation(t, "a-counts", {
    reinvocationPolicy: "IfNeeded",
    mutations: [annotate("count", "string(object.metadata.?annotations.orValue({}).size())")],
  });
  await mutation(t, "b-adds", { mutations: [annotate("added", "'yes'")] });
  const made = await attempt(PODS, pod("a"));
  t.match(made.body, { metadata: { annotations: { count: "2", added: "yes" } } });
});

void t.test("kubectl applies the examples of the documentation", async (t) => {
  const documents = [
    {
      apiVersion: API_VERSION,
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "demo-policy.example.com" },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: ON_DEPLOYMENTS,
        validations: [{ expression: "object.spec.replicas <= 5" }],
      },
    },
    {
      apiVersion: API_VERSION,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "demo-binding-test.example.com" },
      spec: { policyName: "demo-policy.example.com", validationActions: ["Deny"] },
    },
  ];
  const text = documents.map((document) => stringify(document)).join("---\n");
  const applied = await server.kubectl("1.33", ["apply", "-f", "-"], text);
  t.equal(applied.code, 0, applied.stderr);
  t.teardown(() => server.kubectl("1.33", ["delete", "-f", "-"], text));
  const args = ["create", "deployment", "nginx", "--image=nginx", "--replicas=6"];
  const refused = await server.kubectl("1.33", args);
  t.equal(
    refused.stderr,
    'error: failed to create deployment: deployments.apps "nginx" is forbidden: ' +
      "ValidatingAdmissionPolicy 'demo-policy.example.com' with binding " +
      "'demo-binding-test.example.com' denied request: failed expression: object.spec.replicas <= 5\n",
  );
});
