import t from "tap";
import type { PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { computePodActions, type ProbeVerdicts } from "./pod-actions.js";
import { aContainer, aPod, aRecord, ended, running, sandboxDead } from "./plan-fixtures.js";
import { EMPTY_RUNTIME, type PodRuntime } from "./pod-runtime.js";

const none: ProbeVerdicts = {
  livenessFailed: new Set(),
  startupFailed: new Set(),
  started: new Set(["side-1"]),
};
const init = aContainer("init");
const side = aContainer("side", { restartPolicy: "Always" });
const two = [aContainer("main"), aContainer("second")];

const ruled = (operator: string) =>
  aContainer("main", {
    restartPolicy: "Never",
    restartPolicyRules: [{ action: "Restart", exitCodes: { operator, values: [42] } }],
  });

interface Case {
  readonly name: string;
  readonly spec?: Partial<PodSpec>;
  readonly runtime: PodRuntime;
  readonly probes?: Partial<ProbeVerdicts>;
  /** kill: the pod, box N: sandbox attempt, -x: container killed, +x: started, ~x: removed. */
  readonly does: string;
}

const CASES: readonly Case[] = [
  { name: "a new pod", runtime: EMPTY_RUNTIME, does: "box 0 +main" },
  {
    name: "a new pod of two",
    spec: { containers: two },
    runtime: EMPTY_RUNTIME,
    does: "box 0 +main +second",
  },
  {
    name: "a new pod with init",
    spec: { initContainers: [init] },
    runtime: EMPTY_RUNTIME,
    does: "box 0 +init",
  },
  {
    name: "a new pod with sidecar",
    spec: { initContainers: [side, init] },
    runtime: EMPTY_RUNTIME,
    does: "box 0 +side",
  },
  { name: "all runs", runtime: running(aRecord("main")), does: "" },
  {
    name: "a debugging container waits for the sandbox",
    spec: { ephemeralContainers: [aContainer("debug")] },
    runtime: EMPTY_RUNTIME,
    does: "box 0 +main",
  },
  {
    name: "a debugging container joins",
    spec: { ephemeralContainers: [aContainer("debug")] },
    runtime: running(aRecord("main")),
    does: "+debug",
  },
  {
    name: "a debugging container does not wait for init containers",
    spec: { initContainers: [init], ephemeralContainers: [aContainer("debug")] },
    runtime: running(aRecord("init")),
    does: "+debug",
  },
  {
    name: "a debugging container that has ended stays so",
    spec: { ephemeralContainers: [aContainer("debug")] },
    runtime: running(aRecord("main"), ended("debug", 1)),
    does: "",
  },
  {
    name: "a debugging container that was never started is made anew",
    spec: { ephemeralContainers: [aContainer("debug")] },
    runtime: running(aRecord("main"), aRecord("debug", { state: "created" })),
    does: "+debug ~debug",
  },
  {
    name: "a debugging container keeps no pod alive",
    spec: { restartPolicy: "Never", ephemeralContainers: [aContainer("debug")] },
    runtime: running(ended("main", 0), aRecord("debug")),
    does: "kill",
  },
  { name: "a sandbox without containers", runtime: running(), does: "+main" },
  {
    name: "one of two runs",
    spec: { containers: two },
    runtime: running(aRecord("main")),
    does: "+second",
  },
  { name: "ended well, Always", runtime: running(ended("main", 0)), does: "+main" },
  {
    name: "ended well, OnFailure",
    spec: { restartPolicy: "OnFailure" },
    runtime: running(ended("main", 0)),
    does: "kill",
  },
  {
    name: "failed, OnFailure",
    spec: { restartPolicy: "OnFailure" },
    runtime: running(ended("main", 1)),
    does: "+main",
  },
  {
    name: "failed, Never",
    spec: { restartPolicy: "Never" },
    runtime: running(ended("main", 1)),
    does: "kill",
  },
  {
    name: "failed, Never, a rule for its code",
    spec: { restartPolicy: "Never", containers: [ruled("In")] },
    runtime: running(ended("main", 42)),
    does: "+main",
  },
  {
    name: "failed, Never, a rule for all other codes",
    spec: { restartPolicy: "Never", containers: [ruled("NotIn")] },
    runtime: running(ended("main", 42)),
    does: "kill",
  },
  {
    name: "ended well, Always, its own OnFailure",
    spec: { containers: [aContainer("main", { restartPolicy: "OnFailure" })] },
    runtime: running(ended("main", 0)),
    does: "kill",
  },
  {
    name: "init failed, Always, its own Never",
    spec: { initContainers: [aContainer("init", { restartPolicy: "Never" })] },
    runtime: running(ended("init", 1)),
    does: "kill",
  },
  {
    name: "init failed, Never, its own OnFailure",
    spec: {
      restartPolicy: "Never",
      initContainers: [aContainer("init", { restartPolicy: "OnFailure" })],
    },
    runtime: running(ended("init", 1)),
    does: "+init",
  },
  {
    name: "one ended, one runs, Never",
    spec: { restartPolicy: "Never", containers: two },
    runtime: running(ended("main", 1), aRecord("second")),
    does: "",
  },
  {
    name: "created but never started",
    runtime: running(aRecord("main", { state: "created" })),
    does: "+main ~main",
  },
  {
    name: "lost by the runtime",
    runtime: running(aRecord("main", { state: "unknown" })),
    does: "-main +main",
  },
  {
    name: "another image",
    runtime: running(aRecord("main", { hash: "old" })),
    does: "-main +main",
  },
  {
    name: "liveness failed",
    runtime: running(aRecord("main")),
    probes: { livenessFailed: new Set(["main-1"]) },
    does: "-main +main",
  },
  {
    name: "liveness failed, Never",
    spec: { restartPolicy: "Never" },
    runtime: running(aRecord("main")),
    probes: { livenessFailed: new Set(["main-1"]) },
    does: "kill",
  },
  {
    name: "startup failed",
    runtime: running(aRecord("main")),
    probes: { startupFailed: new Set(["main-1"]) },
    does: "-main +main",
  },
  { name: "sandbox died", runtime: sandboxDead(aRecord("main")), does: "kill box 1 +main" },
  {
    name: "sandbox died after the work was done",
    spec: { restartPolicy: "OnFailure" },
    runtime: sandboxDead(ended("main", 0)),
    does: "kill",
  },
  {
    name: "sandbox died, Never",
    spec: { restartPolicy: "Never" },
    runtime: sandboxDead(aRecord("main")),
    does: "kill",
  },
  {
    name: "sandbox died, init runs again",
    spec: { initContainers: [init] },
    runtime: sandboxDead(aRecord("main"), ended("init", 0)),
    does: "kill box 1 +init",
  },
  {
    name: "sandbox without address",
    runtime: {
      sandboxes: [{ id: "s1", ready: true, attempt: 4, createdAtMs: 0, ips: [] }],
      containers: [],
    },
    does: "kill box 5 +main",
  },
  {
    name: "host network needs no address",
    spec: { hostNetwork: true },
    runtime: {
      sandboxes: [{ id: "s1", ready: true, attempt: 4, createdAtMs: 0, ips: [] }],
      containers: [],
    },
    does: "+main",
  },
  {
    name: "init runs",
    spec: { initContainers: [init] },
    runtime: running(aRecord("init")),
    does: "",
  },
  {
    name: "init done",
    spec: { initContainers: [init] },
    runtime: running(ended("init", 0)),
    does: "+main",
  },
  {
    name: "init failed, Always",
    spec: { initContainers: [init] },
    runtime: running(ended("init", 1)),
    does: "+init",
  },
  {
    name: "init failed, Never",
    spec: { initContainers: [init], restartPolicy: "Never" },
    runtime: running(ended("init", 1)),
    does: "kill",
  },
  {
    name: "second init after the first",
    spec: { initContainers: [init, aContainer("init2")] },
    runtime: running(ended("init", 0)),
    does: "+init2",
  },
  {
    name: "init removed while main runs",
    spec: { initContainers: [init] },
    runtime: running(aRecord("main")),
    does: "",
  },
  {
    name: "sidecar started, init next",
    spec: { initContainers: [side, init] },
    runtime: running(aRecord("side")),
    does: "+init",
  },
  {
    name: "sidecar not started yet",
    spec: { initContainers: [side, init] },
    runtime: running(aRecord("side", { id: "side-2" })),
    does: "",
  },
  {
    name: "sidecar died beside main",
    spec: { initContainers: [side] },
    runtime: running(aRecord("main"), ended("side", 0)),
    does: "+side",
  },
  {
    name: "main ended, sidecar runs, Never",
    spec: { initContainers: [side], restartPolicy: "Never" },
    runtime: running(ended("main", 0), aRecord("side")),
    does: "kill",
  },
];

for (const { name, spec, runtime, probes, does } of CASES) {
  void t.test(name, async (t) => {
    const actions = computePodActions(aPod(spec), runtime, { ...none, ...probes });
    const said = [
      ...(actions.killPod ? ["kill"] : []),
      ...(actions.createSandbox === null ? [] : [`box ${actions.createSandbox.attempt}`]),
      ...actions.kills.map(({ container }) => `-${container.name}`),
      ...actions.starts.map(({ container }) => `+${container.name}`),
      ...actions.removes.map((record) => `~${record.name}`),
    ];
    t.equal(said.join(" "), does);
  });
}
