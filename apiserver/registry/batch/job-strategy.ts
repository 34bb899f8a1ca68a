import type { Job } from "../../../api/schema/types/batch-v1.gen.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { podTemplateWarnings } from "../pod/pod-warnings.js";
import type { Strategy } from "../strategy.js";
import { JOB_SELECTOR_LABEL, jobLabels } from "./job-labels.js";
import { jobTable } from "./job-table.js";
import { validateJob, validateJobUpdate } from "./job-validation.js";

/** Jobs: the server chooses their pods by a label of its own making, unless told otherwise. */
export const jobStrategy: Strategy<Job> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (job) => withFirstGeneration({ ...withSelector(job), status: {} }),
  prepareForUpdate(job, old, subresource) {
    if (subresource === "status") return withSpecOf(job, old);
    return withNextGeneration(withStatusOf(job, old), old, specChanged(job, old));
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: (job) => podTemplateWarnings(job.spec.template, "spec.template"),
  selectableFields: { "status.successful": (job) => String(job.status?.succeeded ?? 0) },
  table: jobTable,
};

function withSelector(job: Job): Job {
  const { spec } = job;
  if (spec.manualSelector === true) return job;
  const own = jobLabels(job.metadata);
  const { template } = spec;
  // A label that is there stays: a wrong one is refused, not overwritten.
  const labels = { ...own, ...template.metadata?.labels };
  const asked = spec.selector?.matchLabels ?? {};
  const matchLabels = { ...asked, [JOB_SELECTOR_LABEL]: job.metadata.uid };
  const metadata = job.metadata.labels === undefined ? { ...job.metadata, labels } : job.metadata;
  return {
    ...job,
    metadata,
    spec: {
      ...spec,
      selector: { ...spec.selector, matchLabels },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
