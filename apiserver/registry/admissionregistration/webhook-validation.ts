import {
  type FieldError,
  duplicate,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1035Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { validateConditions } from "./match-condition-validation.js";
import { validateWebhookClient } from "../common/validate-webhook-client.js";

type Webhook = ValidatingWebhook | MutatingWebhook;

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const FAILURE_POLICIES = ["Fail", "Ignore"];
const MATCH_POLICIES = ["Equivalent", "Exact"];
const SIDE_EFFECTS = ["None", "NoneOnDryRun"];
const REINVOCATION_POLICIES = ["IfNeeded", "Never"];
const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES = ["*", "Cluster", "Namespaced"];
const TIMEOUT_SECONDS_MAX = 30;
const NAME_PARTS_MIN = 3;

/** Kubernetes' rules for the webhooks of one configuration. */
export function validateWebhooks(webhooks: readonly Webhook[]): FieldError[] {
  const names = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const path = `webhooks[${index}]`;
    const errors = [...validateWebhook(webhook, path), ...validateReviewVersions(webhook, path)];
    const { name } = webhook;
    if (name !== "" && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    return errors;
  });
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const errors = validateQualifiedDomain(webhook.name, `${path}.name`);
  const { rules = [], matchConditions = [], timeoutSeconds = 10, sideEffects } = webhook;
  for (const [index, rule] of rules.entries())
    errors.push(...validateRuleWithOperations(rule, `${path}.rules[${index}]`));
  errors.push(...oneOf(webhook.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`));
  errors.push(...oneOf(webhook.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`));
  errors.push(...oneOf(sideEffects, SIDE_EFFECTS, `${path}.sideEffects`));
  if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
    const text = "the timeout value must be between 1 and 30 seconds";
    errors.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, text));
  }
  for (const field of ["namespaceSelector", "objectSelector"] as const) {
    const selector = webhook[field];
    if (selector !== undefined) errors.push(...validateLabelSelector(selector, `${path}.${field}`));
  }
  errors.push(...validateWebhookClient(webhook.clientConfig, `${path}.clientConfig`));
  if ("reinvocationPolicy" in webhook) {
    const at = `${path}.reinvocationPolicy`;
    errors.push(...oneOf(webhook.reinvocationPolicy, REINVOCATION_POLICIES, at));
  }
  errors.push(...validateConditions(matchConditions, { params: false }, `${path}.matchConditions`));
  return errors;
}

/** Kubernetes' rules for RuleWithOperations, of webhooks and of admission policies. */
export function validateRuleWithOperations(rule: RuleWithOperations, path: string): FieldError[] {
  const { operations = [] } = rule;
  const errors: FieldError[] = [];
  if (operations.length === 0) errors.push(required(`${path}.operations`));
  errors.push(...aloneWhenWild(operations, `${path}.operations`, "operations"));
  for (const [index, operation] of operations.entries())
    errors.push(...oneOf(operation, OPERATIONS, `${path}.operations[${index}]`));
  const { apiGroups = [], apiVersions = [], resources = [] } = rule;
  if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`));
  errors.push(...aloneWhenWild(apiGroups, `${path}.apiGroups`, "API groups"));
  if (apiVersions.length === 0) errors.push(required(`${path}.apiVersions`));
  errors.push(...aloneWhenWild(apiVersions, `${path}.apiVersions`, "API versions"));
  for (const [index, version] of apiVersions.entries())
    if (version === "") errors.push(required(`${path}.apiVersions[${index}]`));
  errors.push(...validateResources(resources, `${path}.resources`));
  return [...errors, ...oneOf(rule.scope, SCOPES, `${path}.scope`)];
}

function validateResources(resources: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [required(path)] : [];
  const wildSubresources = new Set<string>();
  const wildResources = new Set<string>();
  for (const [index, text] of resources.entries()) {
    const at = `${path}[${index}]`;
    if (text === "") errors.push(required(at));
    const slash = text.indexOf("/");
    if (slash < 0) continue;
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    const clash = (wild: string): FieldError =>
      invalid(at, text, `if '${wild}' is present, must not specify ${text}`);
    if (wildSubresources.has(resource)) errors.push(clash(`${resource}/*`));
    if (wildResources.has(subresource)) errors.push(clash(`*/${subresource}`));
    if (subresource === "*") wildSubresources.add(resource);
    if (resource === "*") wildResources.add(subresource);
  }
  if (resources.length > 1 && resources.includes("*/*")) {
    const text = "if '*/*' is present, must not specify other resources";
    errors.push(invalid(path, resources, text));
  }
  // Kubernetes looks at the last plain resource alone; two plain ones are refused all the same.
  const plain = resources.filter((each) => each !== "" && each !== "*" && !each.includes("/"));
  if (resources.includes("*") && plain.length > 0) {
    const text = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, resources, text));
  }
  return errors;
}

function validateReviewVersions(
  { admissionReviewVersions: versions }: Webhook,
  path: string,
): FieldError[] {
  const at = `${path}.admissionReviewVersions`;
  const accepted = REVIEW_VERSIONS.join(", ");
  if (versions.length === 0) return [required(at, `must specify one of ${accepted}`)];
  const errors: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    const texts =
      versions.indexOf(version) < index ? ["duplicate version"] : validateDns1035Label(version);
    errors.push(...texts.map((text) => invalid(`${at}[${index}]`, version, text)));
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version)))
    errors.push(invalid(at, versions, `must include at least one of ${accepted}`));
  return errors;
}

function validateQualifiedDomain(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const wrong = validateDns1123Subdomain(name);
  if (wrong.length > 0) return [invalid(path, name, wrong.join(","))];
  if (name.split(".").length >= NAME_PARTS_MIN) return [];
  const text = "should be a domain with at least three segments separated by dots";
  return [invalid(path, name, text)];
}

function aloneWhenWild(values: readonly string[], path: string, what: string): FieldError[] {
  if (values.length < 2 || !values.includes("*")) return [];
  return [invalid(path, values, `if '*' is present, must not specify other ${what}`)];
}

function oneOf(value: string | undefined, known: readonly string[], path: string): FieldError[] {
  return value === undefined || known.includes(value) ? [] : [notSupported(path, value, known)];
}
