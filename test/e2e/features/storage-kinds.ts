import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import type { PersistentVolumeClaim, Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const LABEL = "app=storage-kinds";

interface PodParts {
  readonly name: string;
  readonly script?: string;
  /** In flow style. */
  readonly env?: string;
  readonly mounts: string;
  readonly volumes: string;
}

const pod = ({ name, script = "", env = "", mounts, volumes }: PodParts): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: storage-kinds}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${IMAGE}
    command: [sh, -c, "${script}sleep 100000"]
    env: [${env}]
    volumeMounts: [${mounts}]
  volumes: [${volumes}]
`;

/** Paths of hosts, parts of volumes, objects that never change, claims of one pod alone. */
export async function storageKinds(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const dir = mkdtempSync(join(cluster.home, "paths-"));
  t.teardown(async () => {
    await kubectl.run(["delete", "--now", "pods,configmaps,secrets,pvc", "-l", LABEL]);
    rmSync(dir, { recursive: true, force: true });
  });
  await t.test("every type of hostPath", (t) => hostPaths(t, { kubectl, dir }));
  await t.test("subPathExpr: a folder for each pod", (t) => subPaths(t, { kubectl, dir }));
  await t.test("immutable ConfigMaps and Secrets", (t) => immutable(t, kubectl));
  await t.test("ReadWriteOncePod: one pod at a time", (t) => onePod(t, kubectl));
}

interface Shows {
  readonly kubectl: Kubectl;
  /** On the node, which this computer is. */
  readonly dir: string;
}

async function hostPaths(t: Test, { kubectl, dir }: Shows): Promise<void> {
  mkdirSync(join(dir, "folder"));
  writeFileSync(join(dir, "file"), "text\n");
  const server = createServer().listen(join(dir, "socket"));
  t.teardown(() => server.close());
  const kinds = [
    { type: "Directory", path: join(dir, "folder") },
    { type: "DirectoryOrCreate", path: join(dir, "new", "folder") },
    { type: "File", path: join(dir, "file") },
    { type: "FileOrCreate", path: join(dir, "new-file") },
    { type: "Socket", path: join(dir, "socket") },
    { type: "CharDevice", path: "/dev/null" },
    { type: '""', path: join(dir, "folder") },
  ];
  const volumes = kinds.map(
    ({ type, path }, i) => `{name: v${i}, hostPath: {path: ${path}, type: ${type}}}`,
  );
  const mounts = kinds.map((_, i) => `{name: v${i}, mountPath: /v${i}}`);
  const wrong = [
    { type: "Directory", path: join(dir, "none"), is: "a directory" },
    { type: "Directory", path: join(dir, "file"), is: "a directory" },
    { type: "File", path: join(dir, "folder"), is: "a file" },
    { type: "Socket", path: join(dir, "file"), is: "a socket file" },
    { type: "CharDevice", path: join(dir, "file"), is: "a character device" },
    { type: "BlockDevice", path: "/dev/null", is: "a block device" },
  ];
  const pods = wrong.map(({ type, path }, i) =>
    pod({
      name: `wrong-${i}`,
      mounts: "{name: v, mountPath: /v}",
      volumes: `{name: v, hostPath: {path: ${path}, type: ${type}}}`,
    }),
  );
  pods.push(pod({ name: "paths", mounts: mounts.join(", "), volumes: volumes.join(", ") }));
  await kubectl.ok(["apply", "-f", "-"], { stdin: pods.join("") });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/paths", "--timeout=60s"]);
  const script = "cat /v2; echo more > /v3; touch /v1/made; test -S /v4 && test -c /v5 && echo ok";
  t.equal(await kubectl.ok(["exec", "paths", "--", "sh", "-c", script]), "text\nok\n");
  t.equal(readFileSync(join(dir, "new-file"), "utf8"), "more\n");
  t.equal(readFileSync(join(dir, "new", "folder", "made"), "utf8"), "");
  for (const [i, { path, is }] of wrong.entries()) {
    const selected = ["--field-selector", `involvedObject.name=wrong-${i},reason=FailedMount`];
    const events = await until(`wrong-${i} is told why`, async () => {
      const text = await kubectl.ok(["get", "events", ...selected]);
      return text.includes("FailedMount") ? text : null;
    });
    t.ok(events.includes(`hostPath type check failed: ${path} is not ${is}`), events);
  }
}

async function subPaths(t: Test, { kubectl, dir }: Shows): Promise<void> {
  const env = "{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}";
  const volumes = `{name: v, hostPath: {path: ${join(dir, "logs")}, type: DirectoryOrCreate}}`;
  const mounts = "{name: v, mountPath: /logs, subPathExpr: of-$(POD)}";
  const script = "echo mine > /logs/log; ";
  const names = ["one", "two"] as const;
  const pods = names.map((name) => pod({ name, script, env, mounts, volumes }));
  await kubectl.ok(["apply", "-f", "-"], { stdin: pods.join("") });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/one", "pod/two", "--timeout=60s"]);
  for (const name of names) {
    const log = join(dir, "logs", `of-${name}`, "log");
    await until(`the log of ${name}`, async () => readFileSync(log, "utf8") === "mine\n");
  }
  t.equal((await kubectl.ok(["exec", "one", "--", "ls", "/logs"])).trim(), "log");
}

async function immutable(t: Test, kubectl: Kubectl): Promise<void> {
  const objects = ["ConfigMap", "Secret"].map(
    (kind) => `---
apiVersion: v1
kind: ${kind}
metadata: {name: fixed, labels: {app: storage-kinds}}
immutable: true
${kind === "Secret" ? "stringData" : "data"}: {key: old}
`,
  );
  const mounts = "{name: c, mountPath: /c}, {name: s, mountPath: /s}";
  const volumes = "{name: c, configMap: {name: fixed}}, {name: s, secret: {secretName: fixed}}";
  const stdin = `${objects.join("")}${pod({ name: "reader-of-fixed", mounts, volumes })}`;
  await kubectl.ok(["apply", "-f", "-"], { stdin });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/reader-of-fixed", "--timeout=60s"]);
  const read = await kubectl.ok(["exec", "reader-of-fixed", "--", "cat", "/c/key", "/s/key"]);
  t.equal(read, "oldold");
  for (const [what, change] of [
    ["configmap/fixed", '{"data":{"key":"new"}}'],
    ["secret/fixed", '{"stringData":{"key":"new"}}'],
    ["configmap/fixed", '{"immutable":false}'],
  ] as const) {
    const { code, stderr } = await kubectl.run(["patch", what, "-p", change]);
    t.equal(code, 1, `${what} ${change}`);
    t.match(stderr, /field is immutable when `immutable` is set/);
  }
  await kubectl.ok(["label", "configmap/fixed", "metadata-is=not"]);
}

async function onePod(t: Test, kubectl: Kubectl): Promise<void> {
  const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: alone, labels: {app: storage-kinds}}
spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Mi}}}
`;
  const mounts = "{name: v, mountPath: /v}";
  const volumes = "{name: v, persistentVolumeClaim: {claimName: alone}}";
  const [first, second] = ["first", "second"].map((name) => pod({ name, mounts, volumes }));
  await kubectl.ok(["apply", "-f", "-"], { stdin: `${claim}${first}` });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/first", "--timeout=60s"]);
  await kubectl.ok(["apply", "-f", "-"], { stdin: second ?? "" });
  const pending = await until("the second is told to wait", async () => {
    const { status } = await kubectl.json<Pod>(["get", "pod", "second"]);
    return status?.conditions?.find(({ reason }) => reason === "Unschedulable") ?? null;
  });
  t.match(
    pending.message,
    /PersistentVolumeClaim with the same name and ReadWriteOncePod access mode/,
  );
  await kubectl.ok(["delete", "pvc", "alone", "--wait=false"]);
  const { metadata } = await kubectl.json<PersistentVolumeClaim>(["get", "pvc", "alone"]);
  t.same(metadata.finalizers, ["kubernetes.io/pvc-protection"], "it is in use");
  await kubectl.ok(["delete", "--now", "pod/second", "pod/first"]);
  await kubectl.ok(["wait", "--for=delete", "pvc/alone", "--timeout=60s"]);
}
