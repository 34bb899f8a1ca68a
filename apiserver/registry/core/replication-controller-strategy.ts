import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { selectorFromMap } from "../../../api/machinery/selectors.js";
import type {
  ReplicationController,
  ReplicationControllerStatus,
} from "../../../api/schema/types/core-v1.gen.js";
import { templateCells } from "../apps/template-cells.js";
import { ageOf } from "../common/age.js";
import { notNegative } from "../common/field-error-builders.js";
import { formatLabels } from "../common/format-labels.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import { validatePodTemplate } from "../pod/pod-validation.js";
import { podTemplateWarnings } from "../pod/pod-warnings.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const table: TableDefinition<ReplicationController> = {
  columns: [
    NAME_COLUMN,
    column("Desired", "The number of pods wanted.", "integer"),
    column("Current", "The number of pods there are.", "integer"),
    column("Ready", "The number of pods that are ready.", "integer"),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
    wideColumn("Selector", "The labels that choose the pods."),
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec.template),
    formatLabels(spec.selector),
  ],
};

/** ReplicationControllers: the generation grows with the spec. */
export const replicationControllerStrategy: Strategy<ReplicationController> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (controller) => withFirstGeneration({ ...controller, status: { replicas: 0 } }),
  prepareForUpdate(controller, old, subresource) {
    if (subresource === "status") return withSpecOf(controller, old);
    return withNextGeneration(withStatusOf(controller, old), old, specChanged(controller, old));
  },
  validate: validateController,
  validateUpdate: (controller, _old, subresource) =>
    subresource === "status" ? validateStatus(controller.status) : validateController(controller),
  warnings: (controller) => podTemplateWarnings(controller.spec.template, "spec.template"),
  selectableFields: {
    "status.replicas": (controller) => String(controller.status?.replicas ?? 0),
  },
  table,
};

function validateController({ spec }: ReplicationController): FieldError[] {
  const errors = notNegative("spec.minReadySeconds", spec.minReadySeconds);
  const { selector = {}, template } = spec;
  const isEmpty = Object.keys(selector).length === 0;
  if (isEmpty) errors.push(required("spec.selector"));
  errors.push(...notNegative("spec.replicas", spec.replicas));
  if (template === undefined) return [...errors, required("spec.template")];
  const { labels } = template.metadata ?? {};
  if (!isEmpty && !selectorFromMap(selector).matches(labels ?? {})) {
    const text = "`selector` does not match template `labels`";
    errors.push(invalid("spec.template.metadata.labels", labels, text));
  }
  errors.push(...validatePodTemplate(template, "spec.template"));
  const { restartPolicy = "", activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== "Always")
    errors.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds === undefined) return errors;
  const text = "activeDeadlineSeconds in ReplicationController is not Supported";
  return [...errors, forbidden("spec.template.spec.activeDeadlineSeconds", text)];
}

const PARTS = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;

function validateStatus(status: ReplicationControllerStatus | undefined): FieldError[] {
  const counts = ["replicas", ...PARTS, "observedGeneration"] as const;
  const errors = counts.flatMap((field) => notNegative(`status.${field}`, status?.[field]));
  for (const field of PARTS) {
    const count = status?.[field] ?? 0;
    if (count > (status?.replicas ?? 0))
      errors.push(invalid(`status.${field}`, count, "cannot be greater than status.replicas"));
  }
  const { availableReplicas = 0, readyReplicas = 0 } = status ?? {};
  if (availableReplicas <= readyReplicas) return errors;
  const text = "cannot be greater than readyReplicas";
  return [...errors, invalid("status.availableReplicas", availableReplicas, text)];
}
