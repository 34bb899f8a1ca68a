import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { endedAtMs, failuresBefore, isFailed } from "./job-pods.js";

/** Kubernetes documents 10 s, 20 s, 40 s … capped at six minutes; its code caps at ten. */
const FIRST_MS = 10_000;
const MOST_MS = 600_000;

/** How long the next pod of a Job has to wait after the failures since the last success. */
export function backoffMs(job: Job, pods: readonly Pod[], nowMs: number): number {
  let lastSuccessMs = Number.NEGATIVE_INFINITY;
  for (const pod of pods)
    if (pod.status?.phase === "Succeeded")
      lastSuccessMs = Math.max(lastSuccessMs, endedAtMs(pod, nowMs));
  let failures = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const pod of pods) {
    if (!isFailed(pod, job)) continue;
    const endMs = endedAtMs(pod, nowMs);
    if (endMs <= lastSuccessMs) continue;
    failures += 1;
    lastMs = Math.max(lastMs, endMs);
  }
  return remainingMs(failures, lastMs, nowMs);
}

/** The same for the one index whose newest failed pod this is. */
export function indexBackoffMs(failed: Pod, nowMs: number): number {
  const { counted, ignored } = failuresBefore(failed);
  return remainingMs(counted + ignored + 1, endedAtMs(failed, nowMs), nowMs);
}

function remainingMs(failures: number, lastMs: number, nowMs: number): number {
  if (failures === 0) return 0;
  const delayMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return Math.max(0, lastMs + delayMs - nowMs);
}
