import {
  type FieldError,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import {
  validateDns1035Label,
  validateDns1123Subdomain,
  validatePathSegment,
} from "../../../api/machinery/names.js";
import type {
  MatchResources,
  ParamKind,
  ParamRef,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { validateRuleWithOperations } from "./webhook-validation.js";

const MATCH_POLICIES = ["Equivalent", "Exact"];
const NOT_FOUND_ACTIONS = ["Allow", "Deny"];
const EXCLUSIVE = "name and selector are mutually exclusive";

/** Which writes a policy or a binding is about. */
export function validateMatchResources(
  resources: MatchResources | undefined,
  path: string,
): FieldError[] {
  if (resources === undefined) return [];
  const { matchPolicy, namespaceSelector, objectSelector } = resources;
  const errors: FieldError[] = [];
  if (matchPolicy === undefined) errors.push(required(`${path}.matchPolicy`));
  else if (!MATCH_POLICIES.includes(matchPolicy)) {
    errors.push(notSupported(`${path}.matchPolicy`, matchPolicy, MATCH_POLICIES));
  }
  for (const [field, selector] of Object.entries({ namespaceSelector, objectSelector })) {
    if (selector !== undefined) errors.push(...validateLabelSelector(selector, `${path}.${field}`));
  }
  for (const field of ["resourceRules", "excludeResourceRules"] as const) {
    for (const [index, rule] of (resources[field] ?? []).entries()) {
      const at = `${path}.${field}[${index}]`;
      errors.push(...validateNames(rule.resourceNames ?? [], `${at}.resourceNames`));
      errors.push(...validateRuleWithOperations(rule, at));
    }
  }
  return errors;
}

function validateNames(names: readonly string[], path: string): FieldError[] {
  return names.flatMap((name, index) => {
    const at = `${path}[${index}]`;
    const errors = invalidEach(at, name, validatePathSegment(name));
    return names.indexOf(name) < index ? [...errors, duplicate(at, name)] : errors;
  });
}

/** The constraints of a policy: there must be rules. */
export function validateConstraints(
  resources: MatchResources | undefined,
  path: string,
): FieldError[] {
  if (resources === undefined) return [required(path)];
  const errors = validateMatchResources(resources, path);
  if ((resources.resourceRules ?? []).length === 0) errors.push(required(`${path}.resourceRules`));
  return errors;
}

/** The kind of a policy's parameters. */
export function validateParamKind(paramKind: ParamKind | undefined, path: string): FieldError[] {
  if (paramKind === undefined) return [];
  const { apiVersion = "", kind = "" } = paramKind;
  return [...validateApiVersion(apiVersion, `${path}.apiVersion`), ...validateKind(kind, path)];
}

function validateApiVersion(apiVersion: string, path: string): FieldError[] {
  if (apiVersion === "") return [required(path)];
  const parts = apiVersion.split("/");
  if (parts.length > 2) {
    return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const version = parts.at(-1) ?? "";
  const group = parts.length === 2 ? (parts[0] ?? "") : "";
  const errors: FieldError[] = [];
  const wrongGroup = group === "" ? [] : validateDns1123Subdomain(group);
  if (wrongGroup.length > 0) errors.push(invalid(path, group, wrongGroup.join(",")));
  const wrong = version === "" ? [] : validateDns1035Label(version);
  if (version === "") errors.push(invalid(path, apiVersion, "version must be specified"));
  else if (wrong.length > 0) errors.push(invalid(path, version, wrong.join(",")));
  return errors;
}

function validateKind(kind: string, path: string): FieldError[] {
  if (kind === "") return [required(`${path}.kind`)];
  const wrong = validateDns1035Label(kind.toLowerCase());
  if (wrong.length === 0) return [];
  const text = `may have mixed case, but should otherwise match: ${wrong.join(",")}`;
  return [invalid(`${path}.kind`, kind, text)];
}

/** Which parameters a binding takes. */
export function validateParamRef(paramRef: ParamRef | undefined, path: string): FieldError[] {
  if (paramRef === undefined) return [];
  const { name = "", selector, parameterNotFoundAction: action = "" } = paramRef;
  const errors: FieldError[] = [];
  if (name !== "") errors.push(...invalidEach(`${path}.name`, name, validatePathSegment(name)));
  if (selector !== undefined) {
    errors.push(...validateLabelSelector(selector, `${path}.selector`));
    if (name !== "") {
      errors.push(forbidden(`${path}.name`, EXCLUSIVE), forbidden(`${path}.selector`, EXCLUSIVE));
    }
  } else if (name === "") {
    errors.push(required(path, "one of name or selector must be specified"));
  }
  if (action === "") errors.push(required(`${path}.parameterNotFoundAction`));
  else if (!NOT_FOUND_ACTIONS.includes(action)) {
    errors.push(notSupported(`${path}.parameterNotFoundAction`, action, NOT_FOUND_ACTIONS));
  }
  return errors;
}
