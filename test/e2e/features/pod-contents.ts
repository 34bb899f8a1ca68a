import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";

const CONTENTS = `
apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data: {a: "alpha", b: "beta"}
---
apiVersion: v1
kind: Secret
metadata: {name: sec}
stringData: {user: bob, pass: s3cret}
---
apiVersion: v1
kind: Pod
metadata: {name: full, labels: {app: full}}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - {name: i1, image: "${IMAGE}", command: [sh, -c, "echo one > /e/f"], volumeMounts: [{name: e, mountPath: /e}]}
  - {name: i2, image: "${IMAGE}", command: [sh, -c, "echo two >> /e/f"], volumeMounts: [{name: e, mountPath: /e}]}
  containers:
  - name: main
    image: ${IMAGE}
    workingDir: /srv/dir
    command: [sleep]
    args: ["100000"]
    env:
    - {name: PLAIN, value: v}
    - {name: EXPANDED, value: "$(PLAIN)-$(NONE)-$$(PLAIN)"}
    - {name: FROM_MAP, valueFrom: {configMapKeyRef: {name: cfg, key: a}}}
    - {name: OPTIONAL, valueFrom: {configMapKeyRef: {name: none, key: a, optional: true}}}
    - {name: FROM_SECRET, valueFrom: {secretKeyRef: {name: sec, key: pass}}}
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
    envFrom:
    - {prefix: S_, secretRef: {name: sec}}
    - {configMapRef: {name: none, optional: true}}
    resources: {requests: {cpu: 100m, memory: 32Mi}, limits: {cpu: 250m, memory: 64Mi}}
    volumeMounts:
    - {name: e, mountPath: /e}
    - {name: c, mountPath: /cm}
    - {name: s, mountPath: /se}
    - {name: c, mountPath: /one/a, subPath: sub/a}
    - {name: m, mountPath: /mem}
  volumes:
  - {name: e, emptyDir: {}}
  - {name: m, emptyDir: {medium: Memory, sizeLimit: 4Mi}}
  - {name: c, configMap: {name: cfg, items: [{key: a, path: sub/a, mode: 0600}, {key: b, path: b}]}}
  - {name: s, secret: {secretName: sec, defaultMode: 0400}}
`;

const HOG = `
apiVersion: v1
kind: Pod
metadata: {name: hog}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: ${IMAGE}
    command: [tail, /dev/zero]
    resources: {limits: {memory: 20Mi}}
`;

/** Environment, volumes, working directory and limits, as seen from inside. */
export async function podContents(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "--now", "pod/full", "pod/hog", "cm/cfg", "secret/sec"]));
  await kubectl.ok(["apply", "-f", "-"], { stdin: `${CONTENTS}---${HOG}` });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/full", "--timeout=60s"]);
  const inPod = (script: string): Promise<string> =>
    kubectl.ok(["exec", "full", "-c", "main", "--", "sh", "-c", script]);
  await t.test("environment", (t) => environment(t, kubectl, inPod));
  await t.test("volumes", (t) => volumes(t, kubectl, inPod));
  await t.test("limits", (t) => limits(t, kubectl, inPod));
}

type InPod = (script: string) => Promise<string>;

async function environment(t: Test, kubectl: Kubectl, inPod: InPod): Promise<void> {
  const { status } = await kubectl.json<Pod>(["get", "pod", "full"]);
  const lines = (await inPod("env; pwd")).split("\n");
  for (const line of [
    "EXPANDED=v-$(NONE)-$(PLAIN)",
    "FROM_MAP=alpha",
    "FROM_SECRET=s3cret",
    `IP=${status?.podIP}`,
    "LABEL=full",
    "CPU=250",
    "S_user=bob",
    "KUBERNETES_SERVICE_PORT=443",
    "/srv/dir",
  ])
    t.ok(lines.includes(line), line);
  t.notOk(lines.some((line) => line.startsWith("OPTIONAL=")));
}

async function volumes(t: Test, kubectl: Kubectl, inPod: InPod): Promise<void> {
  t.equal(await inPod("cat /e/f"), "one\ntwo\n", "init containers ran in order");
  t.equal(await inPod("cat /cm/sub/a /one/a /cm/b"), "alphaalphabeta");
  t.equal(await inPod("stat -L -c %a /cm/sub/a /cm/b /se/pass"), "600\n644\n400\n");
  t.match(await inPod("mount"), /^tmpfs on \/mem type tmpfs \(.*size=4096k/m);
  for (const file of ["/cm/new", "/se/new"])
    t.match(await inPod(`touch ${file} 2>&1 || true`), /Read-only file system/, file);
  await kubectl.ok(["patch", "configmap", "cfg", "-p", '{"data":{"a":"new"}}']);
  await until("the file to change", async () => (await inPod("cat /cm/sub/a")) === "new");
  t.equal(await inPod("cat /one/a"), "alpha", "a subPath keeps what it was mounted with");
}

async function limits(t: Test, kubectl: Kubectl, inPod: InPod): Promise<void> {
  const v2 = "/sys/fs/cgroup/memory.max";
  const v1 = "/sys/fs/cgroup/memory/memory.limit_in_bytes";
  t.equal((await inPod(`cat ${v2} 2>/dev/null || cat ${v1}`)).trim(), `${64 * 1024 * 1024}`);
  const hog = await until("the pod that takes too much to end", async () => {
    const pod = await kubectl.json<Pod>(["get", "pod", "hog"]);
    return pod.status?.phase === "Failed" ? pod : null;
  });
  t.match(hog.status?.containerStatuses?.[0]?.state?.terminated, {
    reason: "OOMKilled",
    exitCode: 137,
  });
}
