import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const LABEL = "app=pod-ends";
const GATE = "example.com/load-balanced";

/** The truth table of "Pod Lifecycle": what a container's end makes of its pod. */
const ENDS = [
  { policy: "Always", code: 0, phase: "Running", again: true },
  { policy: "Always", code: 3, phase: "Running", again: true },
  { policy: "OnFailure", code: 0, phase: "Succeeded", again: false },
  { policy: "OnFailure", code: 3, phase: "Running", again: true },
  { policy: "Never", code: 0, phase: "Succeeded", again: false },
  { policy: "Never", code: 3, phase: "Failed", again: false },
] as const;
const nameOf = ({ policy, code }: (typeof ENDS)[number]): string =>
  `${policy.toLowerCase()}-${code}`;

interface PodParts {
  readonly name: string;
  /** More of its spec, in flow style with a comma behind. */
  readonly spec?: string;
  /** More of its container, in flow style. */
  readonly container: string;
}

const pod = ({ name, spec = "", container }: PodParts): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: pod-ends}}
spec: {${spec} containers: [{name: main, image: "${IMAGE}", ${container}}]}
---`;
const sh = (script: string): string => `command: [sh, -c, "${script}"]`;
const amounts = (of: string): string => `resources: {${of}: {cpu: 10m, memory: 16Mi}}`;

const PODS = [
  ...ENDS.map((end) =>
    pod({
      name: nameOf(end),
      spec: `restartPolicy: ${end.policy},`,
      container: sh(`exit ${end.code}`),
    }),
  ),
  pod({
    name: "deadline",
    spec: "activeDeadlineSeconds: 2, terminationGracePeriodSeconds: 0,",
    container: "command: [sleep, '100000']",
  }),
  pod({
    name: "last-log",
    spec: "restartPolicy: Never,",
    container: `${sh("echo no disk >&2; exit 4")}, terminationMessagePolicy: FallbackToLogsOnError`,
  }),
  pod({
    name: "last-file",
    spec: "restartPolicy: Never,",
    container: `${sh("echo -n all done > /tmp/words; echo log")}, terminationMessagePath: /tmp/words`,
  }),
  pod({
    name: "gated",
    spec: `terminationGracePeriodSeconds: 0, readinessGates: [{conditionType: ${GATE}}],`,
    container: `command: [sleep, '100000'], ${amounts("limits")}`,
  }),
].join("");

/** One asks the other as it begins and as it ends; the other takes its time. */
const HOOKED = `
apiVersion: v1
kind: Pod
metadata: {name: hooked, labels: {app: pod-ends}}
spec:
  initContainers:
  - name: ear
    image: ${IMAGE}
    restartPolicy: Always
    command: [sh, -c, "trap 'exit 0' TERM; httpd -f -vv -p 7000 -h /www & wait"]
    startupProbe: {tcpSocket: {port: 7000}, periodSeconds: 1}
    lifecycle: {preStop: {sleep: {seconds: 2}}}
  containers:
  - name: main
    image: ${IMAGE}
    command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    ${amounts("requests")}
    lifecycle:
      postStart: {httpGet: {path: /begun, port: 7000}}
      preStop: {httpGet: {path: /ending, port: 7000}}
`;

/** What the end of containers, deadlines and conditions of others make of pods. */
export async function podEnds(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "--now", "pods", "-l", LABEL]));
  await kubectl.ok(["apply", "-f", "-"], { stdin: PODS + HOOKED });
  await t.test("policy of restarts × exit code", (t) => truthTable(t, kubectl));
  await t.test("activeDeadlineSeconds", (t) => deadline(t, kubectl));
  await t.test("last words", (t) => lastWords(t, kubectl));
  await t.test("hooks that ask, and one that sleeps", (t) => hooks(t, kubectl));
  await t.test("a readiness gate is somebody else's word", (t) => gate(t, kubectl));
}

async function podThat(
  kubectl: Kubectl,
  name: string,
  isSo: (pod: Pod) => boolean | undefined,
): Promise<Pod> {
  return until(`pod ${name}`, async () => {
    const found = await kubectl.json<Pod>(["get", "pod", name]);
    return isSo(found) === true ? found : null;
  });
}

async function truthTable(t: Test, kubectl: Kubectl): Promise<void> {
  for (const end of ENDS) {
    const name = nameOf(end);
    const { status } = await podThat(kubectl, name, ({ status }) => {
      const restarts = status?.containerStatuses?.[0]?.restartCount ?? 0;
      return status?.phase === end.phase && restarts > 0 === end.again;
    });
    const [container] = status?.containerStatuses ?? [];
    const { terminated } = (end.again ? container?.lastState : container?.state) ?? {};
    t.match(
      terminated,
      { exitCode: end.code, reason: end.code === 0 ? "Completed" : "Error" },
      name,
    );
  }
}

async function deadline(t: Test, kubectl: Kubectl): Promise<void> {
  const { status } = await podThat(kubectl, "deadline", (it) => it.status?.phase === "Failed");
  t.equal(status?.reason, "DeadlineExceeded");
  t.match(status?.message, /active on the node longer than the specified deadline/);
}

async function lastWords(t: Test, kubectl: Kubectl): Promise<void> {
  const wordsOf = async (name: string): Promise<string | undefined> => {
    const found = await podThat(kubectl, name, ({ status }) => status?.phase?.endsWith("ed"));
    return found.status?.containerStatuses?.[0]?.state?.terminated?.message;
  };
  t.equal(await wordsOf("last-log"), "no disk\n", "its log, since it failed and wrote no file");
  t.equal(await wordsOf("last-file"), "all done", "the file it names");
}

async function hooks(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/hooked", "--timeout=60s"]);
  const log = kubectl.start(["logs", "hooked", "-c", "ear", "-f"]);
  let heard = "";
  log.stdout?.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  try {
    await until("the hook of its beginning", async () => heard.includes("url:/begun"));
    const startedMs = performance.now();
    await kubectl.ok(["delete", "pod", "hooked", "--grace-period=20"]);
    const tookMs = Math.round(performance.now() - startedMs);
    t.ok(tookMs >= 2_000 && tookMs < 20_000, `two seconds of sleep: ${tookMs} ms`);
    await until("the hook of its end", async () => heard.includes("url:/ending"));
  } finally {
    log.kill("SIGKILL");
  }
}

async function gate(t: Test, kubectl: Kubectl): Promise<void> {
  const conditionsOf = ({ status }: Pod): Record<string, string> =>
    Object.fromEntries((status?.conditions ?? []).map((it) => [it.type, it.status]));
  const waiting = await podThat(
    kubectl,
    "gated",
    (it) => conditionsOf(it)["ContainersReady"] === "True",
  );
  t.match(
    waiting.status?.conditions?.find(({ type }) => type === "Ready"),
    { status: "False", reason: "ReadinessGatesNotReady" },
  );
  t.equal(waiting.status?.qosClass, "Guaranteed", "limits that are requests too");
  const said = JSON.stringify({ status: { conditions: [{ type: GATE, status: "True" }] } });
  await kubectl.ok(["patch", "pod", "gated", "--subresource=status", "-p", said]);
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/gated", "--timeout=30s"]);
  const change = JSON.stringify({ spec: { activeDeadlineSeconds: 10_000 } });
  await kubectl.ok(["patch", "pod", "gated", "-p", change]);
  const seen = await podThat(kubectl, "gated", ({ status }) => status?.observedGeneration === 2);
  t.equal(seen.metadata.generation, 2);
  t.equal(conditionsOf(seen)[GATE], "True", "what somebody else said stays");
}
