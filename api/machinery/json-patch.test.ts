import fc from "fast-check";
import t from "tap";
import { applyJsonPatch } from "./json-patch.js";
import { applyMergePatch } from "./merge-patch.js";
import { type PatchObject, type PatchValue, sameJson } from "./patch-json.js";

t.test("operations", (t) => {
  const table: readonly (readonly [PatchValue, PatchValue, PatchValue])[] = [
    [{ a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    [{ a: 1 }, [{ op: "add", path: "/a", value: null }], { a: null }],
    [{ a: [1, 2] }, [{ op: "add", path: "/a/1", value: 9 }], { a: [1, 9, 2] }],
    [{ a: [1, 2] }, [{ op: "add", path: "/a/-", value: 9 }], { a: [1, 2, 9] }],
    [{ a: [1, 2] }, [{ op: "add", path: "/a/-1", value: 9 }], { a: [1, 2, 9] }],
    [{ a: [1, 2] }, [{ op: "remove", path: "/a/-1" }], { a: [1] }],
    [{ a: [1, 2] }, [{ op: "replace", path: "/a/0", value: 9 }], { a: [9, 2] }],
    [{ a: { b: 1 } }, [{ op: "remove", path: "/a/b" }], { a: {} }],
    [{ a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
    [{ a: [1] }, [{ op: "copy", from: "/a", path: "/b" }], { a: [1], b: [1] }],
    [{ "a/b": 1, "m~n": 2 }, [{ op: "remove", path: "/a~1b" }], { "m~n": 2 }],
    [{ "m~n": 2 }, [{ op: "test", path: "/m~0n", value: 2 }], { "m~n": 2 }],
    [
      { a: { c: 1, b: 2 } },
      [{ op: "test", path: "/a", value: { b: 2, c: 1 } }],
      { a: { c: 1, b: 2 } },
    ],
    [{}, [{ op: "test", path: "/gone", value: null }], {}],
    [{ a: 1 }, [{ op: "replace", path: "", value: { b: 1 } }], { b: 1 }],
  ];
  for (const [document, patch, expected] of table)
    t.strictSame(applyJsonPatch(document, patch), expected, JSON.stringify(patch));
  t.end();
});

t.test("what does not fit says why", (t) => {
  const key = "doc is missing key";
  const table: readonly (readonly [PatchValue, PatchValue, RegExp])[] = [
    [{}, {}, /must be a list/],
    [{}, ["x"], /must be a JSON object/],
    [{}, [{ path: "/a" }], /missing or invalid op field/],
    [{}, [{ op: "add" }], /missing or invalid path field/],
    [{}, [{ op: "add", path: "/a" }], /missing value field/],
    [{}, [{ op: "jump", path: "/a" }], /Unexpected kind: jump/],
    [{}, [{ op: "add", path: "a", value: 1 }], /invalid JSON pointer/],
    [{}, [{ op: "add", path: "/a/b", value: 1 }], /doc is missing path: "\/a\/b"/],
    [{}, [{ op: "remove", path: "/a" }], new RegExp(`remove .*${key}: /a: missing value`)],
    [{}, [{ op: "replace", path: "/a", value: 1 }], new RegExp(`replace .*${key}: /a`)],
    [{}, [{ op: "remove", path: "/constructor" }], new RegExp(key)],
    [{ a: [] }, [{ op: "remove", path: "/a/0" }], /Unable to access invalid index: 0/],
    [{ a: [] }, [{ op: "add", path: "/a/1", value: 1 }], /Unable to access invalid index: 1/],
    [{ a: [1] }, [{ op: "remove", path: "/a/01" }], /Unable to access invalid index: 01/],
    [{ a: 1 }, [{ op: "test", path: "/a", value: 2 }], /testing value \/a failed/],
    [{ a: { b: 1 } }, [{ op: "move", from: "/a", path: "/a/b" }], /into itself/],
  ];
  for (const [document, patch, expected] of table)
    t.throws(() => applyJsonPatch(document, patch), expected, JSON.stringify(patch));
  t.end();
});

t.test("limits", (t) => {
  const many = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/a", value: null }));
  t.throws(() => applyJsonPatch({}, many), { code: "PatchInvalid" });
  const doubling = Array.from({ length: 40 }, (_, i) => ({ op: "copy", from: "", path: `/a${i}` }));
  t.throws(() => applyJsonPatch({ seed: "x".repeat(1000) }, doubling), /accumulated size/);
  t.end();
});

t.test("__proto__ is a member like any other", (t) => {
  const patch = JSON.parse('[{"op":"add","path":"/__proto__","value":{"x":1}}]') as PatchValue;
  const out = applyJsonPatch({ a: 1 }, patch) as PatchObject;
  t.equal(JSON.stringify(out), '{"a":1,"__proto__":{"x":1}}');
  t.equal(Object.getPrototypeOf(out), Object.prototype);
  const merge = JSON.parse('{"__proto__":{"x":1}}') as PatchValue;
  t.equal(JSON.stringify(applyMergePatch({}, merge)), '{"__proto__":{"x":1}}');
  t.end();
});

t.test("merge patches (RFC 7386, appendix A, where the outcome is an object)", (t) => {
  const table: readonly (readonly [PatchObject, PatchObject, PatchObject])[] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [object, patch, expected] of table)
    t.strictSame(applyMergePatch(object, patch), expected, JSON.stringify(patch));
  t.throws(() => applyMergePatch({}, []), { code: "PatchInvalid" });
  t.end();
});

t.test("patches change neither document nor patch, and undo each other", (t) => {
  const keys = fc.constantFrom("a", "b", "c");
  const documents = fc.dictionary(keys, fc.jsonValue()) as fc.Arbitrary<PatchObject>;
  fc.assert(
    fc.property(documents, keys, fc.jsonValue(), (document, key, value) => {
      const before = JSON.stringify(document);
      const add = { op: "add", path: `/${key}`, value: value as PatchValue };
      const added = applyJsonPatch(document, [add]) as PatchObject;
      const removed = applyJsonPatch(added, [{ op: "remove", path: `/${key}` }]);
      const { [key]: _gone, ...rest } = document;
      return JSON.stringify(document) === before && sameJson(removed, rest);
    }),
  );
  t.end();
});
