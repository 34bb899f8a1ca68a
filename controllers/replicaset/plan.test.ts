import t from "tap";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { ago, NOW_MS, pod, replicaSet } from "../common/test-objects.js";
import { planReplicaSet } from "./plan.js";

const BURST = 500;

function plan(
  replicas: number,
  pods: readonly Pod[],
  related = pods,
): { create: number; gone: string[] } {
  const world = { replicaSet: replicaSet("rs", replicas), pods, related, nowMs: NOW_MS };
  const { create, remove } = planReplicaSet(world, BURST);
  return { create, gone: remove.map(({ metadata }) => metadata.name) };
}
const going = pod("going", { meta: { deletionTimestamp: ago(1) } });
const ended = [pod("done", { phase: "Succeeded" }), pod("broken", { phase: "Failed" })];

void t.test("makes as many pods as are missing", (t) => {
  t.strictSame(plan(3, []), { create: 3, gone: [] });
  t.strictSame(plan(3, [pod("a")]), { create: 2, gone: [] });
  t.strictSame(
    plan(1, [pod("a")]),
    { create: 0, gone: [] },
    "an unchanged world gives an empty plan",
  );
  t.strictSame(plan(1, [going, ...ended]), { create: 1, gone: [] }, "what ends does not count");
  t.strictSame(plan(600, []), { create: BURST, gone: [] }, "not more than a burst at once");
  t.end();
});

// The order that Kubernetes documents for scaling in: each line says which of two pods goes.
const cases: readonly [why: string, goes: Pod, stays: Pod][] = [
  [
    "pending, that is unscheduled, before scheduled",
    pod("x", { node: "", phase: "Pending" }),
    pod("a", { phase: "Pending" }),
  ],
  ["pending before running", pod("x", { phase: "Pending" }), pod("a")],
  ["not ready before ready", pod("x"), pod("a", { readyFor: 10 })],
  [
    "lower pod-deletion-cost first",
    pod("x", {
      readyFor: 10_000,
      meta: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } },
    }),
    pod("a", { readyFor: 10 }),
  ],
  ["ready for a shorter time first", pod("x", { readyFor: 10 }), pod("a", { readyFor: 1000 })],
  ["more restarts first", pod("x", { readyFor: 9, restarts: 3 }), pod("a", { readyFor: 9 })],
  ["younger first", pod("x", { meta: { creationTimestamp: ago(5) } }), pod("a")],
];

void t.test("gives up the pods that are missed least", (t) => {
  for (const [why, goes, stays] of cases) {
    t.strictSame(plan(1, [stays, goes]).gone, ["x"], why);
    t.strictSame(plan(1, [goes, stays]).gone, ["x"], `${why}, in the other order`);
  }
  t.end();
});

void t.test("of equally good pods one goes whose node has more of its siblings", (t) => {
  const pods = [
    pod("a", { readyFor: 9, node: "n1" }),
    pod("b", { readyFor: 9, node: "n2" }),
    pod("c", { readyFor: 9, node: "n2" }),
  ];
  t.match(plan(2, pods).gone, [/^[bc]$/]);
  const sibling = [pod("s1", { node: "n1" }), pod("s2", { node: "n1" })];
  t.strictSame(
    plan(2, pods, [...pods, ...sibling]).gone,
    ["a"],
    "those of other ReplicaSets count",
  );
  t.end();
});

void t.test("a senseless deletion cost counts as none", (t) => {
  const annotations = { "controller.kubernetes.io/pod-deletion-cost": "+1" };
  const odd = pod("a", { readyFor: 1000, meta: { annotations } });
  t.strictSame(plan(1, [odd, pod("x", { readyFor: 10 })]).gone, ["x"]);
  t.end();
});
