/**
 * The places at which a test lets this process be killed, to see that nothing acknowledged is lost
 * wherever it stops. In the order in which a write passes them.
 */
export const FAIL_POINTS = [
  "before-append",
  "after-append",
  "after-fsync",
  "before-send",
  "after-send",
  "before-apply",
  "after-apply",
  "before-answer",
  "after-batch",
  "before-compaction",
  "snapshot-write",
  "before-rename",
  "after-rename",
  "segment-create",
  "segment-delete",
] as const;
export type FailPoint = (typeof FAIL_POINTS)[number];

/** A group of one sends nothing to peers: that is passed where there are several members. */
export const PASSED_WITH_PEERS: readonly FailPoint[] = ["before-send", "after-send"];

/** `NAME:N` in this variable kills the process when a thread passes that place the Nth time. */
const VARIABLE = "RAFTSMAN_FAIL_POINT";

const [armedName, armedHit = "1"] = (process.env[VARIABLE] ?? "").split(":");
let hits = 0;

/** Ends the process without a word if a test asked for that here; otherwise costs a comparison. */
export function failPoint(name: FailPoint): void {
  if (armedName !== name) return;
  hits += 1;
  if (hits === Number(armedHit)) process.kill(process.pid, "SIGKILL");
}
