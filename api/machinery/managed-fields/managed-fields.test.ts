import fc from "fast-check";
import t from "tap";
import { present } from "../../../base/assert.js";
import type { PatchObject, PatchValue } from "../patch-json.js";
import { type Application, applyConfig } from "./apply-config.js";
import { checkConfig } from "./check-config.js";
import { compareValues } from "./compare-values.js";
import {
  difference,
  EMPTY_SET,
  type FieldSet,
  intersection,
  leaves,
  parseFieldSet,
  pathsOf,
  recursiveDifference,
  sameSet,
  union,
} from "./field-set.js";
import {
  encodeEntries,
  isReset,
  type ManagedEntry,
  type ManagerIdentity,
  parseEntries,
} from "./managed-entries.js";
import { mergeValues } from "./merge-values.js";
import { compareElements, describePath } from "./path-element.js";
import { removeFields } from "./remove-fields.js";
import { type OwnableField, type OwnableFieldType, type OwnableType, shapeOf } from "./shape.js";
import { trackUpdate } from "./track-update.js";
import { fieldsOf, isHollow, withNamedFields } from "./value-fields.js";

const TEXT: OwnableFieldType = { kind: "scalar", scalar: "string" };
const NUMBER: OwnableFieldType = { kind: "scalar", scalar: "int32" };

function typeOf(fields: Readonly<Record<string, Partial<OwnableField>>>): OwnableType {
  const list = Object.entries(fields).map(([name, more]): [string, OwnableField] => [
    name,
    {
      name,
      type: TEXT,
      listType: null,
      listMapKeys: [],
      mapAtomic: false,
      default: undefined,
      required: false,
      nullable: false,
      ...more,
    },
  ]);
  return { mapAtomic: false, fieldByName: new Map(list) };
}

const PORT = typeOf({
  name: {},
  port: { type: NUMBER },
  protocol: { default: "TCP" },
});
const SPEC = typeOf({
  replicas: { type: NUMBER },
  paused: { type: { kind: "scalar", scalar: "bool" } },
  ports: {
    type: { kind: "list", of: { kind: "message", type: PORT } },
    listType: "map",
    listMapKeys: ["port", "protocol"],
  },
  command: { type: { kind: "list", of: TEXT }, listType: "atomic" },
  finalizers: { type: { kind: "list", of: TEXT }, listType: "set" },
  labels: { type: { kind: "map", of: TEXT } },
  selector: { type: { kind: "map", of: TEXT }, mapAtomic: true },
});
const ROOT = typeOf({ spec: { type: { kind: "message", type: SPEC } } });
const SHAPE = shapeOf(ROOT);

function setOf(value: PatchValue): FieldSet {
  return present(parseFieldSet(value), "a set");
}
function paths(set: FieldSet): string[] {
  return pathsOf(set).map(describePath);
}
function applier(manager: string): ManagerIdentity {
  return { manager, operation: "Apply", apiVersion: "v1", subresource: "" };
}
function application(more: Partial<Application>): Application {
  return {
    live: {},
    config: {},
    shape: SHAPE,
    entries: [],
    by: applier("A"),
    now: "2026-01-01T00:00:00Z",
    force: false,
    allowedConflicts: EMPTY_SET,
    resetFields: EMPTY_SET,
    normalise: clean,
    ...more,
  };
}
interface State {
  readonly live: PatchValue;
  readonly entries: readonly ManagedEntry[];
}
const NOTHING: State = { live: {}, entries: [] };

/** Applies and crashes on a conflict. */
function apply(state: State, manager: string, config: PatchValue, force = false): State {
  const applied = applyConfig(application({ ...state, config, force, by: applier(manager) }));
  if (!applied.ok) throw new Error(applied.message);
  return { live: applied.object, entries: applied.entries };
}
/** What holds nothing is not there. */
function clean(value: PatchValue): PatchValue {
  if (Array.isArray(value)) return (value as readonly PatchValue[]).map(clean);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value as PatchObject)
    .map(([key, inner]): [string, PatchValue] => [key, clean(inner ?? null)])
    .filter(([, inner]) => !isHollow(inner));
  return Object.fromEntries(members);
}
function fieldsBy(state: State, manager: string): string[] {
  return paths(state.entries.find((entry) => entry.manager === manager)?.fields ?? EMPTY_SET);
}

void t.test("elements are written in Kubernetes' order", async (t) => {
  const ordered = [
    "f:a",
    "f:b",
    "f:\uffff",
    "f:\u{10000}",
    'k:{"name":"a"}',
    'k:{"name":"a","port":1}',
    'k:{"name":"b"}',
    'k:{"port":9}',
    'k:{"port":10}',
    'k:{"port":"1"}',
    "v:2",
    "v:10",
    'v:"1"',
    "v:true",
    "i:2",
    "i:10",
  ];
  t.same([...ordered].reverse().sort(compareElements), ordered);
});

void t.test("fieldsV1 is read into one form", async (t) => {
  const cases: readonly { name: string; from: PatchValue; to: PatchValue | null }[] = [
    { name: "empty", from: {}, to: {} },
    { name: "keys in order", from: { 'k:{"b": 1, "a":"x"}': {} }, to: { 'k:{"a":"x","b":1}': {} } },
    { name: "elements in order", from: { 'v:"a"': {}, "f:a": {} }, to: { "f:a": {}, 'v:"a"': {} } },
    { name: "a field alone", from: { "f:a": { ".": {} } }, to: { "f:a": {} } },
    { name: "a later kind", from: { "x:a": {}, "f:b": {} }, to: { "f:b": {} } },
    { name: "Go's escapes", from: { 'v:"<"': {} }, to: { 'v:"\\u003c"': {} } },
    { name: "no colon", from: { fa: {} }, to: null },
    { name: "a bad key", from: { "k:{": {} }, to: null },
    { name: "a list", from: [], to: null },
    { name: "a text inside", from: { "f:a": "b" }, to: null },
  ];
  for (const { name, from, to } of cases) {
    t.equal(JSON.stringify(parseFieldSet(from)), JSON.stringify(to), name);
  }
});

void t.test("sets are added, taken away and cut", async (t) => {
  const a = setOf({ "f:a": { ".": {}, "f:x": {}, "f:y": {} }, "f:c": {} });
  const b = setOf({ "f:a": { "f:y": {}, "f:z": {} }, "f:b": {} });
  t.same(paths(union(a, b)), [".a", ".b", ".c", ".a.x", ".a.y", ".a.z"]);
  t.equal(JSON.stringify(union(a, b)), JSON.stringify(union(b, a)));
  t.same(paths(intersection(a, b)), [".a.y"]);
  t.same(paths(difference(a, b)), [".a", ".c", ".a.x"]);
  t.same(paths(difference(a, setOf({ "f:a": {} }))), [".c", ".a.x", ".a.y"]);
  t.same(paths(recursiveDifference(a, setOf({ "f:a": {} }))), [".c"]);
  t.same(paths(leaves(a)), [".c", ".a.x", ".a.y"]);
  t.equal(difference(a, setOf({ "f:q": {} })), a, "what does not change is the same set");
  t.equal(union(a, setOf({ "f:c": {} })), a);
});

void t.test("a value says which fields it has", async (t) => {
  const value = {
    spec: {
      replicas: 2,
      ports: [{ port: 53 }, { port: 53, protocol: "UDP" }],
      command: ["a"],
      finalizers: ["f"],
      labels: { app: "web" },
      selector: { app: "web" },
    },
  };
  t.same(paths(fieldsOf(value, SHAPE)), [
    ".spec.command",
    ".spec.replicas",
    ".spec.selector",
    '.spec.finalizers[="f"]',
    ".spec.labels.app",
    '.spec.ports[port=53,protocol="TCP"]',
    '.spec.ports[port=53,protocol="UDP"]',
    '.spec.ports[port=53,protocol="TCP"].port',
    '.spec.ports[port=53,protocol="UDP"].port',
    '.spec.ports[port=53,protocol="UDP"].protocol',
  ]);
  const named = withNamedFields(setOf({ "f:spec": { "f:labels": { "f:app": {} } } }), SHAPE);
  t.same(paths(named), [".spec", ".spec.labels", ".spec.labels.app"]);
  t.same(paths(fieldsOf({ spec: { labels: {}, command: null } }, SHAPE)), [
    ".spec.command",
    ".spec.labels",
  ]);
});

void t.test("what differs is added, modified or removed", async (t) => {
  const before = { spec: { replicas: 1, ports: [{ port: 1, name: "a" }], labels: { a: "1" } } };
  const after = {
    spec: {
      replicas: 2,
      ports: [
        { port: 1, protocol: "TCP", name: "b" },
        { port: 1, protocol: "UDP" },
      ],
      labels: {},
    },
  };
  const { added, modified, removed } = compareValues(before, after, SHAPE);
  t.same(paths(added), [
    '.spec.ports[port=1,protocol="UDP"]',
    '.spec.ports[port=1,protocol="TCP"].protocol',
    '.spec.ports[port=1,protocol="UDP"].port',
    '.spec.ports[port=1,protocol="UDP"].protocol',
  ]);
  t.same(paths(modified), [".spec.replicas", '.spec.ports[port=1,protocol="TCP"].name']);
  t.same(paths(removed), [".spec.labels.a"]);
  const twice = { spec: { ports: [{ port: 1 }, { port: 1, name: "x" }] } };
  t.same(paths(compareValues(before, twice, SHAPE).added), ['.spec.ports[port=1,protocol="TCP"]']);
  t.same(paths(compareValues(twice, { spec: {} }, SHAPE).removed), [
    ".spec.ports",
    '.spec.ports[port=1,protocol="TCP"]',
  ]);
});

void t.test("a configuration is laid over what is there", async (t) => {
  const merge = (live: PatchValue, config: PatchValue): PatchValue =>
    (mergeValues({ spec: live }, { spec: config }, SHAPE) as { spec: PatchValue }).spec;
  t.same(merge({ command: ["a"], replicas: 1 }, { command: ["b"] }), {
    command: ["b"],
    replicas: 1,
  });
  t.same(merge({ selector: { a: "1" } }, { selector: { b: "2" } }), { selector: { b: "2" } });
  t.same(merge({ labels: { a: "1" } }, { labels: { b: "2" } }), { labels: { a: "1", b: "2" } });
  t.same(merge({ labels: { a: "1" } }, { labels: null }), { labels: { a: "1" } });
  const orders: readonly [string, string, string][] = [
    ["abc", "", "abc"],
    ["abc", "d", "abcd"],
    ["abc", "ca", "bca"],
    ["abc", "ba", "bca"],
    ["ac", "abc", "abc"],
    ["axb", "ba", "xba"],
    ["", "ab", "ab"],
    ["bca", "abx", "cabx"],
  ];
  for (const [live, config, wanted] of orders) {
    const merged = merge({ finalizers: live.split("") }, { finalizers: config.split("") });
    t.equal(text(merged), wanted, `${live} + ${config}`);
  }
});
function text(spec: PatchValue): string {
  return ((spec as { finalizers?: readonly string[] }).finalizers ?? []).join("");
}

void t.test("what is taken away goes, and no more", async (t) => {
  const value = { spec: { replicas: 1, ports: [{ port: 1, name: "a" }, { port: 2 }] } };
  const gone = setOf({
    "f:spec": {
      "f:replicas": {},
      "f:ports": {
        'k:{"port":1,"protocol":"TCP"}': { "f:name": {} },
        'k:{"port":2,"protocol":"TCP"}': {},
      },
    },
  });
  t.same(removeFields(value, gone, SHAPE), { spec: { ports: [{ port: 1 }] } });
  t.same(removeFields(value, setOf({ "f:spec": {} }), SHAPE), null);
});

void t.test("a configuration that does not fit is refused in Kubernetes' words", async (t) => {
  const item = "associative list with keys";
  const cases: readonly [PatchValue, string | null][] = [
    [{ spec: { replicas: 1, labels: { a: null } } }, null],
    [{ spek: {} }, ".spek: field not declared in schema"],
    [{ spec: { replicas: "1" } }, ".spec.replicas: expected numeric (int or float), got string"],
    [{ spec: { paused: "x" } }, ".spec.paused: expected boolean, got &{x}"],
    [{ spec: [] }, ".spec: expected map, got &{[]}"],
    [{ spec: { ports: {} } }, ".spec.ports: expected list, got &{map[]}"],
    [
      { spec: { ports: [{ port: 1 }, { port: 1, protocol: "TCP" }] } },
      '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]',
    ],
    [{ spec: { ports: ["a"] } }, `.spec.ports: element 0: ${item} may not have non-map elements`],
    [
      { spec: { replicas: "a", paused: "b" } },
      "errors:\n  .spec.replicas: expected numeric (int or float), got string\n" +
        "  .spec.paused: expected boolean, got &{b}",
    ],
  ];
  for (const [config, problem] of cases) t.equal(checkConfig(config, SHAPE), problem);
});

void t.test("appliers share an object", async (t) => {
  let state = apply(NOTHING, "A", { spec: { replicas: 2, labels: { a: "1", c: "3" } } });
  t.same(fieldsBy(state, "A"), [".spec.replicas", ".spec.labels.a", ".spec.labels.c"]);
  const refused = applyConfig(
    application({ ...state, by: applier("B"), config: { spec: { replicas: 3 } } }),
  );
  t.match(refused, {
    ok: false,
    message: 'Apply failed with 1 conflict: conflict with "A": .spec.replicas',
  });
  state = apply(state, "B", { spec: { replicas: 2, labels: { b: "2" } } });
  t.same(fieldsBy(state, "B"), [".spec.replicas", ".spec.labels.b"], "the same value is shared");
  state = apply(state, "B", { spec: { replicas: 3, labels: { b: "2" } } }, true);
  t.same(fieldsBy(state, "A"), [".spec.labels.a", ".spec.labels.c"], "force moves the field");
  state = apply(state, "A", { spec: { labels: { a: "1" } } });
  t.same(state.live, { spec: { replicas: 3, labels: { a: "1", b: "2" } } }, "dropped and unowned");
  state = apply(state, "B", { spec: { labels: { b: "2" } } });
  t.same(state.live, { spec: { labels: { a: "1", b: "2" } } });
});

void t.test("several conflicts are grouped by manager", async (t) => {
  const state = apply(NOTHING, "A", { spec: { replicas: 2, paused: true } });
  const updater = { ...applier("U"), operation: "Update" as const, subresource: "scale" };
  const entries: ManagedEntry[] = [
    ...state.entries,
    { ...updater, time: null, fields: setOf({ "f:spec": { "f:replicas": {} } }) },
  ];
  const config = { spec: { replicas: 3, paused: false } };
  const applied = applyConfig(application({ ...state, entries, by: applier("B"), config }));
  t.equal(
    applied.ok ? "" : applied.message,
    "Apply failed with 3 conflicts: " +
      'conflicts with "A":\n- .spec.paused\n- .spec.replicas\n' +
      'conflicts with "U" with subresource "scale" using v1:\n- .spec.replicas',
  );
});

void t.test("an object nobody tracked gets a first manager", async (t) => {
  const state = apply({ live: { spec: { replicas: 1 } }, entries: [] }, "A", {
    spec: { labels: { a: "1" } },
  });
  t.same(fieldsBy(state, "before-first-apply"), [".spec", ".spec.replicas"]);
});

void t.test("ports with one number and two protocols are two items", async (t) => {
  const ports = [
    { port: 53, protocol: "TCP" },
    { port: 53, protocol: "UDP" },
  ];
  let state = apply(NOTHING, "A", { spec: { ports } });
  t.same(state.live, { spec: { ports } });
  state = apply(state, "B", { spec: { ports: [{ port: 53, protocol: "UDP" }] } });
  state = apply(state, "A", { spec: { ports: [{ port: 53, protocol: "TCP" }] } });
  t.same(state.live, { spec: { ports } }, "B still has the other one");
  state = apply(state, "B", { spec: {} });
  t.same(state.live, { spec: { ports: [{ port: 53, protocol: "TCP" }] } });
});

void t.test("updates take what they change, and old ones become one", async (t) => {
  let entries: readonly ManagedEntry[] = apply(NOTHING, "A", {
    spec: { replicas: 0, labels: { keep: "x" } },
  }).entries;
  let live: PatchObject = { spec: { replicas: 0, labels: { keep: "x" } } };
  for (let i = 1; i <= 12; i += 1) {
    const labels = { ...(live["spec"] as { labels: PatchObject }).labels, [`l${i}`]: "x" };
    const next = { spec: { replicas: i, labels } };
    const comparison = compareValues(live, next, SHAPE);
    const by = { ...applier(`u${i}`), operation: "Update" as const };
    const now = `2026-01-01T00:00:${String(i).padStart(2, "0")}Z`;
    entries = trackUpdate(entries, { by, now, comparison, resetFields: EMPTY_SET });
    live = next;
  }
  const updates = entries.filter(({ operation }) => operation === "Update");
  t.equal(updates.length, 10);
  const ancient = updates.find(({ manager }) => manager === "ancient-changes");
  t.same(paths(ancient?.fields ?? EMPTY_SET), [
    ".spec.labels.l1",
    ".spec.labels.l2",
    ".spec.labels.l3",
  ]);
  t.equal(ancient?.time, "2026-01-01T00:00:03Z");
  t.same(fieldsBy({ live, entries }, "A"), [".spec.labels.keep"]);
  t.same(fieldsBy({ live, entries }, "u12"), [".spec.replicas", ".spec.labels.l12"]);
  const wire = encodeEntries(entries);
  t.equal(wire[0]?.manager, "A", "appliers come first");
  t.same(parseEntries(wire as unknown as PatchValue), encodedAgain(wire as unknown as PatchValue));
});
function encodedAgain(wire: PatchValue): ManagedEntry[] {
  return present(parseEntries(encodeEntries(present(parseEntries(wire), "entries")) as never), "e");
}

void t.test("entries of clients are read with care", async (t) => {
  const good = { manager: "m", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1" };
  t.equal(parseEntries([good])?.length, 1);
  const bad: readonly PatchValue[] = [
    [{ ...good, operation: "Guess" }],
    [{ ...good, apiVersion: "" }],
    [{ ...good, fieldsType: "FieldsV2" }],
    [{ ...good, fieldsV1: { a: {} } }],
    ["x"],
    "x",
  ];
  for (const entries of bad) t.equal(parseEntries(entries), null, JSON.stringify(entries));
  t.ok(isReset([]));
  t.ok(isReset([{}]));
  t.notOk(isReset([good]));
  t.notOk(isReset(undefined));
});

const names = fc.constantFrom("a", "b", "c");
const spec = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 2 }),
    paused: fc.boolean(),
    labels: fc.dictionary(names, names, { maxKeys: 3 }),
    selector: fc.dictionary(names, names, { maxKeys: 2 }),
    command: fc.array(names, { maxLength: 2 }),
    finalizers: fc.uniqueArray(names, { maxLength: 3 }),
    ports: fc.uniqueArray(
      fc.record({
        port: fc.integer({ min: 1, max: 2 }),
        protocol: fc.constantFrom("TCP", "UDP"),
        name: names,
      }),
      { maxLength: 3, selector: ({ port, protocol }) => `${port}/${protocol}` },
    ),
  },
  { requiredKeys: [] },
);
const config = spec.map((value) => ({ spec: value }) as unknown as PatchValue);
const step = fc.record({ by: fc.constantFrom("A", "B", "C"), config });

void t.test("applying again changes nothing", async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4 }), step, (steps, last) => {
      const before = steps.reduce((state, s) => apply(state, s.by, s.config, true), NOTHING);
      const once = apply(before, last.by, last.config, true);
      const twice = apply(once, last.by, last.config);
      same(twice.live, once.live);
      for (const by of ["A", "B", "C"]) same(fieldsBy(twice, by), fieldsBy(once, by));
    }),
    { numRuns: 400 },
  );
});

void t.test("an applier has what it says, and the object has it", async () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      const end = steps.reduce((state, s) => apply(state, s.by, s.config, true), NOTHING);
      const last = present(steps.at(-1), "a last step");
      const said = fieldsOf(last.config, SHAPE);
      const own = end.entries.find(({ manager }) => manager === last.by)?.fields ?? EMPTY_SET;
      if (!sameSet(own, said)) same(paths(own), paths(said));
      const merged = mergeValues(end.live, last.config, SHAPE);
      same(paths(compareValues(end.live, clean(merged), SHAPE).modified), []);
      // Two appliers have one leaf only when they want the same value.
      for (const entry of end.entries) {
        const shared = intersection(entry.fields, own);
        const differing = compareValues(end.live, clean(merged), SHAPE).modified;
        same(paths(intersection(shared, differing)), []);
      }
    }),
    { numRuns: 400 },
  );
});

void t.test("what nobody has any more is gone", async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
      let state = steps.reduce((at, s) => apply(at, s.by, s.config, true), NOTHING);
      for (const by of ["A", "B", "C"]) state = apply(state, by, {});
      same(paths(leaves(fieldsOf(state.live, SHAPE))), []);
    }),
    { numRuns: 400 },
  );
});

void t.test("sets behave as sets", async () => {
  const set = config.map((value) => fieldsOf(value, SHAPE));
  fc.assert(
    fc.property(set, set, (a, b) => {
      const [left, right] = [new Set(paths(a)), new Set(paths(b))];
      same(sorted(paths(union(a, b))), sorted(new Set([...left, ...right])));
      same(sorted(paths(intersection(a, b))), sorted([...left].filter((path) => right.has(path))));
      same(sorted(paths(difference(a, b))), sorted([...left].filter((path) => !right.has(path))));
      same(JSON.stringify(union(a, b)), JSON.stringify(parseFieldSet(union(b, a) as PatchValue)));
    }),
  );
});

function sorted(items: Iterable<string>): string[] {
  return [...items].sort();
}
function same(found: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`${left} is not ${right}`);
}
