import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "../../../api/schema/types/flowcontrol-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { EXEMPT, MANDATORY_FLOW_SCHEMAS } from "./suggested-flow-control.js";

const PRECEDENCE_MAX = 10_000;
const METHODS = ["ByNamespace", "ByUser"];
const SUBJECT_KINDS = ["Group", "ServiceAccount", "User"];
const VERBS = [
  "*",
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "proxy",
  "update",
  "watch",
];
const PATH_VERBS = ["*", "delete", "get", "head", "options", "patch", "post", "put"];

/** Kubernetes' rules for FlowSchemas; those that every cluster needs stay as they are. */
export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const { name } = metadata;
  const errors: FieldError[] = [];
  const mandatory = MANDATORY_FLOW_SCHEMAS.find((each) => each.metadata.name === name);
  if (mandatory !== undefined && !semanticEqual(spec, mandatory.spec)) {
    errors.push(invalid("spec", spec, `spec of '${name}' must equal the fixed value`));
  }
  const { matchingPrecedence: precedence = 0, distinguisherMethod, rules = [] } = spec;
  const at = "spec.matchingPrecedence";
  if (precedence <= 0) errors.push(invalid(at, precedence, "must be a positive value"));
  if (precedence > PRECEDENCE_MAX)
    errors.push(invalid(at, precedence, `must not be greater than ${PRECEDENCE_MAX}`));
  if (precedence === 1 && name !== EXEMPT) {
    const text = "only the schema named 'exempt' may have matchingPrecedence 1";
    errors.push(invalid(at, precedence, text));
  }
  if (distinguisherMethod !== undefined && !METHODS.includes(distinguisherMethod.type))
    errors.push(notSupported("spec.distinguisherMethod.type", distinguisherMethod.type, METHODS));
  const level = spec.priorityLevelConfiguration.name;
  const path = "spec.priorityLevelConfiguration.name";
  if (level === "") errors.push(required(path, "must reference a priority level"));
  else errors.push(...invalidEach(path, level, validateDns1123Subdomain(level)));
  return [...errors, ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`))];
}

function validateRule(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  const errors: FieldError[] = [];
  if (subjects.length === 0)
    errors.push(required(`${path}.subjects`, "subjects must contain at least one value"));
  for (const [index, subject] of subjects.entries())
    errors.push(...validateSubject(subject, `${path}.subjects[${index}]`));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const text = "at least one of resourceRules and nonResourceRules has to be non-empty";
    errors.push(required(path, text));
  }
  for (const [index, each] of resourceRules.entries())
    errors.push(...validateResourceRule(each, `${path}.resourceRules[${index}]`));
  for (const [index, each] of nonResourceRules.entries())
    errors.push(...validatePathRule(each, `${path}.nonResourceRules[${index}]`));
  return errors;
}

function validateSubject(subject: Subject, path: string): FieldError[] {
  const { kind, user, group, serviceAccount } = subject;
  if (!SUBJECT_KINDS.includes(kind)) return [notSupported(`${path}.kind`, kind, SUBJECT_KINDS)];
  const parts = [
    ["User", "user", user],
    ["Group", "group", group],
    ["ServiceAccount", "serviceAccount", serviceAccount],
  ] as const;
  const errors: FieldError[] = [];
  for (const [of, field, value] of parts) {
    const at = `${path}.${field}`;
    if (of === kind && value === undefined)
      errors.push(required(at, `${field} is required when subject kind is '${of}'`));
    if (of !== kind && value !== undefined)
      errors.push(forbidden(at, `${field} is forbidden when subject kind is not '${of}'`));
  }
  if (kind === "User" && user?.name === "") errors.push(required(`${path}.user.name`));
  if (kind === "Group" && group?.name === "") errors.push(required(`${path}.group.name`));
  if (kind !== "ServiceAccount" || serviceAccount === undefined) return errors;
  const { name, namespace } = serviceAccount;
  const at = `${path}.serviceAccount`;
  if (name === "") errors.push(required(`${at}.name`));
  else if (name !== "*")
    errors.push(...invalidEach(`${at}.name`, name, validateDns1123Subdomain(name)));
  if (namespace === "")
    errors.push(required(`${at}.namespace`, "must specify namespace for service account"));
  else errors.push(...invalidEach(`${at}.namespace`, namespace, validateDns1123Label(namespace)));
  return errors;
}

function validateResourceRule(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { verbs, apiGroups, resources, namespaces = [], clusterScope = false } = rule;
  const errors = validateVerbs(verbs, VERBS, `${path}.verbs`);
  errors.push(...listed(apiGroups, `${path}.apiGroups`, ["api group", "api groups"]));
  errors.push(...listed(resources, `${path}.resources`, ["resource", "resources"]));
  const at = `${path}.namespaces`;
  if (namespaces.length === 0 && !clusterScope) {
    const text = "resource rules that are not cluster scoped must supply at least one namespace";
    return [...errors, required(at, text)];
  }
  if (namespaces.includes("*")) {
    if (namespaces.length === 1) return errors;
    const text = "if '*' is present, must not specify other namespaces";
    return [...errors, invalid(at, namespaces, text)];
  }
  return [
    ...errors,
    ...namespaces.flatMap((each, index) =>
      invalidEach(`${at}[${index}]`, each, validateDns1123Label(each)),
    ),
  ];
}

function validatePathRule(rule: NonResourcePolicyRule, path: string): FieldError[] {
  const { verbs, nonResourceURLs: urls } = rule;
  const errors = validateVerbs(verbs, PATH_VERBS, `${path}.verbs`);
  const at = `${path}.nonResourceURLs`;
  if (urls.length === 0)
    return [...errors, required(at, "nonResourceURLs must contain at least one value")];
  if (urls.includes("*")) {
    if (urls.length === 1) return errors;
    const text = "if '*' is present, must not specify other non-resource URLs";
    return [...errors, invalid(at, urls, text)];
  }
  return [
    ...errors,
    ...urls.flatMap((url, index) => {
      const wrong = pathFault(url);
      return wrong === null ? [] : [invalid(`${at}[${index}]`, url, wrong)];
    }),
  ];
}

function pathFault(path: string): string | null {
  if (path === "") return "must not be empty";
  if (!path.startsWith("/")) return "must start with slash";
  if (path.includes(" ")) return "must not contain white-space";
  if (path.includes("//")) return "must not contain double slash";
  const star = path.indexOf("*");
  if (star >= 0 && (star !== path.length - 1 || !path.endsWith("/*")))
    return "wildcard can only do suffix matching";
  return null;
}

function validateVerbs(
  verbs: readonly string[],
  known: readonly string[],
  path: string,
): FieldError[] {
  if (verbs.length === 0) return [required(path, "verbs must contain at least one value")];
  if (verbs.includes("*") && verbs.length > 1)
    return [invalid(path, verbs, "if '*' is present, must not specify other verbs")];
  const wrong = verbs.filter((verb) => !known.includes(verb));
  return wrong.length === 0 ? [] : [notSupported(path, wrong, known)];
}

function listed(
  values: readonly string[],
  path: string,
  [one, many]: readonly [string, string],
): FieldError[] {
  if (values.length === 0)
    return [required(path, `resource rules must supply at least one ${one}`)];
  if (values.length === 1 || !values.includes("*")) return [];
  return [invalid(path, values, `if '*' is present, must not specify other ${many}`)];
}
