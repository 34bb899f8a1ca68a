import type { StatefulSet } from "../../../api/schema/types/apps-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import { podTemplateWarnings } from "../pod/pod-warnings.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateStatefulSet, validateStatefulSetUpdate } from "./stateful-set-validation.js";
import { templateCells } from "./template-cells.js";

const table: TableDefinition<StatefulSet> = {
  columns: [
    NAME_COLUMN,
    column("Ready", "Ready pods of the pods wanted."),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec.template),
  ],
};

/** StatefulSets: the generation grows with the spec. */
export const statefulSetStrategy: Strategy<StatefulSet> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (set) =>
    withFirstGeneration({ ...set, status: { replicas: 0, availableReplicas: 0 } }),
  prepareForUpdate(set, old, subresource) {
    if (subresource === "status") return withSpecOf(set, old);
    return withNextGeneration(withStatusOf(set, old), old, specChanged(set, old));
  },
  validate: validateStatefulSet,
  missing: ["spec.selector"],
  validateUpdate: validateStatefulSetUpdate,
  warnings: (set) => podTemplateWarnings(set.spec.template, "spec.template"),
  table,
};
