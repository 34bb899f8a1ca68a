import fc from "fast-check";
import t from "tap";
import { present } from "../../base/assert.js";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliValue,
  parseQuantity,
  QUANTITY_FORMAT_ERROR,
  quantityError,
  quantityFromMilli,
  subtractQuantities,
  wholeValue,
} from "./quantity.js";

t.test("canonical forms", (t) => {
  const table: readonly (readonly [string, string])[] = [
    ["0", "0"],
    ["-0", "0"],
    ["0.00Gi", "0"],
    ["100m", "100m"],
    ["1000m", "1"],
    ["0.5", "500m"],
    [".5", "500m"],
    ["5.", "5"],
    ["1.5Gi", "1536Mi"],
    ["1024Mi", "1Gi"],
    ["1023Ki", "1023Ki"],
    ["1000Ki", "1000Ki"],
    ["0.1Ki", "102400m"],
    ["1024", "1024"],
    ["2000", "2k"],
    ["1e3", "1e3"],
    ["1E3", "1e3"],
    ["12e-1", "1200e-3"],
    ["1E", "1E"],
    ["+5", "5"],
    ["-1.5", "-1500m"],
    ["-2048Ki", "-2Mi"],
    ["0.0000000001", "1n"],
    ["1.23456789012n", "2n"],
    ["9223372036854775808", "9223372036854775807"],
    ["1e400", "9223372036854775807"],
  ];
  for (const [text, expected] of table) t.equal(canonicalQuantity(text), expected, text);
  t.end();
});

t.test("what is no quantity says why", (t) => {
  const suffix = "unable to parse quantity's suffix";
  const table: readonly (readonly [string, string])[] = [
    ["", QUANTITY_FORMAT_ERROR],
    [".", QUANTITY_FORMAT_ERROR],
    ["abc", QUANTITY_FORMAT_ERROR],
    ["5 Gi", QUANTITY_FORMAT_ERROR],
    ["1.1.M", QUANTITY_FORMAT_ERROR],
    ["1+1.0M", QUANTITY_FORMAT_ERROR],
    ["0.1am", QUANTITY_FORMAT_ERROR],
    ["Gi", QUANTITY_FORMAT_ERROR],
    ["5i", suffix],
    ["0.1mi", suffix],
    ["5GI", QUANTITY_FORMAT_ERROR],
    ["5e", suffix],
    ["9".repeat(300), suffix],
  ];
  for (const [text, expected] of table) t.equal(quantityError(text), expected, text.slice(0, 20));
  t.equal(quantityError("100m"), null);
  t.end();
});

t.test("amounts in other units are rounded away from zero", (t) => {
  const parse = (text: string) => present(parseQuantity(text), text);
  t.equal(wholeValue(parse("1.1")), 2n);
  t.equal(wholeValue(parse("-1.1")), -2n);
  t.equal(wholeValue(parse("64Mi")), 67108864n);
  t.equal(milliValue(parse("0.0001")), 1n);
  t.equal(milliValue(parse("250m")), 250n);
  t.equal(formatQuantity(quantityFromMilli(1500n)), "1500m");
  t.end();
});

const texts = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    fc.bigInt({ min: 0n, max: 999_999_999_999n }),
    fc.option(fc.stringMatching(/^\d{1,6}$/)),
    fc.constantFrom("", "m", "u", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-2"),
  )
  .map(
    ([sign, whole, part, suffix]) => `${sign}${whole}${part === null ? "" : `.${part}`}${suffix}`,
  );

t.test("the canonical form means the same and is its own canonical form", (t) => {
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = present(parseQuantity(text), text);
      const canonical = present(canonicalQuantity(text), text);
      const again = present(parseQuantity(canonical), canonical);
      return compareQuantities(parsed, again) === 0 && canonicalQuantity(canonical) === canonical;
    }),
  );
  t.end();
});

t.test("what was added can be taken away again", (t) => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [x, y] = [present(parseQuantity(a), a), present(parseQuantity(b), b)];
      // Beyond the largest amount sums are cut.
      fc.pre(wholeValue(x) < 2n ** 61n && wholeValue(y) < 2n ** 61n);
      fc.pre(wholeValue(x) > -(2n ** 61n) && wholeValue(y) > -(2n ** 61n));
      return compareQuantities(subtractQuantities(addQuantities(x, y), y), x) === 0;
    }),
  );
  t.end();
});
