import t from "tap";
import type { Node, NodeCondition, Pod, Taint } from "../../api/schema/types/core-v1.gen.js";
import { parseLiveness } from "../../gossip/liveness-line.js";
import { GRACE_MS, joiningLeftMs, LinkTracker, planNodeLifecycle, planPodUnready } from "./plan.js";

const NOW = "2026-11-20T12:00:00Z";
const BORN = "2026-11-20T11:00:00Z";
const SILENT = [
  { key: "node.kubernetes.io/unreachable", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unreachable", effect: "NoExecute", timeAdded: NOW },
];
const UNREADY = [
  { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
  { key: "node.kubernetes.io/not-ready", effect: "NoExecute", timeAdded: NOW },
];

const NEVER = {
  allDown: false,
  mayBegin: () => {
    throw new Error("asked");
  },
};
const BEGIN = { allDown: false, mayBegin: () => true };

function condition(type: string, status: string): NodeCondition {
  return {
    type,
    status,
    reason: "r",
    message: "m",
    lastHeartbeatTime: BORN,
    lastTransitionTime: BORN,
  };
}

function node(
  conditions: readonly NodeCondition[] | undefined,
  taints: readonly Taint[] = [],
  unschedulable = false,
): Node {
  const metadata = { name: "n", uid: "u", resourceVersion: "1", creationTimestamp: BORN };
  const spec = { taints, unschedulable };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata,
    spec,
    status: conditions === undefined ? {} : { conditions },
  };
}

const HEALTHY = [
  condition("Ready", "True"),
  condition("MemoryPressure", "False"),
  condition("DiskPressure", "False"),
  condition("PIDPressure", "False"),
];

t.test("conditions and taints", (t) => {
  const other: Taint = { key: "dedicated", value: "gpu", effect: "NoSchedule" };
  const cases: readonly {
    name: string;
    node: Node;
    link: "alive" | "dead" | "undecided";
    unknown: readonly string[] | null;
    taints: readonly Taint[] | null;
    podsUnready: boolean;
  }[] = [
    {
      name: "all is well",
      node: node(HEALTHY, [other]),
      link: "alive",
      unknown: null,
      taints: null,
      podsUnready: false,
    },
    {
      name: "undecided changes nothing",
      node: node(HEALTHY, [other]),
      link: "undecided",
      unknown: null,
      taints: null,
      podsUnready: false,
    },
    {
      name: "silent",
      node: node(HEALTHY, [other]),
      link: "dead",
      unknown: ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"],
      taints: [other, ...SILENT],
      podsUnready: true,
    },
    {
      name: "silent, and marked so before",
      node: node(
        HEALTHY.map(({ type }) => condition(type, "Unknown")),
        [other, ...SILENT],
      ),
      link: "dead",
      unknown: null,
      taints: null,
      podsUnready: true,
    },
    {
      name: "back",
      node: node(HEALTHY, [...SILENT, other]),
      link: "alive",
      unknown: null,
      taints: [other],
      podsUnready: false,
    },
    {
      name: "alive and not ready",
      node: node([condition("Ready", "False")], SILENT),
      link: "alive",
      unknown: null,
      taints: UNREADY,
      podsUnready: true,
    },
    {
      name: "just registered",
      node: node(undefined),
      link: "undecided",
      unknown: null,
      taints: UNREADY,
      podsUnready: false,
    },
    {
      name: "under pressure and cordoned",
      node: node([condition("Ready", "True"), condition("DiskPressure", "True")], [], true),
      link: "alive",
      unknown: null,
      taints: [
        { key: "node.kubernetes.io/disk-pressure", effect: "NoSchedule" },
        { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", timeAdded: NOW },
      ],
      podsUnready: false,
    },
  ];
  for (const { name, node: subject, link, unknown, taints, podsUnready } of cases) {
    const plan = planNodeLifecycle(subject, link, { now: NOW, evictions: BEGIN });
    t.same(plan.conditions?.map(({ type }) => type) ?? null, unknown, name);
    t.same(plan.taints, taints, name);
    t.equal(plan.podsUnready, podsUnready, name);
  }
  t.end();
});

t.test("evictions begin when they may", (t) => {
  const taintsOf = (known: readonly Taint[], allDown: boolean, may: boolean) => {
    let asked = 0;
    const mayBegin = (): boolean => {
      asked += 1;
      return may;
    };
    const evictions = { allDown, mayBegin };
    const { taints } = planNodeLifecycle(node(HEALTHY, known), "dead", { now: NOW, evictions });
    return { taints, asked };
  };
  const [noSchedule] = SILENT;
  t.same(taintsOf([], false, true), { taints: SILENT, asked: 1 });
  t.same(taintsOf([], false, false), { taints: [noSchedule], asked: 1 }, "not yet");
  t.same(taintsOf(SILENT, false, false), { taints: null, asked: 0 }, "what began goes on");
  t.same(taintsOf(UNREADY, false, false), { taints: SILENT, asked: 0 }, "for another reason");
  t.same(taintsOf(SILENT, true, true), { taints: [noSchedule], asked: 0 }, "everything is down");
  const healthy = planNodeLifecycle(node(HEALTHY), "alive", { now: NOW, evictions: NEVER });
  t.equal(healthy.taints, null, "nobody asks for a node that is well");
  t.end();
});

t.test("the words of a silent node", (t) => {
  const silent = planNodeLifecycle(node(HEALTHY), "dead", { now: NOW, evictions: BEGIN })
    .conditions?.[0];
  t.same(silent, {
    type: "Ready",
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastHeartbeatTime: BORN,
    lastTransitionTime: NOW,
  });
  const never = planNodeLifecycle(node(undefined), "dead", { now: NOW, evictions: BEGIN })
    .conditions?.[0];
  t.match(never, {
    reason: "NodeStatusNeverUpdated",
    message: "Kubelet never posted node status.",
  });
  t.end();
});

t.test("pods on an unready node", (t) => {
  const metadata = { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: BORN };
  const pod = (status: string): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [] },
    status: { conditions: [{ type: "Ready", status }] },
  });
  t.same(planPodUnready(pod("True"), NOW), {
    type: "Ready",
    status: "False",
    lastTransitionTime: NOW,
  });
  t.equal(planPodUnready(pod("False"), NOW), null);
  t.end();
});

t.test("when a node counts as dead", (t) => {
  const tracker = new LinkTracker();
  const heard = (state: "alive" | "dead" | "left", ms: number): void =>
    tracker.heard({ node: "n", state, lastHeartbeatMs: 0 }, ms);
  tracker.seen("n", 0);
  t.same(tracker.stateOf("n", 0), { link: "undecided" }, "no server was asked yet");
  tracker.opened(1000);
  t.same(tracker.stateOf("n", 2000), { link: "undecided", waitMs: GRACE_MS - 1000 });
  t.same(tracker.stateOf("n", 1000 + GRACE_MS), { link: "dead" }, "nobody knows it");
  heard("alive", 12_000);
  t.same(tracker.stateOf("n", 99_000), { link: "alive" });
  tracker.lost();
  t.same(tracker.stateOf("n", 99_000), { link: "undecided" });
  tracker.opened(100_000);
  t.same(
    tracker.stateOf("n", 100_000),
    { link: "undecided", waitMs: GRACE_MS },
    "a restarted server",
  );
  heard("dead", 101_000);
  t.same(tracker.stateOf("n", 101_000), { link: "dead" });
  tracker.lost();
  tracker.opened(102_000);
  t.same(tracker.stateOf("n", 102_000), { link: "dead" }, "dead until heard of");
  heard("alive", 103_000);
  heard("left", 104_000);
  t.same(tracker.stateOf("n", 105_000), { link: "undecided", waitMs: GRACE_MS - 1000 });
  t.same(tracker.stateOf("n", 104_000 + GRACE_MS), { link: "dead" });
  tracker.seen("new", 200_000);
  t.same(
    tracker.stateOf("new", 200_000),
    { link: "undecided", waitMs: GRACE_MS },
    "registered now",
  );
  t.end();
});

t.test("lines of the liveness stream", (t) => {
  const liveness = { node: "n", state: "left", lastHeartbeatMs: 5 };
  t.same(parseLiveness(JSON.stringify(liveness)), liveness);
  for (const bad of ["null", "{}", '{"node":"n","state":"odd","lastHeartbeatMs":1}', "[]"])
    t.throws(() => parseLiveness(bad), { code: "BadLiveness" }, bad);
  t.end();
});

void t.test("a node is joining for five seconds", async (t) => {
  const bornMs = Date.parse(BORN);
  const left = (ageMs: number): number => joiningLeftMs(node(undefined), bornMs + ageMs);
  t.equal(left(0), 5_000);
  t.equal(left(1_500), 3_500);
  t.equal(left(5_000), 0);
  t.equal(left(3_600_000), 0);
  t.equal(left(-1), 0, "a clock that is behind makes nobody wait");
});
