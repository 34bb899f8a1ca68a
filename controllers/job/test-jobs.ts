import { formatTime } from "../../api/machinery/time.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { ago, meta, NOW_MS, pod } from "../common/test-objects.js";
import { COMPLETION_INDEX, FAILURE_COUNT, JOB_TRACKING_FINALIZER } from "./job-pods.js";

/** A Job named j that started a minute ago. */
export function job(
  spec: Partial<Job["spec"]> = {},
  more: { readonly status?: Job["status"]; readonly meta?: Partial<Job["metadata"]> } = {},
): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: meta("j", { generation: 1, ...more.meta }),
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { app: "web" } },
      template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } },
      ...spec,
    },
    status: { startTime: ago(60), uncountedTerminatedPods: {}, ...more.status },
  };
}

/** What a test says of a Job's pod. */
export interface JobPodFacts {
  readonly phase?: string;
  readonly index?: number;
  readonly exitCode?: number;
  /** Seconds since it ended; 1000 by default: no back-off is left. */
  readonly endedFor?: number;
  /** Failures of its index before it. */
  readonly failures?: number;
  readonly going?: true;
  /** Its finalizer is gone: it is counted. */
  readonly counted?: true;
  readonly condition?: string;
}

/** A pod of the Job, tracked unless the facts say otherwise. */
export function jobPod(name: string, facts: JobPodFacts = {}): Pod {
  const { phase = "Running", index, exitCode, endedFor = 1000, failures, condition } = facts;
  const annotations = {
    ...(index === undefined ? {} : { [COMPLETION_INDEX]: String(index) }),
    ...(failures === undefined ? {} : { [FAILURE_COUNT]: String(failures) }),
  };
  const made = pod(name, {
    phase,
    meta: {
      annotations,
      ...(facts.counted === true ? {} : { finalizers: [JOB_TRACKING_FINALIZER] }),
      ...(facts.going === true ? { deletionTimestamp: ago(1) } : {}),
    },
  });
  const ended = phase === "Failed" || phase === "Succeeded";
  const code = exitCode ?? (phase === "Failed" ? 1 : 0);
  const terminated = { exitCode: code, finishedAt: formatTime(NOW_MS - endedFor * 1000) };
  const state = ended ? { terminated } : { running: {} };
  const conditions = condition === undefined ? [] : [{ type: condition, status: "True" }];
  return {
    ...made,
    status: {
      ...made.status,
      conditions: [
        { type: "Ready", status: "False", lastTransitionTime: ago(endedFor) },
        ...conditions,
      ],
      containerStatuses: [
        { name: "c", restartCount: 0, image: "i", imageID: "i", ready: false, state },
      ],
    },
  };
}
