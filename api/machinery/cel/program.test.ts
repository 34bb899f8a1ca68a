import t from "tap";
import { DYN, INT, STRING, listOf, mapOf, type CelType, type ObjectType } from "./cel-types.js";
import {
  CelDuration,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
} from "./cel-values.js";
import { durationText, timestampText } from "./cel-time.js";
import { type JsonValue, fromJson } from "./json.js";
import { CALL_COST_MAX, compileExpression } from "./program.js";

const POD: JsonValue = {
  metadata: { name: "web", namespace: "shop", labels: { app: "web", "a.b/c": "d" } },
  spec: {
    replicas: 3,
    ratio: 0.5,
    containers: [
      { name: "a", image: "registry.example.com/a:1", ports: [{ port: 80 }] },
      { name: "b", image: "docker.io/b:2" },
    ],
  },
};

const PORT: ObjectType = {
  kind: "object",
  name: "Port",
  fields: new Map([
    ["port", { type: INT, jsonName: "port" }],
    ["__namespace__", { type: STRING, jsonName: "namespace" }],
    ["host__dash__name", { type: STRING, jsonName: "host-name" }],
  ]),
};
const SELF: ObjectType = {
  kind: "object",
  name: "Self",
  fields: new Map<string, { type: CelType; jsonName: string }>([
    ["replicas", { type: INT, jsonName: "replicas" }],
    ["name", { type: STRING, jsonName: "name" }],
    ["tags", { type: listOf(STRING), jsonName: "tags" }],
    ["ports", { type: listOf(PORT), jsonName: "ports" }],
    ["labels", { type: mapOf(STRING, STRING), jsonName: "labels" }],
    ["since", { type: { kind: "google.protobuf.Timestamp" }, jsonName: "since" }],
    ["wait", { type: { kind: "google.protobuf.Duration" }, jsonName: "wait" }],
    ["data", { type: { kind: "bytes" }, jsonName: "data" }],
    ["either", { type: DYN, jsonName: "either" }],
  ]),
};
const self = fromJson(
  {
    replicas: 2,
    name: "n",
    tags: ["x", "y"],
    ports: [{ port: 80, namespace: "ns", "host-name": "h" }],
    labels: { a: "b" },
    since: "2026-01-02T03:04:05Z",
    wait: "1m30s",
    data: "aGk=",
    either: "50%",
  },
  SELF,
);
const TYPES: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ["object", DYN],
  ["self", SELF],
  ["variables.limit", INT],
]);
const VALUES: ReadonlyMap<string, CelValue> = new Map<string, CelValue>([
  ["object", fromJson(POD)],
  ["self", self],
  ["variables.limit", 5n],
]);

/** A value as a text: JSON, with the types that JSON lacks. */
function shown(value: CelValue): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isInteger(value) ? `${value}.0` : String(value);
  if (value instanceof CelUint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b${JSON.stringify(Buffer.from(value).toString())}`;
  if (isList(value)) return `[${value.map(shown).join(", ")}]`;
  if (value instanceof CelMap) {
    const entries = value.keys().map((key) => `${shown(key)}: ${shown(value.get(key) ?? null)}`);
    return `{${entries.join(", ")}}`;
  }
  if (value instanceof CelDuration) return durationText(value.nanos);
  if (value instanceof CelTimestamp) return timestampText(value.nanos);
  if (value instanceof CelOpaque) return `${value.typeName}(${value.key})`;
  if (value instanceof CelTypeValue) return `type ${value.name}`;
  if (value instanceof CelOptional) {
    return value.value === undefined ? "none" : `optional(${shown(value.value)})`;
  }
  return JSON.stringify(value);
}

function result(source: string): string {
  const compiled = compileExpression(source, { variables: TYPES, structs: ["Object"] });
  if (!compiled.ok)
    return (compiled.message.split("\n")[0] ?? "").replace("compilation failed: ", "");
  const evaluated = compiled.program.evaluate(VALUES, { remaining: CALL_COST_MAX });
  return evaluated.ok ? shown(evaluated.value) : `error: ${evaluated.message}`;
}

type Table = readonly (readonly [source: string, expected: string])[];

function check(name: string, table: Table): void {
  t.test(name, (t) => {
    for (const [source, expected] of table) t.equal(result(source), expected, source);
    t.end();
  });
}

check("literals", [
  ["1", "1"],
  ["-9223372036854775808", "-9223372036854775808"],
  ["9223372036854775807", "9223372036854775807"],
  ["0x10", "16"],
  ["-0x10", "-16"],
  ["7u", "7u"],
  ["1.5e3", "1500.0"],
  [".5", "0.5"],
  ["1e2", "100.0"],
  ["'a\\n\\x41\\u00e9\\U0001F600\\101'", '"a\\nAé😀A"'],
  ["r'\\d'", '"\\\\d"'],
  ["'''a\n'b'''", '"a\\n\'b"'],
  ["b'hi\\x00'", 'b"hi\\u0000"'],
  ["null", "null"],
  ["[1, 2,]", "[1, 2]"],
  ["{'a': 1, 2: 'b'}", '{"a": 1, 2: "b"}'],
  ["// a comment\n true", "true"],
  ["Object{spec: Object.spec{replicas: 3}}", '{"spec": {"replicas": 3}}'],
]);

check("numbers keep to their types and their ranges", [
  ["1 + 2 * 3", "7"],
  ["7 / 2", "3"],
  ["-7 / 2", "-3"],
  ["-7 % 3", "-1"],
  ["7.0 / 2.0", "3.5"],
  ["9223372036854775807 + 1", "error: integer overflow"],
  ["-9223372036854775808 - 1", "error: integer overflow"],
  ["-(-9223372036854775808)", "error: integer overflow"],
  ["9223372036854775807 * 2", "error: integer overflow"],
  ["1u - 2u", "error: unsigned integer overflow"],
  ["1 / 0", "error: division by zero"],
  ["1 % 0", "error: modulus by zero"],
  ["1.0 / 0.0 > 1e308", "true"],
  ["int(3.99)", "3"],
  ["int(1e30)", "error: integer overflow"],
  ["uint(-1)", "error: unsigned integer overflow"],
  ["int('12')", "12"],
  ["int('x')", "error: type conversion error from 'x' to 'int'"],
  ["double('1.5') + 1.0", "2.5"],
  ["string(1.0)", '"1"'],
  ["string(1u)", '"1"'],
  ["bool('true')", "true"],
  ["1 < 1.5 && 2u > 1 && 1.0 <= 1u", "true"],
  ["dyn(1) == 1.0", "true"],
  ["dyn(1u) == 1", "true"],
  ["dyn('1') == 1", "false"],
  [
    "1 in [1.0, 2.0]",
    "ERROR: <input>:1:3: found no matching overload for '@in' applied to '(int, list(double))'",
  ],
  ["type(1) == int && type('') == string && type([]) == list", "true"],
  ["type(null) == null_type", "true"],
]);

check("errors give way where another side decides", [
  ["false && 1 / 0 > 0", "false"],
  ["1 / 0 > 0 && false", "false"],
  ["true || 1 / 0 > 0", "true"],
  ["1 / 0 > 0 || true", "true"],
  ["1 / 0 > 0 || false", "error: division by zero"],
  ["[1, 0].all(x, 1 / x > 5)", "false"],
  ["[0, 1].exists(x, 1 / x == 1)", "true"],
  ["[0, 2].all(x, 2 / x == 1)", "error: division by zero"],
  ["true ? 1 : 1 / 0", "1"],
  ["object.spec.nothing == 1", "error: no such key: nothing"],
  ["has(object.spec.nothing) && object.spec.nothing == 1", "false"],
  ["dyn('a') && true", "error: no such overload"],
]);

check("macros", [
  ["[1, 2, 3].all(x, x > 0)", "true"],
  ["[1, 2, 3].exists(x, x == 2)", "true"],
  ["[1, 2, 2].exists_one(x, x == 2)", "false"],
  ["[1, 2, 3].map(x, x * x)", "[1, 4, 9]"],
  ["[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]"],
  ["[1, 2, 3].filter(x, x % 2 == 1)", "[1, 3]"],
  ["{'a': 1, 'b': 2}.all(k, k < 'c')", "true"],
  ["{'a': 1}.map(k, k + k)", '["aa"]'],
  ["[[1], [2, 3]].all(l, l.all(x, x > 0))", "true"],
  ["[1, 2].map(x, [3, 4].map(y, x * y))", "[[3, 4], [6, 8]]"],
  ["[1, 2].map(x, [x].map(x, x + 1))", "[[2], [3]]"],
  ["[5, 6].all(i, v, v == i + 5)", "true"],
  ["{'a': 1}.exists(k, v, k == 'a' && v == 1)", "true"],
  ["[5, 6].existsOne(i, v, i == 1)", "true"],
  ["[5, 6].transformList(i, v, i + v)", "[5, 7]"],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2)", '{"b": 4}'],
  ["['a'].transformMapEntry(i, v, {v: i})", '{"a": 0}'],
  [
    "1.all(x, true)",
    "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  ["has(self)", "ERROR: <input>:1:4: invalid argument to has() macro"],
  ["[1].all(1, true)", "ERROR: <input>:1:9: argument must be a simple name"],
]);

check("objects", [
  ["object.metadata.name", '"web"'],
  ["object.metadata.namespace == 'shop'", "true"],
  ["object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))", "false"],
  ["object.spec.containers[1].name", '"b"'],
  ["object.metadata.labels['a.b/c']", '"d"'],
  ["'app' in object.metadata.labels", "true"],
  ["object.spec.replicas + 1", "4"],
  ["object.spec.ratio * 2.0", "1.0"],
  ["object.spec.containers[2]", "error: index out of bounds: 2"],
  ["self.ports[0].__namespace__ + self.ports[0].host__dash__name", '"nsh"'],
  ["self.labels.a", '"b"'],
  ["self.since > timestamp('2026-01-01T00:00:00Z')", "true"],
  ["self.wait == duration('90s')", "true"],
  ["self.data == b'hi'", "true"],
  ["type(self.either) == string ? self.either == '50%' : self.either > 1", "true"],
  ["variables.limit > 4", "true"],
  ["[1, 2].map(variables, variables + 1)", "[2, 3]"],
]);

check("what compilers say", [
  ["self.foo", "ERROR: <input>:1:5: undefined field 'foo'"],
  ["foo", "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')"],
  ["foo(1)", "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')"],
  [
    "self.replicas + 'a'",
    "ERROR: <input>:1:15: found no matching overload for '_+_' applied to '(int, string)'",
  ],
  [
    "self.name.startsWith(1)",
    "ERROR: <input>:1:21: found no matching overload for 'startsWith' applied to 'string.(int)'",
  ],
  ["self.replicas.x", "ERROR: <input>:1:14: type 'int' does not support field selection"],
  ["self.replicas && true", "ERROR: <input>:1:5: expected type 'bool' but found 'int'"],
  [
    "true ? 1 : 'a'",
    "ERROR: <input>:1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
  ],
  [
    "1 +",
    "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
  ],
  ["9223372036854775808", "ERROR: <input>:1:1: invalid int literal"],
  ["package", "ERROR: <input>:1:1: reserved identifier: package"],
  ["1 # 2", "ERROR: <input>:1:3: Syntax error: token recognition error at: '#'"],
  [
    `${"(".repeat(300)}1${")".repeat(300)}`,
    "ERROR: <input>:1:251: expression recursion limit exceeded: 250",
  ],
  ["Nothing{}", "ERROR: <input>:1:8: undeclared reference to 'Nothing' (in container '')"],
]);

check("optional values", [
  ["optional.of(1).value()", "1"],
  ["optional.none().hasValue()", "false"],
  ["optional.none().value()", "error: optional.none() dereference"],
  ["optional.ofNonZeroValue('')", "none"],
  ["object.?spec.?nothing.?deeper.orValue(7)", "7"],
  ["object.?spec.replicas", "optional(3)"],
  ["object.?spec.nothing.orValue(1)", "1"],
  ["[1, 2][?5].orValue(9)", "9"],
  ["{'a': 1}[?'a']", "optional(1)"],
  ["[?optional.none(), 1, ?optional.of(2)]", "[1, 2]"],
  ["{?'a': optional.none(), 'b': 1}", '{"b": 1}'],
  ["optional.of(2).optMap(x, x * 2)", "optional(4)"],
  ["optional.none().optMap(x, 1 / 0)", "none"],
  ["optional.of(2).optFlatMap(x, optional.none())", "none"],
  ["optional.none().or(optional.of(1)).value()", "1"],
  ["has(self.?labels.a)", "true"],
]);

check("texts", [
  ["'hello'.charAt(1) + 'hello'.charAt(5)", '"e"'],
  ["'😀b'.size()", "2"],
  ["'hello mellow'.indexOf('ello', 2)", "7"],
  ["'hello mellow'.lastIndexOf('ello')", "7"],
  ["'TacoÆ'.lowerAscii() + 'aÆ'.upperAscii()", '"tacoÆAÆ"'],
  ["'a b c'.replace(' ', '-', 1)", '"a-b c"'],
  ["'abc'.replace('', '-')", '"-a-b-c-"'],
  ["'a,b,c'.split(',', 2)", '["a", "b,c"]'],
  ["'tacocat'.substring(1, 3)", '"ac"'],
  ["'tacocat'.substring(5, 3)", "error: invalid substring range. start: 5, end: 3"],
  ["'  x\\t'.trim()", '"x"'],
  ["['a', 'b'].join('-')", '"a-b"'],
  ["strings.quote('a\\n\"')", '"\\"a\\\\n\\\\\\"\\""'],
  ["'%s is %d, %.2f, %x, %b%%'.format(['a', 5, 1.234, 255, 5])", '"a is 5, 1.23, ff, 101%"'],
  ["'%s'.format([[1, 'a', null]])", '"[1, a, null]"'],
  [
    "'%d'.format(['a'])",
    "error: error during formatting: decimal clause can only be used on integers, was given string",
  ],
  ["'abc'.matches('^[a-c]+$')", "true"],
  ["'abc'.matches('(')", "error: error parsing regexp: missing closing ): `(`"],
  ["'abc 123'.find('[0-9]+')", '"123"'],
  ["'1 22 333'.findAll('[0-9]+', 2)", '["1", "22"]'],
  ["size(b'abc') + size('é') + size({'a': 1})", "5"],
  ["string(b'\\xff')", "error: invalid UTF-8 in bytes, cannot convert to string"],
]);

check("lists and sets", [
  ["[1, 2, 3].isSorted() && !['b', 'a'].isSorted()", "true"],
  ["[1, 2, 3].sum() + [4, 9].max() + [4, 2].min()", "17"],
  ["[1.5, 2.0].sum()", "3.5"],
  ["[].sum()", "0"],
  ["[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)", "2"],
  ["sets.contains([1, 2, 3], [2, 1]) && sets.intersects([1], [1, 2])", "true"],
  ["sets.equivalent([1, 1, 2], [2, 1])", "true"],
  ["[1] + [2] == [1, 2]", "true"],
  ["{'a': [1]} == {'a': [1]}", "true"],
  ["'a' in {'a': 1} && 1 in [1]", "true"],
]);

check("times", [
  ["timestamp('2026-01-02T03:04:05.5Z').getMilliseconds()", "500"],
  ["timestamp('2026-03-01T00:00:00Z').getDayOfYear()", "59"],
  ["timestamp('2026-01-02T03:04:05Z').getDayOfWeek()", "5"],
  ["timestamp('2026-01-02T23:04:05Z').getDate('+02:00')", "3"],
  ["timestamp('2026-07-02T23:04:05Z').getHours('Europe/Berlin')", "1"],
  [
    "timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('24h')",
    "true",
  ],
  ["timestamp('2026-01-02T00:00:00Z') + duration('1h30m')", "2026-01-02T01:30:00Z"],
  ["duration('1h').getMinutes()", "60"],
  ["string(duration('1.5s'))", '"1.5s"'],
  ["duration('1x')", "error: type conversion error from '1x' to 'duration'"],
  ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"],
  ["int(timestamp('1970-01-01T00:01:00Z'))", "60"],
]);

check("Kubernetes' libraries", [
  ["quantity('1.5G').isGreaterThan(quantity('1400M'))", "true"],
  ["quantity('50k').add(20).asInteger()", "50020"],
  ["quantity('100m').isInteger()", "false"],
  ["quantity('1Gi').sub(quantity('512Mi')).compareTo(quantity('512Mi'))", "0"],
  ["isQuantity('1.3.3')", "false"],
  [
    "quantity('x')",
    "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ["url('https://user@example.com:80/a%20b?q=1&q=2').getHost()", '"example.com:80"'],
  ["url('https://[::1]:80/').getHostname()", '"::1"'],
  ["url('/a?x=y').getQuery()", '{"x": ["y"]}'],
  ["isURL('a b')", "false"],
  ["ip('10.0.0.1').family() + ip('::1').family()", "10"],
  ["isIP('10.0.0.256') || isIP('::ffff:1.2.3.4')", "false"],
  ["ip.isCanonical('2001:db8:0::1')", "false"],
  ["string(ip('2001:db8:0:0:0:0:0:1'))", '"2001:db8::1"'],
  ["ip('127.0.0.1').isLoopback() && ip('8.8.8.8').isGlobalUnicast()", "true"],
  ["cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true"],
  ["cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))", "true"],
  ["string(cidr('10.1.2.3/8').masked())", '"10.0.0.0/8"'],
  ["format.dns1123Label().validate('my-name')", "none"],
  ["format.dns1123Label().validate('My').hasValue()", "true"],
  ["format.named('qualifiedName').value().validate('a/b')", "none"],
  ["semver('1.2.3').isLessThan(semver('1.10.0-rc.1'))", "true"],
  ["semver('v1.2', true).minor()", "2"],
  ["isSemver('1.02.3')", "false"],
  ["jsonpatch.escapeKey('a/b~c')", '"a~1b~0c"'],
]);

t.test("where a compiler points", (t) => {
  const compiled = compileExpression("self.replicas > 0 &&\n  self.foo", { variables: TYPES });
  t.same(compiled, {
    ok: false,
    message:
      "compilation failed: ERROR: <input>:2:7: undefined field 'foo'\n |   self.foo\n | ......^",
  });
  const other = compileExpression("1", { variables: TYPES, results: [{ kind: "bool" }] });
  t.same(other, { ok: false, message: "must evaluate to bool" });
  t.end();
});

t.test("what costs too much is stopped, in steps", (t) => {
  const list = `[${Array.from({ length: 100 }, (_each, at) => at).join(", ")}]`;
  const nested = `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, a >= 0))))`;
  const stopped = compileExpression(nested, { variables: TYPES });
  if (!stopped.ok) throw new Error(stopped.message);
  const budget = { remaining: 10_000_000 };
  const steps = stopped.program.evaluateInSteps(VALUES, budget);
  let count = 0;
  for (;;) {
    const next = steps.next();
    if (next.done === true) {
      t.same(next.value, {
        ok: false,
        message: "operation cancelled: actual cost limit exceeded",
        exceeded: true,
      });
      break;
    }
    count += 1;
  }
  t.ok(count > 10, `${count} pauses`);
  t.ok(budget.remaining < 10_000_000 - CALL_COST_MAX);
  const doubled = `'${"a".repeat(1000)}'${".replace('a', 'aaaaaaaaaa')".repeat(20)}.size() > 0`;
  t.equal(result(doubled), "error: operation cancelled: actual cost limit exceeded");
  t.end();
});
