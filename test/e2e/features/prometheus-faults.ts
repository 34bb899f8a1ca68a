import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { SLOW_FSYNC } from "../../../deploy/server/chaos-hooks.js";
import { BUSYBOX_IMAGE } from "../../../deploy/images/busybox-image.js";
import { layoutOf } from "../../../deploy/local-cluster/layout.js";
import type { Prometheus } from "../prometheus.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

/** A fault, the alerts that it is about, and how it ends. */
export interface Fault {
  readonly name: string;
  readonly alerts: readonly string[];
  inject(): Promise<void>;
  /** Between two looks at the alerts, where the fault is one that must be repeated. */
  again?(): Promise<unknown>;
  mend(): Promise<unknown>;
}

const SERVERS = ["server-1", "server-2", "server-3"];
/** Refused at once: a name that nobody knows is asked for in vain for longer than the alert looks. */
const NO_IMAGE = "127.0.0.1:9/none:1";
const SLOW_MS = 1_500;
/** Longer than what an alert about the runtime and one about the event loop wait for. */
const PAUSED_MS = 12_000;
const STALLED_MS = 2_500;
const CREATE_MS = 300_000;
/**
 * Twenty workers wait a second or three for each write: over a hundred keys are left for many
 * scrapes.
 */
const DEPENDENTS = 400;

/** Pods that lack, fail, are killed, held up and not to be had. */
function pods(): string {
  const container = (script: string, more: object = {}): object => ({
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image: BUSYBOX_IMAGE, command: ["sh", "-c", script], ...more }],
  });
  const pod = (name: string, spec: object): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { fault: "pods" } },
    spec,
  });
  // The shell lives on, so that what it counts is seen to grow.
  const greedy = "while sleep 15; do tail /dev/zero; done";
  const selector = { matchLabels: { app: "nowhere" } };
  const nowhere = { ...container("sleep 1000"), nodeSelector: { kind: "none" } };
  const items = [
    pod("crashing", container("exit 1")),
    pod("greedy", container(greedy, { resources: { limits: { memory: "16Mi" } } })),
    pod("busy", container("while :; do :; done", { resources: { limits: { cpu: "20m" } } })),
    pod(
      "unready",
      container("sleep 1000", {
        readinessProbe: { exec: { command: ["false"] }, periodSeconds: 1 },
      }),
    ),
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "failing", labels: { fault: "pods" } },
      spec: {
        backoffLimit: 0,
        template: { spec: { ...container("exit 1"), restartPolicy: "Never" } },
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "nowhere", labels: { fault: "pods" } },
      spec: { selector, template: { metadata: { labels: selector.matchLabels }, spec: nowhere } },
    },
    ...Array.from({ length: 24 }, (_, index) =>
      pod(`unknown-${index}`, {
        containers: [{ name: "main", image: NO_IMAGE }],
      }),
    ),
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** What goes wrong on nodes and with what runs there. */
export function nodeFaults(cluster: TestCluster): readonly Fault[] {
  const kubectl = cluster.kubectl();
  const pauseRuntime = pausing(cluster, ["node-1", "containerd"], PAUSED_MS);
  return [
    {
      name: "pods that fail in every way",
      alerts: [
        "KubePodCrashLooping",
        "KubePodNotReady",
        "KubeDeploymentReplicasMismatch",
        "KubeJobFailed",
        "PodsUnschedulable",
        "ContainerOutOfMemory",
        "ContainerThrottled",
        "ProbesFail",
        "RuntimeFails",
      ],
      inject: async () => void (await kubectl.ok(["apply", "-f", "-"], { stdin: pods() })),
      mend: () => kubectl.ok(["delete", "pods,jobs,deployments", "-l", "fault=pods"]),
    },
    {
      name: "a runtime that stands still",
      alerts: ["RelistSlow"],
      inject: pauseRuntime,
      again: pauseRuntime,
      mend: () => Promise.resolve(),
    },
    {
      name: "an agent that is killed",
      alerts: ["AgentDown", "KubeNodeNotReady"],
      inject: async () => void (await cluster.ok(["kill", "node-2"])),
      mend: () => cluster.ok(["start", "node-2"]),
    },
  ];
}

/** A process of a host, looked up once: that takes its time on a busy machine. */
function pausing(cluster: TestCluster, what: readonly [host: string, process: string], ms: number) {
  let pid: Promise<number> | null = null;
  return async (): Promise<void> => {
    pid ??= cluster.pidOf(...what);
    await pauseProcess(await pid, ms);
  };
}

async function pauseProcess(pid: number, ms: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    await delay(ms);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

/** What goes wrong with servers; the last of them stays when the others are killed. */
export function serverFaults(cluster: TestCluster): readonly Fault[] {
  const transfer = async (): Promise<void> => {
    // Whoever has just been handed it may not be asked yet.
    await cluster.raftsman(["member", "transfer-leader"]);
  };
  const stall = pausing(cluster, ["server-3", "api"], STALLED_MS);
  return [
    {
      name: "leadership that is handed around",
      alerts: ["LeaderChangesOften"],
      inject: transfer,
      again: transfer,
      mend: () => Promise.resolve(),
    },
    // Before what stalls the loop, since that makes requests slow too.
    slowDisks(cluster),
    {
      name: "an event loop that stands still",
      alerts: ["EventLoopStalls"],
      inject: stall,
      again: stall,
      mend: () => Promise.resolve(),
    },
    {
      name: "two of three servers that are killed",
      alerts: ["ServerDown", "NoLeader", "RequestsFail"],
      inject: async () => {
        for (const name of SERVERS.slice(0, 2)) await cluster.ok(["kill", name]);
      },
      again: () => failedWrites(cluster),
      mend: async () => {
        // Nothing comes after it: whether they are ready in time is another test's matter.
        for (const name of SERVERS.slice(0, 2)) await cluster.raftsman(["start", name]);
      },
    },
  ];
}

/** Each write takes longer, while a loop has many to make. */
function slowDisks(cluster: TestCluster): Fault {
  const kubectl = cluster.kubectl();
  const layout = layoutOf(cluster.home, cluster.name);
  const files = SERVERS.map((name) => join(layout.host(name).run, SLOW_FSYNC));
  return {
    name: "disks that are slow, and a loop with much to do",
    alerts: ["DiskSlow", "RequestsSlow", "QueueGrows"],
    inject: async () => {
      await until("the owner", async () => {
        const { code, stderr } = await kubectl.run(["create", "configmap", "owner"]);
        return code === 0 || stderr.includes("already exists");
      });
      const uid = await kubectl.ok(["get", "configmap", "owner", "-o", "jsonpath={.metadata.uid}"]);
      await kubectl.ok(["create", "-f", "-"], { stdin: dependentsOf(uid), timeoutMs: CREATE_MS });
      for (const file of files) writeFileSync(file, String(SLOW_MS));
      await kubectl.ok(["delete", "configmap", "owner"]);
    },
    again: () => kubectl.run(["create", "configmap", `slow-${Date.now()}`]),
    mend: () => {
      for (const file of files) rmSync(file);
      return Promise.resolve();
    },
  };
}

function dependentsOf(uid: string): string {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid };
  const items = Array.from({ length: DEPENDENTS }, (_, index) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `dependent-${index}`, ownerReferences: [owner] },
  }));
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** Writes to the server that is left, which has no majority. */
async function failedWrites(cluster: TestCluster): Promise<unknown> {
  const { address } = await cluster.host("server-3");
  const server = `--server=https://${address}:6443`;
  const write = (): Promise<unknown> =>
    cluster.kubectl().run([server, "create", "configmap", "never", "--request-timeout=5s"]);
  return Promise.all([write(), write(), write(), write()]);
}

/** Lets every server of the cluster have hooks for faults; needs them started anew. */
export async function withHooks(cluster: TestCluster): Promise<void> {
  const { stateFile } = layoutOf(cluster.home, cluster.name);
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as object;
  writeFileSync(stateFile, JSON.stringify({ ...state, serverOptions: { chaosHooks: true } }));
  for (const name of SERVERS) {
    await cluster.ok(["stop", name]);
    await cluster.ok(["start", name]);
  }
}

/** Waits until none of the fault's alerts fires; those that still do at the limit. */
export async function loud(
  fault: Fault,
  prometheus: Prometheus,
  limitMs: number,
): Promise<readonly string[]> {
  const firing = async (): Promise<readonly string[]> => {
    const all = await prometheus.firing();
    return fault.alerts.filter((name) => all.has(name));
  };
  await until("quiet", async () => (await firing()).length === 0, {
    timeoutMs: limitMs,
    everyMs: 1_000,
  }).catch(() => {}); // What still fires is said below.
  return firing();
}

/** Injects the fault and waits until each of its alerts has fired since; those that have not. */
export async function inject(
  fault: Fault,
  prometheus: Prometheus,
  limitMs: number,
): Promise<readonly string[]> {
  const startedMs = performance.now();
  await fault.inject();
  const silent = async (): Promise<readonly string[]> => {
    const fired = await prometheus.fired(`${Math.ceil((performance.now() - startedMs) / 1000)}s`);
    return fault.alerts.filter((name) => !fired.has(name));
  };
  try {
    await until(
      fault.alerts.join(", "),
      async () => {
        if ((await silent()).length === 0) return true;
        await fault.again?.();
        return false;
      },
      { timeoutMs: limitMs, everyMs: 1_000 },
    ).catch(() => {}); // What is missing is said below.
    return await silent();
  } finally {
    await fault.mend();
  }
}
