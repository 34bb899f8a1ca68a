import type { CompiledExpression } from "../../../api/machinery/cel/program.js";
import {
  type FieldError,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Subdomain, validateQualifiedName } from "../../../api/machinery/names.js";
import type {
  Mutation,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
  Variable,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import {
  validateConstraints,
  validateMatchResources,
  validateParamKind,
  validateParamRef,
} from "./match-resources-validation.js";
import { expressionErrors, validateConditions } from "./match-condition-validation.js";
import {
  type CompiledVariables,
  compileAnnotations,
  compileMutations,
  compileValidations,
  compileVariables,
} from "./policy-expressions.js";

/* Texts: k8s.io/kubernetes, pkg/apis/admissionregistration/validation. */

const FAILURE_POLICIES = ["Fail", "Ignore"];
const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
const ACTIONS = ["Audit", "Deny", "Warn"];
const PATCH_TYPES = ["ApplyConfiguration", "JSONPatch"];
const REINVOCATION_POLICIES = ["IfNeeded", "Never"];
const ANNOTATIONS_MAX = 20;
const ANNOTATION_LENGTH_MAX = 5 * 1024;
const IDENTIFIER = /^[_a-zA-Z]\w*$/u;
const RESERVED: ReadonlySet<string> = new Set(
  (
    "true false null in as break const continue else for function if import let loop package " +
    "namespace return var void while"
  ).split(" "),
);
const ONE_OF_BOTH = "validations or auditAnnotations must contain at least one item";

/** Kubernetes' rules for a ValidatingAdmissionPolicy. */
export function validateValidatingPolicy(policy: ValidatingAdmissionPolicy): FieldError[] {
  const { spec, metadata } = policy;
  const { validations = [], auditAnnotations = [] } = spec;
  const { errors, compiled } = validateCommon(spec, { mutating: false });
  if (validations.length === 0 && auditAnnotations.length === 0) {
    errors.push(required("spec.validations", ONE_OF_BOTH));
    errors.push(required("spec.auditAnnotations", ONE_OF_BOTH));
    return errors;
  }
  for (const [index, each] of compileValidations(validations, compiled.types).entries()) {
    const path = `spec.validations[${index}]`;
    const { validation, program, message } = each;
    errors.push(...validateValidation(validation, path));
    errors.push(...expressionErrors(validation.expression, program, `${path}.expression`));
    const { messageExpression = "" } = validation;
    if (messageExpression.trim() === "" || message === null) continue;
    errors.push(...expressionErrors(messageExpression, message, `${path}.messageExpression`));
  }
  if (auditAnnotations.length > ANNOTATIONS_MAX) {
    const text = `must not have more than ${ANNOTATIONS_MAX} auditAnnotations`;
    errors.push(invalid("spec.auditAnnotations", auditAnnotations.length, text));
  }
  const keys = auditAnnotations.map(({ key }) => key);
  for (const [index, each] of compileAnnotations(auditAnnotations, compiled.types).entries()) {
    const path = `spec.auditAnnotations[${index}]`;
    const { key, valueExpression } = each.annotation;
    const name = `${metadata.name}/${key}`;
    errors.push(...invalidEach(`${path}.key`, name, validateQualifiedName(name)));
    if (keys.indexOf(key) < index) errors.push(duplicate(`${path}.key`, key));
    if (valueExpression.trim().length > ANNOTATION_LENGTH_MAX) {
      const text = `must not exceed ${ANNOTATION_LENGTH_MAX} bytes in length`;
      errors.push(required(`${path}.valueExpression`, text));
    } else {
      errors.push(...expressionErrors(valueExpression, each.program, `${path}.valueExpression`));
    }
  }
  return errors;
}

/** Kubernetes' rules for a MutatingAdmissionPolicy. */
export function validateMutatingPolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { mutations = [], reinvocationPolicy = "" } = spec;
  const { errors, compiled } = validateCommon(spec, { mutating: true });
  if (mutations.length === 0) {
    errors.push(required("spec.mutations", "mutations must contain at least one item"));
  }
  for (const [index, each] of compileMutations(mutations, compiled.types).entries()) {
    const path = `spec.mutations[${index}]`;
    const mutation = mutations[index];
    const shape = mutation === undefined ? [] : validateMutation(mutation, path);
    errors.push(...shape);
    if (shape.length > 0) continue;
    const field = each.patchType === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
    errors.push(...expressionErrors(each.expression, each.program, `${path}.${field}.expression`));
  }
  const at = "spec.reinvocationPolicy";
  if (reinvocationPolicy === "") errors.push(required(at));
  else if (!REINVOCATION_POLICIES.includes(reinvocationPolicy)) {
    errors.push(notSupported(at, reinvocationPolicy, REINVOCATION_POLICIES));
  }
  return errors;
}

function validateMutation(mutation: Mutation, path: string): FieldError[] {
  const { patchType, applyConfiguration, jsonPatch } = mutation;
  if (patchType === "") return [required(`${path}.patchType`)];
  if (!PATCH_TYPES.includes(patchType)) {
    return [notSupported(`${path}.patchType`, patchType, PATCH_TYPES)];
  }
  const isPatch = patchType === "JSONPatch";
  const [field, other] = isPatch
    ? (["jsonPatch", "applyConfiguration"] as const)
    : (["applyConfiguration", "jsonPatch"] as const);
  const [own, foreign] = isPatch
    ? [jsonPatch, applyConfiguration]
    : [applyConfiguration, jsonPatch];
  const errors: FieldError[] = [];
  if (foreign !== undefined) {
    errors.push(
      forbidden(`${path}.${other}`, `must not be specified when patchType is ${patchType}`),
    );
  }
  if (own === undefined) {
    errors.push(required(`${path}.${field}`, `must be specified when patchType is ${patchType}`));
  }
  return errors;
}

interface CommonSpec
  extends Pick<
    NonNullable<ValidatingAdmissionPolicy["spec"]>,
    "failurePolicy" | "paramKind" | "matchConstraints" | "matchConditions" | "variables"
  > {}

/** What both kinds of policies have. */
function validateCommon(
  spec: CommonSpec,
  { mutating }: { readonly mutating: boolean },
): { readonly errors: FieldError[]; readonly compiled: CompiledVariables } {
  const { failurePolicy, paramKind, matchConditions = [], variables = [] } = spec;
  const scope = { params: paramKind !== undefined, mutating };
  const errors: FieldError[] = [];
  if (failurePolicy === undefined) errors.push(required("spec.failurePolicy"));
  else if (!FAILURE_POLICIES.includes(failurePolicy)) {
    errors.push(notSupported("spec.failurePolicy", failurePolicy, FAILURE_POLICIES));
  }
  errors.push(...validateParamKind(paramKind, "spec.paramKind"));
  errors.push(...validateConstraints(spec.matchConstraints, "spec.matchConstraints"));
  errors.push(...validateConditions(matchConditions, scope, "spec.matchConditions"));
  const compiled = compileVariables(variables, scope);
  for (const [index, variable] of variables.entries()) {
    const program = compiled.programs.get(variable.name);
    errors.push(...validateVariable(variable, program, `spec.variables[${index}]`));
  }
  return { errors, compiled };
}

function validateVariable(
  { name, expression }: Variable,
  program: CompiledExpression | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (name.trim() === "") errors.push(required(`${path}.name`, "name is not specified"));
  else if (!IDENTIFIER.test(name) || RESERVED.has(name)) {
    errors.push(invalid(`${path}.name`, name, "name is not a valid CEL identifier"));
  }
  if (program !== undefined) {
    errors.push(...expressionErrors(expression, program, `${path}.expression`));
  }
  return errors;
}

function validateValidation(validation: Validation, path: string): FieldError[] {
  const { message = "", messageExpression = "", reason } = validation;
  const errors: FieldError[] = [];
  if (messageExpression !== "" && messageExpression.trim() === "") {
    const at = `${path}.messageExpression`;
    errors.push(invalid(at, messageExpression, "must be non-empty if specified"));
  }
  if (message !== "" && message.trim() === "") {
    errors.push(invalid(`${path}.message`, message, "message must be non-empty if specified"));
  } else if (/[\n\r]/u.test(message.trim())) {
    errors.push(invalid(`${path}.message`, message, "message must not contain line breaks"));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(`${path}.reason`, reason, REASONS));
  }
  return errors;
}

/** Kubernetes' rules for a ValidatingAdmissionPolicyBinding. */
export function validateValidatingBinding(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { validationActions: actions } = binding.spec;
  const at = "spec.validationActions";
  const errors = validateBinding(binding.spec);
  for (const [index, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) errors.push(notSupported(`${at}[${index}]`, action, ACTIONS));
    if (actions.indexOf(action) < index) errors.push(duplicate(`${at}[${index}]`, action));
  }
  if (actions.includes("Deny") && actions.includes("Warn")) {
    const text =
      "must not contain both Deny and Warn (repeating the same validation failure information in " +
      "the API response and headers serves no purpose)";
    errors.push(invalid(at, actions, text));
  }
  if (actions.length === 0) {
    errors.push(required(at, "at least one validation action is required"));
  }
  return errors;
}

/** Kubernetes' rules for a MutatingAdmissionPolicyBinding. */
export function validateMutatingBinding({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  return validateBinding(spec);
}

function validateBinding(spec: NonNullable<MutatingAdmissionPolicyBinding["spec"]>): FieldError[] {
  const { policyName = "" } = spec;
  return [
    ...(policyName === ""
      ? [required("spec.policyName")]
      : invalidEach("spec.policyName", policyName, validateDns1123Subdomain(policyName))),
    ...validateParamRef(spec.paramRef, "spec.paramRef"),
    ...validateMatchResources(spec.matchResources, "spec.matchResources"),
  ];
}
