import type { Test } from "tap";
import type { ContainerStatus, Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: sick}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${IMAGE}
    command: [sleep, "100000"]
    livenessProbe: {exec: {command: [cat, /tmp/healthy]}, periodSeconds: 1, failureThreshold: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers:
  - {name: main, image: "${IMAGE}", command: [sh, -c, "echo attempt; echo bye > /dev/termination-log; exit 3"]}
---
apiVersion: v1
kind: Pod
metadata: {name: polite, labels: {app: polite}}
spec:
  terminationGracePeriodSeconds: 10
  containers:
  - name: main
    image: ${IMAGE}
    command: [sh, -c, "trap 'echo told; exit 0' TERM; while :; do sleep 0.1; done"]
    lifecycle: {preStop: {exec: {command: [sh, -c, "echo stopping > /proc/1/fd/1; sleep 1"]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: stubborn}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - {name: main, image: "${IMAGE}", command: [sh, -c, "trap '' TERM; while :; do sleep 0.1; done"]}
`;

/** Containers that fail, are killed by a probe, or are asked to end. */
export async function podLife(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() =>
    kubectl.run([
      "delete",
      "--now",
      "--ignore-not-found",
      "pod/sick",
      "pod/crash",
      "pod/polite",
      "pod/stubborn",
    ]),
  );
  await kubectl.ok(["apply", "-f", "-"], { stdin: PODS });
  await t.test("a crash loop backs off", (t) => crashLoop(t, kubectl));
  await t.test("a failing liveness probe restarts, with back-off", (t) => liveness(t, kubectl));
  await t.test("preStop, SIGTERM, SIGKILL", (t) => grace(t, kubectl));
}

async function crashLoop(t: Test, kubectl: Kubectl): Promise<void> {
  const waiting = await untilStatus(
    kubectl,
    "crash",
    ({ state, restartCount }) =>
      restartCount === 1 && state?.waiting?.reason === "CrashLoopBackOff",
  );
  t.match(waiting.state?.waiting?.message, /^back-off 10s restarting failed container=main/);
  t.match(waiting.lastState?.terminated, { exitCode: 3, reason: "Error", message: "bye\n" });
  const again = await untilStatus(kubectl, "crash", ({ restartCount }) => restartCount === 2);
  const { state, lastState } = again;
  const run = state?.running ?? state?.terminated ?? lastState?.terminated;
  const endedAt = Date.parse(waiting.lastState?.terminated?.finishedAt ?? "");
  const waitedMs = Date.parse(run?.startedAt ?? "") - endedAt;
  // A busy computer takes seconds to start it; the wait after the next crash is twenty.
  t.ok(waitedMs >= 9_000 && waitedMs < 20_000, `ten seconds between two runs: ${waitedMs} ms`);
  t.equal(await kubectl.ok(["logs", "crash", "--previous"]), "attempt\n");
}

async function liveness(t: Test, kubectl: Kubectl): Promise<void> {
  const status = await untilStatus(
    kubectl,
    "sick",
    ({ state, restartCount }) => restartCount > 0 && state?.waiting?.reason === "CrashLoopBackOff",
  );
  t.equal(status.lastState?.terminated?.exitCode, 137);
  const events = await kubectl.ok([
    "get",
    "events",
    "--field-selector",
    "involvedObject.name=sick",
  ]);
  for (const line of [
    /Unhealthy .*Liveness probe failed: cat: can't open '\/tmp\/healthy'/,
    /Killing .*Container main failed liveness probe, will be restarted/,
    /BackOff .*Back-off restarting failed container main/,
  ])
    t.match(events, line);
}

async function grace(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok([
    "wait",
    "--for=condition=Ready",
    "pod/polite",
    "pod/stubborn",
    "--timeout=60s",
  ]);
  const log = kubectl.start(["logs", "polite", "-f"]);
  let seen = "";
  log.stdout?.on("data", (chunk: Buffer) => (seen += chunk.toString()));
  try {
    const timed = async (pod: string): Promise<number> => {
      const startedMs = performance.now();
      await kubectl.ok(["delete", "pod", pod]);
      return performance.now() - startedMs;
    };
    const [polite, stubborn] = await Promise.all([timed("polite"), timed("stubborn")]);
    t.ok(polite >= 1_000 && polite < 15_000, `polite: ${Math.round(polite)} ms`);
    t.ok(stubborn >= 2_000 && stubborn < 15_000, `stubborn: ${Math.round(stubborn)} ms`);
    await until("its last words", async () => seen.includes("told"));
    t.equal(seen, "stopping\ntold\n", "the hook first, then the signal");
  } finally {
    log.kill("SIGKILL");
  }
}

/** The status of the pod's only container once it is so. */
function untilStatus(
  kubectl: Kubectl,
  name: string,
  isSo: (status: ContainerStatus) => boolean,
): Promise<ContainerStatus> {
  return until(`pod ${name}`, async () => {
    const { status } = await kubectl.json<Pod>(["get", "pod", name]);
    const [container] = status?.containerStatuses ?? [];
    return container !== undefined && isSo(container) ? container : null;
  });
}
