import type { CronJob } from "../../../api/schema/types/batch-v1.gen.js";
import { templateCells } from "../apps/template-cells.js";
import { ageOf } from "../common/age.js";
import { formatLabelSelector } from "../common/format-labels.js";
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
import { validateCronJob, validateCronJobUpdate } from "./cron-job-validation.js";

const table: TableDefinition<CronJob> = {
  columns: [
    NAME_COLUMN,
    column("Schedule", "When jobs are due, in cron's notation."),
    column("Timezone", "The time zone of the schedule."),
    column("Suspend", "Whether no new jobs are started.", "boolean"),
    column("Active", "Jobs that run now.", "integer"),
    column("Last Schedule", "How long ago a job was last due."),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
    wideColumn("Selector", "The label selector that chooses the pods."),
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec.schedule,
    spec.timeZone ?? "<none>",
    spec.suspend === true ? "True" : "False",
    (status?.active ?? []).length,
    status?.lastScheduleTime === undefined ? "<none>" : ageOf(status.lastScheduleTime, nowMs),
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec.jobTemplate.spec?.template),
    formatLabelSelector(spec.jobTemplate.spec?.selector),
  ],
};

const TEMPLATE = "spec.jobTemplate.spec.template";

/** CronJobs: the generation grows with the spec. */
export const cronJobStrategy: Strategy<CronJob> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (cronJob) => withFirstGeneration({ ...cronJob, status: {} }),
  prepareForUpdate(cronJob, old, subresource) {
    if (subresource === "status") return withSpecOf(cronJob, old);
    return withNextGeneration(withStatusOf(cronJob, old), old, specChanged(cronJob, old));
  },
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings: ({ spec }) => podTemplateWarnings(spec.jobTemplate.spec?.template, TEMPLATE),
  table,
};
