import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { formatGoDuration } from "../machinery/go-duration.js";
import { hasCode } from "../../base/errors.js";
import { decodeValue } from "./decode.js";
import { applyDefaults } from "./defaults.js";
import { SERVED_KINDS } from "./kinds.js";
import { decodeProtobuf, encodeProtobuf, encodeProtobufWatchEvent } from "./protobuf.js";
import { type FieldType, typeByName, type TypeSchema } from "./type-schema.js";
import type { JsonObject, JsonValue } from "./wire-types.js";

/** A schema inside a schema. */
const SCHEMA = fc.record({ type: fc.constant("string"), maxLength: fc.nat() });

/**
 * Any value of a type; deeper than a few levels only empty ones, or a Pod would have a million
 * fields.
 */
function valueOf(type: FieldType, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case "list":
      return fc.array(valueOf(type.of, depth), { maxLength: 2 });
    case "map":
      return fc.dictionary(fc.string({ maxLength: 3 }), valueOf(type.of, depth), { maxKeys: 2 });
    case "message":
      return messageOf(type.type, depth + 1);
    case "scalar":
      break;
  }
  switch (type.scalar) {
    case "bool":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "int64":
      return fc.maxSafeInteger();
    case "double":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "bytes":
      return fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    case "Quantity":
      return fc.nat().map((n) => `${n}m`);
    case "IntOrString":
      return fc.oneof(fc.integer(), fc.string());
    case "Time":
    case "MicroTime":
      return fc.nat(4_000_000_000_000).map((timeMs) => new Date(timeMs).toISOString());
    case "Duration":
      return fc.nat(1e9).map((durationMs) => formatGoDuration(durationMs));
    case "FieldsV1":
    case "RawExtension":
    case "JSON":
      return fc.dictionary(fc.string(), fc.nat()) as fc.Arbitrary<JsonObject>;
    case "JSONSchemaPropsOrArray":
      return fc.array(SCHEMA, { minLength: 1 }) as fc.Arbitrary<JsonValue>;
    case "JSONSchemaPropsOrBool":
      return fc.oneof(fc.boolean(), SCHEMA);
    case "JSONSchemaPropsOrStringArray":
      return fc.oneof(SCHEMA, fc.array(fc.string()));
    default:
      return fc.string({ unit: "grapheme", maxLength: 60 });
  }
}

function messageOf(type: TypeSchema, depth: number): fc.Arbitrary<JsonObject> {
  const fields = type.fields.filter(
    (field) => field.tag !== 0 && (depth < 4 || field.type.kind === "scalar"),
  );
  const shape = Object.fromEntries(fields.map((f) => [f.name, valueOf(f.type, depth)] as const));
  return fc.record(shape, { requiredKeys: [] }) as unknown as fc.Arbitrary<JsonObject>;
}

t.test("what is written is read back", (t) => {
  for (const info of SERVED_KINDS) {
    const objects = messageOf(typeByName(info.typeName), 0);
    fc.assert(
      fc.property(objects, (value) => {
        const { apiVersion, kind, typeName } = info;
        const plain = JSON.parse(JSON.stringify(value)) as JsonObject;
        const { object } = decodeValue(plain, typeName);
        const back = decodeProtobuf(encodeProtobuf(info, { apiVersion, kind, ...object })).object;
        // An empty required list is not on the wire: defaults bring it back.
        const expected = applyDefaults(info, { apiVersion, kind, ...object });
        return isDeepStrictEqual(applyDefaults(info, back), expected);
      }),
      // A Pod has thousands of fields: to shrink one would take minutes.
      { numRuns: 20, endOnFailure: true },
    );
    t.pass(info.typeName);
  }
  t.end();
});

t.test("bytes that other clients write", (t) => {
  // A ConfigMap as client-go sends it, written by hand: zero values of text fields are on the wire.
  const bytes = [
    [0x6b, 0x38, 0x73, 0x00],
    [0x0a, 0x0f, 0x0a, 0x02, ...ascii("v1"), 0x12, 0x09, ...ascii("ConfigMap")],
    [0x12, 0x22],
    [0x0a, 0x10, 0x0a, 0x01, ...ascii("a"), 0x12, 0x00, 0x1a, 0x00, 0x38, 0x00, 0x42, 0x00],
    [0x2a, 0x00, 0x32, 0x01, ...ascii("7")],
    [0x12, 0x06, 0x0a, 0x01, ...ascii("k"), 0x12, 0x01, ...ascii("v")],
    [0x12, 0x04, 0x0a, 0x00, 0x12, 0x00],
    [0x20, 0x00],
    [0x1a, 0x00, 0x22, 0x00],
  ].flat();
  t.strictSame(decodeProtobuf(new Uint8Array(bytes)), {
    apiVersion: "v1",
    kind: "ConfigMap",
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", resourceVersion: "7" },
      data: { k: "v", "": "" },
      immutable: false,
    },
  });
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: "v" } };
  const written = [
    [0x6b, 0x38, 0x73, 0x00],
    [0x0a, 0x0f, 0x0a, 0x02, ...ascii("v1"), 0x12, 0x09, ...ascii("ConfigMap")],
    [0x12, 0x0d, 0x0a, 0x03, 0x0a, 0x01, ...ascii("a")],
    [0x12, 0x06, 0x0a, 0x01, ...ascii("k"), 0x12, 0x01, ...ascii("v")],
    [0x1a, 0x00, 0x22, 0x00],
  ].flat();
  t.strictSame([...encodeProtobuf(null, object)], written);
  const event = encodeProtobufWatchEvent("ADDED", new Uint8Array([1, 2]));
  t.strictSame([...event], [0x0a, 5, ...ascii("ADDED"), 0x12, 4, 0x0a, 2, 1, 2]);
  t.end();
});

t.test("options, lists and Status go with every group", (t) => {
  const options = { apiVersion: "policy/v1", kind: "DeleteOptions", gracePeriodSeconds: 0 };
  t.strictSame(decodeProtobuf(encodeProtobuf(null, options)).object, options);
  const list = {
    apiVersion: "apps/v1",
    kind: "DeploymentList",
    metadata: { resourceVersion: "5" },
    items: [{ metadata: { name: "a" }, spec: { replicas: 0 } }],
  };
  t.strictSame(decodeProtobuf(encodeProtobuf(null, list)).object, list);
  const status = { apiVersion: "v1", kind: "Status", status: "Failure", code: 404 };
  t.strictSame(decodeProtobuf(encodeProtobuf(null, status)).object, status);
  t.end();
});

t.test("what is no protobuf is refused, never a crash", (t) => {
  const good = encodeProtobuf(null, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", labels: { a: "b" } },
    spec: { containers: [{ name: "c", ports: [{ containerPort: 80 }] }] },
  });
  const code = { code: "ProtobufInvalid" };
  t.throws(() => decodeProtobuf(new Uint8Array()), code);
  t.throws(() => decodeProtobuf(new TextEncoder().encode('{"a":1}')), code);
  t.throws(() => decodeProtobuf(encodeUnknown("v1", "Gone")), code);
  t.throws(() => decodeProtobuf(good.subarray(0, good.length - 5)), code);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
      const broken = good.slice();
      broken[at] = byte;
      try {
        decodeProtobuf(broken);
        return true;
      } catch (error) {
        return hasCode(error, "ProtobufInvalid");
      }
    }),
    { numRuns: 500, endOnFailure: true },
  );
  t.end();
});

function encodeUnknown(apiVersion: string, kind: string): Uint8Array {
  const typeMeta = [
    0x0a,
    apiVersion.length,
    ...ascii(apiVersion),
    0x12,
    kind.length,
    ...ascii(kind),
  ];
  return new Uint8Array([0x6b, 0x38, 0x73, 0x00, 0x0a, typeMeta.length, ...typeMeta]);
}

function ascii(text: string): number[] {
  return [...Buffer.from(text)];
}
