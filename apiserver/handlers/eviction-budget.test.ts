import t from "tap";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";
import { planEviction, spendDisruption } from "./eviction-budget.js";

const metadata = { name: "a", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { ...metadata, labels: { app: "a" } },
  spec: { containers: [] },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
};
function budget(
  name: string,
  status: NonNullable<PodDisruptionBudget["status"]>,
): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { ...metadata, name, generation: 1 },
    spec: { selector: { matchLabels: { app: "a" } }, minAvailable: 2 },
    status: { observedGeneration: 1, ...status },
  };
}

void t.test("two budgets for one pod are refused without a reason, in Kubernetes' words", (t) => {
  const plan = planEviction(pod, [budget("a", {}), budget("b", {})]);
  t.same(plan, {
    type: "refuse",
    status: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message:
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does " +
        "not support.",
      code: 500,
    },
  });
  t.same(planEviction(pod, [budget("a", {})]), { type: "spend", budgetName: "a" });
  t.end();
});

void t.test("a budget that has none to give says what it needs", (t) => {
  const status = { currentHealthy: 2, desiredHealthy: 2, disruptionsAllowed: 0 };
  t.match(spendDisruption(budget("a", status), "a", "2026-01-01T00:00:00Z"), {
    ok: false,
    status: {
      code: 429,
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: "The disruption budget a needs 2 healthy pods and has 2 currently",
          },
        ],
      },
    },
  });
  t.match(spendDisruption(budget("a", { observedGeneration: 0 }), "a", ""), {
    ok: false,
    status: { code: 429, details: { retryAfterSeconds: 10 } },
  });
  t.end();
});

void t.test("why there is none, in Kubernetes' words", (t) => {
  const condition = (reason: string, message: string) => [
    { type: "DisruptionAllowed", status: "False", reason, message, lastTransitionTime: "" },
  ];
  const [few, enough] = [
    { currentHealthy: 1, desiredHealthy: 2 },
    { currentHealthy: 3, desiredHealthy: 2 },
  ];
  const NONE = "The disruption budget a does not allow evicting pods currently";
  const NEEDS = "The disruption budget a needs 2 healthy pods and has 1 currently";
  const cases: readonly [status: NonNullable<PodDisruptionBudget["status"]>, said: string][] = [
    [{ ...few, conditions: condition("SyncFailed", "no") }, `${NONE} because it failed sync: no`],
    [{ ...few, conditions: condition("InsufficientPods", "") }, NEEDS],
    [{ ...few, conditions: condition("Other", "no") }, NEEDS],
    [{ ...enough, conditions: condition("Other", "no") }, `${NONE} (Other): no`],
    [{ ...enough, conditions: condition("InsufficientPods", "") }, NONE],
  ];
  for (const [status, message] of cases)
    t.match(spendDisruption(budget("a", { disruptionsAllowed: 0, ...status }), "a", ""), {
      status: { details: { causes: [{ reason: "DisruptionBudget", message }] } },
    });
  t.end();
});
