import t from "tap";
import {
  byteLength,
  regexError,
  validateCIdentifier,
  validateConfigMapKey,
  validateDns1035Label,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateEnvVarName,
  validateHttpHeaderName,
  validateLabelValue,
  validatePathSegment,
  validatePercent,
  validatePortName,
  validatePortNumber,
  validateQualifiedName,
  validateStrictEnvVarName,
  validateUserId,
} from "./names.js";

type Validator = (value: string) => string[];

t.test("good names", (t) => {
  const table: readonly (readonly [Validator, readonly string[]])[] = [
    [validateDns1123Label, ["a", "a-b", "123-abc", "a".repeat(63)]],
    [validateDns1123Subdomain, ["a", "a.b-c.d", "1.2", "a".repeat(253)]],
    [validateDns1035Label, ["a", "a-1"]],
    [validateQualifiedName, ["a", "A.b_c-D", "example.com/Name", "kubernetes.io/metadata.name"]],
    [validateLabelValue, ["", "a", "A_b.c-1"]],
    [validateConfigMapKey, ["a", ".a", "key_NAME-1.txt"]],
    [validateEnvVarName, ["A", "1a", "a b", "ü".replace("ü", "~")]],
    [validateStrictEnvVarName, ["A_B", ".x", "-x"]],
    [validatePortName, ["http", "a-1", "1a"]],
    [validatePercent, ["0%", "25%", "100%"]],
    [validateHttpHeaderName, ["X-Header", "1"]],
    [validatePathSegment, ["a", "..."]],
    [validateCIdentifier, ["_a1"]],
  ];
  for (const [validate, values] of table)
    for (const value of values) t.strictSame(validate(value), [], `${validate.name} ${value}`);
  t.end();
});

t.test("bad names, in the words clients know", (t) => {
  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
    "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', " +
    "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  const value =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' " +
    "or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or " +
    "'my_value',  or '12345', regex used for validation is " +
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  const table: readonly (readonly [Validator, string, readonly string[]])[] = [
    [validateDns1123Label, "A_b", [label]],
    [validateDns1123Label, "", [label]],
    [validateDns1123Label, "a.b", ["must not contain dots"]],
    [validateDns1123Label, "a".repeat(64), ["must be no more than 63 characters"]],
    [validateDns1123Subdomain, "a".repeat(254), ["must be no more than 253 characters"]],
    [validateLabelValue, "-a", [value]],
    [validateLabelValue, "a".repeat(64), ["must be no more than 63 bytes"]],
    [validateConfigMapKey, "..", ["must not be '..'"]],
    [validateConfigMapKey, "..a", ["must not start with '..'"]],
    [validateEnvVarName, "", ["environment variable name must be non-empty"]],
    [validatePathSegment, ".", ["may not be '.'"]],
    [validatePathSegment, "a/b%", ["may not contain '/'", "may not contain '%'"]],
    [
      validatePortName,
      "-A--",
      [
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        "must contain at least one letter (a-z)",
        "must not contain consecutive hyphens",
        "must not begin or end with a hyphen",
      ],
    ],
  ];
  for (const [validate, value, expected] of table)
    t.strictSame(validate(value), expected, `${validate.name} ${value.slice(0, 10)}`);
  for (const bad of ["", "1a", "a_"]) t.equal(validateDns1035Label(bad).length, 1, bad);
  for (const bad of ["a.", ".a", "A", "a..b"])
    t.equal(validateDns1123Subdomain(bad).length, 1, bad);
  for (const bad of ["a=b", "ä", "a\n"]) t.equal(validateEnvVarName(bad).length, 1, bad);
  t.match(validateQualifiedName("a/b/c")[0], /^a valid label key must consist of.*MyName'\)$/);
  t.match(validateQualifiedName("/b")[0], /^prefix part must be non-empty$/);
  t.match(validateQualifiedName("A/b")[0], /^prefix part a lowercase RFC 1123 subdomain/);
  t.match(validateQualifiedName("a/")[0], /^name part must be non-empty$/);
  t.end();
});

t.test("numbers", (t) => {
  t.strictSame(validatePortNumber(0), ["must be between 1 and 65535, inclusive"]);
  t.strictSame(validatePortNumber(65535), []);
  t.strictSame(validateUserId(-1), ["must be between 0 and 2147483647, inclusive"]);
  t.end();
});

t.test("lengths are counted in UTF-8", (t) => {
  for (const text of ["", "abc", "é", "€", "😀", "a😀é"])
    t.equal(byteLength(text), Buffer.byteLength(text), text);
  t.equal(regexError("x", "y", []), "x (regex used for validation is 'y')");
  t.end();
});
