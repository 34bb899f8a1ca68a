import { parseTimeMs } from "../../api/machinery/time.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";

/**
 * Milliseconds until a finished Job is to be deleted, 0: now; null: it stays, because it has not
 * finished, has no ttlSecondsAfterFinished, or is being deleted already.
 */
export function expiresInMs({ metadata, spec, status }: Job, nowMs: number): number | null {
  const { ttlSecondsAfterFinished: seconds } = spec;
  if (seconds === undefined || metadata.deletionTimestamp !== undefined) return null;
  const end = status?.conditions?.find(
    (each) => (each.type === "Complete" || each.type === "Failed") && each.status === "True",
  );
  const endMs = parseTimeMs(end?.lastTransitionTime ?? "");
  return endMs === null ? null : Math.max(0, endMs + seconds * 1000 - nowMs);
}
