import t from "tap";
import { present } from "../../../base/assert.js";
import { SERVED_KINDS } from "../kinds.js";
import { operationsOf, SERVED_API_VERSIONS } from "./openapi-operations.js";
import { QUERY_PARAMETERS } from "./openapi-parameters.js";
import { encodeOpenApiV2 } from "./openapi-v2-protobuf.js";
import { encodeOpenApiV3 } from "./openapi-v3-protobuf.js";
import { openApiV2Document } from "./openapi-v2.js";
import { OPENAPI_V3_PATHS, openApiV3Document } from "./openapi-v3.js";
import type { PublishedKind } from "./openapi-custom.js";
import type { JsonValue } from "../wire-types.js";

const CUSTOM: PublishedKind = {
  kind: {
    ...present(
      SERVED_KINDS.find(({ kind }) => kind === "ConfigMap"),
      "ConfigMap",
    ),
    group: "example.com",
    version: "v1",
    apiVersion: "example.com/v1",
    kind: "Widget",
    listKind: "WidgetList",
    plural: "widgets",
    singular: "widget",
    typeName: "custom/com.example.v1.Widget",
    storageTypeName: "custom/com.example.v1.Widget",
  },
  schema: { type: "object", properties: { spec: { type: "object" } } },
};

/** All values of `key` in a document. */
function* valuesOf(key: string, value: JsonValue | undefined): Generator<JsonValue> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key) yield inner as JsonValue;
    yield* valuesOf(key, inner as JsonValue);
  }
}

t.test("every reference has its definition", (t) => {
  const custom = [CUSTOM];
  const documents = [
    openApiV2Document("v1"),
    openApiV2Document("v1", custom),
    present(openApiV3Document(CUSTOM.kind.apiVersion, "v1", custom), "of a custom kind"),
    ...[...OPENAPI_V3_PATHS.values()].map((version) =>
      present(openApiV3Document(version, "v1"), version),
    ),
  ];
  for (const document of documents) {
    for (const ref of new Set(valuesOf("$ref", document))) {
      if (typeof ref !== "string") continue;
      let at: JsonValue | undefined = document;
      for (const step of ref.slice(2).split("/")) {
        const container: unknown = at;
        at = (container as Record<string, JsonValue | undefined>)[step];
      }
      if (at === undefined) t.fail(`${ref} is missing`);
    }
  }
  t.equal(openApiV3Document("gone/v1", "v1"), null);
  t.end();
});

t.test("what kubectl looks for before it applies", (t) => {
  const document = openApiV3Document("apps/v1", "v1");
  const path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
  t.match(document, {
    paths: {
      [path]: {
        parameters: [
          { name: "namespace", in: "path" },
          { name: "name", in: "path" },
        ],
        patch: {
          "x-kubernetes-action": "patch",
          "x-kubernetes-group-version-kind": { group: "apps", version: "v1", kind: "Deployment" },
          requestBody: { content: { "application/strategic-merge-patch+json": {} } },
        },
      },
    },
    components: {
      schemas: {
        "io.k8s.api.apps.v1.Deployment": {
          "x-kubernetes-group-version-kind": [{ group: "apps", version: "v1", kind: "Deployment" }],
        },
        "io.k8s.api.core.v1.PodSpec": {
          properties: {
            containers: {
              type: "array",
              "x-kubernetes-patch-merge-key": "name",
              "x-kubernetes-patch-strategy": "merge",
              "x-kubernetes-list-map-keys": ["name"],
            },
          },
        },
      },
    },
  });
  const patch = present(
    operationsOf("apps/v1").find((op) => op.path === path && op.method === "patch"),
    "patch",
  );
  t.ok(patch.queryParameters.includes("fieldValidation"));
  t.end();
});

t.test("operations are named once and know their parameters", (t) => {
  const ids = new Set<string>();
  for (const version of SERVED_API_VERSIONS) {
    for (const operation of operationsOf(version)) {
      t.notOk(ids.has(operation.operationId), operation.operationId);
      ids.add(operation.operationId);
      for (const name of operation.queryParameters) t.ok(QUERY_PARAMETERS.has(name), name);
    }
  }
  t.ok(ids.has("connectCoreV1GetNamespacedPodExec"));
  t.ok(ids.has("listCoreV1PodForAllNamespaces"));
  t.ok(ids.has("deleteAppsV1CollectionNamespacedDeployment"));
  t.ok(ids.has("patchAppsV1NamespacedReplicaSetScale"));
  t.equal(SERVED_API_VERSIONS.length, new Set(SERVED_KINDS.map((k) => k.apiVersion)).size);
  t.end();
});

t.test("the protobuf form begins as gnostic's does", (t) => {
  const bytes = Buffer.from(
    encodeOpenApiV2({ swagger: "2.0", info: { title: "K", version: "v1" } }),
  );
  const expected = [0x0a, 3, ...Buffer.from("2.0"), 0x12, 7, 0x0a, 1, 0x4b, 0x12, 2, 0x76, 0x31];
  t.strictSame([...bytes], [...expected, 0x42, 0, 0x4a, 0]);
  const whole = Buffer.from(encodeOpenApiV2(openApiV2Document("v1")));
  t.ok(whole.includes("io.k8s.api.core.v1.Pod"));
  t.ok(whole.includes("x-kubernetes-group-version-kind"));
  t.end();
});

t.test("the protobuf form of version 3, byte by byte", (t) => {
  const schema = {
    type: "object",
    properties: { a: { allOf: [{ $ref: "#/x" }], default: "TCP", "x-k": ["n"] } },
  };
  const parameter = { name: "p", in: "query", schema: { type: "string", uniqueItems: true } };
  const get = { operationId: "id", parameters: [parameter], responses: {} };
  const document = {
    openapi: "3.0.0",
    info: { title: "K", version: "v1" },
    paths: { "/x": { parameters: [], get } },
    components: { schemas: { S: schema } },
  };
  const message = (tag: number, ...parts: (string | number[])[]): number[] => {
    const bytes = parts.flatMap((part) =>
      typeof part === "string" ? [...Buffer.from(part)] : part,
    );
    const key = tag * 8 + 2;
    return [...(key < 128 ? [key] : [(key % 128) | 128, key >> 7]), bytes.length, ...bytes];
  };
  const typed = message(1, [0xa0, 0x01, 1], message(25, "string"));
  const param = message(6, message(1, message(1, "p"), message(2, "query"), message(10, typed)));
  const operation = message(4, message(5, "id"), param, message(8));
  const path = message(4, message(1, message(1, "/x"), message(2, operation)));
  const ref = message(26, message(2, message(1, "#/x")));
  const extension = message(36, message(1, "x-k"), message(2, message(2, '["n"]\n')));
  const inner = message(1, ref, message(33, message(3, "TCP")), extension);
  const properties = message(31, message(1, message(1, "a"), message(2, inner)));
  const outer = message(2, message(1, message(25, "object"), properties));
  const components = message(5, message(1, message(1, message(1, "S"), outer)));
  const info = message(2, message(1, "K"), message(6, "v1"));
  const expected = [message(1, "3.0.0"), info, path, components].flat();
  t.equal(
    Buffer.from(encodeOpenApiV3(document)).toString("hex"),
    Buffer.from(expected).toString("hex"),
  );
  t.end();
});
