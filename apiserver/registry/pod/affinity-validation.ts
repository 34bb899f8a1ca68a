import {
  type FieldError,
  forbidden,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateLabelValue } from "../../../api/machinery/names.js";
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabelKey, validateLabelSelector } from "../common/label-validation.js";
import { nameIsDnsLabel, nameIsDnsSubdomain } from "../common/name-validators.js";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const NOT_AN_OPERATOR = "not a valid selector operator";

/** Checks a pod's wishes about nodes and about other pods. */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity } = affinity ?? {};
  const errors: FieldError[] = [];
  const at = `${path}.nodeAffinity`;
  if (nodeAffinity?.[REQUIRED] !== undefined)
    errors.push(...validateNodeSelector(nodeAffinity[REQUIRED], `${at}.${REQUIRED}`));
  for (const [index, { weight, preference }] of (nodeAffinity?.[PREFERRED] ?? []).entries()) {
    const item = `${at}.${PREFERRED}[${index}]`;
    errors.push(...validateWeight(weight, item));
    errors.push(...validateNodeTerm(preference, `${item}.preference`, false));
  }
  for (const kind of ["podAffinity", "podAntiAffinity"] as const) {
    const terms = affinity?.[kind];
    for (const [index, term] of (terms?.[REQUIRED] ?? []).entries())
      errors.push(...validatePodTerm(term, `${path}.${kind}.${REQUIRED}[${index}]`));
    for (const [index, { weight, podAffinityTerm }] of (terms?.[PREFERRED] ?? []).entries()) {
      const item = `${path}.${kind}.${PREFERRED}[${index}]`;
      errors.push(...validateWeight(weight, item));
      errors.push(...validatePodTerm(podAffinityTerm, `${item}.podAffinityTerm`));
    }
  }
  return errors;
}

function validateWeight(weight: number, path: string): FieldError[] {
  if (weight >= 1 && weight <= 100) return [];
  return [invalid(`${path}.weight`, weight, "must be in the range 1-100")];
}

/** Checks a choice of nodes, a pod's or a PersistentVolume's. */
export function validateNodeSelector(selector: NodeSelector, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  const { nodeSelectorTerms: terms } = selector;
  if (terms.length === 0) return [required(at, "must have at least one node selector term")];
  return terms.flatMap((term, index) => validateNodeTerm(term, `${at}[${index}]`, true));
}

/** Values of mere preferences are not checked: such a pod can be placed even so. */
function validateNodeTerm(
  term: NodeSelectorTerm,
  path: string,
  checkValues: boolean,
): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, index) =>
      validateNodeLabel(requirement, `${path}.matchExpressions[${index}]`, checkValues),
    ),
    ...(term.matchFields ?? []).flatMap((requirement, index) =>
      validateNodeField(requirement, `${path}.matchFields[${index}]`),
    ),
  ];
}

function validateNodeLabel(
  requirement: NodeSelectorRequirement,
  path: string,
  checkValues: boolean,
): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const errors: FieldError[] = [];
  const at = `${path}.values`;
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0)
        errors.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbidden(at, text));
      }
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) {
        const text = "must be specified single value when `operator` is 'Lt' or 'Gt'";
        errors.push(required(at, text));
      }
      break;
    default:
      errors.push(invalid(`${path}.operator`, operator, NOT_AN_OPERATOR));
  }
  errors.push(...validateLabelKey(key, `${path}.key`));
  if (checkValues)
    for (const [index, value] of values.entries())
      errors.push(...invalidEach(`${at}[${index}]`, value, validateLabelValue(value)));
  return errors;
}

function validateNodeField(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn")
    errors.push(invalid(`${path}.operator`, operator, NOT_AN_OPERATOR));
  else if (values.length !== 1) {
    const text =
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, text));
  }
  if (key !== "metadata.name")
    return [...errors, invalid(`${path}.key`, key, "not a valid field selector key")];
  for (const [index, value] of values.entries())
    errors.push(
      ...invalidEach(`${path}.values[${index}]`, value, nameIsDnsSubdomain(value, false)),
    );
  return errors;
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const { topologyKey, namespaces = [] } = term;
  const errors = validateLabelSelector(term.labelSelector, `${path}.labelSelector`);
  errors.push(...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`));
  for (const name of namespaces)
    errors.push(...invalidEach(`${path}.namespace`, name, nameIsDnsLabel(name, false)));
  errors.push(...validateLabelKeys(term, path));
  if (topologyKey === "") errors.push(required(`${path}.topologyKey`, "can not be empty"));
  errors.push(...validateLabelKey(topologyKey, `${path}.topologyKey`));
  return errors;
}

function validateLabelKeys(term: PodAffinityTerm, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  for (const [field, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length > 0 && labelSelector === undefined) {
      const text = "must not be specified when labelSelector is not set";
      errors.push(forbidden(`${path}.${field}`, text));
      continue;
    }
    for (const [index, key] of keys.entries())
      errors.push(...validateLabelKey(key, `${path}.${field}[${index}]`));
  }
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.indexOf(key);
    const text = "exists in both matchLabelKeys and labelSelector";
    if (index >= 0 && seen.has(key)) errors.push(invalid(`${path}[${index}]`, key, text));
    seen.add(key);
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    const text = "exists in both matchLabelKeys and mismatchLabelKeys";
    if (mismatchLabelKeys.includes(key))
      errors.push(invalid(`${path}.matchLabelKeys[${index}]`, key, text));
  }
  return errors;
}
