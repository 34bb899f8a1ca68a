import t from "tap";
import { present } from "../../base/assert.js";
import { decodeFailure, decodeJson, strictErrors, typeMetaMismatch } from "./decode.js";
import { JSON_DEPTH_MAX, scanJson } from "./json-scanner.js";
import { kindByGvk } from "./kinds.js";

const DEPLOYMENT = present(kindByGvk("apps", "v1", "Deployment"), "Deployment");
const LEAD = 'Deployment in version "v1" cannot be handled as a Deployment: ';
const WRONG = `${LEAD}json: cannot unmarshal`;

function failureOf(text: string, validation: "Strict" | "Warn" | "Ignore" = "Strict") {
  const result = decodeJson(text, DEPLOYMENT.typeName, { findDuplicates: true });
  return decodeFailure(DEPLOYMENT, result, validation);
}

function inContainer(fields: string): string {
  return `{"spec":{"template":{"spec":{"containers":[{${fields}}]}}}}`;
}

t.test("wrong types, in the words of Go's decoder", (t) => {
  const quantity =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const env = "EnvVar.spec.template.spec.containers.env.value";
  const table: readonly (readonly [string, string])[] = [
    [
      '{"spec":{"replicas":"1"}}',
      `${WRONG} string into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      '{"spec":{"replicas":1.5}}',
      `${WRONG} number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      '{"spec":{"replicas":3000000000}}',
      `${WRONG} number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      '{"spec":{"paused":"yes"}}',
      `${WRONG} string into Go struct field DeploymentSpec.spec.paused of type bool`,
    ],
    [
      '{"metadata":{"labels":{"a":1}}}',
      `${WRONG} number into Go struct field ObjectMeta.metadata.labels of type string`,
    ],
    [
      '{"metadata":{"labels":["a"]}}',
      `${WRONG} array into Go struct field ObjectMeta.metadata.labels of type map[string]string`,
    ],
    [
      '{"metadata":"x"}',
      `${WRONG} string into Go struct field Deployment.metadata of type v1.ObjectMeta`,
    ],
    [
      inContainer('"env":[{"name":"a","value":1}]'),
      `${WRONG} number into Go struct field ${env} of type string`,
    ],
    [
      '{"spec":{"template":{"spec":{"containers":{}}}}}',
      `${WRONG} object into Go struct field PodSpec.spec.template.spec.containers of type ` +
        `[]v1.Container`,
    ],
    [
      inContainer('"livenessProbe":{"httpGet":{"port":true}}'),
      `${WRONG} bool into Go value of type int32`,
    ],
    [inContainer('"resources":{"limits":{"cpu":"5x"}}'), `${LEAD}${quantity}`],
    [inContainer('"resources":{"limits":{"cpu":true}}'), `${LEAD}${quantity}`],
    [
      inContainer('"resources":{"limits":{"cpu":"5i"}}'),
      `${LEAD}unable to parse quantity's suffix`,
    ],
    [
      '{"metadata":{"creationTimestamp":"x"}}',
      `${LEAD}parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`,
    ],
    ['{"metadata":{"creationTimestamp":5}}', `${WRONG} number into Go value of type string`],
    [
      '{"metadata":{"generation":9007199254740993}}',
      `${WRONG} number 9007199254740992 into Go struct field ObjectMeta.metadata.generation ` +
        `of type int64`,
    ],
  ];
  for (const [text, expected] of table) {
    t.equal(failureOf(text), expected, text);
    t.equal(failureOf(text, "Ignore"), expected, "also when unknown fields are ignored");
  }
  t.end();
});

t.test("unknown and repeated fields", (t) => {
  const strict = `${LEAD}strict decoding error: `;
  const table: readonly (readonly [string, string])[] = [
    ['{"spec":{"templat":{}}}', 'unknown field "spec.templat"'],
    ['{"Spec":{}}', 'unknown field "Spec"'],
    ['{"constructor":{},"__proto__":{}}', 'unknown field "constructor", unknown field "__proto__"'],
    [inContainer('"nam":"a"'), 'unknown field "spec.template.spec.containers[0].nam"'],
    ['{"spec":{"replicas":1,"replicas":2}}', 'duplicate field "spec.replicas"'],
    ['{"metadata":{"labels":{"a":"1","a":"2"}}}', 'duplicate field "metadata.labels.a"'],
    [
      '{"x":1,"spec":{"paused":true,"paused":true}}',
      'unknown field "x", duplicate field "spec.paused"',
    ],
  ];
  for (const [text, expected] of table) {
    t.equal(failureOf(text), strict + expected, text);
    t.equal(failureOf(text, "Warn"), null);
    const result = decodeJson(text, DEPLOYMENT.typeName, { findDuplicates: true });
    t.equal(strictErrors(result).join(", "), expected);
  }
  const { object } = decodeJson('{"spec":{"replicas":1,"replicas":2}}', DEPLOYMENT.typeName);
  t.strictSame(object, { spec: { replicas: 2 } }, "the last one counts");
  t.end();
});

t.test("what is no JSON object", (t) => {
  const lead =
    "the object provided is unrecognized (must be of type Deployment): " +
    "couldn't get version/kind; json parse error: ";
  const table: readonly (readonly [string, string])[] = [
    ["", "unexpected end of JSON input"],
    ['{"a":', "unexpected end of JSON input"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ['{"a":"\n"}', "invalid character '\\n' in string literal"],
    ["[1 2]", "invalid character '2' after array element"],
    ["{} x", "invalid character 'x' after top-level value"],
    ["[]", "json: cannot unmarshal array into Go value of type v1.TypeMeta"],
    ["null", "json: cannot unmarshal null into Go value of type v1.TypeMeta"],
    [`{"a":${"[".repeat(100_000)}`, "exceeded max depth"],
  ];
  for (const [text, expected] of table)
    t.equal(failureOf(text), lead + expected, text.slice(0, 20));
  const broken = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  t.equal(decodeJson(broken, DEPLOYMENT.typeName).syntaxError, "invalid UTF-8 in string");
  t.end();
});

t.test("the form in which objects are stored", (t) => {
  const text = JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "web",
      namespace: "",
      creationTimestamp: null,
      labels: {},
      annotations: { a: null, b: "" },
      deletionGracePeriodSeconds: 0,
    },
    spec: {
      replicas: 0,
      paused: false,
      minReadySeconds: 0,
      template: {
        spec: {
          volumes: null,
          containers: [
            {
              name: "",
              image: "",
              env: [],
              securityContext: {},
              resources: { limits: { cpu: 0.5, memory: " 1024Mi " } },
            },
          ],
          securityContext: { runAsUser: 0, runAsNonRoot: false },
        },
      },
    },
  });
  const { object } = decodeJson(text, DEPLOYMENT.typeName);
  t.strictSame(object, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", annotations: { a: "", b: "" }, deletionGracePeriodSeconds: 0 },
    spec: {
      replicas: 0,
      template: {
        spec: {
          containers: [
            {
              name: "",
              securityContext: {},
              resources: { limits: { cpu: "500m", memory: "1Gi" } },
            },
          ],
          securityContext: { runAsUser: 0, runAsNonRoot: false },
        },
      },
    },
  });
  t.end();
});

t.test("bytes, times and hostile keys", (t) => {
  const secret = decodeJson('{"data":{"a":"YWI"}}', "core/v1.Secret");
  t.strictSame(secret.typeErrors, ["illegal base64 data at input byte 0"]);
  const lease = '{"spec":{"renewTime":"2026-01-01T01:00:00.5+01:00"}}';
  t.strictSame(decodeJson(lease, "coordination/v1.Lease").object, {
    spec: { renewTime: "2026-01-01T00:00:00.500000Z" },
  });
  const labels = decodeJson('{"metadata":{"labels":{"__proto__":"x"}}}', "core/v1.Pod").object;
  t.equal(JSON.stringify(labels), '{"metadata":{"labels":{"__proto__":"x"}}}');
  t.equal(Object.getPrototypeOf(labels), Object.prototype);
  t.end();
});

t.test("depth: what is accepted can be written again", (t) => {
  const levels = JSON_DEPTH_MAX - 5;
  const deep = `${'{"a":'.repeat(levels)}{}${"}".repeat(levels)}`;
  const text = `{"metadata":{"managedFields":[{"fieldsV1":${deep}}]}}`;
  const result = decodeJson(text, "core/v1.Pod", { findDuplicates: true });
  t.equal(result.syntaxError, null);
  t.ok(JSON.stringify(result.object) === text);
  t.equal(scanJson(text).syntaxError, null);
  t.equal(scanJson(`[${text}]`).syntaxError, "exceeded max depth");
  t.end();
});

t.test("apiVersion and kind must fit the endpoint", (t) => {
  t.equal(typeMetaMismatch({}, DEPLOYMENT), null);
  t.equal(typeMetaMismatch({ apiVersion: "apps/v1", kind: "Deployment" }, DEPLOYMENT), null);
  t.equal(
    typeMetaMismatch({ apiVersion: "apps/v1beta1" }, DEPLOYMENT),
    "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)",
  );
  t.match(typeMetaMismatch({ kind: "Pod" }, DEPLOYMENT), /the kind in the data \(Pod\)/);
  t.end();
});
