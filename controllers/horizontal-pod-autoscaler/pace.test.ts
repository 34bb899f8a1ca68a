import t from "tap";
import type { HorizontalPodAutoscalerBehavior } from "../../api/schema/types/autoscaling-v2.gen.js";
import {
  type AutoscalerHistory,
  type PaceQuestion,
  paceOf,
  withChange,
  withRecommendation,
} from "./pace.js";

const NOW_MS = 10_000_000;
const NO_HISTORY: AutoscalerHistory = { recommendations: [], scaledUp: [], scaledDown: [] };
const ago = (seconds: number): number => NOW_MS - seconds * 1000;
const noted = (seconds: number, replicas: number): { atMs: number; replicas: number } => ({
  atMs: ago(seconds),
  replicas,
});
/** What the API fills in when something is stated. */
const DEFAULTS = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds: 15 },
      { type: "Percent", value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
  },
} as const;

interface Case {
  readonly says: string;
  readonly current: number;
  readonly wanted: number;
  readonly min?: number;
  readonly max?: number;
  readonly behavior?: HorizontalPodAutoscalerBehavior;
  readonly history?: Partial<AutoscalerHistory>;
  readonly replicas: number;
  readonly able?: string;
  readonly limit?: string;
  readonly limited?: boolean;
}
const down = (policies: readonly object[], more: object = {}): HorizontalPodAutoscalerBehavior =>
  ({
    ...DEFAULTS,
    scaleDown: { selectPolicy: "Max", stabilizationWindowSeconds: 0, policies, ...more },
  }) as HorizontalPodAutoscalerBehavior;
const up = (policies: readonly object[], more: object = {}): HorizontalPodAutoscalerBehavior =>
  ({
    ...DEFAULTS,
    scaleUp: { selectPolicy: "Max", stabilizationWindowSeconds: 0, policies, ...more },
  }) as HorizontalPodAutoscalerBehavior;
const FOUR_PODS = { type: "Pods", value: 4, periodSeconds: 60 };
const TEN_PERCENT = { type: "Percent", value: 10, periodSeconds: 60 };

const CASES: readonly Case[] = [
  { says: "what is asked for", current: 4, wanted: 6, replicas: 6 },
  {
    says: "not more than the maximum",
    current: 8,
    wanted: 12,
    max: 10,
    replicas: 10,
    limit: "TooManyReplicas",
    limited: true,
  },
  {
    says: "not fewer than the minimum",
    current: 4,
    wanted: 1,
    min: 2,
    replicas: 2,
    limit: "TooFewReplicas",
    limited: true,
  },
  {
    says: "at most doubled at once",
    current: 5,
    wanted: 30,
    replicas: 10,
    limit: "ScaleUpLimit",
    limited: true,
  },
  {
    says: "but four at once from one",
    current: 1,
    wanted: 30,
    replicas: 4,
    limit: "ScaleUpLimit",
    limited: true,
  },
  {
    says: "the highest of the last five minutes when removing",
    current: 6,
    wanted: 2,
    history: { recommendations: [noted(299, 5), noted(301, 6)] },
    replicas: 5,
    able: "ScaleDownStabilized",
  },
  {
    says: "upwards at once: the default has no window",
    current: 2,
    wanted: 6,
    behavior: DEFAULTS as unknown as HorizontalPodAutoscalerBehavior,
    history: { recommendations: [noted(10, 2)] },
    replicas: 6,
  },
  {
    says: "a window upwards takes the lowest",
    current: 2,
    wanted: 6,
    behavior: up([FOUR_PODS], { stabilizationWindowSeconds: 60 }),
    history: { recommendations: [noted(59, 4), noted(61, 3)] },
    replicas: 4,
    able: "ScaleUpStabilized",
  },
  {
    says: "policies: 80 pods, 10 percent is 8",
    current: 80,
    wanted: 10,
    behavior: down([FOUR_PODS, TEN_PERCENT]),
    replicas: 72,
    limit: "ScaleDownLimit",
    limited: true,
  },
  {
    says: "the next iteration: 10 percent of 72 is 7.2, what remains is rounded down",
    current: 72,
    wanted: 10,
    behavior: down([FOUR_PODS, TEN_PERCENT]),
    replicas: 64,
    limited: true,
  },
  {
    says: "below 40 the four pods allow more",
    current: 38,
    wanted: 10,
    behavior: down([FOUR_PODS, TEN_PERCENT]),
    replicas: 34,
    limited: true,
  },
  {
    says: "Min takes the policy that changes the least",
    current: 80,
    wanted: 10,
    behavior: down([FOUR_PODS, TEN_PERCENT], { selectPolicy: "Min" }),
    replicas: 76,
    limited: true,
  },
  {
    says: "what was removed within the period counts",
    current: 76,
    wanted: 10,
    behavior: down([TEN_PERCENT]),
    history: { scaledDown: [noted(30, 4), noted(90, 20)] },
    // 80 a minute ago.
    replicas: 72,
    limited: true,
  },
  {
    says: "and what was added gives way",
    current: 20,
    wanted: 30,
    behavior: up([FOUR_PODS]),
    history: { scaledUp: [noted(30, 3)] },
    replicas: 21,
    limit: "ScaleUpLimit",
    limited: true,
  },
  {
    says: "more than allowed was added: it stays",
    current: 20,
    wanted: 30,
    behavior: up([FOUR_PODS]),
    history: { scaledUp: [noted(30, 9)] },
    replicas: 20,
    limited: true,
  },
  {
    says: "a share of few is rounded up",
    current: 2,
    wanted: 9,
    behavior: up([TEN_PERCENT]),
    replicas: 3,
    limited: true,
  },
  {
    says: "Disabled: not in this direction",
    current: 5,
    wanted: 1,
    behavior: down([FOUR_PODS], { selectPolicy: "Disabled" }),
    replicas: 5,
    limited: true,
  },
];

t.test("the rules of the documentation", (t) => {
  for (const each of CASES) {
    const question: PaceQuestion = {
      behavior: each.behavior,
      minReplicas: each.min ?? 1,
      maxReplicas: each.max ?? 100,
      currentReplicas: each.current,
      recommended: each.wanted,
      history: { ...NO_HISTORY, ...each.history },
      nowMs: NOW_MS,
    };
    t.match(
      paceOf(question),
      {
        replicas: each.replicas,
        stabilization: { reason: each.able ?? "ReadyForNewScale" },
        limit: { limited: each.limited ?? false, ...(each.limit && { reason: each.limit }) },
      },
      each.says,
    );
  }
  t.end();
});

t.test("what is remembered, and for how long", (t) => {
  let history = withChange(NO_HISTORY, { from: 2, to: 6, atMs: 0 });
  history = withChange(history, { from: 6, to: 5, atMs: 1 });
  history = withRecommendation(history, { atMs: 3_600_000, replicas: 3 });
  t.same(history, {
    recommendations: [{ atMs: 3_600_000, replicas: 3 }],
    scaledUp: [{ atMs: 0, replicas: 4 }],
    scaledDown: [{ atMs: 1, replicas: 1 }],
  });
  history = withRecommendation(history, { atMs: 3_600_001, replicas: 4 });
  t.same(history.scaledUp, []);
  t.equal(history.recommendations.length, 2);
  t.end();
});
