import type { PodTemplate } from "../../../api/schema/types/core-v1.gen.js";
import { templateCells } from "../apps/template-cells.js";
import { formatLabels } from "../common/format-labels.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { column, NAME_COLUMN } from "../common/table-columns.js";
import { validatePodTemplate } from "../pod/pod-validation.js";
import { podTemplateWarnings } from "../pod/pod-warnings.js";
import type { Strategy } from "../strategy.js";

/** PodTemplates: the generation grows with the template. */
export const podTemplateStrategy: Strategy<PodTemplate> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (object) => withFirstGeneration(object),
  prepareForUpdate: (object, old) =>
    withNextGeneration(object, old, !semanticEqual(object.template, old.template, "template")),
  validate: ({ template = {} }) => validatePodTemplate(template, "template"),
  validateUpdate: ({ template = {} }) => validatePodTemplate(template, "template"),
  warnings: ({ template }) => podTemplateWarnings(template, "template"),
  table: {
    columns: [
      NAME_COLUMN,
      column("Containers", "The names of the containers in the template."),
      column("Images", "The images of the containers in the template."),
      column("Pod Labels", "The labels of the pods."),
    ],
    cells: ({ metadata, template }) => [
      metadata.name,
      ...templateCells(template),
      formatLabels(template?.metadata?.labels),
    ],
  },
};
