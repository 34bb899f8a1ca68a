import {
  validateDns1035Label,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabelValue,
  validateQualifiedName,
} from "../../names.js";
import { decodeBase64 } from "../cel-bytes.js";
import { parseTimestamp } from "../cel-time.js";
import { CelOpaque, CelOptional, type CelValue } from "../cel-values.js";
import { type Overload, define, looking } from "../overload.js";

type Validate = (text: string) => readonly string[];

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/iu;

/** The end of a generated name is still to come: a dash is not the end then. */
function prefix(validate: Validate): Validate {
  return (text) => validate(text.endsWith("-") ? `${text.slice(0, -1)}a` : text);
}

function simple(accepts: (text: string) => boolean, rule: string): Validate {
  return (text) => (accepts(text) ? [] : [rule]);
}

const FORMATS: ReadonlyMap<string, Validate> = new Map<string, Validate>([
  ["dns1123Label", validateDns1123Label],
  ["dns1123Subdomain", validateDns1123Subdomain],
  ["dns1035Label", validateDns1035Label],
  ["dns1123LabelPrefix", prefix(validateDns1123Label)],
  ["dns1123SubdomainPrefix", prefix(validateDns1123Subdomain)],
  ["dns1035LabelPrefix", prefix(validateDns1035Label)],
  ["qualifiedName", validateQualifiedName],
  ["labelValue", validateLabelValue],
  ["uri", simple((text) => /^(?:[a-z][a-z0-9+.-]*:|\/)/iu.test(text), "invalid URI")],
  ["uuid", simple((text) => UUID.test(text), "does not match the UUID format")],
  ["byte", simple((text) => decodeBase64(text) !== null, "invalid base64")],
  ["date", simple((text) => parseTimestamp(`${text}T00:00:00Z`) !== null, "invalid date")],
  ["datetime", simple((text) => parseTimestamp(text) !== null, "invalid datetime")],
]);

function value(name: string): CelOpaque {
  return new CelOpaque("kubernetes.NamedFormat", name, name);
}

function validate(format: CelOpaque, text: string): CelValue {
  const problems = FORMATS.get(format.key)?.(text) ?? [];
  return new CelOptional(problems.length === 0 ? undefined : problems);
}

/** Kubernetes' library of formats with names. */
export const NAMED_FORMATS: readonly Overload[] = [
  ...[...FORMATS.keys()].map((name) => define(`format.${name}(): Format`, () => value(name))),
  define(
    "format.named(string): optional<Format>",
    (name: string) => new CelOptional(FORMATS.has(name) ? value(name) : undefined),
  ),
  define("Format.validate(string): optional<list<string>>", validate, {
    cost: (_format, text) => looking(text),
  }),
];
