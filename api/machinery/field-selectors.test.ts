import t from "tap";
import {
  exactFieldValue,
  matchesFields,
  parseFieldSelector,
  unknownField,
} from "./field-selectors.js";

function requirements(text: string) {
  const parsed = parseFieldSelector(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.requirements;
}

t.test("conditions on fields", (t) => {
  const fields = new Map([
    ["metadata.name", "web"],
    ["status.phase", "a,b=c\\d"],
  ]);
  const valueOf = (field: string) => fields.get(field) ?? "";
  const table: readonly (readonly [string, boolean])[] = [
    ["", true],
    ["metadata.name=web", true],
    ["metadata.name==web", true],
    ["metadata.name!=web", false],
    ["metadata.name=web,spec.nodeName=", true],
    ["metadata.name=web,spec.nodeName!=", false],
    ["status.phase=a\\,b\\=c\\\\d", true],
  ];
  for (const [text, expected] of table)
    t.equal(matchesFields(requirements(text), valueOf), expected, text);
  t.equal(exactFieldValue(requirements("a!=1,b=2"), "b"), "2");
  t.equal(exactFieldValue(requirements("a!=1,b=2"), "a"), null);
  t.end();
});

t.test("what is no field selector says why", (t) => {
  const table: readonly (readonly [string, string])[] = [
    ["foo", "invalid selector: 'foo'; can't understand 'foo'"],
    ["a=b\\x", "invalid field selector: invalid escape sequence: \\x"],
    ["a=b\\", "invalid field selector: invalid escape sequence: \\"],
    ["a=b=c", "invalid field selector: unescaped character in value: 61"],
  ];
  for (const [text, message] of table)
    t.strictSame(parseFieldSelector(text), { ok: false, message }, text);
  t.end();
});

t.test("fields a kind does not know", (t) => {
  t.equal(unknownField(requirements("metadata.name=a,metadata.namespace=b"), []), null);
  t.equal(unknownField(requirements("spec.nodeName=a"), ["spec.nodeName"]), null);
  t.equal(
    unknownField(requirements("spec.x=a"), ["spec.nodeName"]),
    "field label not supported: spec.x",
  );
  t.equal(
    unknownField(requirements("spec.x=a"), []),
    '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  t.end();
});
