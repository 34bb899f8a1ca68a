import { formatAge, parseTimeMs } from "../../../api/machinery/time.js";
import type { Job } from "../../../api/schema/types/batch-v1.gen.js";
import { templateCells } from "../apps/template-cells.js";
import { ageOf } from "../common/age.js";
import { formatLabelSelector } from "../common/format-labels.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { TableDefinition } from "../strategy.js";

/** `kubectl get jobs`. */
export const jobTable: TableDefinition<Job> = {
  columns: [
    NAME_COLUMN,
    column("Status", "What became of the job."),
    column("Completions", "Pods that succeeded of those that must."),
    column("Duration", "How long it took, or has taken so far."),
    AGE_COLUMN,
    wideColumn("Containers", "The names of the containers in the template."),
    wideColumn("Images", "The images of the containers in the template."),
    wideColumn("Selector", "The label selector that chooses the pods."),
  ],
  cells: (job, nowMs) => [
    job.metadata.name,
    statusOf(job),
    completionsOf(job),
    durationOf(job, nowMs),
    ageOf(job.metadata.creationTimestamp, nowMs),
    ...templateCells(job.spec.template),
    formatLabelSelector(job.spec.selector),
  ],
};

function statusOf(job: Job): string {
  const first = (types: readonly string[]): string | undefined =>
    types.find((type) => isTrue(job, type));
  const ended = first(["Complete", "Failed"]);
  if (ended !== undefined) return ended;
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  return first(["Suspended", "FailureTarget", "SuccessCriteriaMet"]) ?? "Running";
}

function isTrue(job: Job, type: string): boolean {
  const conditions = job.status?.conditions ?? [];
  return conditions.some((each) => each.type === type && each.status === "True");
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const { parallelism = 0 } = spec;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf({ status }: Job, nowMs: number): string {
  const startMs = timeOf(status?.startTime);
  if (startMs === null) return "";
  return formatAge((timeOf(status?.completionTime) ?? nowMs) - startMs);
}

function timeOf(text: string | null | undefined): number | null {
  return text === undefined || text === null ? null : parseTimeMs(text);
}
