import t from "tap";
import { RegexBudgetError, compileRegex } from "./linear-regex.js";

function matches(pattern: string, text: string): boolean | string {
  const compiled = compileRegex(pattern);
  return compiled.ok ? compiled.regex.test(text) : compiled.message;
}

function finds(pattern: string, text: string): readonly string[] {
  const compiled = compileRegex(pattern);
  if (!compiled.ok) return [compiled.message];
  return compiled.regex.findAll(text).map(({ start, end }) => text.slice(start, end));
}

t.test("what matches, and what does not", (t) => {
  const table: readonly (readonly [pattern: string, text: string, expected: boolean])[] = [
    ["", "", true],
    ["abc", "xabcx", true],
    ["abc", "xabx", false],
    ["^abc$", "abc", true],
    ["^abc$", "abc\n", false],
    ["(?m)^abc$", "x\nabc\ny", true],
    ["^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "my-name", true],
    ["^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "my-name-", false],
    ["^(a|b)*c{2,3}$", "ababcc", true],
    ["^(a|b)*c{2,3}$", "ababcccc", false],
    ["^a{0}$", "", true],
    ["^a{3,}$", "aaaaa", true],
    ["a{,2}", "a{,2}", true],
    ["(?i)HeLLo", "hEllO", true],
    ["(?i:a)b", "Ab", true],
    ["(?i:a)b", "AB", false],
    ["(?i)[k-m]", "L", true],
    ["a.c", "a\nc", false],
    ["(?s)a.c", "a\nc", true],
    ["\\bfoo\\b", "a foo b", true],
    ["\\bfoo\\b", "afoob", false],
    ["\\Bfoo", "afoo", true],
    ["\\Aa\\z", "a", true],
    ["[[:alpha:]_]+", "_x", true],
    ["^[^[:space:]]+$", "a b", false],
    ["^\\p{Lu}\\pL+$", "Éa", true],
    ["^\\P{Lu}$", "A", false],
    ["^[\\p{Greek}]$", "α", true],
    ["^.$", "😀", true],
    ["^[😀-😂]$", "😁", true],
    ["\\x41\\x{42}\\103", "ABC", true],
    ["\\Qa.b\\E", "a.b", true],
    ["\\Qa.b\\E+", "axb", false],
    ["^[\\d\\-x]+$", "1-x", true],
    ["^[]a]+$", "]a", true],
    ["^(?P<year>\\d{4})-(?<month>\\d\\d)$", "2026-01", true],
    ["^(|a)+$", "aaa", true],
    ["^(a*)*$", "aaab", false],
    ["x*?y", "xxy", true],
    ["^\\$\\.\\*$", "$.*", true],
  ];
  for (const [pattern, text, expected] of table) {
    t.equal(matches(pattern, text), expected, `/${pattern}/ on ${JSON.stringify(text)}`);
    const found = finds(pattern, text).length > 0;
    t.equal(found, expected, `find /${pattern}/ in ${JSON.stringify(text)}`);
  }
  t.end();
});

t.test("what is no pattern", (t) => {
  const table: readonly (readonly [pattern: string, message: string])[] = [
    ["(", "error parsing regexp: missing closing ): `(`"],
    [")", "error parsing regexp: unexpected ): `)`"],
    ["[a", "error parsing regexp: missing closing ]: `[a`"],
    ["*a", "error parsing regexp: missing argument to repetition operator: `*`"],
    ["a**", "error parsing regexp: invalid nested repetition operator: `*`"],
    ["a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"],
    ["(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"],
    ["(a)\\1", "error parsing regexp: invalid escape sequence: `\\1`"],
    ["[z-a]", "error parsing regexp: invalid character class range: `z-a`"],
    ["((a{100}){100}){100}", "error parsing regexp: expression too large"],
  ];
  for (const [pattern, message] of table) t.equal(matches(pattern, ""), message, pattern);
  t.end();
});

t.test("pieces, the preferred ones", (t) => {
  t.same(finds("a+", "aabaaa"), ["aa", "aaa"]);
  t.same(finds("a+?", "aa"), ["a", "a"]);
  t.same(finds("a|ab", "ab"), ["a"]);
  t.same(finds("ab|a", "ab"), ["ab"]);
  t.same(finds("\\d*", "a12b"), ["", "12", ""]);
  t.same(finds("(?U)a+", "aa"), ["a", "a"]);
  t.same(finds("\\b\\w", "ab cd"), ["a", "c"]);
  t.end();
});

t.test("no pattern stalls, and work has a limit", (t) => {
  const text = `${"a".repeat(50_000)}!`;
  t.equal(matches("^(a+)+$", text), false);
  t.equal(matches("^(a|aa)+$", text), false);
  t.equal(matches("(x+x+)+y", "x".repeat(50_000)), false);
  const compiled = compileRegex("(a?){500}a{500}b");
  if (!compiled.ok) throw new Error(compiled.message);
  const { regex } = compiled;
  t.throws(() => regex.test(text, { steps: 100_000 }), RegexBudgetError);
  t.throws(() => regex.find(text, 0, { steps: 100_000 }), RegexBudgetError);
  t.end();
});

t.test("agrees with JavaScript where both mean the same", (t) => {
  const atoms = ["a", "b", "[ab]", "(a|b)", "a*", "b+", "(ab)?", "^", "$", "\\b", "."];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 500; round += 1) {
    const pattern = Array.from({ length: 1 + next(5) }, () => atoms[next(atoms.length)]).join("");
    const text = Array.from({ length: next(7) }, () => "ab "[next(3)]).join("");
    const theirs = [...text.matchAll(new RegExp(pattern, "gu"))];
    t.equal(matches(pattern, text), theirs.length > 0, `/${pattern}/ on "${text}"`);
    const [first] = theirs;
    if (first !== undefined) t.equal(finds(pattern, text)[0], first[0], `/${pattern}/ "${text}"`);
  }
  t.end();
});
