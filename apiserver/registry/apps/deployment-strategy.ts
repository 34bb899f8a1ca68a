import type { Deployment } from "../../../api/schema/types/apps-v1.gen.js";
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
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import { podTemplateWarnings } from "../pod/pod-warnings.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateDeployment, validateDeploymentUpdate } from "./deployment-validation.js";
import { templateCells } from "./template-cells.js";

const table: TableDefinition<Deployment> = {
  columns: [
    NAME_COLUMN,
    column("Ready", "Ready pods of the pods wanted."),
    column("Up-to-date", "Pods that have the current template."),
    column("Available", "Pods ready for at least minReadySeconds."),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
    wideColumn("Selector", "The label selector that chooses the pods."),
  ],
  cells: (deployment, nowMs) => [
    deployment.metadata.name,
    `${deployment.status?.readyReplicas ?? 0}/${deployment.spec.replicas ?? 0}`,
    deployment.status?.updatedReplicas ?? 0,
    deployment.status?.availableReplicas ?? 0,
    ageOf(deployment.metadata.creationTimestamp, nowMs),
    ...templateCells(deployment.spec.template),
    formatLabelSelector(deployment.spec.selector),
  ],
};

/** Deployments: the generation grows with the spec and, unlike elsewhere, with the annotations. */
export const deploymentStrategy: Strategy<Deployment> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (deployment) => withFirstGeneration({ ...deployment, status: {} }),
  prepareForUpdate(deployment, old, subresource) {
    if (subresource === "status") {
      const { labels: _dropped, ...metadata } = deployment.metadata;
      const labels = old.metadata.labels;
      const kept = labels === undefined ? metadata : { ...metadata, labels };
      return withSpecOf({ ...deployment, metadata: kept }, old);
    }
    const changed =
      specChanged(deployment, old) ||
      !semanticEqual(deployment.metadata.annotations, old.metadata.annotations, "annotations");
    return withNextGeneration(withStatusOf(deployment, old), old, changed);
  },
  validate: validateDeployment,
  missing: ["spec.selector"],
  validateUpdate: validateDeploymentUpdate,
  warnings: (deployment) => podTemplateWarnings(deployment.spec.template, "spec.template"),
  table,
};
