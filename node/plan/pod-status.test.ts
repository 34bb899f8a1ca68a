import t from "tap";
import type { Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { aContainer, aPod, aRecord, ended, running, sandboxDead } from "./plan-fixtures.js";
import { EMPTY_RUNTIME, type PodRuntime } from "./pod-runtime.js";
import { computePodStatus } from "./pod-status.js";

const NOW = "2026-02-02T00:00:00Z";

function statusOf(
  pod: Pod,
  runtime: PodRuntime,
  options: {
    readonly ready?: readonly string[];
    readonly started?: readonly string[];
    readonly waiting?: Readonly<Record<string, string>>;
    readonly terminal?: boolean;
  } = {},
): NonNullable<Pod["status"]> {
  const waiting = Object.entries(options.waiting ?? {}).map(
    ([name, reason]) => [name, { reason, message: "why" }] as const,
  );
  const up = runtime.containers.filter(({ state }) => state === "running").map(({ id }) => id);
  return computePodStatus({
    pod,
    runtime,
    verdicts: {
      started: new Set(options.started ?? up),
      ready: new Set(options.ready ?? up),
      waiting: new Map(waiting),
    },
    now: NOW,
    hostIp: "192.0.2.1",
    terminal: options.terminal ?? false,
    refusal: null,
    note: null,
  });
}

const ruled = aContainer("main", {
  restartPolicy: "Never",
  restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
});
const WITH_SIDECAR: Partial<PodSpec> = {
  restartPolicy: "Never",
  initContainers: [aContainer("side", { restartPolicy: "Always" })],
};
const PHASES: readonly (readonly [string, Partial<PodSpec>, PodRuntime, boolean, string])[] = [
  ["nothing yet", {}, EMPTY_RUNTIME, false, "Pending"],
  ["running", {}, running(aRecord("main")), false, "Running"],
  ["ended well, Always", {}, running(ended("main", 0)), false, "Running"],
  ["failed, Always", {}, running(ended("main", 1)), false, "Running"],
  [
    "ended well, OnFailure",
    { restartPolicy: "OnFailure" },
    running(ended("main", 0)),
    false,
    "Succeeded",
  ],
  [
    "failed, OnFailure",
    { restartPolicy: "OnFailure" },
    running(ended("main", 1)),
    false,
    "Running",
  ],
  ["ended well, Never", { restartPolicy: "Never" }, running(ended("main", 0)), false, "Succeeded"],
  ["failed, Never", { restartPolicy: "Never" }, running(ended("main", 1)), false, "Failed"],
  [
    "one of two runs",
    { containers: [aContainer("main"), aContainer("b")] },
    running(aRecord("main"), ended("b", 1)),
    false,
    "Running",
  ],
  [
    "one of two not there",
    { containers: [aContainer("main"), aContainer("b")] },
    running(aRecord("main")),
    false,
    "Pending",
  ],
  [
    "init runs",
    { initContainers: [aContainer("init")] },
    running(aRecord("init")),
    false,
    "Pending",
  ],
  [
    "init failed, Never",
    { restartPolicy: "Never", initContainers: [aContainer("init")] },
    running(ended("init", 1)),
    false,
    "Failed",
  ],
  [
    "init failed, Always",
    { initContainers: [aContainer("init")] },
    running(ended("init", 1)),
    false,
    "Pending",
  ],
  [
    "init failed, Always, its own Never",
    { initContainers: [aContainer("init", { restartPolicy: "Never" })] },
    running(ended("init", 1)),
    false,
    "Failed",
  ],
  [
    "failed, Never, its own Always",
    { restartPolicy: "Never", containers: [aContainer("main", { restartPolicy: "Always" })] },
    running(ended("main", 1)),
    false,
    "Running",
  ],
  [
    "failed, Always, its own Never",
    { containers: [aContainer("main", { restartPolicy: "Never" })] },
    running(ended("main", 1)),
    false,
    "Failed",
  ],
  [
    "failed with a code that restarts it",
    { restartPolicy: "Never", containers: [ruled] },
    running(ended("main", 42)),
    false,
    "Running",
  ],
  [
    "failed with another code",
    { restartPolicy: "Never", containers: [ruled] },
    running(ended("main", 43)),
    false,
    "Failed",
  ],
  [
    "runs, a sidecar that crashed",
    WITH_SIDECAR,
    running(aRecord("main"), ended("side", 1)),
    false,
    "Running",
  ],
  [
    "ended, a sidecar that crashed",
    WITH_SIDECAR,
    running(ended("main", 0), ended("side", 1)),
    false,
    "Succeeded",
  ],
  [
    "failed, a sidecar that crashed",
    WITH_SIDECAR,
    running(ended("main", 1), ended("side", 1)),
    false,
    "Failed",
  ],
  [
    "ended, a sidecar that still stops",
    WITH_SIDECAR,
    running(ended("main", 0), aRecord("side")),
    false,
    "Running",
  ],
  [
    "a sidecar that crashed before all else",
    WITH_SIDECAR,
    running(ended("side", 1)),
    false,
    "Pending",
  ],
  ["deleted, ended well", {}, sandboxDead(ended("main", 0)), true, "Succeeded"],
  ["deleted, killed", {}, sandboxDead(ended("main", 137)), true, "Failed"],
  ["deleted before it ran", {}, EMPTY_RUNTIME, true, "Failed"],
];

for (const [name, spec, runtime, terminal, phase] of PHASES)
  void t.test(`phase: ${name}`, async (t) => {
    t.equal(statusOf(aPod(spec), runtime, { terminal }).phase, phase);
  });

void t.test("a pod that has begun is not Pending again while its sidecar restarts", async (t) => {
  const pod = aPod(WITH_SIDECAR);
  const crashed = running(aRecord("main"), ended("side", 1));
  const backOff = { waiting: { side: "CrashLoopBackOff" } };
  t.equal(statusOf(pod, crashed, backOff).phase, "Running");
  const done = running(ended("main", 0), ended("side", 1));
  t.equal(statusOf(pod, done, backOff).phase, "Succeeded");
  const starting = running(aRecord("main"), aRecord("side", { restartCount: 1 }));
  t.equal(statusOf(pod, starting, { started: ["main-1"] }).phase, "Running");
  t.equal(statusOf(pod, running(aRecord("side")), { started: [] }).phase, "Pending");
});

void t.test("a running pod", async (t) => {
  const status = statusOf(aPod(), running(aRecord("main")));
  t.match(status, {
    observedGeneration: 3,
    podIP: "10.0.0.2",
    podIPs: [{ ip: "10.0.0.2" }],
    hostIP: "192.0.2.1",
    startTime: NOW,
    qosClass: "BestEffort",
    containerStatuses: [
      { name: "main", ready: true, started: true, containerID: "containerd://main-1" },
    ],
  });
  t.same(
    status.conditions?.map(({ type, status: it }) => `${type}=${it}`),
    [
      "PodReadyToStartContainers=True",
      "Initialized=True",
      "Ready=True",
      "ContainersReady=True",
      "PodScheduled=True",
    ],
  );
});

void t.test("times of transitions stay until something changes", async (t) => {
  const first = statusOf(aPod(), running(aRecord("main")), { ready: [] });
  const old = {
    ...first,
    conditions: first.conditions?.map((it) => ({ ...it, lastTransitionTime: "then" })),
  };
  const next = statusOf(aPod({}, old as Pod["status"]), running(aRecord("main")));
  const times = new Map(next.conditions?.map((it) => [it.type, it.lastTransitionTime]));
  t.equal(times.get("Initialized"), "then");
  t.equal(times.get("Ready"), NOW);
  t.match(
    first.conditions?.find(({ type }) => type === "Ready"),
    {
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    },
  );
});

void t.test("a container that waits shows its last end", async (t) => {
  const crashed = running(ended("main", 2, { restartCount: 4 }));
  const [status] =
    statusOf(aPod(), crashed, { waiting: { main: "CrashLoopBackOff" } }).containerStatuses ?? [];
  t.match(status, {
    state: { waiting: { reason: "CrashLoopBackOff", message: "why" } },
    lastState: { terminated: { exitCode: 2, reason: "Error" } },
    restartCount: 4,
    ready: false,
  });
});

void t.test("the containers of a pod share 12 KiB for their last words", async (t) => {
  const names = ["a", "b", "c", "d", "e"];
  const pod = aPod({ restartPolicy: "Never", containers: names.map((name) => aContainer(name)) });
  const said = (message: string): PodRuntime =>
    running(...names.map((name) => ended(name, 1, { message })));
  const words = (runtime: PodRuntime): (string | undefined)[] =>
    (statusOf(pod, runtime).containerStatuses ?? []).map((it) => it.state?.terminated?.message);
  t.same(words(said("x".repeat(4096))), Array(5).fill("x".repeat(2457)));
  t.same(words(said("ä".repeat(2000))), Array(5).fill("ä".repeat(1228)), "no half characters");
  t.same(words(said("short")), Array(5).fill("short"));
});

void t.test("one that could not be started and is not tried again shows why", async (t) => {
  const failed = running(ended("main", 128, { reason: "StartError", message: "no such program" }));
  const pod = aPod({ restartPolicy: "Never" });
  const status = statusOf(pod, failed, { waiting: { main: "RunContainerError" } });
  t.match(status, {
    phase: "Failed",
    containerStatuses: [{ state: { terminated: { exitCode: 128, reason: "StartError" } } }],
  });
  t.same(status.containerStatuses?.[0]?.lastState, {});
});

void t.test("containers lost with the host keep their history", async (t) => {
  const before = statusOf(aPod(), running(aRecord("main", { restartCount: 2 })));
  const [status] = statusOf(aPod({}, before), EMPTY_RUNTIME).containerStatuses ?? [];
  t.match(status, {
    state: { waiting: { reason: "ContainerCreating" } },
    lastState: { terminated: { exitCode: 137, reason: "ContainerStatusUnknown" } },
    restartCount: 2,
  });
});

void t.test("readiness gates and the conditions of others", async (t) => {
  const gate = { type: "example.com/gate", status: "False" };
  const spec = {
    readinessGates: [{ conditionType: "example.com/gate" }, { conditionType: "x/y" }],
  };
  const status = statusOf(aPod(spec, { conditions: [gate] }), running(aRecord("main")));
  t.match(
    status.conditions?.find(({ type }) => type === "Ready"),
    {
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: /"example.com\/gate" is not "True", but False, corresponding condition of .*"x\/y"/,
    },
  );
  t.same(status.conditions?.at(-1), gate);
});
