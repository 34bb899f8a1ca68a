import type { Container, ContainerRestartRule, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { ContainerKind, ContainerRecord } from "./pod-runtime.js";

/**
 * True when the container runs again after it has ended with this code: its first rule that matches
 * decides, then its own policy, then the pod's (KEP-5307). An init container has done its work once
 * it succeeds, a sidecar never has; an ephemeral one is not started twice.
 */
export function restartsAfter(
  pod: Pod,
  { container, kind }: { readonly container: Container; readonly kind: ContainerKind },
  exitCode: number,
): boolean {
  if (kind === "ephemeral") return false;
  if (kind === "sidecar") return true;
  if (kind === "init" && exitCode === 0) return false;
  const { restartPolicyRules: rules = [], restartPolicy } = container;
  if (rules.some((rule) => matches(rule, exitCode))) return true;
  switch (restartPolicy ?? pod.spec.restartPolicy ?? "Always") {
    case "Never":
      return false;
    case "OnFailure":
      return exitCode !== 0;
    default:
      return true;
  }
}

/** True when the pod wants the container run again after this attempt. */
export function shouldRestart(
  pod: Pod,
  start: { readonly container: Container; readonly kind: ContainerKind },
  record: ContainerRecord,
): boolean {
  if (record.state === "created" || record.state === "unknown") return true;
  return record.state === "exited" && restartsAfter(pod, start, record.exitCode);
}

/** Restart is the only action that there is. */
function matches({ exitCodes }: ContainerRestartRule, exitCode: number): boolean {
  const isListed = (exitCodes?.values ?? []).includes(exitCode);
  return exitCodes !== undefined && (exitCodes.operator === "In") === isListed;
}
