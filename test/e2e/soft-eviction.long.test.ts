import { execFileSync } from "node:child_process";
import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Event, Node, NodeCondition, Pod } from "../../api/schema/types/core-v1.gen.js";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/** A node that has a disk of its own, which a pod fills. */

t.setTimeout(600_000);

const MI = 2 ** 20;
const DISK_BYTES = 400 * MI;
const SOFT_BYTES = 150 * MI;
/** What the pod leaves. */
const LEFT_BYTES = 80 * MI;
/** Longer than the agent takes to look again: one that does not wait is found out. */
const GRACE_MS = 20_000;
const TRANSITION_MS = 10_000;
const MAX_POD_GRACE_SECONDS = 4;
const TAINT = "node.kubernetes.io/disk-pressure";

const cluster = new TestCluster("ev");
const host = layoutOf(cluster.home, cluster.name).host("node-1");
mkdirSync(host.data, { recursive: true });
execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES},mode=755`, "disk", host.data]);
// Unmounts what is below the cluster's folder too.
t.teardown(() => cluster.destroy());
const kubectl = cluster.kubectl();

const podOf = (name: string, spec: object, command: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      nodeName: "node-1",
      ...spec,
      containers: [
        {
          name: "main",
          image: BUSYBOX_IMAGE,
          command: ["sh", "-c", command],
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", emptyDir: {} }],
    },
  });
const apply = (manifest: string): Promise<string> =>
  kubectl.ok(["apply", "-f", "-"], { stdin: manifest });
const pod = (name: string): Promise<Pod> => kubectl.json<Pod>(["get", "pod", name]);
const node = (): Promise<Node> => kubectl.json<Node>(["get", "node", "node-1"]);
const pressureOf = ({ status }: Node): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === "DiskPressure");
const isTainted = ({ spec }: Node): boolean =>
  spec?.taints?.some(({ key }) => key === TAINT) === true;
const eventsAbout = async (name: string, reason: string): Promise<readonly Event[]> => {
  const fields = `involvedObject.name=${name},reason=${reason}`;
  return (await kubectl.json<{ items: Event[] }>(["get", "events", "--field-selector", fields]))
    .items;
};
const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(host.data);
  return bavail * bsize;
};

await t.test("a node with soft thresholds, and two pods that use little", async (t) => {
  const config = {
    evictionSoft: { "nodefs.available": `${SOFT_BYTES}` },
    evictionSoftGracePeriod: { "nodefs.available": `${GRACE_MS}ms` },
    evictionPressureTransitionPeriod: `${TRANSITION_MS}ms`,
    evictionMaxPodGracePeriod: MAX_POD_GRACE_SECONDS,
  };
  writeFileSync(join(host.dir, "agent.json"), JSON.stringify(config));
  await cluster.ok(["up", "--servers", "1", "--nodes", "1"]);
  t.ok(freeBytes() > SOFT_BYTES + LEFT_BYTES, `${freeBytes()} bytes free`);
  const stays = "while :; do sleep 0.1; done";
  await apply(podOf("modest", { terminationGracePeriodSeconds: 0 }, stays));
  const stubborn = `trap 'echo asked to end' TERM; ${stays}`;
  await apply(podOf("hog", { terminationGracePeriodSeconds: 120 }, stubborn));
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/modest", "pod/hog", "--timeout=60s"]);
  t.match(pressureOf(await node()), { status: "False", reason: "KubeletHasNoDiskPressure" });
});

const filling = performance.now();

await t.test("the disk fills: the node says so at once, and takes no pods", async (t) => {
  const bytes = freeBytes() - LEFT_BYTES;
  await kubectl.ok(["exec", "hog", "--", "sh", "-c", `head -c ${bytes} /dev/zero > /data/file`]);
  t.match(
    await until("DiskPressure", async () => {
      const condition = pressureOf(await node());
      return condition?.status === "True" ? condition : null;
    }),
    { reason: "KubeletHasDiskPressure", message: "kubelet has disk pressure" },
  );
  t.equal((await pod("hog")).status?.phase, "Running");
  await until("the taint", async () => isTainted(await node()));
  await apply(podOf("late", {}, "sleep 1000"));
  const late = await until("the late pod is rejected", async () => {
    const it = await pod("late");
    return it.status?.phase === "Failed" ? it : null;
  });
  t.match(late.status, {
    reason: "Evicted",
    message: /The node had condition: \[DiskPressure\]\. $/,
  });
});

await t.test("who fills it has to go after the grace period, within seconds then", async (t) => {
  const [event] = await until("the eviction", async () => {
    const events = await eventsAbout("hog", "Evicted");
    return events.length > 0 ? events : null;
  });
  const waitedMs = performance.now() - filling;
  t.ok(waitedMs >= GRACE_MS, `after ${waitedMs} ms`);
  const message =
    /^The node was low on resource: ephemeral-storage\. Threshold quantity: 150Mi, available: \d+[KM]i\. /;
  t.match(event, { type: "Warning", message });
  t.match(event?.metadata.annotations, { starved_resource: "ephemeral-storage" });
  t.match((await eventsAbout("node-1", "EvictionThresholdMet"))[0], {
    type: "Warning",
    message: "Attempting to reclaim ephemeral-storage",
  });
  const hog = await until("the pod has failed", async () => {
    const it = await pod("hog");
    return it.status?.phase === "Failed" ? it : null;
  });
  t.match(hog.status, { reason: "Evicted", message });
  t.match(
    hog.status?.conditions?.find(({ type }) => type === "DisruptionTarget"),
    { status: "True", reason: "TerminationByKubelet", message },
  );
  const ended = hog.status?.containerStatuses?.[0]?.state?.terminated;
  t.equal(ended?.exitCode, 137, "it did not end when it was asked to");
  t.match(await kubectl.ok(["logs", "hog"]), /asked to end/);
  const tookMs = Date.parse(ended?.finishedAt ?? "") - Date.parse(event?.firstTimestamp ?? "");
  const seconds = tookMs / 1000;
  // Times are in whole seconds.
  t.ok(seconds >= MAX_POD_GRACE_SECONDS - 1 && seconds < 30, `killed after ${seconds} s, not 120`);
  t.match((await pod("modest")).status, {
    phase: "Running",
    containerStatuses: [{ restartCount: 0 }],
  });
});

await t.test("then there is room again, and after a while the node says so", async (t) => {
  await until("room", () => Promise.resolve(freeBytes() > SOFT_BYTES));
  const roomy = performance.now();
  await until("no DiskPressure", async () => pressureOf(await node())?.status === "False");
  t.comment(`the condition stayed for ${Math.round(performance.now() - roomy)} ms`);
  t.match(pressureOf(await node()), { reason: "KubeletHasNoDiskPressure" });
  await until("no taint", async () => !isTainted(await node()));
  await apply(podOf("next", { terminationGracePeriodSeconds: 0 }, "sleep 1000"));
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/next", "--timeout=60s"]);
  t.equal((await eventsAbout("modest", "Evicted")).length, 0);
});
