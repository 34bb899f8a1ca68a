import t from "tap";
import { ago, NOW_MS, pod, replicaSet } from "../common/test-objects.js";
import { planStatus } from "./status.js";

const quiet = { failure: null, managed: true, nowMs: NOW_MS } as const;

void t.test("counts pods by what they are", (t) => {
  const pods = [
    pod("ready", { readyFor: 30 }),
    pod("fresh", { readyFor: 4 }),
    pod("starting"),
    pod("unlabelled", { readyFor: 30, meta: { labels: { other: "x" } } }),
    pod("going", { readyFor: 30, meta: { deletionTimestamp: ago(1) } }),
    pod("failed", { phase: "Failed" }),
  ];
  const rs = replicaSet("rs", 4, { spec: { minReadySeconds: 10 } });
  const { status, nextAvailableInMs } = planStatus(rs, pods, quiet);
  t.strictSame(status, {
    replicas: 4,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 2,
    terminatingReplicas: 1,
    observedGeneration: 1,
  });
  t.equal(nextAvailableInMs, 6000, "when the fresh one becomes available");
  t.end();
});

void t.test("an unchanged world gives no status", (t) => {
  const rs = replicaSet("rs", 1, {
    status: {
      replicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      fullyLabeledReplicas: 1,
      observedGeneration: 1,
    },
  });
  t.equal(planStatus(rs, [pod("a", { readyFor: 5 })], quiet).status, null);
  t.end();
});

void t.test("ReplicaFailure comes, stays as it is, and goes", (t) => {
  const failure = { reason: "FailedCreate", message: "quota" } as const;
  const failed = planStatus(replicaSet("rs", 1), [], { ...quiet, failure }).status;
  t.match(failed?.conditions, [
    {
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: "quota",
      lastTransitionTime: ago(0),
    },
  ]);
  const later = { ...quiet, nowMs: NOW_MS + 60_000 };
  const rs = replicaSet("rs", 1, { status: failed ?? { replicas: 0 } });
  t.equal(planStatus(rs, [], { ...later, failure }).status, null, "the same failure is no news");
  t.equal(planStatus(rs, [], { ...later, managed: false }).status, null, "not tried: not mended");
  t.equal(planStatus(rs, [], later).status?.conditions, undefined);
  t.end();
});
