import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Node, NodeCondition, Pod } from "../../api/schema/types/core-v1.gen.js";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/**
 * A node that calls it a want of memory when 3,000 MiB more are in use than when it began. Memory
 * is the whole computer's: what others take or give back meanwhile must be small beside that.
 */

t.setTimeout(600_000);

const MI = 2 ** 20;
const MARGIN_BYTES = 3_000 * MI;
const TRANSITION_MS = 10_000;
const TAINT = "node.kubernetes.io/memory-pressure";
/** What they hold: together too much, and the first one alone not. */
const VITAL_MI = 2_400;
const GREEDY_MI = 1_200;

const cluster = new TestCluster("em");
const host = layoutOf(cluster.home, cluster.name).host("node-1");
t.teardown(() => cluster.destroy());
const kubectl = cluster.kubectl();

/** Asks for less than it will hold. */
const holder = (name: string, spec: object): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    ...spec,
    containers: [
      {
        name: "main",
        image: BUSYBOX_IMAGE,
        command: ["sleep", "100000"],
        resources: { requests: { memory: "20Mi" } },
        volumeMounts: [{ name: "memory", mountPath: "/memory" }],
      },
    ],
    volumes: [{ name: "memory", emptyDir: { medium: "Memory" } }],
  },
});
const apply = (object: object): Promise<string> =>
  kubectl.ok(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
/** The pod may be gone before it holds all of it. */
const hold = async (name: string, mebibytes: number): Promise<void> => {
  const script = `head -c ${mebibytes * MI} /dev/zero > /memory/held`;
  await kubectl.run(["exec", name, "--", "sh", "-c", script]);
};
const pod = (name: string): Promise<Pod> => kubectl.json<Pod>(["get", "pod", name]);
const node = (): Promise<Node> => kubectl.json<Node>(["get", "node", "node-1"]);
const pressureOf = ({ status }: Node): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === "MemoryPressure");
const isTainted = ({ spec }: Node): boolean =>
  spec?.taints?.some(({ key }) => key === TAINT) === true;
const failed = (name: string): Promise<Pod> =>
  until(`${name} has failed`, async () => {
    const it = await pod(name);
    return it.status?.phase === "Failed" ? it : null;
  });

await t.test("a node with a threshold, and two pods that asked for little", async () => {
  await cluster.ok(["up", "--empty", "--servers", "1", "--nodes", "1"]);
  const available = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  const threshold = Number(available) * 1024 - MARGIN_BYTES;
  const path = join(host.dir, "agent.json");
  const config = JSON.parse(readFileSync(path, "utf8")) as object;
  const eviction = {
    evictionHard: { "memory.available": `${threshold}` },
    evictionPressureTransitionPeriod: `${TRANSITION_MS}ms`,
  };
  writeFileSync(path, JSON.stringify({ ...config, ...eviction }));
  await cluster.ok(["stop", "node-1"]);
  await cluster.ok(["start", "node-1"]);
  const priority = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass" };
  await apply({ ...priority, metadata: { name: "vital" }, value: 1000 });
  await apply(holder("vital", { priorityClassName: "vital" }));
  await apply(holder("greedy", {}));
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/vital", "pod/greedy", "--timeout=60s"]);
});

await t.test("the lesser pod goes, though the other one holds more", async (t) => {
  await hold("vital", VITAL_MI);
  t.equal(pressureOf(await node())?.status, "False");
  await hold("greedy", GREEDY_MI);
  const greedy = await failed("greedy");
  t.match(greedy.status, {
    reason: "Evicted",
    message:
      /^The node was low on resource: memory\. Threshold quantity: .*, available: .*\. Container main was using .*, request is 20Mi, /,
  });
  t.match(
    greedy.status?.conditions?.find(({ type }) => type === "DisruptionTarget"),
    { status: "True", reason: "TerminationByKubelet" },
  );
  t.match(pressureOf(await node()), {
    status: "True",
    reason: "KubeletHasInsufficientMemory",
    message: "kubelet has insufficient memory available",
  });
});

await t.test("meanwhile pods that ask for nothing are not taken", async (t) => {
  await until("the taint", async () => isTainted(await node()));
  const containers = [{ name: "main", image: BUSYBOX_IMAGE, command: ["sleep", "1000"] }];
  const spec = { nodeName: "node-1", containers };
  await apply({ apiVersion: "v1", kind: "Pod", metadata: { name: "late" }, spec });
  t.match((await failed("late")).status, {
    reason: "Evicted",
    message: /The node had condition: \[MemoryPressure\]\. $/,
  });
  const vital = await pod("vital");
  t.match(vital.status, {
    phase: "Running",
    containerStatuses: [{ restartCount: 0 }],
  });
  if (vital.status?.phase !== "Running") t.comment(vital.status?.message);
});

await t.test("then there is enough, and after a while the node says so", async (t) => {
  await until("no MemoryPressure", async () => pressureOf(await node())?.status === "False");
  await until("no taint", async () => !isTainted(await node()));
  t.equal((await pod("vital")).status?.phase, "Running");
});
