import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const SLEEP = `image: ${IMAGE}, command: [sleep, "100000"]`;
const PROFILE = "no-mkdir.json";
const NAMES = ["shared", "host", "bound", "loose", "profiled"] as const;

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: shared}
spec:
  terminationGracePeriodSeconds: 0
  shareProcessNamespace: true
  hostname: named
  subdomain: sub
  hostAliases: [{ip: 192.0.2.7, hostnames: [first.example, second.example]}]
  dnsPolicy: None
  dnsConfig:
    nameservers: [192.0.2.53]
    searches: [shop.example]
    options: [{name: ndots, value: "2"}, {name: edns0}]
  containers:
  - {name: main, image: ${IMAGE}, command: [sleep, "111111"]}
  - {name: other, image: ${IMAGE}, command: [sleep, "222222"]}
---
apiVersion: v1
kind: Pod
metadata: {name: host}
spec:
  terminationGracePeriodSeconds: 0
  hostNetwork: true
  hostPID: true
  hostIPC: true
  containers: [{name: main, ${SLEEP}}]
---
apiVersion: v1
kind: Pod
metadata: {name: bound}
spec:
  terminationGracePeriodSeconds: 0
  securityContext:
    runAsUser: 1000
    runAsGroup: 3000
    supplementalGroups: [4000]
    fsGroup: 2000
    seccompProfile: {type: RuntimeDefault}
    sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "1500"}]
  containers:
  - name: main
    ${SLEEP.replace(", command", "\n    command")}
    securityContext:
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
---
apiVersion: v1
kind: Pod
metadata: {name: loose}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, ${SLEEP}, securityContext: {privileged: true}}]
---
apiVersion: v1
kind: Pod
metadata: {name: profiled}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {seccompProfile: {type: Localhost, localhostProfile: ${PROFILE}}}
  containers: [{name: main, ${SLEEP}}]
---
apiVersion: v1
kind: Pod
metadata: {name: badly-begun}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  containers:
  - {name: main, ${SLEEP}, lifecycle: {postStart: {exec: {command: [sh, -c, "exit 3"]}}}}
`;

/** Runs a script in the pod's first container; what it prints, errors too. */
type InPod = (pod: (typeof NAMES)[number], script: string) => Promise<string>;

/** What pods share with each other and with their host, and what they may do. */
export async function podIsolation(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const pods = [...NAMES, "badly-begun"].map((name) => `pod/${name}`);
  t.teardown(() => kubectl.run(["delete", "--now", ...pods]));
  const { dataDir } = await cluster.host("node-1");
  writeProfile(join(dataDir, "seccomp"));
  await kubectl.ok(["apply", "-f", "-"], { stdin: PODS });
  const running = NAMES.map((name) => `pod/${name}`);
  await kubectl.ok(["wait", "--for=condition=Ready", "--timeout=60s", ...running]);
  const inPod: InPod = (pod, script) =>
    kubectl.ok(["exec", pod, "-c", "main", "--", "sh", "-c", `exec 2>&1; ${script}; true`]);
  await t.test("names and addresses", (t) => namesInside(t, inPod));
  await t.test("namespaces", (t) => namespaces(t, inPod));
  await t.test("users, groups and capabilities", (t) => rights(t, inPod));
  await t.test("a seccomp profile of the node", (t) => profile(t, inPod));
  await t.test("a failed postStart ends the container", (t) => postStart(t, kubectl));
}

/** Everything is allowed but mkdir(2) and mkdirat(2). */
function writeProfile(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const syscalls = [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
  const text = JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls });
  writeFileSync(join(folder, PROFILE), text);
}

async function namesInside(t: Test, inPod: InPod): Promise<void> {
  t.equal((await inPod("shared", "hostname")).trim(), "named");
  const hosts = await inPod("shared", "cat /etc/hosts");
  t.match(hosts, /^# Kubernetes-managed hosts file/);
  t.match(hosts, /^192\.0\.2\.7\s+first\.example\s+second\.example$/m);
  t.match(hosts, /\snamed\.sub\.default\.svc\.cluster\.local\s+named$/m);
  t.same(
    (await inPod("shared", "cat /etc/resolv.conf")).trim().split("\n").sort(),
    ["nameserver 192.0.2.53", "options ndots:2 edns0", "search shop.example"],
    "dnsPolicy None: what dnsConfig says, and nothing else",
  );
}

async function namespaces(t: Test, inPod: InPod): Promise<void> {
  const seen = await inPod("shared", "ps");
  t.match(seen, /sleep 111111/);
  t.match(seen, /sleep 222222/, "the other container's processes are seen");
  for (const name of ["net", "pid", "ipc"] as const) {
    const link = `/proc/self/ns/${name}`;
    const own = readlinkSync(link);
    t.equal((await inPod("host", `readlink ${link}`)).trim(), own, `${name}: the host's`);
    t.not((await inPod("bound", `readlink ${link}`)).trim(), own, `${name}: the pod's own`);
  }
}

async function rights(t: Test, inPod: InPod): Promise<void> {
  t.equal((await inPod("bound", "id -u; id -g")).trim(), "1000\n3000");
  const groups = (await inPod("bound", "id -G")).trim().split(" ").sort();
  t.same(groups, ["2000", "3000", "4000"]);
  t.match(await inPod("bound", "touch /new"), /Read-only file system/);
  t.equal(
    (await inPod("bound", "touch /data/new; stat -c %g /data/new")).trim(),
    "2000",
    "fsGroup",
  );
  const port = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  t.equal((await inPod("bound", `cat ${port}`)).trim(), "1500", "a safe sysctl");
  const bound = statusOf(await inPod("bound", "cat /proc/self/status"));
  // NET_BIND_SERVICE is the tenth (capabilities(7)); seccomp 2: a filter (proc(5)).
  t.match(bound, { CapBnd: "0000000000000400", NoNewPrivs: "1", Seccomp: "2" });
  const own = statusOf(readFileSync("/proc/self/status", "utf8"));
  const loose = statusOf(await inPod("loose", "cat /proc/self/status"));
  t.match(loose, { CapEff: own["CapBnd"], NoNewPrivs: "0", Seccomp: "0" }, "privileged");
}

async function profile(t: Test, inPod: InPod): Promise<void> {
  t.match(await inPod("profiled", "mkdir /tmp/new"), /Operation not permitted/);
  t.equal(await inPod("loose", "mkdir -p /tmp/new"), "", "elsewhere it is allowed");
}

async function postStart(t: Test, kubectl: Kubectl): Promise<void> {
  const selected = ["--field-selector", "involvedObject.name=badly-begun"];
  const events = await until("an event", async () => {
    const text = await kubectl.ok(["get", "events", ...selected]);
    return text.includes("FailedPostStartHook") ? text : null;
  });
  t.match(events, /Warning +FailedPostStartHook/);
  await kubectl.ok(["wait", "--for=jsonpath={.status.phase}=Failed", "pod/badly-begun"]);
}

/** /proc/PID/status as fields. */
function statusOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").map((line) => {
      const [name = "", value = ""] = line.split(":");
      return [name, value.trim()] as const;
    }),
  );
}
