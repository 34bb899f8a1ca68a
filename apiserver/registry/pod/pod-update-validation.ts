import { type FieldError, forbidden, invalid } from "../../../api/machinery/field-errors.js";
import { validateRange } from "../../../api/machinery/names.js";
import type {
  NodeAffinity,
  Pod,
  PodSpec,
  Toleration,
} from "../../../api/schema/types/core-v1.gen.js";
import { describeDifference } from "../common/describe-difference.js";
import { semanticEqual } from "../common/semantic-equal.js";
import type { Subresource } from "../strategy.js";
import { isMirrorPod, validatePodAnnotationChange } from "./pod-annotations-validation.js";
import { validatePodResize } from "./pod-resize-validation.js";
import { validatePodStatus } from "./pod-status-validation.js";
import { validatePodObject } from "./pod-validation.js";

const INT32_MAX = 2_147_483_647;
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const CHANGEABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** Checks a change of a pod through the path that was written to. */
export function validatePodChange(pod: Pod, old: Pod, subresource: Subresource): FieldError[] {
  if (subresource === "status")
    return [...validatePodAnnotationChange(pod, old), ...validatePodStatus(pod, old)];
  if (subresource === "ephemeralcontainers") return validateEphemeralChange(pod, old);
  if (subresource === "resize") return [...validatePodObject(pod), ...validatePodResize(pod, old)];
  return validateUpdate(pod, old);
}

function validateUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validatePodObject(pod), ...validatePodAnnotationChange(pod, old)];
  for (const list of ["containers", "initContainers"] as const) {
    if ((pod.spec[list] ?? []).length === (old.spec[list] ?? []).length) continue;
    return [...errors, forbidden(`spec.${list}`, "pod updates may not add or remove containers")];
  }
  const deadline = validateDeadline(pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds);
  errors.push(...deadline.errors);
  if (deadline.stop) return errors;
  errors.push(...validateTolerationChange(pod.spec.tolerations ?? [], old.spec.tolerations ?? []));
  errors.push(...validateGateChange(pod.spec, old.spec));
  if (semanticEqual(pod.spec, old.spec)) return errors;
  const { rest, faults } = withoutChangeable(pod.spec, old.spec);
  errors.push(...faults);
  if (semanticEqual(rest, old.spec)) return errors;
  const text = `pod updates may not change fields other than ${CHANGEABLE}`;
  errors.push(forbidden("spec", `${text}\n${describeDifference(old.spec, rest)}`));
  return errors;
}

function validateDeadline(
  seconds: number | undefined,
  old: number | undefined,
): { readonly errors: FieldError[]; readonly stop: boolean } {
  const path = "spec.activeDeadlineSeconds";
  const fault = (value: number | null, text: string, stop: boolean) => ({
    errors: [invalid(path, value, text)],
    stop,
  });
  if (seconds === undefined) {
    const text = "must not update from a positive integer to nil value";
    return old === undefined ? { errors: [], stop: false } : fault(null, text, false);
  }
  const [text] = validateRange(seconds, 0, INT32_MAX);
  if (text !== undefined) return fault(seconds, text, true);
  if (old !== undefined && old < seconds)
    return fault(seconds, "must be less than or equal to previous value", true);
  return { errors: [], stop: false };
}

function validateTolerationChange(
  tolerations: readonly Toleration[],
  old: readonly Toleration[],
): FieldError[] {
  const kept = old.every(({ tolerationSeconds: _any, ...before }) =>
    tolerations.some(({ tolerationSeconds: _seconds, ...after }) => semanticEqual(before, after)),
  );
  if (kept) return [];
  const text = "existing toleration can not be modified except its tolerationSeconds";
  return [forbidden("spec.tolerations", text)];
}

function validateGateChange(spec: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return (spec.schedulingGates ?? []).flatMap(({ name }, index) => {
    if (before.has(name)) return [];
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(`spec.schedulingGates[${index}].name`, text)];
  });
}

type Draft = { -readonly [K in keyof PodSpec]: PodSpec[K] };

/** The new spec with everything set back that may change, and what is wrong with those changes. */
function withoutChangeable(
  spec: PodSpec,
  old: PodSpec,
): { readonly rest: PodSpec; readonly faults: FieldError[] } {
  const rest: Draft = { ...spec, containers: withOldImages(spec.containers, old.containers) };
  if (spec.initContainers !== undefined)
    rest.initContainers = withOldImages(spec.initContainers, old.initContainers ?? []);
  for (const field of ["activeDeadlineSeconds", "schedulingGates", "tolerations"] as const)
    restore(rest, old, field);
  const grace = old.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1)
    rest.terminationGracePeriodSeconds = grace;
  const faults = (old.schedulingGates ?? []).length > 0 ? restoreGated(rest, spec, old) : [];
  return { rest, faults };
}

function withOldImages(
  containers: PodSpec["containers"],
  old: PodSpec["containers"],
): PodSpec["containers"] {
  return containers.map((container, index) => {
    const { image: _dropped, ...rest } = container;
    const image = old[index]?.image;
    return image === undefined ? rest : { ...rest, image };
  });
}

function restore<K extends keyof PodSpec>(draft: Draft, old: PodSpec, field: K): void {
  const before = old[field];
  if (before === undefined) delete draft[field];
  else draft[field] = before;
}

/** A pod that waits at its gates may still be tied to fewer nodes. */
function restoreGated(rest: Draft, spec: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const narrowed = Object.entries(old.nodeSelector ?? {}).every(
    ([key, value]) => spec.nodeSelector?.[key] === value,
  );
  if (!narrowed) {
    const text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
    errors.push(invalid("spec.nodeSelector", spec.nodeSelector ?? {}, text));
  }
  restore(rest, old, "nodeSelector");
  const before = old.affinity?.nodeAffinity;
  const after = spec.affinity?.nodeAffinity;
  if (semanticEqual(after, before)) return errors;
  errors.push(...validateNodeAffinityChange(after, before));
  const { nodeAffinity: _dropped, ...others } = spec.affinity ?? {};
  const affinity = before === undefined ? others : { ...others, nodeAffinity: before };
  if (old.affinity === undefined && Object.keys(affinity).length === 0) delete rest.affinity;
  else rest.affinity = affinity;
  return errors;
}

function validateNodeAffinityChange(
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
): FieldError[] {
  const path = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  const before = old?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const after = affinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
  if (before.length === 0) return [];
  if (before.length !== after.length) {
    const text = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    return [invalid(path, after, text)];
  }
  return before.flatMap((term, index) => {
    const next = after[index] ?? {};
    const grown = (["matchExpressions", "matchFields"] as const).every((field) => {
      const kept = term[field] ?? [];
      return semanticEqual((next[field] ?? []).slice(0, kept.length), kept);
    });
    const wasEmpty = [...(term.matchExpressions ?? []), ...(term.matchFields ?? [])].length === 0;
    const isEmpty = [...(next.matchExpressions ?? []), ...(next.matchFields ?? [])].length === 0;
    if (grown && (!wasEmpty || isEmpty)) return [];
    const text = "only additions are allowed (no mutations or deletions)";
    return [invalid(`${path}[${index}]`, next, text)];
  });
}

function validateEphemeralChange(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old)) return [forbidden("", "static pods do not support ephemeral containers")];
  const errors = [...validatePodObject(pod), ...validatePodAnnotationChange(pod, old)];
  const after = new Map((pod.spec.ephemeralContainers ?? []).map((c) => [c.name, c] as const));
  const path = "spec.ephemeralContainers";
  for (const before of old.spec.ephemeralContainers ?? []) {
    const next = after.get(before.name);
    const start = `existing ephemeral containers ${JSON.stringify(before.name)} may not be`;
    if (next === undefined) errors.push(forbidden(path, `${start} removed\n`));
    else if (!semanticEqual(next, before))
      errors.push(forbidden(path, `${start} changed\n${describeDifference(before, next)}`));
  }
  return errors;
}
