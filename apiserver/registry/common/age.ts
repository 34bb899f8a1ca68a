import { formatAge, parseTimeMs } from "../../../api/machinery/time.js";

/** The time since `timestamp` (RFC 3339) as tables print it, "<unknown>" when there is none. */
export function ageOf(timestamp: string | null | undefined, nowMs: number): string {
  const sinceMs = timestamp === undefined || timestamp === null ? null : parseTimeMs(timestamp);
  return sinceMs === null ? "<unknown>" : formatAge(nowMs - sinceMs);
}
