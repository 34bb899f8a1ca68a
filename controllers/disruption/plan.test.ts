import t from "tap";
import type { PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";
import { ago, meta, NOW_MS, pod } from "../common/test-objects.js";
import { planDisruption, unmanagedMessage } from "./plan.js";

function budget(
  spec: PodDisruptionBudget["spec"],
  status: PodDisruptionBudget["status"] = {},
): PodDisruptionBudget {
  const metadata = meta("b", { generation: 2 });
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec, status };
}

const pods = (ready: number, notReady = 0) => [
  ...Array.from({ length: ready }, (_unused, index) => pod(`r${index}`, { readyFor: 10 })),
  ...Array.from({ length: notReady }, (_unused, index) => pod(`n${index}`)),
];
const wants = (...replicas: readonly number[]) =>
  replicas.map((count, index) => ({ uid: `w${index}`, replicas: count }));

void t.test("how many may go", (t) => {
  const cases: readonly (readonly [
    name: string,
    spec: PodDisruptionBudget["spec"],
    ready: number,
    notReady: number,
    replicas: readonly number[],
    counts: readonly [allowed: number, healthy: number, desired: number, expected: number],
  ])[] = [
    ["one may be missing of three", { maxUnavailable: 1 }, 3, 0, [3], [1, 3, 2, 3]],
    ["one is missing already", { maxUnavailable: 1 }, 2, 1, [3], [0, 2, 2, 3]],
    ["more than one is missing", { maxUnavailable: 1 }, 1, 2, [3], [0, 1, 2, 3]],
    ["two must stay", { minAvailable: 2 }, 3, 0, [3], [1, 3, 2, 3]],
    ["two must stay of what is there", { minAvailable: 2 }, 3, 1, [], [1, 3, 2, 4]],
    ["half must stay, rounded up", { minAvailable: "50%" }, 3, 0, [3], [1, 3, 2, 3]],
    ["a third may go, rounded up", { maxUnavailable: "30%" }, 5, 0, [5], [2, 5, 3, 5]],
    ["all may go", { maxUnavailable: "100%" }, 2, 0, [2], [2, 2, 0, 2]],
    ["of two workloads", { maxUnavailable: 1 }, 5, 0, [2, 3], [1, 5, 4, 5]],
    ["nothing is there", { maxUnavailable: 1 }, 0, 0, [], [0, 0, 0, 0]],
    ["nothing is said", {}, 3, 0, [3], [0, 3, 0, 0]],
    ["more is wanted than there is", { minAvailable: 5 }, 3, 0, [3], [0, 3, 5, 3]],
  ];
  for (const [name, spec, ready, notReady, replicas, counts] of cases) {
    const view = { budget: budget(spec), pods: pods(ready, notReady), scales: wants(...replicas) };
    const { status, failure } = planDisruption(view, NOW_MS);
    const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = status ?? {};
    t.same([disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods], counts, name);
    const enough = counts[0] > 0;
    t.match(status?.conditions, [
      { status: enough ? "True" : "False", reason: enough ? "SufficientPods" : "InsufficientPods" },
    ]);
    t.equal(status?.observedGeneration, 2);
    t.equal(failure, null);
    const again = { ...view, budget: { ...view.budget, status: status ?? {} } };
    t.equal(planDisruption(again, NOW_MS).status, null, `${name}: settled`);
  }
  t.end();
});

void t.test("evicted pods do not count until they are gone or given up", (t) => {
  const disruptedPods = { r0: ago(30), r1: ago(121), r2: ago(5), gone: ago(5) };
  const going = pod("r2", { readyFor: 10, meta: { deletionTimestamp: ago(1) } });
  const [first, second] = pods(2);
  const all = [first, second, going].filter((each) => each !== undefined);
  const before = { disruptedPods, disruptionsAllowed: 0 };
  const view = { budget: budget({ maxUnavailable: 1 }, before), pods: all, scales: wants(3) };
  const plan = planDisruption(view, NOW_MS);
  t.same(plan.status?.disruptedPods, { r0: ago(30) });
  t.equal(plan.status?.currentHealthy, 1, "only the one that was given up");
  t.same(
    plan.notDeleted.map(({ metadata }) => metadata.name),
    ["r1"],
  );
  t.equal(plan.recheckAfterMs, 90_000);
  t.end();
});

void t.test("a workload that cannot be asked allows nothing", (t) => {
  const scales = { failure: "Job x does not implement the scale subresource" };
  const before = { disruptionsAllowed: 2, currentHealthy: 3 };
  const view = { budget: budget({ maxUnavailable: 1 }, before), pods: pods(3), scales };
  const plan = planDisruption(view, NOW_MS);
  t.equal(plan.failure, scales.failure);
  t.match(plan.status, {
    disruptionsAllowed: 0,
    currentHealthy: 3,
    conditions: [{ status: "False", reason: "SyncFailed", message: scales.failure }],
  });
  const counted = { ...view, budget: budget({ minAvailable: 1 }) };
  t.equal(
    planDisruption(counted, NOW_MS).status?.disruptionsAllowed,
    2,
    "a number needs no asking",
  );
  t.end();
});

void t.test("pods that nobody controls are said, where their workloads are asked", (t) => {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: "w0" };
  const owned = pod("owned", {
    readyFor: 9,
    meta: { ownerReferences: [{ ...owner, controller: true }] },
  });
  const naked = pod("naked", { readyFor: 9, meta: { ownerReferences: [owner] } });
  const cases: readonly (readonly [PodDisruptionBudget["spec"], readonly string[]])[] = [
    [{ maxUnavailable: 1 }, ["naked"]],
    [{ minAvailable: "50%" }, ["naked"]],
    [{ minAvailable: 1 }, []],
    [{}, []],
  ];
  for (const [spec, expected] of cases) {
    const view = { budget: budget(spec), pods: [owned, naked], scales: wants(1) };
    const { unmanaged } = planDisruption(view, NOW_MS);
    t.same(
      unmanaged.map(({ metadata }) => metadata.name),
      expected,
      JSON.stringify(spec),
    );
  }
  const selector = {
    matchLabels: { tier: "a", app: "web" },
    matchExpressions: [{ key: "zone", operator: "In", values: ["x", "y"] }],
  };
  const printed =
    "&LabelSelector{MatchLabels:map[string]string{app: web,tier: a,},MatchExpressions:" +
    "[]LabelSelectorRequirement{LabelSelectorRequirement{Key:zone,Operator:In,Values:[x y],},},}";
  t.match(
    unmanagedMessage(budget({ selector })),
    `Pods selected by this PodDisruptionBudget (selector: ${printed}) were found to be unmanaged.`,
  );
  t.end();
});

void t.test("a condition keeps its time while its status stays", (t) => {
  const condition = {
    type: "DisruptionAllowed",
    status: "True",
    reason: "SufficientPods",
    message: "",
    lastTransitionTime: ago(60),
  };
  const before = { conditions: [condition] };
  const view = { budget: budget({ maxUnavailable: 1 }, before), scales: wants(3) };
  const kept = planDisruption({ ...view, pods: pods(3) }, NOW_MS);
  t.equal(kept.status?.conditions?.[0]?.lastTransitionTime, ago(60));
  const turned = planDisruption({ ...view, pods: pods(2) }, NOW_MS);
  t.equal(turned.status?.conditions?.[0]?.lastTransitionTime, ago(0));
  t.end();
});
