import type { HorizontalPodAutoscalerBehavior } from "../../api/schema/types/autoscaling-v2.gen.js";

/** A number of replicas at one moment: what was recommended, or by how much it was changed. */
export interface Noted {
  readonly atMs: number;
  readonly replicas: number;
}

/** What an autoscaler remembers. It is not stored: a new leader begins with what is there. */
export interface AutoscalerHistory {
  readonly recommendations: readonly Noted[];
  /** How many replicas were added. */
  readonly scaledUp: readonly Noted[];
  /** How many were removed. */
  readonly scaledDown: readonly Noted[];
}

/** Why the number is what it is, in the words of the conditions. */
export interface Verdict {
  readonly reason: string;
  readonly message: string;
}

/** How far the metrics have their way. */
export interface Pace {
  readonly replicas: number;
  /** For the condition AbleToScale. */
  readonly stabilization: Verdict;
  /** For the condition ScalingLimited. */
  readonly limit: Verdict & { readonly limited: boolean };
}

/** What the metrics ask for, and what stands against it. */
export interface PaceQuestion {
  /** Completed by the defaults of the API; undefined: the autoscaler says nothing of its pace. */
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
  readonly recommended: number;
  readonly history: AutoscalerHistory;
  readonly nowMs: number;
}

/** kube-controller-manager's --horizontal-pod-autoscaler-downscale-stabilization. */
const STABILIZATION_SECONDS = 300;
/** Without a behaviour at most doubled at once, or brought to this. */
const SCALE_UP_FACTOR = 2;
const SCALE_UP_REPLICAS = 4;
/** The longest window and period that the API lets pass. */
const MEMORY_MS = 3_600_000;

const AS_RECOMMENDED: Verdict = {
  reason: "ReadyForNewScale",
  message: "recommended size matches current size",
};
const HELD_LOW: Verdict = {
  reason: "ScaleUpStabilized",
  message:
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
};
const HELD_HIGH: Verdict = {
  reason: "ScaleDownStabilized",
  message:
    "recent recommendations were higher than current one, applying the highest recent recommendation",
};
const IN_RANGE: Verdict = {
  reason: "DesiredWithinRange",
  message: "the desired count is within the acceptable range",
};
const TOO_MANY: Verdict = {
  reason: "TooManyReplicas",
  message: "the desired replica count is more than the maximum replica count",
};
const TOO_FEW: Verdict = {
  reason: "TooFewReplicas",
  message: "the desired replica count is less than the minimum replica count",
};
const TOO_FAST_UP: Verdict = {
  reason: "ScaleUpLimit",
  message: "the desired replica count is increasing faster than the maximum scale rate",
};
const TOO_FAST_DOWN: Verdict = {
  reason: "ScaleDownLimit",
  message: "the desired replica count is decreasing faster than the maximum scale rate",
};

/** What stabilisation windows, policies and bounds leave of a recommendation. */
export function paceOf(question: PaceQuestion): Pace {
  const { behavior, recommended, currentReplicas } = question;
  const stable =
    behavior === undefined
      ? Math.max(recommended, ...recentOf(question, STABILIZATION_SECONDS))
      : stabilized(question, behavior);
  const upwards = behavior !== undefined && recommended >= currentReplicas;
  const held = upwards ? HELD_LOW : HELD_HIGH;
  const { replicas, verdict } = bounded(question, stable);
  return {
    replicas,
    stabilization: stable === recommended ? AS_RECOMMENDED : held,
    limit: { ...verdict, limited: replicas !== stable },
  };
}

/** The history with a recommendation, without what is too old to matter. */
export function withRecommendation(history: AutoscalerHistory, noted: Noted): AutoscalerHistory {
  return {
    recommendations: [...recentNotes(history.recommendations, noted.atMs), noted],
    scaledUp: recentNotes(history.scaledUp, noted.atMs),
    scaledDown: recentNotes(history.scaledDown, noted.atMs),
  };
}

/** The history with a change of the number of replicas. */
export function withChange(
  history: AutoscalerHistory,
  change: { readonly from: number; readonly to: number; readonly atMs: number },
): AutoscalerHistory {
  const { from, to, atMs } = change;
  const noted = { atMs, replicas: Math.abs(to - from) };
  return to > from
    ? { ...history, scaledUp: [...history.scaledUp, noted] }
    : { ...history, scaledDown: [...history.scaledDown, noted] };
}

function recentNotes(notes: readonly Noted[], nowMs: number): readonly Noted[] {
  return notes.filter(({ atMs }) => nowMs - atMs <= MEMORY_MS);
}

/** The recommendations of the last so many seconds. */
function recentOf({ history, nowMs }: PaceQuestion, seconds: number): readonly number[] {
  return history.recommendations
    .filter(({ atMs }) => atMs > nowMs - seconds * 1000)
    .map(({ replicas }) => replicas);
}

/** Upwards the lowest recent recommendation counts, downwards the highest. */
function stabilized(question: PaceQuestion, behavior: HorizontalPodAutoscalerBehavior): number {
  const upSeconds = behavior.scaleUp?.stabilizationWindowSeconds ?? 0;
  const downSeconds = behavior.scaleDown?.stabilizationWindowSeconds ?? STABILIZATION_SECONDS;
  const lowest = Math.min(question.recommended, ...recentOf(question, upSeconds));
  const highest = Math.max(question.recommended, ...recentOf(question, downSeconds));
  return Math.min(Math.max(question.currentReplicas, lowest), highest);
}

interface Bounded {
  readonly replicas: number;
  readonly verdict: Verdict;
}

function bounded(question: PaceQuestion, desired: number): Bounded {
  const { minReplicas, maxReplicas, currentReplicas } = question;
  if (desired > currentReplicas || desired > maxReplicas) {
    const pace = Math.max(currentReplicas, scaleUpLimit(question));
    const [most, verdict] = maxReplicas > pace ? [pace, TOO_FAST_UP] : [maxReplicas, TOO_MANY];
    if (desired > most) return { replicas: most, verdict };
  }
  if (desired < currentReplicas || desired < minReplicas) {
    const pace = Math.min(currentReplicas, scaleDownLimit(question));
    const [least, verdict] = minReplicas < pace ? [pace, TOO_FAST_DOWN] : [minReplicas, TOO_FEW];
    if (desired < least) return { replicas: least, verdict };
  }
  return { replicas: desired, verdict: IN_RANGE };
}

function scaleUpLimit(question: PaceQuestion): number {
  const { currentReplicas, behavior } = question;
  if (behavior === undefined) return Math.max(SCALE_UP_FACTOR * currentReplicas, SCALE_UP_REPLICAS);
  const { selectPolicy, policies = [] } = behavior.scaleUp ?? {};
  if (selectPolicy === "Disabled" || policies.length === 0) return currentReplicas;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(question, periodSeconds);
    // Rounded up: otherwise a small share of few replicas would never add one.
    return type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(...limits) : Math.max(...limits);
}

function scaleDownLimit(question: PaceQuestion): number {
  const { currentReplicas, behavior } = question;
  if (behavior === undefined) return 0;
  const { selectPolicy, policies = [] } = behavior.scaleDown ?? {};
  if (selectPolicy === "Disabled" || policies.length === 0) return currentReplicas;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(question, periodSeconds);
    return type === "Pods" ? before - value : Math.trunc(before * (1 - value / 100));
  });
  // The policy that allows the least change leaves the most replicas.
  return selectPolicy === "Min" ? Math.max(...limits) : Math.min(...limits);
}

/** How many replicas there were at the beginning of the period. */
function replicasBefore(question: PaceQuestion, periodSeconds: number): number {
  const { history, currentReplicas, nowMs } = question;
  const sum = (notes: readonly Noted[]): number =>
    notes
      .filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000)
      .reduce((total, { replicas }) => total + replicas, 0);
  return currentReplicas - sum(history.scaledUp) + sum(history.scaledDown);
}
