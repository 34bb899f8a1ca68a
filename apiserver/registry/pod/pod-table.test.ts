import t from "tap";
import type { ContainerStatus, Pod, PodSpec } from "../../../api/schema/types/core-v1.gen.js";
import { podTable } from "./pod-table.js";

const NOW_MS = Date.parse("2026-01-01T01:00:00Z");
const META = {
  name: "web",
  namespace: "default",
  uid: "u",
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:55:00Z",
};
const SPEC: PodSpec = { containers: [{ name: "c" }] };
const running = { running: { startedAt: "2026-01-01T00:55:00Z" } };

function status(more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: "c", image: "i", imageID: "", ready: false, restartCount: 0, ...more };
}

function ended(exitCode: number, more: { reason?: string; signal?: number } = {}) {
  return { terminated: { exitCode, finishedAt: "2026-01-01T00:58:00Z", ...more } };
}

function row(pod: Partial<Omit<Pod, "metadata">> & { deleted?: boolean }): readonly unknown[] {
  const { deleted, ...rest } = pod;
  const metadata = deleted === true ? { ...META, deletionTimestamp: META.creationTimestamp } : META;
  const full: Pod = { apiVersion: "v1", kind: "Pod", spec: SPEC, ...rest, metadata };
  return podTable.cells(full, NOW_MS);
}

const init: PodSpec = {
  containers: [{ name: "c" }],
  initContainers: [{ name: "i1" }, { name: "i2" }],
};
const sidecar: PodSpec = {
  containers: [{ name: "c" }],
  initContainers: [{ name: "s", restartPolicy: "Always" }],
};

const CASES: readonly (readonly [
  name: string,
  pod: Parameters<typeof row>[0],
  ready: string,
  word: string,
  restarts: string,
])[] = [
  ["new", { status: { phase: "Pending" } }, "0/1", "Pending", "0"],
  [
    "gated",
    {
      status: {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
      },
    },
    "0/1",
    "SchedulingGated",
    "0",
  ],
  [
    "running",
    { status: { phase: "Running", containerStatuses: [status({ ready: true, state: running })] } },
    "1/1",
    "Running",
    "0",
  ],
  [
    "cannot pull",
    {
      status: {
        phase: "Pending",
        containerStatuses: [status({ state: { waiting: { reason: "ImagePullBackOff" } } })],
      },
    },
    "0/1",
    "ImagePullBackOff",
    "0",
  ],
  [
    "crash loop",
    {
      status: {
        phase: "Running",
        containerStatuses: [
          status({
            restartCount: 3,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: ended(1, { reason: "Error" }),
          }),
        ],
      },
    },
    "0/1",
    "CrashLoopBackOff",
    "3 (2m ago)",
  ],
  [
    "out of memory",
    {
      status: {
        phase: "Running",
        containerStatuses: [status({ state: ended(137, { reason: "OOMKilled" }) })],
      },
    },
    "0/1",
    "OOMKilled",
    "0",
  ],
  [
    "exit code",
    { status: { phase: "Failed", containerStatuses: [status({ state: ended(3) })] } },
    "0/1",
    "ExitCode:3",
    "0",
  ],
  [
    "signal",
    {
      status: {
        phase: "Failed",
        containerStatuses: [status({ state: ended(137, { signal: 9 }) })],
      },
    },
    "0/1",
    "Signal:9",
    "0",
  ],
  [
    "completed",
    {
      status: {
        phase: "Succeeded",
        containerStatuses: [status({ state: ended(0, { reason: "Completed" }) })],
      },
    },
    "0/1",
    "Completed",
    "0",
  ],
  [
    "one of two completed, the other ready",
    {
      spec: { containers: [{ name: "c" }, { name: "d" }] },
      status: {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [
          status({ state: ended(0, { reason: "Completed" }) }),
          status({ name: "d", ready: true, state: running }),
        ],
      },
    },
    "1/2",
    "Running",
    "0",
  ],
  [
    "one of two completed, the pod not ready",
    {
      spec: { containers: [{ name: "c" }, { name: "d" }] },
      status: {
        phase: "Running",
        containerStatuses: [
          status({ state: ended(0, { reason: "Completed" }) }),
          status({ name: "d", ready: true, state: running }),
        ],
      },
    },
    "1/2",
    "NotReady",
    "0",
  ],
  [
    "second of two init containers",
    {
      spec: init,
      status: {
        phase: "Pending",
        initContainerStatuses: [
          status({ name: "i1", state: ended(0, { reason: "Completed" }) }),
          status({ name: "i2", state: running }),
        ],
        containerStatuses: [status({ state: { waiting: { reason: "PodInitializing" } } })],
      },
    },
    "0/1",
    "Init:1/2",
    "0",
  ],
  [
    "failing init container",
    {
      spec: init,
      status: {
        phase: "Pending",
        initContainerStatuses: [
          status({
            name: "i1",
            restartCount: 2,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: ended(1),
          }),
        ],
      },
    },
    "0/1",
    "Init:CrashLoopBackOff",
    "2 (2m ago)",
  ],
  [
    "init container that ended badly",
    {
      spec: init,
      status: {
        phase: "Pending",
        initContainerStatuses: [status({ name: "i1", state: ended(4) })],
      },
    },
    "0/1",
    "Init:ExitCode:4",
    "0",
  ],
  [
    "sidecar",
    {
      spec: sidecar,
      status: {
        phase: "Running",
        initContainerStatuses: [
          status({ name: "s", ready: true, started: true, state: running, restartCount: 1 }),
        ],
        containerStatuses: [status({ ready: true, state: running })],
      },
    },
    "2/2",
    "Running",
    "1",
  ],
  [
    "being deleted",
    {
      deleted: true,
      status: { phase: "Running", containerStatuses: [status({ ready: true, state: running })] },
    },
    "1/1",
    "Terminating",
    "0",
  ],
  [
    "deleted after its end",
    { deleted: true, status: { phase: "Succeeded" } },
    "0/1",
    "Succeeded",
    "0",
  ],
  ["node lost", { deleted: true, status: { reason: "NodeLost" } }, "0/1", "Unknown", "0"],
  ["evicted", { status: { phase: "Failed", reason: "Evicted" } }, "0/1", "Evicted", "0"],
];

for (const [name, pod, ready, word, restarts] of CASES) {
  void t.test(name, (t) => {
    t.same(row(pod).slice(0, 5), ["web", ready, word, restarts, "5m"]);
    t.end();
  });
}

void t.test("wide", (t) => {
  const cells = row({
    spec: { ...SPEC, nodeName: "n1", readinessGates: [{ conditionType: "example.com/a" }] },
    status: { podIPs: [{ ip: "10.0.0.1" }] },
  });
  t.same(cells.slice(5), ["10.0.0.1", "n1", "<none>", "0/1"]);
  t.equal(podTable.columns.length, cells.length);
  t.end();
});
