import type {
  DeviceClass,
  ResourceClaim,
  ResourceClaimTemplate,
} from "../../../api/schema/types/resource-v1.gen.js";
import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import { ageOf } from "../common/age.js";
import { validateImmutable } from "../common/immutable.js";
import { validateLabels } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";
import { validateClaimStatus } from "./allocation-validation.js";
import {
  CONFIGS_MAX,
  validateDeviceClaim,
  validateOpaque,
  validateSelectors,
} from "./device-claim-validation.js";
import { validateList } from "./device-lists.js";

/** A domain of one's own and a name, as extended resources are called. */
const EXTENDED_NAME = /^(?!(?:[^/]*\.)?kubernetes\.io\/)(?!requests\.)[a-z0-9.-]+\/[\w.-]+$/iu;

/** DeviceClasses: what they choose may change; claims that are allocated keep what they have. */
export const deviceClassStrategy: Strategy<DeviceClass> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (deviceClass) => withFirstGeneration(deviceClass),
  prepareForUpdate: (deviceClass, old) =>
    withNextGeneration(deviceClass, old, specChanged(deviceClass, old)),
  validate: validateClass,
  validateUpdate: validateClass,
  table: {
    columns: [NAME_COLUMN, AGE_COLUMN],
    cells: ({ metadata }, nowMs) => [metadata.name, ageOf(metadata.creationTimestamp, nowMs)],
  },
};

function validateClass({ spec }: DeviceClass): FieldError[] {
  const errors = validateSelectors(spec.selectors ?? [], "spec.selectors");
  errors.push(
    ...validateList(spec.config ?? [], {
      path: "spec.config",
      countMax: CONFIGS_MAX,
      check: ({ opaque }, path) => validateOpaque(opaque, `${path}.opaque`),
    }),
  );
  const { extendedResourceName: name } = spec;
  if (name !== undefined && !EXTENDED_NAME.test(name)) {
    const text = "must be a valid extended resource name";
    errors.push(invalid("spec.extendedResourceName", name, text));
  }
  return errors;
}

/** ResourceClaims: what is asked for never changes; who allocates writes the status. */
export const resourceClaimStrategy: Strategy<ResourceClaim> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (claim) => ({ ...claim, status: {} }),
  prepareForUpdate: (claim, old, subresource) =>
    subresource === "status" ? withSpecOf(claim, old) : withStatusOf(claim, old),
  validate: ({ spec }) => validateDeviceClaim(spec.devices ?? {}, "spec.devices"),
  validateUpdate: (claim, old, subresource) =>
    subresource === "status"
      ? validateClaimStatus(claim, old)
      : validateImmutable("spec", { value: claim.spec, old: old.spec }),
  table: {
    columns: [
      NAME_COLUMN,
      column("State", "Whether it is allocated, and whether somebody uses it."),
      AGE_COLUMN,
    ],
    cells: (claim, nowMs) => [
      claim.metadata.name,
      stateOf(claim),
      ageOf(claim.metadata.creationTimestamp, nowMs),
    ],
  },
};

function stateOf({ metadata, status = {} }: ResourceClaim): string {
  const deleted = (metadata.deletionTimestamp ?? null) !== null;
  const states = deleted ? ["deleted"] : [];
  if (status.allocation === undefined)
    return [...states, ...(deleted ? [] : ["pending"])].join(",");
  const reserved = (status.reservedFor ?? []).length > 0;
  return [...states, "allocated", ...(reserved ? ["reserved"] : [])].join(",");
}

/** ResourceClaimTemplates: claims are made from them at any time, so they never change. */
export const resourceClaimTemplateStrategy: Strategy<ResourceClaimTemplate> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (template) => template,
  prepareForUpdate: (template) => template,
  validate: ({ spec }) => [
    ...validateLabels(spec.metadata?.labels, "spec.metadata.labels"),
    ...validateDeviceClaim(spec.spec.devices ?? {}, "spec.spec.devices"),
  ],
  validateUpdate: (template, old) =>
    validateImmutable("spec", { value: template.spec, old: old.spec }),
  table: {
    columns: [NAME_COLUMN, AGE_COLUMN],
    cells: ({ metadata }, nowMs) => [metadata.name, ageOf(metadata.creationTimestamp, nowMs)],
  },
};
