import type { DaemonSet } from "../../../api/schema/types/apps-v1.gen.js";
import { ageOf } from "../common/age.js";
import { formatLabels, formatLabelSelector } from "../common/format-labels.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import { podTemplateWarnings } from "../pod/pod-warnings.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateDaemonSet, validateDaemonSetUpdate } from "./daemon-set-validation.js";
import { templateCells } from "./template-cells.js";

/** How apps/v1 carries the number of the template, a field of older versions. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";
const NO_STATUS = {
  currentNumberScheduled: 0,
  desiredNumberScheduled: 0,
  numberMisscheduled: 0,
  numberReady: 0,
};

const table: TableDefinition<DaemonSet> = {
  columns: [
    NAME_COLUMN,
    column("Desired", "Nodes that should run the pod.", "integer"),
    column("Current", "Nodes that have at least one of its pods.", "integer"),
    column("Ready", "Nodes on which the pod is ready.", "integer"),
    column("Up-to-date", "Nodes whose pod has the current template.", "integer"),
    column("Available", "Nodes on which the pod is available.", "integer"),
    column("Node Selector", "The labels of the nodes that are meant."),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
    wideColumn("Selector", "The label selector that chooses the pods."),
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    formatLabels(spec.template.spec?.nodeSelector),
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec.template),
    formatLabelSelector(spec.selector),
  ],
};

/** DaemonSets: the generation grows with the spec, and the template has a number of its own. */
export const daemonSetStrategy: Strategy<DaemonSet> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (set) =>
    withFirstGeneration(withTemplateGeneration({ ...set, status: NO_STATUS }, 1)),
  prepareForUpdate(set, old, subresource) {
    if (subresource === "status") return withSpecOf(set, old);
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    const renewed = !semanticEqual(set.spec.template, old.spec.template, "template");
    const next = withTemplateGeneration(set, renewed ? before + 1 : before);
    return withNextGeneration(withStatusOf(next, old), old, specChanged(set, old));
  },
  validate: validateDaemonSet,
  missing: ["spec.selector"],
  validateUpdate: validateDaemonSetUpdate,
  warnings: (set) => podTemplateWarnings(set.spec.template, "spec.template"),
  table,
};

function withTemplateGeneration(set: DaemonSet, generation: number): DaemonSet {
  const { metadata } = set;
  const annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
  return { ...set, metadata: { ...metadata, annotations } };
}
