import {
  anything,
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  json,
  nat,
  oneof,
  record,
  string,
  uint8Array,
} from "fast-check";
import t from "tap";
import { stringify } from "yaml";
import { encodeProtobuf } from "../api/schema/protobuf.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const PODS = "/api/v1/namespaces/default/pods";
const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "fuzzed", labels: { a: "b" } },
  spec: {
    containers: [
      { name: "c", image: "i", ports: [{ containerPort: 80 }], env: [{ name: "A", value: "1" }] },
    ],
    volumes: [{ name: "v", configMap: { name: "c", defaultMode: 420 } }],
  },
};
const TYPES = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
} as const;
const BODIES: Readonly<Record<keyof typeof TYPES, Buffer>> = {
  json: Buffer.from(JSON.stringify(POD)),
  yaml: Buffer.from(stringify(POD)),
  protobuf: Buffer.from(encodeProtobuf(null, POD)),
};
const PATCHES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
] as const;

const edit = record({
  at: nat(),
  remove: integer({ min: 0, max: 12 }),
  insert: oneof(
    uint8Array({ maxLength: 8 }),
    constantFrom(
      "null",
      "{}",
      "[]",
      "1e999",
      "-1",
      '"',
      "&a *a",
      "\u0000",
      "\ud800",
      "{{",
      ": ",
    ).map((text) => Buffer.from(text)),
  ),
});

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

function mutated(body: Buffer, edits: readonly Edit[]): Buffer {
  return edits.reduce((bytes, { at, remove, insert }) => {
    const start = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
  }, body);
}

/** What is stored was checked: it can be read in every encoding, and every pod has a container. */
async function checkStored(): Promise<boolean> {
  for (const accept of Object.values(TYPES)) {
    const answer = await server.send("GET", PODS, { headers: { accept } });
    if (answer.status !== 200) return false;
  }
  const { body } = await server.send("GET", PODS);
  const items = body["items"] as readonly { spec?: { containers?: readonly unknown[] } }[];
  return items.every(({ spec }) => (spec?.containers ?? []).length > 0);
}

async function removeAll(): Promise<void> {
  await server.send("DELETE", `${PODS}?gracePeriodSeconds=0`);
}

void t.test("mutated bodies are answered, and nothing half is stored", async (t) => {
  const format = constantFrom("json", "yaml", "protobuf");
  const runs = asyncProperty(
    format,
    array(edit, { minLength: 1, maxLength: 4 }),
    async (of, edits) => {
      const body = mutated(BODIES[of], edits);
      const answer = await server.send("POST", PODS, {
        body,
        headers: { "content-type": TYPES[of] },
      });
      const answered = [201, 400, 413, 422].includes(answer.status);
      if (!answered) t.comment(`${answer.status} ${answer.bytes.toString().slice(0, 300)}`);
      const whole = answer.status !== 201 || (await checkStored());
      if (answer.status === 201) await removeAll();
      return answered && whole;
    },
  );
  await t.resolves(assert(runs, { numRuns: 300 }));
});

void t.test("made-up patches are answered, and leave a whole object", async (t) => {
  await server.send("POST", PODS, { body: POD });
  const path = constantFrom("/metadata/labels/a", "/spec/containers/0", "/spec", "", "/x/-", "a");
  const operation = record({
    op: constantFrom("add", "remove", "replace", "move", "copy", "test", "no"),
    path,
    from: path,
    value: anything({ maxDepth: 2 }),
  });
  const body = oneof(
    json(),
    string(),
    array(operation, { maxLength: 4 }).map((all) => safeJson(all)),
    array(edit, { maxLength: 4 }).map((edits) => mutated(BODIES.json, edits)),
    record({ metadata: anything({ maxDepth: 3 }), spec: anything({ maxDepth: 3 }) }).map(safeJson),
  );
  const runs = asyncProperty(constantFrom(...PATCHES), body, async (type, patch) => {
    const answer = await server.send("PATCH", `${PODS}/fuzzed?fieldManager=fuzz`, {
      body: patch,
      headers: { "content-type": type },
    });
    const answered = [200, 400, 409, 413, 415, 422].includes(answer.status);
    if (!answered) t.comment(`${answer.status} ${answer.bytes.toString().slice(0, 300)}`);
    return answered && (await checkStored());
  });
  await t.resolves(assert(runs, { numRuns: 200 }));
});

function safeJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? String(each) : each,
  );
  return text ?? "null";
}
