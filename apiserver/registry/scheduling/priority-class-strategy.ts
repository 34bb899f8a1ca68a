import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
} from "../../../api/machinery/field-errors.js";
import type { PriorityClass } from "../../../api/schema/types/scheduling-v1.gen.js";
import { ageOf } from "../common/age.js";
import { IMMUTABLE } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withFirstGeneration } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import {
  SYSTEM_PREFIX,
  SYSTEM_PRIORITY_CLASSES,
  USER_PRIORITY_MAX,
} from "./system-priority-classes.js";

const POLICIES: readonly string[] = ["PreemptLowerPriority", "Never"];

const table: TableDefinition<PriorityClass> = {
  columns: [
    NAME_COLUMN,
    column("Value", "The priority of the pods that name the class.", "integer"),
    column("Global-Default", "Whether pods that name no class get this one.", "boolean"),
    AGE_COLUMN,
    column("PreemptionPolicy", "Whether its pods may push others aside."),
  ],
  cells: (priorityClass, nowMs) => [
    priorityClass.metadata.name,
    priorityClass.value ?? 0,
    priorityClass.globalDefault ?? false,
    ageOf(priorityClass.metadata.creationTimestamp, nowMs),
    priorityClass.preemptionPolicy ?? "",
  ],
};

/** PriorityClasses: what a pod got from one never changes, so neither does its value. */
export const priorityClassStrategy: Strategy<PriorityClass> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (priorityClass) => withFirstGeneration(priorityClass),
  prepareForUpdate: (priorityClass) => priorityClass,
  validate: validatePriorityClass,
  validateUpdate(priorityClass, old) {
    const errors: FieldError[] = [];
    if ((priorityClass.value ?? 0) !== (old.value ?? 0))
      errors.push(forbidden("value", "may not be changed in an update."));
    const { preemptionPolicy } = priorityClass;
    if (preemptionPolicy !== old.preemptionPolicy)
      errors.push(invalid("preemptionPolicy", preemptionPolicy, IMMUTABLE));
    return errors;
  },
  table,
};

function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata, value = 0, preemptionPolicy } = priorityClass;
  if (metadata.name.startsWith(SYSTEM_PREFIX)) {
    const reason = whyNoSystemClass(priorityClass);
    const text =
      `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. ` +
      `error: ${reason}`;
    if (reason !== null) errors.push(forbidden("metadata.name", text));
  } else if (value > USER_PRIORITY_MAX) {
    const text = `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`;
    errors.push(forbidden("value", text));
  }
  if (preemptionPolicy !== undefined && !POLICIES.includes(preemptionPolicy))
    errors.push(notSupported("preemptionPolicy", preemptionPolicy, POLICIES));
  return errors;
}

function whyNoSystemClass({ metadata, value, globalDefault }: PriorityClass): string | null {
  const known = SYSTEM_PRIORITY_CLASSES.find(({ name }) => name === metadata.name);
  if (known === undefined) return `${metadata.name} is not a known system priority class`;
  if (value !== known.value) return `value of ${known.name} PriorityClass must be ${known.value}`;
  if (globalDefault === true) return `globalDefault of ${known.name} PriorityClass must be false`;
  return null;
}
