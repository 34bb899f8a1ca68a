import fc from "fast-check";
import t from "tap";
import {
  EVERYTHING,
  type LabelSelectorObject,
  NOTHING,
  parseLabelSelector,
  type Selector,
  selectorFromMap,
  selectorFromObject,
  selectorOrNothing,
} from "./selectors.js";

function parsed(text: string): Selector {
  const result = parseLabelSelector(text);
  if (!result.ok) throw new Error(result.message);
  return result.selector;
}

t.test("every operator", (t) => {
  const labels = { app: "web", tier: "front", size: "5", empty: "" };
  const table: readonly (readonly [string, boolean])[] = [
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app=db", false],
    ["app!=web", false],
    ["app!=db", true],
    ["gone!=x", true],
    ["gone=x", false],
    ["app in (web, db)", true],
    ["app in (db)", false],
    ["app notin (db)", true],
    ["gone notin (db)", true],
    ["app", true],
    ["gone", false],
    ["!gone", true],
    ["! app", false],
    ["size>4", true],
    ["size<4", false],
    ["app>4", false],
    ["gone<4", false],
    ["empty=", true],
    ["empty in ()", true],
    ["app in (,web)", true],
    ["app=web,tier=front", true],
    ["app=web,tier=back", false],
    ["in in (in)", false],
  ];
  for (const [text, expected] of table) t.equal(parsed(text).matches(labels), expected, text);
  t.equal(parsed("toString").matches({}), false, "inherited members are no labels");
  t.end();
});

t.test("what is no selector says why", (t) => {
  const operators = "in, notin, =, ==, !=, gt, lt";
  const table: readonly (readonly [string, string | RegExp])[] = [
    ["=", "found '=', expected: !, identifier, or 'end of string'"],
    ["a,", "found '', expected: identifier after ','"],
    ["a,,b", "found ',', expected: identifier after ','"],
    ["a b", `unable to parse requirement: found 'b', expected: ${operators}`],
    ["a in b", "unable to parse requirement: found 'b' expected: '('"],
    ["a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ["a in (b", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a>x", /for 'Gt', 'Lt' operators, the value must be an integer/],
    ["-a=b", /unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of/],
    ["a=-b", /values\[0\]\[a\]: Invalid value: "-b": a valid label must be an empty string/],
  ];
  for (const [text, expected] of table) {
    const result = parseLabelSelector(text);
    const message = result.ok ? "no error" : result.message;
    if (typeof expected === "string") t.equal(message, expected, text);
    else t.match(message, expected, text);
  }
  t.end();
});

t.test("selectors as objects", (t) => {
  t.equal(selectorOrNothing(undefined).matches({ a: "b" }), false, "none selects nothing");
  t.equal(selectorOrNothing({}).isEverything, true, "an empty one selects everything");
  const object: LabelSelectorObject = {
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "tier", operator: "In", values: ["b", "a"] },
      { key: "old", operator: "DoesNotExist" },
    ],
  };
  const selector = selectorOrNothing(object);
  t.equal(selector.toString(), "app=web,!old,tier in (a,b)");
  t.equal(selector.matches({ app: "web", tier: "a" }), true);
  t.equal(selector.matches({ app: "web", tier: "a", old: "" }), false);
  const bad = selectorFromObject({ matchExpressions: [{ key: "a", operator: "Is" }] });
  t.strictSame(bad, { ok: false, message: '"Is" is not a valid label selector operator' });
  const empty = selectorFromObject({ matchExpressions: [{ key: "a", operator: "In" }] });
  t.equal(empty.ok, false);
  t.equal(NOTHING.isEverything, false);
  t.equal(EVERYTHING.matches(undefined), true);
  t.end();
});

t.test("the only value a label may have", (t) => {
  t.equal(parsed("app=web").exactValue("app"), "web");
  t.equal(parsed("app in (web)").exactValue("app"), "web");
  t.equal(parsed("app in (web,db)").exactValue("app"), null);
  t.equal(parsed("app!=web").exactValue("app"), null);
  t.equal(parsed("app=web").exactValue("tier"), null);
  t.end();
});

t.test("a map selects as its text does", (t) => {
  const words = fc.stringMatching(/^[a-z]{1,3}$/);
  const maps = fc.dictionary(words, words, { maxKeys: 4 });
  fc.assert(
    fc.property(maps, maps, (wanted, labels) => {
      const selector = selectorFromMap(wanted);
      const dumb = Object.entries(wanted).every(([key, value]) => labels[key] === value);
      return (
        selector.matches(labels) === dumb && parsed(selector.toString()).matches(labels) === dumb
      );
    }),
  );
  t.end();
});
