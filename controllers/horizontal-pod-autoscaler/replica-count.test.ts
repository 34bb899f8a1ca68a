import t from "tap";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodMetrics } from "../../api/schema/types/metrics-v1beta1.gen.js";
import {
  podValues,
  type PodValue,
  type ReplicaQuestion,
  replicasForAverage,
  replicasForUtilization,
} from "./replica-count.js";

const NOW_MS = Date.parse("2026-01-02T12:00:00Z");
function at(secondsAgo: number): string {
  return `${new Date(NOW_MS - secondsAgo * 1000).toISOString().slice(0, 19)}Z`;
}

/** A pod that requests 1 CPU, has run for an hour and is ready. */
function pod(name: string, more: { readonly [field: string]: unknown } = {}): Pod {
  const { status = {}, metadata = {}, spec = {} } = more as { readonly [field: string]: object };
  return {
    metadata: { name, namespace: "default", ...metadata },
    spec: { containers: [{ name: "main", resources: { requests: { cpu: "1" } } }], ...spec },
    status: {
      phase: "Running",
      startTime: at(3600),
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(3590) }],
      ...status,
    },
  } as unknown as Pod;
}
const notReady = (lastTransitionTime: string): object => ({
  conditions: [{ type: "Ready", status: "False", lastTransitionTime }],
});

interface Case {
  /** A sentence of Kubernetes' documentation, in short. */
  readonly says: string;
  readonly pods: readonly Pod[];
  /** Milli-CPUs by pod. */
  readonly used: Readonly<Record<string, number>>;
  readonly targetPercent?: number;
  readonly current?: number;
  readonly tolerance?: { readonly up: number; readonly down: number };
  readonly replicas: number;
  /** The same with an average of as many millicores as target, where it differs. */
  readonly byAverage?: number;
}

const THREE = ["a", "b", "c"].map((name) => pod(name));
const CASES: readonly Case[] = [
  {
    says: "twice the target: twice as many",
    pods: [pod("a")],
    used: { a: 1000 },
    targetPercent: 50,
    replicas: 2,
  },
  {
    says: "half the target: half as many",
    pods: [pod("a"), pod("b")],
    used: { a: 250, b: 250 },
    replicas: 1,
  },
  {
    says: "the number is rounded up",
    pods: THREE,
    used: { a: 600, b: 600, c: 600 },
    replicas: 4,
  },
  {
    says: "within 10 % nothing is done",
    pods: THREE,
    used: { a: 550, b: 550, c: 550 },
    replicas: 3,
  },
  { says: "and just below", pods: THREE, used: { a: 450, b: 450, c: 450 }, replicas: 3 },
  {
    says: "a tolerance of its own",
    pods: THREE,
    used: { a: 600, b: 600, c: 600 },
    tolerance: { up: 0.25, down: 0.1 },
    replicas: 3,
  },
  {
    says: "pods that are being deleted, and failed ones, are set aside",
    pods: [
      ...THREE,
      pod("gone", { metadata: { deletionTimestamp: at(1) } }),
      pod("failed", { status: { phase: "Failed" } }),
    ],
    used: { a: 1000, b: 1000, c: 1000, gone: 0, failed: 0 },
    replicas: 6,
  },
  {
    says: "a missing metric counts as full use when that would remove pods",
    pods: THREE,
    used: { a: 100, b: 100 },
    current: 3,
    // (100 + 100 + 1000) of 3000 is 40 % of 50 %: ceil(0.8 * 3).
    replicas: 3,
    // (100 + 100 + 500) / 3 is 233 of 500.
    byAverage: 2,
  },
  {
    says: "and as no use when that would add pods",
    pods: THREE,
    used: { a: 1000, b: 1000 },
    current: 3,
    // 2000 of 3000 is 66 % of 50 %: ceil(1.32 * 3); by average 666 of 500.
    replicas: 4,
  },
  {
    says: "what is missing never turns the direction round",
    pods: [...THREE, pod("d"), pod("e")],
    used: { a: 600 },
    current: 5,
    replicas: 5,
  },
  {
    says: "pods that are not ready yet count as using nothing when pods would be added",
    pods: [pod("a"), pod("b"), pod("new", { status: { startTime: at(60), ...notReady(at(60)) } })],
    used: { a: 1000, b: 1000, new: 0 },
    current: 3,
    replicas: 4,
  },
  {
    says: "pods that are pending do too",
    pods: [pod("a"), pod("b"), pod("new", { status: { phase: "Pending" } })],
    used: { a: 1000, b: 1000 },
    current: 3,
    replicas: 4,
  },
  {
    says: "they are left out when pods would be removed",
    pods: [pod("a"), pod("b"), pod("new", { status: { phase: "Pending" } })],
    used: { a: 200, b: 200 },
    current: 3,
    replicas: 1,
  },
  {
    says: "a pod that started lately counts once a whole window lies behind its readiness",
    pods: [pod("a"), pod("young", { status: { startTime: at(100), conditions: [ready(at(30))] } })],
    used: { a: 1000, young: 1000 },
    current: 2,
    replicas: 4,
  },
  {
    says: "and not before",
    pods: [pod("a"), pod("young", { status: { startTime: at(100), conditions: [ready(at(14))] } })],
    used: { a: 1000, young: 1000 },
    current: 2,
    // 1000 of 2000 is 50 %: at target.
    replicas: 2,
  },
  {
    says: "an old pod that has never been ready does not count",
    pods: [pod("a"), pod("b", { status: notReady(at(3590)) })],
    used: { a: 1000, b: 1000 },
    current: 2,
    replicas: 2,
  },
  {
    says: "one that was ready once does",
    pods: [pod("a"), pod("b", { status: notReady(at(60)) })],
    used: { a: 1000, b: 1000 },
    current: 2,
    replicas: 4,
  },
];
function ready(lastTransitionTime: string): object {
  return { type: "Ready", status: "True", lastTransitionTime };
}

function question(of: Case): ReplicaQuestion {
  const values = new Map<string, PodValue>(
    Object.entries(of.used).map(([name, milli]) => [
      name,
      // Measured 5 s ago over 10 s.
      { milli, atMs: NOW_MS - 5000, windowMs: 10_000 },
    ]),
  );
  return {
    currentReplicas: of.current ?? of.pods.length,
    resource: "cpu",
    container: null,
    tolerance: of.tolerance ?? { up: 0.1, down: 0.1 },
    pods: of.pods,
    values,
    nowMs: NOW_MS,
  };
}

t.test("the rules of the documentation", (t) => {
  for (const each of CASES) {
    const percent = each.targetPercent ?? 50;
    const byShare = replicasForUtilization(question(each), percent);
    t.match(byShare, { ok: true, replicas: each.replicas }, each.says);
    const replicas = each.byAverage ?? each.replicas;
    const byAverage = replicasForAverage(question(each), percent * 10);
    t.match(byAverage, { ok: true, replicas }, `${each.says}, by average`);
  }
  t.end();
});

t.test("what is shown", (t) => {
  const asked = question({ says: "", pods: THREE, used: { a: 500, b: 700, c: 601 }, replicas: 0 });
  t.match(replicasForUtilization(asked, 50), { utilization: 60, averageMilli: 600 });
  t.match(replicasForAverage(asked, 500), { utilization: null, averageMilli: 600 });
  t.end();
});

t.test("why it cannot be told", (t) => {
  const none = { says: "", used: {}, replicas: 0 };
  const errorOf = (of: Case): unknown => {
    const answer = replicasForUtilization(question(of), 50);
    return answer.ok ? null : answer.error;
  };
  t.match(errorOf({ ...none, pods: [] }), /^no pods returned by selector/);
  t.match(errorOf({ ...none, pods: THREE }), /^did not receive metrics for targeted pods/);
  const bare = pod("a", { spec: { containers: [{ name: "main" }] } });
  t.equal(
    errorOf({ ...none, pods: [bare], used: { a: 5 } }),
    "missing request for cpu in container main of Pod a",
  );
  const zero = pod("a", {
    spec: { containers: [{ name: "main", resources: { requests: { cpu: "0" } } }] },
  });
  t.match(errorOf({ ...none, pods: [zero], used: { a: 5 } }), /matched known pods/);
  t.end();
});

t.test("what pods used, by resource and container", (t) => {
  const metrics = [
    {
      metadata: { name: "a", namespace: "default" },
      timestamp: "2026-01-02T12:00:00Z",
      window: "10.5s",
      containers: [
        { name: "main", usage: { cpu: "250m", memory: "1Mi" } },
        { name: "side", usage: { cpu: "1500000n", memory: "1Ki" } },
      ],
    },
    {
      metadata: { name: "b", namespace: "default" },
      timestamp: "2026-01-02T12:00:00Z",
      window: "10s",
      containers: [{ name: "main", usage: { cpu: "1" } }],
    },
  ] as unknown as readonly PodMetrics[];
  const moment = { atMs: NOW_MS, windowMs: 10_500 };
  t.same(podValues(metrics, "memory", null), new Map([["a", { milli: 1049600e3, ...moment }]]));
  t.match(
    podValues(metrics, "cpu", null),
    new Map([
      ["a", { milli: 252 }],
      ["b", { milli: 1000 }],
    ]),
  );
  t.match(podValues(metrics.slice(0, 1), "cpu", "side"), new Map([["a", { milli: 2 }]]));
  t.equal(
    podValues(metrics, "cpu", "side"),
    "container side not present in metrics for pod default/b",
  );
  t.equal(podValues([], "cpu", null), "no metrics returned from resource metrics API");
  t.end();
});
