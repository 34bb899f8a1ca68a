import t, { type Test } from "tap";
import type { Container, Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { CALM, isRelieved, type Observations, planEviction } from "./eviction.js";
import {
  DEFAULT_EVICTION_HARD,
  type EvictionConfig,
  type EvictionSignal,
  type EvictionTexts,
  parseThresholdList,
  parseThresholds,
  reservedBy,
} from "./eviction-thresholds.js";
import {
  evictionGraceSeconds,
  evictionNote,
  exceededLocalLimit,
  planAdmissionUnderPressure,
  type PodConsumption,
  rankVictims,
} from "./eviction-victims.js";

const MI = 2 ** 20;
const GI = 2 ** 30;
const SECOND = 1000;
const none: EvictionTexts = { hard: {}, soft: {}, softGracePeriod: {}, minimumReclaim: {} };
const configOf = (texts: Partial<EvictionTexts>): EvictionConfig => {
  const thresholds = parseThresholds({ ...none, ...texts });
  if (typeof thresholds === "string") throw new Error(thresholds);
  return { thresholds, transitionMs: 300 * SECOND, maxPodGraceSeconds: 20 };
};
const seen = (available: Partial<Record<EvictionSignal, number>>, atMs: number): Observations =>
  new Map(
    Object.entries(available).map(([signal, amount]) => [
      signal as EvictionSignal,
      { available: amount, capacity: signal.endsWith("available") ? 10 * GI : 1000, atMs },
    ]),
  );
/** Looks one after the other: seconds, what is available, and what has to follow. */
type Look = readonly [
  seconds: number,
  available: Partial<Record<EvictionSignal, number>>,
  conditions: readonly string[],
  reclaim: string | null,
];
function looks(t: Test, config: EvictionConfig, all: readonly Look[]) {
  let state = CALM;
  for (const [seconds, available, conditions, reclaim] of all) {
    const nowMs = seconds * SECOND;
    const plan = planEviction(config, seen(available, nowMs), { state, nowMs });
    t.strictSame([...plan.conditions], conditions, `conditions after ${seconds} s`);
    t.equal(plan.reclaim?.resource ?? null, reclaim, `what is reclaimed after ${seconds} s`);
    ({ state } = plan);
  }
}

void t.test("a hard threshold is acted on at once; the condition stays for five minutes", (t) => {
  looks(t, configOf({ hard: DEFAULT_EVICTION_HARD }), [
    [0, { "memory.available": 100 * MI }, [], null],
    [10, { "memory.available": 100 * MI - 1 }, ["MemoryPressure"], "memory"],
    [20, { "memory.available": GI }, ["MemoryPressure"], null],
    [310, { "memory.available": GI }, ["MemoryPressure"], null],
    [311, { "memory.available": GI }, [], null],
  ]);
  t.end();
});

void t.test("a soft threshold has to be met all through its grace period", (t) => {
  const soft = { "memory.available": "1Gi" };
  const config = configOf({ soft, softGracePeriod: { "memory.available": "30s" } });
  looks(t, config, [
    [0, { "memory.available": GI - 1 }, ["MemoryPressure"], null],
    [20, { "memory.available": GI }, ["MemoryPressure"], null],
    [30, { "memory.available": GI - 1 }, ["MemoryPressure"], null],
    [59, { "memory.available": GI - 1 }, ["MemoryPressure"], null],
    [60, { "memory.available": GI - 1 }, ["MemoryPressure"], "memory"],
  ]);
  t.end();
});

void t.test("every signal, its condition, and what is short of it", (t) => {
  const config = configOf({ hard: { ...DEFAULT_EVICTION_HARD, "pid.available": "10%" } });
  const cases: readonly (readonly [EvictionSignal, number, string, string])[] = [
    ["memory.available", 100 * MI, "MemoryPressure", "memory"],
    ["nodefs.available", GI, "DiskPressure", "ephemeral-storage"],
    ["nodefs.inodesFree", 50, "DiskPressure", "inodes"],
    ["imagefs.available", 1.5 * GI, "DiskPressure", "ephemeral-storage"],
    ["imagefs.inodesFree", 50, "DiskPressure", "inodes"],
    ["pid.available", GI, "PIDPressure", "pids"],
  ];
  for (const [signal, mark, condition, resource] of cases)
    looks(t, config, [
      [0, { [signal]: mark }, [], null],
      [10, { [signal]: mark - 1 }, [condition], resource],
    ]);
  looks(t, config, [
    [
      0,
      { "nodefs.available": 0, "memory.available": 0 },
      ["MemoryPressure", "DiskPressure"],
      "memory",
    ],
  ]);
  t.end();
});

void t.test("a minimum is reclaimed, and one reading is acted on once", (t) => {
  const config = configOf({
    hard: { "nodefs.available": "1Gi" },
    minimumReclaim: { "nodefs.available": "500Mi" },
  });
  looks(t, config, [
    [0, { "nodefs.available": GI + 400 * MI }, [], null],
    [10, { "nodefs.available": GI - 1 }, ["DiskPressure"], "ephemeral-storage"],
    [20, { "nodefs.available": GI + 400 * MI }, ["DiskPressure"], "ephemeral-storage"],
    [30, { "nodefs.available": GI + 500 * MI }, ["DiskPressure"], null],
    [40, { "nodefs.available": GI + 400 * MI }, ["DiskPressure"], null],
  ]);
  t.notOk(isRelieved(config, seen({ "nodefs.available": GI + 400 * MI }, 0)));
  t.ok(isRelieved(config, seen({ "nodefs.available": GI + 500 * MI }, 0)));
  const stale = seen({ "nodefs.available": 0 }, 0);
  const first = planEviction(config, stale, { state: CALM, nowMs: 0 });
  const again = planEviction(config, stale, { state: first.state, nowMs: 1 });
  t.equal(again.reclaim, null);
  t.end();
});

void t.test("thresholds as texts", (t) => {
  const wrong: readonly (readonly [Partial<EvictionTexts>, RegExp])[] = [
    [{ hard: { memory: "1" } }, /evictionHard memory: no such signal/],
    [{ hard: { "memory.available": "lots" } }, /"lots" is no quantity and no percentage/],
    [{ hard: { "memory.available": "101%" } }, /no quantity/],
    [{ soft: { "memory.available": "1Gi" } }, /a soft threshold needs one/],
    [{ softGracePeriod: { "memory.available": "1m" } }, /no soft threshold of this signal/],
    [
      { hard: { "pid.available": "1" }, minimumReclaim: { "pid.available": "x" } },
      /evictionMinimumReclaim pid.available/,
    ],
  ];
  for (const [texts, message] of wrong) t.match(parseThresholds({ ...none, ...texts }), message);
  t.same(configOf({ hard: { "nodefs.available": "0%" } }).thresholds, [], "0% is none");
  t.same(parseThresholdList("memory.available<1Gi,pid.available<5%", "<"), {
    "memory.available": "1Gi",
    "pid.available": "5%",
  });
  t.equal(parseThresholdList("memory.available=1Gi", "<"), null);
  const { thresholds } = configOf({ hard: DEFAULT_EVICTION_HARD });
  t.equal(reservedBy(thresholds, "memory.available", GI), 100 * MI);
  t.equal(reservedBy(thresholds, "nodefs.available", 1000), 100);
  t.equal(reservedBy([], "nodefs.available", 1000), 0);
  t.end();
});

interface Use {
  readonly memory?: number;
  readonly disk?: number;
  readonly inodes?: number;
  readonly processes?: number;
}
function using(
  name: string,
  use: Use,
  spec: Partial<PodSpec> & { requests?: object; limits?: object } = {},
  annotations = {},
): PodConsumption {
  const { requests = {}, limits = {}, ...more } = spec;
  const main = { name: "main", image: "i", resources: { requests, limits } } as Container;
  const metadata = { name, uid: name, resourceVersion: "1", creationTimestamp: "", annotations };
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [main], ...more },
  };
  const { memory = 0, disk = 0, inodes = 0, processes = 0 } = use;
  const containers = [{ name: "main", memoryBytes: memory, diskBytes: disk }];
  return {
    pod,
    memoryBytes: memory,
    diskBytes: disk,
    inodes,
    processes,
    containers,
    volumes: new Map(),
  };
}
const names = (pods: readonly PodConsumption[]): string[] =>
  pods.map(({ pod }) => pod.metadata.name);

void t.test("who goes first", (t) => {
  const memory = (name: string, used: number, requested: number, priority = 0) =>
    using(name, { memory: used }, { requests: { memory: `${requested}` }, priority });
  const ranked = rankVictims("memory", [
    memory("within its request", 10, 100),
    memory("important and far above", 900, 0, 1000),
    memory("a little above", 110, 100),
    memory("far above", 500, 100),
    memory("within, but unimportant", 10, 100, -1),
    using("static", { memory: 999 }, {}, { "kubernetes.io/config.source": "file" }),
    memory("the system's own", 999, 0, 2_000_001_000),
  ]);
  t.same(names(ranked), [
    "far above",
    "a little above",
    "important and far above",
    "within, but unimportant",
    "within its request",
  ]);
  const disk = [
    using("requested", { disk: 90 }, { requests: { "ephemeral-storage": "100" } }),
    using("above", { disk: 50 }, { requests: { "ephemeral-storage": "10" } }),
  ];
  t.same(names(rankVictims("ephemeral-storage", disk)), ["above", "requested"]);
  const many = [
    using("few", { inodes: 1, processes: 9 }),
    using("many", { inodes: 5, processes: 2 }),
  ];
  t.same(names(rankVictims("inodes", many)), ["many", "few"]);
  t.same(names(rankVictims("pids", many)), ["few", "many"]);
  t.end();
});

void t.test("what the status says", (t) => {
  const config = configOf({ hard: { "memory.available": "100Mi", "nodefs.inodesFree": "5%" } });
  const at = (available: Partial<Record<EvictionSignal, number>>) => {
    const { reclaim } = planEviction(config, seen(available, 1), { state: CALM, nowMs: 1 });
    if (reclaim === null) throw new Error("nothing is short");
    return reclaim;
  };
  const victim = using("a", { memory: 64 * MI }, { requests: { memory: "32Mi" } });
  t.equal(
    evictionNote(victim, at({ "memory.available": 50 * MI + 1024 })).message,
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 51201Ki. " +
      "Container main was using 64Mi, request is 32Mi, has larger consumption of memory. ",
  );
  t.equal(
    evictionNote(victim, at({ "nodefs.inodesFree": 49 })).message,
    "The node was low on resource: inodes. Threshold quantity: 50, available: 49. ",
  );
  const { pod } = victim;
  const extra = (name: string, resources = {}) => ({ name, image: "i", resources }) as Container;
  const initContainers = [extra("proxy", { requests: { memory: "8Mi" } })];
  const ephemeralContainers = [extra("debug")];
  const many = {
    ...victim,
    pod: { ...pod, spec: { ...pod.spec, initContainers, ephemeralContainers } },
    containers: ["main", "proxy", "debug"].map((name) => ({
      name,
      memoryBytes: 64 * MI,
      diskBytes: 0,
    })),
  };
  const { message, annotations } = evictionNote(many, at({ "memory.available": 50 * MI }));
  t.match(message, /Container proxy was using 64Mi, request is 8Mi, has larger consumption/);
  t.notMatch(message, /debug/, "which can request nothing");
  t.same(annotations, {
    offending_containers: "main,proxy",
    offending_containers_usage: "64Mi,64Mi",
    starved_resource: "memory",
  });
  t.end();
});

void t.test("how long a pod is given to end", (t) => {
  const seconds = (own: number | undefined, soft: boolean, most: number): number => {
    const { pod } = using("a", {}, own === undefined ? {} : { terminationGracePeriodSeconds: own });
    const texts = { "memory.available": "1Gi" };
    const { thresholds } = configOf(
      soft ? { soft: texts, softGracePeriod: { "memory.available": "1m" } } : { hard: texts },
    );
    const [threshold] = thresholds;
    if (threshold === undefined) throw new Error("no threshold");
    return evictionGraceSeconds(pod, threshold, most);
  };
  t.equal(seconds(30, false, 20), 1, "no time");
  t.equal(seconds(30, true, 20), 20, "not more than the node allows");
  t.equal(seconds(10, true, 20), 10, "not more than it asks for");
  t.equal(seconds(undefined, true, 20), 20);
  t.equal(seconds(30, true, 0), 1, "the default allows none: it is asked to end all the same");
  t.equal(seconds(0, true, 20), 1);
  t.end();
});

void t.test("limits of a pod's own on local storage", (t) => {
  const volumes = [{ name: "v", emptyDir: { sizeLimit: "1Mi" } }];
  const filled = { ...using("a", {}, { volumes }), volumes: new Map([["v", MI + 1]]) };
  t.equal(exceededLocalLimit(filled), 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ');
  t.equal(exceededLocalLimit({ ...filled, volumes: new Map([["v", MI]]) }), null);
  const limits = { "ephemeral-storage": "1Mi" };
  const whole = { ...using("a", { disk: MI }, { limits }), diskBytes: MI + 1 };
  t.equal(
    exceededLocalLimit(whole),
    "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ",
  );
  const beside = {
    name: "other",
    image: "i",
    resources: { limits: { "ephemeral-storage": "9Mi" } },
  };
  const one = using("a", { disk: 2 * MI }, { limits });
  const two = {
    ...one,
    pod: { ...one.pod, spec: { containers: [...one.pod.spec.containers, beside as Container] } },
  };
  t.equal(
    exceededLocalLimit(two),
    'Container main exceeded its local ephemeral storage limit "1Mi". ',
  );
  t.equal(exceededLocalLimit(using("a", { disk: MI }, { limits })), null);
  t.end();
});

void t.test("which pods a node takes that is short of something", (t) => {
  const { pod: poor } = using("a", {});
  const { pod: burstable } = using("a", {}, { requests: { memory: "1" } });
  const bears = {
    tolerations: [{ key: "node.kubernetes.io/memory-pressure", operator: "Exists" }],
  };
  const { pod: patient } = using("a", {}, bears);
  const { pod: own } = using("a", {}, {}, { "kubernetes.io/config.source": "file" });
  const memory = new Set(["MemoryPressure"] as const);
  const both = new Set(["MemoryPressure", "DiskPressure"] as const);
  const said = (what: string) => ({
    reason: "Evicted",
    message: `The node had condition: [${what}]. `,
  });
  t.equal(planAdmissionUnderPressure(poor, new Set()), null);
  t.same(planAdmissionUnderPressure(poor, memory), said("MemoryPressure"));
  t.equal(planAdmissionUnderPressure(burstable, memory), null);
  t.equal(planAdmissionUnderPressure(patient, memory), null);
  t.same(planAdmissionUnderPressure(burstable, both), said("MemoryPressure DiskPressure"));
  t.equal(planAdmissionUnderPressure(own, both), null);
  t.end();
});
