import t from "tap";
import { parseGroup } from "./notation.js";
import { linkTypes, TYPES, type TypeSchema } from "./type-schema.js";

/** Longest description: what `kubectl explain` prints in a few lines. */
const LENGTH_MAX = 200;

t.test("every type and every field of a served group is described", (t) => {
  t.same(undescribed(TYPES.values()), []);
  t.end();
});

t.test("a description is one short sentence or two", (t) => {
  const odd = [...TYPES.values()].flatMap((type) =>
    described(type).filter(
      ([, text]) =>
        text !== "" && (text.length > LENGTH_MAX || !/^\S.*\.$/.test(text) || / {2}/.test(text)),
    ),
  );
  t.same(odd, []);
  t.end();
});

t.test("what all kinds and lists share needs no words in the notation", (t) => {
  const text = `
group toy/v1 toy.example/v1

kind Box boxes namespaced

type Box # A box.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 lid Lid

type Lid
  1 metadata string
  2 kind string
`;
  const meta = `
group meta/v1 meta.k8s.io/v1

type ObjectMeta # What all have.

type ListMeta # What lists have.
`;
  const types = linkTypes([parseGroup(meta), parseGroup(text)]);
  t.same(undescribed(types.values()), [
    "toy/v1.Box.lid",
    "toy/v1.Lid",
    "toy/v1.Lid.metadata",
    "toy/v1.Lid.kind",
  ]);
  t.equal(types.get("toy/v1.BoxList")?.fieldByName.get("items")?.description, "Holds the boxes.");
  t.end();
});

function undescribed(types: Iterable<TypeSchema>): string[] {
  return [...types]
    .flatMap(described)
    .filter(([, text]) => text === "")
    .map(([name]) => name);
}

/** A type and its fields by name, with their descriptions. */
function described(type: TypeSchema): (readonly [name: string, text: string])[] {
  const fields = type.fields.map(
    (field) => [`${type.name}.${field.name}`, field.description] as const,
  );
  return [[type.name, type.description], ...fields];
}
