import t from "tap";
import { stringify } from "yaml";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const PATH = "/apis/rules.example.com/v1/namespaces/default";

function definition(plural: string, spec: JsonObject, more: JsonObject = {}): JsonObject {
  const kind = `${plural.charAt(0).toUpperCase()}${plural.slice(1, -1)}`;
  const properties = {
    spec,
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.rules.example.com` },
    spec: {
      group: "rules.example.com",
      names: { plural, kind },
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties, ...more } },
          subresources: { status: {} },
        },
      ],
    },
  };
}

const SCALERS = definition(
  "scalers",
  {
    type: "object",
    properties: {
      minReplicas: { type: "integer" },
      replicas: { type: "integer" },
      maxReplicas: { type: "integer" },
      namespace: { type: "string" },
      class: {
        type: "string",
        "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "class is immutable" }],
      },
      since: { type: "string", format: "date-time" },
      port: { "x-kubernetes-int-or-string": true },
      note: { type: "string", pattern: "^(a+)+$" },
      host: {
        type: "string",
        "x-kubernetes-validations": [
          { rule: "self.matches('^[a-z.]+$')", reason: "FieldValueForbidden", message: "bad host" },
        ],
      },
      parts: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        items: {
          type: "object",
          required: ["name"],
          properties: { name: { type: "string" }, size: { type: "integer" } },
          "x-kubernetes-validations": [
            { rule: "self.size >= oldSelf.size", message: "parts may only grow" },
          ],
        },
      },
      limits: { type: "object", additionalProperties: { type: "integer" } },
    },
    "x-kubernetes-validations": [
      {
        rule: "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas",
        messageExpression: "'replicas ' + string(self.replicas) + ' are out of bounds'",
        fieldPath: ".replicas",
      },
      { rule: "!has(self.__namespace__) || self.__namespace__ != 'kube-system'" },
      { rule: "!has(self.port) || type(self.port) == string || self.port > 1024" },
      {
        rule: "!has(self.limits) || self.limits.all(k, self.limits[k] > 0)",
        message: "limits are positive",
      },
      {
        rule: "!oldSelf.hasValue() || !has(self.since) || self.since >= oldSelf.value().since",
        optionalOldSelf: true,
        message: "time goes on",
      },
    ],
  },
  {
    "x-kubernetes-validations": [
      { rule: "self.metadata.name.startsWith('s-')", message: "names begin with s-" },
    ],
  },
);

const GOOD = { minReplicas: 1, replicas: 2, maxReplicas: 3 };

function scaler(name: string, spec: JsonObject): JsonObject {
  return { apiVersion: "rules.example.com/v1", kind: "Scaler", metadata: { name }, spec };
}

async function refusals(name: string, spec: JsonObject): Promise<readonly string[]> {
  const answer = await server.send("POST", `${PATH}/scalers`, { body: scaler(name, spec) });
  if (answer.status === 201) return [];
  const { causes = [] } = answer.body["details"] as {
    causes?: { field: string; message: string }[];
  };
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

t.before(async () => {
  const answer = await server.send("POST", DEFINITIONS, { body: SCALERS });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  if (answer.headers["warning"] !== undefined) throw new Error("a warning");
});

void t.test("objects that break a rule are refused, in the words of the rule", async (t) => {
  t.same(await refusals("s-good", GOOD), []);
  const table: readonly (readonly [JsonObject, string])[] = [
    [
      { ...GOOD, replicas: 9 },
      'spec.replicas: Invalid value: "object": replicas 9 are out of bounds',
    ],
    [
      { ...GOOD, namespace: "kube-system" },
      'spec: Invalid value: "object": failed rule: ' +
        "!has(self.__namespace__) || self.__namespace__ != 'kube-system'",
    ],
    [
      { ...GOOD, port: 80 },
      'spec: Invalid value: "object": failed rule: ' +
        "!has(self.port) || type(self.port) == string || self.port > 1024",
    ],
    [{ ...GOOD, host: "A" }, "spec.host: Forbidden: bad host"],
    [{ ...GOOD, limits: { a: 1, b: 0 } }, 'spec: Invalid value: "object": limits are positive'],
    [
      { minReplicas: 1, maxReplicas: 3 },
      'spec: Invalid value: "object": no such key: replicas evaluating rule: ' +
        "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas",
    ],
  ];
  for (const [spec, text] of table) {
    t.same(await refusals("s-bad", spec), [text.replace("<br>", "")], JSON.stringify(spec));
  }
  t.same(await refusals("bad", GOOD), ['<nil>: Invalid value: "object": names begin with s-']);
  t.same(await refusals("s-bad", { ...GOOD, port: "http" }), []);
});

void t.test("rules wait until what they rely on is right", async (t) => {
  t.same(await refusals("s-type", { ...GOOD, replicas: "2" }), [
    'spec.replicas: Invalid value: "2": spec.replicas in body must be of type integer: "string"',
    "<nil>: Invalid value: null: some validation rules were not checked because the object was " +
      "invalid; correct the existing errors to complete validation",
  ]);
});

void t.test("transition rules compare with what was there", async (t) => {
  const first = {
    ...GOOD,
    class: "a",
    parts: [
      { name: "x", size: 2 },
      { name: "y", size: 1 },
    ],
  };
  t.same(await refusals("s-change", first), []);
  const change = async (spec: JsonObject): Promise<string> => {
    const { body } = await server.send("GET", `${PATH}/scalers/s-change`);
    const { metadata } = body as unknown as { metadata: JsonObject };
    const next = { ...scaler("s-change", spec), metadata };
    const answer = await server.send("PUT", `${PATH}/scalers/s-change`, { body: next });
    return answer.status === 200 ? "" : String(answer.body["message"]);
  };
  t.match(await change({ ...first, class: "b" }), /spec\.class: .*"string": class is immutable$/);
  const grown = {
    ...first,
    parts: [
      { name: "y", size: 1 },
      { name: "x", size: 3 },
    ],
  };
  t.equal(await change(grown), "");
  const shrunk = { ...first, parts: [{ name: "x", size: 1 }] };
  t.match(await change(shrunk), /spec\.parts\[0\]: .*parts may only grow$/);
  const early = { ...grown, since: "2026-01-02T00:00:00Z" };
  t.match(await change(early), /no such key: since evaluating rule: time goes on$/);
});

void t.test("what broke a rule before the rule was there may stay, with a warning", async (t) => {
  const spec = { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } } };
  const made = await server.send("POST", DEFINITIONS, { body: definition("olds", spec) });
  t.equal(made.status, 201);
  const old = { apiVersion: "rules.example.com/v1", kind: "Old", metadata: { name: "o" } };
  await server.send("POST", `${PATH}/olds`, { body: { ...old, spec: { a: 1, b: 1 } } });
  const ruled = {
    ...spec,
    properties: {
      ...spec.properties,
      a: { type: "integer", "x-kubernetes-validations": [{ rule: "self > 5", message: "small" }] },
    },
  };
  const merge = { "content-type": "application/merge-patch+json" };
  const next = definition("olds", ruled);
  const changed = await server.send("PATCH", `${DEFINITIONS}/olds.rules.example.com`, {
    body: { spec: next["spec"] },
    headers: merge,
  });
  t.equal(changed.status, 200);
  const patch = (body: JsonObject) =>
    server.send("PATCH", `${PATH}/olds/o`, { body: { spec: body }, headers: merge });
  const kept = await patch({ b: 2 });
  t.equal(kept.status, 200);
  t.match(kept.headers["warning"], /spec\.a: Invalid value: .*small/);
  t.equal((await patch({ a: 2 })).status, 422);
  t.equal((await patch({ a: 6 })).status, 200);
});

void t.test("definitions with rules that are none are refused", async (t) => {
  const table: readonly (readonly [rule: JsonObject, text: RegExp])[] = [
    [
      { rule: "self.foo > 1" },
      /x-kubernetes-validations\[0\]\.rule: Invalid value: .*compilation failed: ERROR: <input>:1:5: undefined field 'foo'\n \| self\.foo > 1\n \| \.\.\.\.\^/,
    ],
    [{ rule: "self.size" }, /\.rule: Invalid value: .*cel expression must evaluate to a bool/],
    [{ rule: "" }, /\.rule: Required value: rule is not specified/],
    [{ rule: "true\n && true" }, /\.message: Required value: message must be specified if rule/],
    [{ rule: "true", reason: "Because" }, /\.reason: Unsupported value: "Because"/],
    [{ rule: "true", fieldPath: ".nothing" }, /\.fieldPath: Invalid value: .*valid field/],
    [
      { rule: "true", messageExpression: "1" },
      /\.messageExpression: Invalid value: .*messageExpression must evaluate to a string/,
    ],
    [{ rule: "true", optionalOldSelf: true }, /\.optionalOldSelf: Invalid value: true: may not/],
  ];
  for (const [rule, text] of table) {
    const spec = {
      type: "object",
      properties: { size: { type: "integer" } },
      "x-kubernetes-validations": [rule],
    };
    const answer = await server.send("POST", DEFINITIONS, { body: definition("bads", spec) });
    t.equal(answer.status, 422, JSON.stringify(rule));
    t.match(answer.body["message"], text);
  }
  const item = { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf" }] };
  const spec = { type: "object", properties: { list: { type: "array", items: item } } };
  const answer = await server.send("POST", DEFINITIONS, { body: definition("bads", spec) });
  t.match(answer.body["message"], /oldSelf cannot be used on the uncorrelatable portion/);
});

void t.test("a rule that costs too much is stopped, and others are served meanwhile", async (t) => {
  const rule = "self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))";
  const spec = {
    type: "object",
    properties: { list: { type: "array", items: { type: "integer" } } },
    "x-kubernetes-validations": [{ rule }],
  };
  const made = await server.send("POST", DEFINITIONS, { body: definition("costs", spec) });
  t.equal(made.status, 201);
  const list = Array.from({ length: 200 }, (_each, at) => at);
  const body = {
    apiVersion: "rules.example.com/v1",
    kind: "Cost",
    metadata: { name: "c" },
    spec: { list },
  };
  let served = 0;
  const refused = server.send("POST", `${PATH}/costs`, { body });
  const done = refused.then(() => true);
  while (!(await Promise.race([done, server.send("GET", "/version").then(() => false)])))
    served += 1;
  const { status, body: said } = await refused;
  t.equal(status, 422);
  t.match(
    said["message"],
    /actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self\.list\.all/,
  );
  t.ok(served > 0, `${served} other requests were answered meanwhile`);
});

void t.test("no pattern stalls the server", async (t) => {
  const note = `${"a".repeat(40)}!`;
  const [text] = await refusals("s-note", { ...GOOD, note });
  t.match(text, /should match '\^\(a\+\)\+\$'$/);
});

void t.test("kubectl shows what a rule says", async (t) => {
  const bad = stringify(scaler("s-kubectl", { ...GOOD, replicas: 7 }));
  const refused = await server.kubectl("1.33", ["apply", "-f", "-"], bad);
  t.equal(refused.code, 1);
  t.match(
    refused.stderr,
    /The Scaler "s-kubectl" is invalid: spec\.replicas: Invalid value: "object": replicas 7 are out of bounds/,
  );
  const good = stringify(scaler("s-kubectl", GOOD));
  const made = await server.kubectl("1.33", ["apply", "-f", "-"], good);
  t.equal(made.stdout, "scaler.rules.example.com/s-kubectl created\n");
});
