import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import { type HealthServer, startHealthServer } from "../../../node/probes/test-health-server.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const LABEL = "app=probed";

/** A page for whoever says who they are. */
const PAGE = `
apiVersion: v1
kind: ConfigMap
metadata: {name: asked-page, labels: {app: probed}}
data:
  page: |
    #!/bin/sh
    if [ "$HTTP_X_ASKED_BY" = probe ]; then echo "Status: 200 OK"; else echo "Status: 418 No"; fi
    echo
`;

interface PodParts {
  readonly name: string;
  readonly script: string;
  readonly probes: string;
  /** More of its spec. */
  readonly spec?: string;
  readonly graceSeconds?: number;
}

const pod = ({ name, script, probes, spec = "", graceSeconds = 0 }: PodParts): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: probed}}
spec:
  terminationGracePeriodSeconds: ${graceSeconds}
  ${spec}
  containers:
  - name: main
    image: ${IMAGE}
    command: [sh, -c, "${script}"]
    volumeMounts: [{name: page, mountPath: /www/cgi-bin}]
    ${probes}
  volumes: [{name: page, configMap: {name: asked-page, defaultMode: 0755}}]
`;

const SERVE = "exec httpd -f -p 7000 -h /www";
const asking = (headers: string): string =>
  `readinessProbe: {periodSeconds: 1, httpGet: {path: /cgi-bin/page, port: 7000, httpHeaders: [${headers}]}}`;

function podsFor(grpcPort: number): string {
  const serving = (service: string): string =>
    `readinessProbe: {periodSeconds: 1, grpc: {port: ${grpcPort}, service: ${service}}}`;
  const host = { script: "sleep 100000", spec: "hostNetwork: true" };
  return [
    PAGE,
    pod({ name: "said", script: SERVE, probes: asking("{name: X-Asked-By, value: probe}") }),
    pod({ name: "unsaid", script: SERVE, probes: asking("") }),
    pod({
      name: "late",
      script: "sleep 3; touch /tmp/up; sleep 100000",
      probes: `startupProbe: {exec: {command: [test, -f, /tmp/up]}, periodSeconds: 1, failureThreshold: 60}
    livenessProbe: {exec: {command: [test, -f, /tmp/up]}, periodSeconds: 1, failureThreshold: 1}`,
    }),
    pod({
      name: "listens",
      script: `until test -f /tmp/go; do sleep 0.1; done; ${SERVE}`,
      probes: "readinessProbe: {tcpSocket: {port: 7000}, periodSeconds: 1}",
    }),
    pod({
      name: "deaf",
      graceSeconds: 3600,
      script: "trap '' TERM; while :; do sleep 0.1; done",
      probes: `livenessProbe: {exec: {command: ['false']}, periodSeconds: 1, failureThreshold: 1,
      terminationGracePeriodSeconds: 1}`,
    }),
    pod({ name: "serving", probes: serving("up"), ...host }),
    pod({ name: "resting", probes: serving("down"), ...host }),
  ].join("");
}

/** Every kind of probe, as containers and their status show it. */
export async function probeKinds(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const health = await startHealthServer(
    "0.0.0.0",
    new Map([
      ["up", 1],
      ["down", 2],
    ]),
  );
  t.teardown(async () => {
    await kubectl.run(["delete", "--now", "pods,configmaps", "-l", LABEL]);
    health.stop();
  });
  await kubectl.ok(["apply", "-f", "-"], { stdin: podsFor(health.port) });
  await t.test("http: with its headers, and by the status", (t) => http(t, kubectl));
  await t.test("startup: liveness waits for it", (t) => startup(t, kubectl));
  await t.test("tcp", (t) => tcp(t, kubectl));
  await t.test("grpc: by the service's state", (t) => grpc(t, kubectl, health));
  await t.test("a probe's own grace", (t) => ownGrace(t, kubectl));
}

const ready = (kubectl: Kubectl, name: string): Promise<string> =>
  kubectl.ok(["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s"]);

/** Until an event of the pod says so. */
const told = (kubectl: Kubectl, name: string, what: RegExp): Promise<string> =>
  until(`${name}: ${what}`, async () => {
    const selected = ["--field-selector", `involvedObject.name=${name}`];
    const text = await kubectl.ok(["get", "events", ...selected]);
    return what.test(text) ? text : null;
  });

async function isReady(kubectl: Kubectl, name: string): Promise<boolean | undefined> {
  const { status } = await kubectl.json<Pod>(["get", "pod", name]);
  return status?.containerStatuses?.[0]?.ready;
}

async function http(t: Test, kubectl: Kubectl): Promise<void> {
  await ready(kubectl, "said");
  await told(
    kubectl,
    "unsaid",
    /Unhealthy .*Readiness probe failed: HTTP probe failed with statuscode: 418/,
  );
  t.equal(await isReady(kubectl, "unsaid"), false);
}

async function startup(t: Test, kubectl: Kubectl): Promise<void> {
  await ready(kubectl, "late");
  const { status } = await kubectl.json<Pod>(["get", "pod", "late"]);
  t.match(status?.containerStatuses?.[0], { started: true, restartCount: 0 });
  await told(kubectl, "late", /Unhealthy .*Startup probe failed/);
}

async function tcp(t: Test, kubectl: Kubectl): Promise<void> {
  await told(kubectl, "listens", /Unhealthy .*Readiness probe failed: .*connection refused/);
  t.equal(await isReady(kubectl, "listens"), false);
  await kubectl.ok(["exec", "listens", "--", "touch", "/tmp/go"]);
  await ready(kubectl, "listens");
}

async function grpc(t: Test, kubectl: Kubectl, health: HealthServer): Promise<void> {
  await ready(kubectl, "serving");
  await told(kubectl, "resting", /Unhealthy .*service unhealthy \(responded with "NOT_SERVING"\)/);
  t.equal(await isReady(kubectl, "resting"), false);
  health.stop();
  await until("who served no more", async () => (await isReady(kubectl, "serving")) === false);
}

async function ownGrace(t: Test, kubectl: Kubectl): Promise<void> {
  const last = await until("the deaf one is killed in time", async () => {
    const { status } = await kubectl.json<Pod>(["get", "pod", "deaf"]);
    return status?.containerStatuses?.[0]?.lastState?.terminated ?? null;
  });
  t.equal(last.exitCode, 137, "killed, long before the hour that the pod has");
}
