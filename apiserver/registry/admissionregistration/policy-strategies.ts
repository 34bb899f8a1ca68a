import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, NAME_COLUMN, column } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";
import { typeWarnings } from "./policy-type-check.js";
import {
  validateMutatingBinding,
  validateMutatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
} from "./policy-validation.js";

const UNSET = "<unset>";

/** Whatever has a spec and nothing that others report of it. */
const prepare = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: withFirstGeneration,
} as const;

/**
 * ValidatingAdmissionPolicies. Their expressions are compiled before they are stored, so that the
 * status says so in the same write.
 */
export const validatingPolicyStrategy: Strategy<ValidatingAdmissionPolicy> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate({ status: _status, ...policy }) {
    return looked(withFirstGeneration(policy));
  },
  prepareForUpdate(policy, old, subresource) {
    if (subresource === "status") return withSpecOf(policy, old);
    const next = withStatusOf(policy, old);
    return specChanged(next, old) ? looked(withNextGeneration(next, old, true)) : next;
  },
  validate: validateValidatingPolicy,
  validateUpdate: (policy, _old, subresource) =>
    subresource === "status" ? [] : validateValidatingPolicy(policy),
  table: {
    columns: [
      NAME_COLUMN,
      column("Validations", "How many things the policy wants.", "integer"),
      column("ParamKind", "The kind of its parameters."),
      AGE_COLUMN,
    ],
    cells: ({ metadata, spec }, nowMs) => [
      metadata.name,
      spec?.validations?.length ?? 0,
      paramKindText(spec?.paramKind),
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  },
};

function looked(policy: ValidatingAdmissionPolicy): ValidatingAdmissionPolicy {
  const observedGeneration = policy.metadata.generation ?? 1;
  const expressionWarnings = typeWarnings(policy.spec);
  const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
  return { ...policy, status: { ...policy.status, observedGeneration, typeChecking } };
}

/** ValidatingAdmissionPolicyBindings. */
export const validatingBindingStrategy: Strategy<ValidatingAdmissionPolicyBinding> = {
  ...prepare,
  prepareForUpdate: (binding, old) => withNextGeneration(binding, old, specChanged(binding, old)),
  validate: validateValidatingBinding,
  validateUpdate: validateValidatingBinding,
  table: {
    columns: [
      NAME_COLUMN,
      column("PolicyName", "The policy that it puts into force."),
      column("ParamRef", "The parameters of the policy."),
      AGE_COLUMN,
    ],
    cells: ({ metadata, spec }, nowMs) => [
      metadata.name,
      spec.policyName,
      paramRefText(spec.paramRef),
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  },
};

/** MutatingAdmissionPolicies. */
export const mutatingPolicyStrategy: Strategy<MutatingAdmissionPolicy> = {
  ...prepare,
  prepareForUpdate: (policy, old) => withNextGeneration(policy, old, specChanged(policy, old)),
  validate: validateMutatingPolicy,
  validateUpdate: validateMutatingPolicy,
  table: {
    columns: [
      NAME_COLUMN,
      column("Mutations", "How many changes the policy makes.", "integer"),
      column("ParamKind", "The kind of its parameters."),
      AGE_COLUMN,
    ],
    cells: ({ metadata, spec }, nowMs) => [
      metadata.name,
      spec?.mutations?.length ?? 0,
      paramKindText(spec?.paramKind),
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  },
};

/** MutatingAdmissionPolicyBindings. */
export const mutatingBindingStrategy: Strategy<MutatingAdmissionPolicyBinding> = {
  ...prepare,
  prepareForUpdate: (binding, old) => withNextGeneration(binding, old, specChanged(binding, old)),
  validate: validateMutatingBinding,
  validateUpdate: validateMutatingBinding,
  table: {
    columns: [
      NAME_COLUMN,
      column("PolicyName", "The policy that it puts into force."),
      column("ParamRef", "The parameters of the policy."),
      AGE_COLUMN,
    ],
    cells: ({ metadata, spec }, nowMs) => [
      metadata.name,
      spec?.policyName ?? "",
      paramRefText(spec?.paramRef),
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  },
};

function paramKindText(paramKind: ParamKind | undefined): string {
  if (paramKind === undefined) return UNSET;
  return `${paramKind.apiVersion ?? ""}/${paramKind.kind ?? ""}`;
}

function paramRefText(paramRef: ParamRef | undefined): string {
  if (paramRef === undefined) return UNSET;
  const { namespace = "", name = "", selector } = paramRef;
  if (selector !== undefined && name === "") return "<selector>";
  return namespace === "" ? `*/${name}` : `${namespace}/${name}`;
}
