import type { Probe } from "../../api/schema/types/core-v1.gen.js";

/** Which of a container's three probes. */
export type ProbeKind = "liveness" | "readiness" | "startup";

/** The outcome of one try. `message` says what was seen; for a failure it goes into the event. */
export interface ProbeOutcome {
  readonly ok: boolean;
  /** It could not be tried at all, such as while the runtime is away: says nothing of the pod. */
  readonly errored?: boolean;
  /** An HTTP server answered, whatever it said. */
  readonly answered?: boolean;
  /** It was asked by HTTPS, and does not speak it. */
  readonly noTls?: boolean;
  readonly message: string;
}

/** How often the same outcome was seen in a row, and what the probe says by now. */
export interface ProbeState {
  readonly lastOk: boolean | null;
  readonly run: number;
  /** unknown: not decided yet. */
  readonly verdict: "success" | "failure" | "unknown";
}

/** Times and counts of a probe with Kubernetes' defaults filled in. */
export interface ProbeTiming {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** Before the first try: liveness holds until disproved, readiness and startup must be shown. */
export function initialProbeState(kind: ProbeKind): ProbeState {
  const verdict = { liveness: "success", readiness: "failure", startup: "unknown" } as const;
  return { lastOk: null, run: 0, verdict: verdict[kind] };
}

/** The state after one more try. */
export function nextProbeState(state: ProbeState, ok: boolean, timing: ProbeTiming): ProbeState {
  const run = state.lastOk === ok ? state.run + 1 : 1;
  const threshold = ok ? timing.successThreshold : timing.failureThreshold;
  if (run < threshold) return { ...state, lastOk: ok, run };
  return { lastOk: ok, run, verdict: ok ? "success" : "failure" };
}

/** A probe's times; a value of 0 where 0 has no meaning is the default. */
export function probeTiming(probe: Probe): ProbeTiming {
  const seconds = (value: number | undefined, fallback: number): number =>
    1000 * (value === undefined || value <= 0 ? fallback : value);
  return {
    initialDelayMs: seconds(probe.initialDelaySeconds, 0),
    periodMs: seconds(probe.periodSeconds, 10),
    timeoutMs: seconds(probe.timeoutSeconds, 1),
    successThreshold: Math.max(1, probe.successThreshold ?? 1),
    failureThreshold:
      probe.failureThreshold === undefined || probe.failureThreshold < 1
        ? 3
        : probe.failureThreshold,
  };
}
