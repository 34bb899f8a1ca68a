import type { ReplicaSet } from "../../../api/schema/types/apps-v1.gen.js";
import { formatLabelSelector } from "../common/format-labels.js";
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
import { validateReplicaSet, validateReplicaSetUpdate } from "./replica-set-validation.js";
import { templateCells } from "./template-cells.js";

const table: TableDefinition<ReplicaSet> = {
  columns: [
    NAME_COLUMN,
    column("Desired", "The number of pods wanted.", "integer"),
    column("Current", "The number of pods there are.", "integer"),
    column("Ready", "The number of pods that are ready.", "integer"),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
    wideColumn("Selector", "The label selector that chooses the pods."),
  ],
  cells: (set, nowMs) => [
    set.metadata.name,
    set.spec.replicas ?? 0,
    set.status?.replicas ?? 0,
    set.status?.readyReplicas ?? 0,
    ageOf(set.metadata.creationTimestamp, nowMs),
    ...templateCells(set.spec.template),
    formatLabelSelector(set.spec.selector),
  ],
};

/** ReplicaSets: the generation grows with the spec. */
export const replicaSetStrategy: Strategy<ReplicaSet> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (set) => withFirstGeneration({ ...set, status: { replicas: 0 } }),
  prepareForUpdate(set, old, subresource) {
    if (subresource === "status") return withSpecOf(set, old);
    return withNextGeneration(withStatusOf(set, old), old, specChanged(set, old));
  },
  validate: validateReplicaSet,
  missing: ["spec.selector"],
  validateUpdate: validateReplicaSetUpdate,
  warnings: (set) => podTemplateWarnings(set.spec.template, "spec.template"),
  selectableFields: { "status.replicas": (set) => String(set.status?.replicas ?? 0) },
  table,
};
