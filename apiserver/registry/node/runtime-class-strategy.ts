import type { FieldError } from "../../../api/machinery/field-errors.js";
import { validateDns1123Label } from "../../../api/machinery/names.js";
import type { RuntimeClass } from "../../../api/schema/types/node-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { validateLabels } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import { validateResources } from "../pod/resource-validation.js";
import { validateTolerations } from "../pod/scheduling-validation.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const table: TableDefinition<RuntimeClass> = {
  columns: [
    NAME_COLUMN,
    column("Handler", "What the node's runtime is told to run the pods with."),
    AGE_COLUMN,
  ],
  cells: ({ metadata, handler }, nowMs) => [
    metadata.name,
    handler,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** RuntimeClasses: running pods of a class keep their handler, so it never changes. */
export const runtimeClassStrategy: Strategy<RuntimeClass> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (runtimeClass) => runtimeClass,
  prepareForUpdate: (runtimeClass) => runtimeClass,
  validate: validateRuntimeClass,
  validateUpdate: ({ handler }, old) =>
    validateImmutable("handler", { value: handler, old: old.handler }),
  table,
};

function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors = invalidEach("handler", handler, validateDns1123Label(handler));
  if (overhead !== undefined) {
    const owner = { claimNames: new Set<string>(), isPod: false };
    errors.push(...validateResources({ limits: overhead.podFixed ?? {} }, "overhead", owner));
  }
  if (scheduling !== undefined) {
    errors.push(...validateLabels(scheduling.nodeSelector, "scheduling.nodeSelector"));
    errors.push(...validateTolerations(scheduling.tolerations ?? [], "scheduling.tolerations"));
  }
  return errors;
}
