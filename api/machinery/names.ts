/*
 * Whether a string is fit to be a name, in Kubernetes' own words. Every validator returns the texts
 * of what is wrong with the value, and an empty list when nothing is. Rules and texts:
 * k8s.io/apimachinery, pkg/util/validation and pkg/api/validate/content at v1.36.
 */

const DNS_1123_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS_1123_SUBDOMAIN = `${DNS_1123_LABEL}(\\.${DNS_1123_LABEL})*`;
const DNS_1035_LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?";
const LABEL_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${LABEL_KEY})?`;
const CONFIG_KEY = "[-._a-zA-Z0-9]+";
const ENV_VAR_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*";
const HTTP_HEADER_NAME = "[-A-Za-z0-9]+";
const PERCENT = "[0-9]+%";
const C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";

const dns1123Label = whole(DNS_1123_LABEL);
const dns1123Subdomain = whole(DNS_1123_SUBDOMAIN);
const dns1035Label = whole(DNS_1035_LABEL);
const labelKey = whole(LABEL_KEY);
const labelValue = whole(LABEL_VALUE);
const configKey = whole(CONFIG_KEY);
const envVarName = whole(ENV_VAR_NAME);
const httpHeaderName = whole(HTTP_HEADER_NAME);
const percent = whole(PERCENT);
const cIdentifier = whole(C_IDENTIFIER);

const ALPHANUMERIC_ENDS = "and must start and end with an alphanumeric character";

/** Longest DNS label and label value. */
export const DNS_LABEL_BYTES_MAX = 63;
/** Longest DNS subdomain, the form of most object names. */
export const DNS_SUBDOMAIN_BYTES_MAX = 253;

/** A label of RFC 1123, such as a namespace or a container name: "my-name", "123-abc". */
export function validateDns1123Label(value: string): string[] {
  const errors = tooLong(value, DNS_LABEL_BYTES_MAX);
  if (dns1123Label.test(value)) return errors;
  if (dns1123Subdomain.test(value)) return [...errors, "must not contain dots"];
  const text =
    `a lowercase RFC 1123 label must consist of lower case alphanumeric ` +
    `characters or '-', ${ALPHANUMERIC_ENDS}`;
  return [...errors, regexError(text, DNS_1123_LABEL, ["my-name", "123-abc"])];
}

/** A subdomain of RFC 1123, the form of most object names: "example.com". */
export function validateDns1123Subdomain(value: string): string[] {
  const errors = tooLong(value, DNS_SUBDOMAIN_BYTES_MAX);
  if (dns1123Subdomain.test(value)) return errors;
  const text =
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric ` +
    `characters, '-' or '.', ${ALPHANUMERIC_ENDS}`;
  return [...errors, regexError(text, DNS_1123_SUBDOMAIN, ["example.com"])];
}

/** A label of RFC 1035, the form of a Service's name: it starts with a letter. */
export function validateDns1035Label(value: string): string[] {
  const errors = tooLong(value, DNS_LABEL_BYTES_MAX);
  if (dns1035Label.test(value)) return errors;
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " +
    "start with an alphabetic character, and end with an alphanumeric character";
  return [...errors, regexError(text, DNS_1035_LABEL, ["my-name", "abc-123"])];
}

/** A label or annotation key, a finalizer, a resource name: "name" or "example.com/name". */
export function validateQualifiedName(value: string): string[] {
  const examples = ["MyName", "my.name", "123-abc"];
  const text = `must consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`;
  const parts = value.split("/");
  if (parts.length > 2) {
    const rule = regexError(text, LABEL_KEY, examples);
    return [
      `a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. ` +
        `'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  const [prefix, name = ""] = parts.length === 2 ? parts : [undefined, value];
  if (prefix === "") errors.push("prefix part must be non-empty");
  else if (prefix !== undefined)
    errors.push(...validateDns1123Subdomain(prefix).map((error) => `prefix part ${error}`));
  if (name === "") errors.push("name part must be non-empty");
  else if (byteLength(name) > 63) errors.push("name part must be no more than 63 bytes");
  if (!labelKey.test(name)) errors.push(`name part ${regexError(text, LABEL_KEY, examples)}`);
  return errors;
}

/** The value of a label: "" or up to 63 letters, digits, '-', '_' and '.'. */
export function validateLabelValue(value: string): string[] {
  const errors = byteLength(value) > 63 ? ["must be no more than 63 bytes"] : [];
  if (labelValue.test(value)) return errors;
  const text =
    `a valid label must be an empty string or consist of alphanumeric characters, ` +
    `'-', '_' or '.', ${ALPHANUMERIC_ENDS}`;
  return [...errors, regexError(text, LABEL_VALUE, ["MyValue", "my_value", "12345"])];
}

/** A key in the data of a ConfigMap or Secret; also fit to be a file name. */
export function validateConfigMapKey(value: string): string[] {
  const errors = tooLong(value, DNS_SUBDOMAIN_BYTES_MAX);
  if (!configKey.test(value)) {
    const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(regexError(text, CONFIG_KEY, ["key.name", "KEY_NAME", "key-name"]));
  }
  return [...errors, ...parentFolder(value)];
}

/** The name of an environment variable as containers may have it: printable ASCII without '='. */
export function validateEnvVarName(value: string): string[] {
  if (value === "") return ["environment variable name must be non-empty"];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return [];
  return [
    "a valid environment variable name must consist only of printable ASCII characters other " +
      "than '='",
  ];
}

/** The stricter form of an environment variable's name, for what shells must be able to read. */
export function validateStrictEnvVarName(value: string): string[] {
  const errors: string[] = [];
  if (!envVarName.test(value)) {
    const text =
      "a valid environment variable name must consist of alphabetic characters, digits, '_', " +
      "'-', or '.', and must not start with a digit";
    errors.push(regexError(text, ENV_VAR_NAME, ["my.env-name", "MY_ENV.NAME", "MyEnvName1"]));
  }
  return [...errors, ...parentFolder(value)];
}

/**
 * The name of a container's or a Service's port (RFC 6335): up to 15 lower-case letters, digits and
 * hyphens.
 */
export function validatePortName(value: string): string[] {
  const errors = tooLong(value, 15);
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) errors.push("must contain at least one letter (a-z)");
  if (value.includes("--")) errors.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-"))
    errors.push("must not begin or end with a hyphen");
  return errors;
}

/** A port number, 1 to 65535. */
export function validatePortNumber(value: number): string[] {
  return validateRange(value, 1, 65535);
}

/** An integer between `low` and `high`, both allowed. */
export function validateRange(value: number, low: number, high: number): string[] {
  if (value >= low && value <= high) return [];
  return [`must be between ${low} and ${high}, inclusive`];
}

/** A numeric user or group id as the kernel takes it. */
export function validateUserId(value: number): string[] {
  return validateRange(value, 0, 2147483647);
}

/** A percentage such as "25%". */
export function validatePercent(value: string): string[] {
  if (percent.test(value)) return [];
  const text = "a valid percent string must be a numeric string followed by an ending '%'";
  return [regexError(text, PERCENT, ["1%", "93%"])];
}

/** The name of an HTTP header, such as "X-Header-Name". */
export function validateHttpHeaderName(value: string): string[] {
  if (httpHeaderName.test(value)) return [];
  const text = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [regexError(text, HTTP_HEADER_NAME, ["X-Header-Name"])];
}

/** An identifier of the C language. */
export function validateCIdentifier(value: string): string[] {
  if (cIdentifier.test(value)) return [];
  const text =
    "a valid C identifier must start with alphabetic character or '_', followed by a string " +
    "of alphanumeric characters or '_'";
  return [regexError(text, C_IDENTIFIER, ["my_name", "MY_NAME", "MyName"])];
}

/** Whether a name can stand as one segment of a path: the least that every object name must be. */
export function validatePathSegment(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return ["/", "%"]
    .filter((part) => value.includes(part))
    .map((part) => `may not contain '${part}'`);
}

/** Kubernetes' way to say that a value does not match a pattern. */
export function regexError(text: string, pattern: string, examples: readonly string[]): string {
  if (examples.length === 0) return `${text} (regex used for validation is '${pattern}')`;
  const quoted = examples.map((example) => `'${example}', `).join(" or ");
  return `${text} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

/** Length in UTF-8, which is how Kubernetes counts. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // A surrogate pair is two code units and four bytes.
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

function tooLong(value: string, bytesMax: number): string[] {
  return byteLength(value) > bytesMax ? [`must be no more than ${bytesMax} characters`] : [];
}

function parentFolder(value: string): string[] {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
