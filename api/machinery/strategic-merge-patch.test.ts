import fc from "fast-check";
import t from "tap";
import type { PatchObject, PatchValue } from "./patch-json.js";
import {
  applyStrategicMergePatch,
  type PatchableField,
  type PatchableFieldType,
  type PatchableType,
} from "./strategic-merge-patch.js";

const SCALAR: PatchableFieldType = { kind: "scalar" };

function field(type: PatchableFieldType, mergeKey?: string | null): PatchableField {
  return { type, patchMerge: mergeKey !== undefined, patchMergeKey: mergeKey ?? null };
}

function type(shortName: string, fields: Record<string, PatchableField>): PatchableType {
  return { shortName, fieldByName: new Map(Object.entries(fields)) };
}

function listOf(of: PatchableFieldType): PatchableFieldType {
  return { kind: "list", of };
}

const env = type("EnvVar", { name: field(SCALAR), value: field(SCALAR) });
const container = type("Container", {
  name: field(SCALAR),
  image: field(SCALAR),
  args: field(listOf(SCALAR)),
  env: field(listOf({ kind: "message", type: env }), "name"),
});
const pod = type("Pod", {
  containers: field(listOf({ kind: "message", type: container }), "name"),
  tolerations: field(listOf({ kind: "message", type: env })),
  finalizers: field(listOf(SCALAR), null),
  labels: field({ kind: "map", of: SCALAR }),
  strategy: field({ kind: "message", type: type("Strategy", { type: field(SCALAR) }) }),
});

const A = { name: "a", image: "x" };
const B = { name: "b", image: "y" };
const C = { name: "c", image: "z" };

interface Case {
  readonly why: string;
  readonly object: PatchObject;
  readonly patch: PatchObject;
  readonly result: PatchObject;
}

const CASES: readonly Case[] = [
  {
    why: "objects are merged, null removes",
    object: { labels: { a: "1", b: "2" } },
    patch: { labels: { a: null, c: "3", d: null } },
    result: { labels: { b: "2", c: "3" } },
  },
  {
    why: "lists with a key are merged by it",
    object: { containers: [A, B] },
    patch: { containers: [{ name: "b", image: "new" }, C] },
    result: { containers: [A, { name: "b", image: "new" }, C] },
  },
  {
    why: "other lists are replaced",
    object: { tolerations: [{ name: "a" }] },
    patch: { tolerations: [{ name: "b" }] },
    result: { tolerations: [{ name: "b" }] },
  },
  {
    why: "a list inside a merged element; as in Kubernetes, what is new comes first",
    object: { containers: [{ ...A, args: ["1"], env: [{ name: "E", value: "1" }] }] },
    patch: { containers: [{ name: "a", args: ["2"], env: [{ name: "F", value: "2" }] }] },
    result: {
      containers: [
        {
          ...A,
          args: ["2"],
          env: [
            { name: "F", value: "2" },
            { name: "E", value: "1" },
          ],
        },
      ],
    },
  },
  {
    why: "$patch: delete removes an element",
    object: { containers: [A, B] },
    patch: { containers: [{ name: "a", $patch: "delete" }] },
    result: { containers: [B] },
  },
  {
    why: "$patch: delete of what is not there does nothing",
    object: {},
    patch: { containers: [{ name: "a", $patch: "delete" }, C] },
    result: { containers: [C] },
  },
  {
    why: "$patch: replace in a list replaces the list",
    object: { containers: [A, B] },
    patch: { containers: [{ $patch: "replace" }, C] },
    result: { containers: [C] },
  },
  {
    why: "$patch: replace in an object replaces the object",
    object: { labels: { a: "1" } },
    patch: { labels: { $patch: "replace", b: "2" } },
    result: { labels: { b: "2" } },
  },
  {
    why: "$patch: delete in an object empties it",
    object: { labels: { a: "1" } },
    patch: { labels: { $patch: "delete" } },
    result: { labels: {} },
  },
  {
    why: "$retainKeys drops what it does not name",
    object: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $retainKeys: ["type"], type: "Recreate" } },
    result: { strategy: { type: "Recreate" } },
  },
  {
    why: "scalars are merged as a set; those of the patch keep its order",
    object: { finalizers: ["a", "b"] },
    patch: { finalizers: ["b", "c"] },
    result: { finalizers: ["a", "b", "c"] },
  },
  {
    why: "$deleteFromPrimitiveList removes scalars",
    object: { finalizers: ["a", "b", "c"] },
    patch: { "$deleteFromPrimitiveList/finalizers": ["a", "x"] },
    result: { finalizers: ["b", "c"] },
  },
  {
    why: "$setElementOrder orders scalars, deletes and adds in one patch",
    object: { finalizers: ["a", "b"] },
    patch: {
      "$deleteFromPrimitiveList/finalizers": ["a"],
      "$setElementOrder/finalizers": ["c", "b"],
      finalizers: ["c"],
    },
    result: { finalizers: ["c", "b"] },
  },
  {
    why: "$setElementOrder alone reorders",
    object: { containers: [A, B, C] },
    patch: { "$setElementOrder/containers": [{ name: "c" }, { name: "b" }, { name: "a" }] },
    result: { containers: [C, B, A] },
  },
  {
    why: "elements the order does not name stay where they stood among the others",
    object: { containers: [A, B] },
    patch: {
      "$setElementOrder/containers": [{ name: "c" }, { name: "b" }],
      containers: [C],
    },
    result: { containers: [C, A, B] },
  },
  {
    why: "an order for a list that nobody has does nothing",
    object: {},
    patch: { "$setElementOrder/containers": [{ name: "c" }] },
    result: {},
  },
  {
    why: "nulls and directives in what is new do not stay",
    object: {},
    patch: { labels: { a: null, b: "1" }, tolerations: [{ name: "a", $patch: "delete" }] },
    result: { labels: { b: "1" }, tolerations: [] },
  },
  {
    why: "a field the type does not know is taken as it is",
    object: {},
    patch: { unknown: { a: [1] } },
    result: { unknown: { a: [1] } },
  },
];

t.test("rules", (t) => {
  for (const { why, object, patch, result } of CASES) {
    const before = JSON.stringify([object, patch]);
    t.strictSame(applyStrategicMergePatch(object, patch, pod), result, why);
    t.equal(JSON.stringify([object, patch]), before, "nothing is changed in place");
  }
  t.end();
});

t.test("malformed patches say why", (t) => {
  const retain = "invalid patch format of retainKeys";
  const table: readonly (readonly [PatchValue, RegExp])[] = [
    [[], /invalid JSON document/],
    [{ labels: { $patch: "merge" } }, /unknown patch type: "merge" in map/],
    [{ containers: [{ image: "x" }] }, /does not contain declared merge key: name/],
    [{ containers: [{ name: "a", $patch: "merge" }] }, /merging lists cannot yet be specified/],
    [{ containers: [{ name: "a", $patch: "x" }] }, /unknown patch type: "x"/],
    [{ containers: ["a"] }, /expected a map/],
    [{ strategy: { $retainKeys: "type" } }, new RegExp(retain)],
    [{ strategy: { $retainKeys: ["a"], type: "x" } }, new RegExp(retain)],
    [{ "$setElementOrder/containers": "x" }, /invalid patch format of setElementOrder list/],
    [{ "$setElementOrder/gone": [1], gone: [1] }, /unable to find api field in struct Pod/],
    [
      { "$setElementOrder/finalizers": ["a", "b"], finalizers: ["b", "a"] },
      /The order in patch list/,
    ],
  ];
  for (const [patch, expected] of table)
    t.throws(
      () => applyStrategicMergePatch({ labels: {} }, patch, pod),
      expected,
      JSON.stringify(patch),
    );
  t.end();
});

t.test("a patch without directives, applied twice, is the same as once", (t) => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const containers = fc.uniqueArray(fc.record({ name, image: name }), {
    selector: (item) => item.name,
  });
  const objects = fc.record(
    { containers, finalizers: fc.uniqueArray(name), labels: fc.dictionary(name, name) },
    { requiredKeys: [] },
  ) as unknown as fc.Arbitrary<PatchObject>;
  fc.assert(
    fc.property(objects, objects, (object, patch) => {
      const once = applyStrategicMergePatch(object, patch, pod);
      const twice = applyStrategicMergePatch(once, patch, pod);
      return JSON.stringify(twice) === JSON.stringify(once);
    }),
  );
  t.end();
});
