import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import { writeImageArchive } from "../../../node/containerd/image-archive.js";
import { importImageArchive } from "../../../node/containerd/image-import.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const MODEL = "localhost/raftsman-test/model:1";

interface MountingPod {
  readonly name: string;
  readonly volume: string;
  readonly mounts: string;
  readonly script?: string;
  readonly privileged?: boolean;
}

const mounting = ({
  name,
  volume,
  mounts,
  script = "",
  privileged = false,
}: MountingPod): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: mounting}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${IMAGE}
    command: [sh, -c, "${script}sleep 1000"]
    securityContext: {privileged: ${privileged}}
    volumeMounts: ${mounts}
  volumes: [{name: v, ${volume}}]
---`;

/** Images as volumes, and mounts that pass between host and containers. */
export async function podMounts(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "--now", "pods", "-l", "app=mounting"]));
  await t.test("an image is a volume", (t) => imageVolume(t, cluster, kubectl));
  await t.test("mounts are passed on, or not", (t) => propagation(t, cluster, kubectl));
}

async function imageVolume(t: Test, cluster: TestCluster, kubectl: Kubectl): Promise<void> {
  const archive = join(cluster.home, "model.tar");
  const file = (path: string, text: string) =>
    ({ type: "file", path, content: Buffer.from(text), mode: 0o755 }) as const;
  await writeImageArchive(archive, {
    name: MODEL,
    layers: [
      [file("weights", "old")],
      [file("weights", "1 2 3\n"), file("bin/run", "#!/bin/sh\n")],
    ],
    config: {},
  });
  const { runtimeSocket } = await cluster.host("node-1");
  await importImageArchive(runtimeSocket ?? "", archive, new AbortController().signal);
  const volume = (reference: string, pullPolicy: string) =>
    `image: {reference: "${reference}", pullPolicy: ${pullPolicy}}`;
  const whole = "[{name: v, mountPath: /model}, {name: v, mountPath: /part, subPath: bin}]";
  const pods = [
    { name: "reader", volume: volume(MODEL, "IfNotPresent"), mounts: whole },
    { name: "never", volume: volume("localhost/none:1", "Never"), mounts: whole },
    {
      name: "lost",
      volume: volume(MODEL, "Never"),
      mounts: "[{name: v, mountPath: /part, subPath: nowhere}]",
    },
  ];
  await kubectl.ok(["apply", "-f", "-"], { stdin: pods.map(mounting).join("") });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/reader", "--timeout=60s"]);
  const sh = (command: string) => kubectl.run(["exec", "reader", "--", "sh", "-c", command]);
  t.match(await sh("cat /model/weights; ls /part"), { code: 0, stdout: "1 2 3\nrun\n" });
  t.match(await sh("echo x > /model/weights"), { stderr: /Read-only file system/u });
  const waiting = (name: string, reason: string) =>
    until(`${name} waits: ${reason}`, async () => {
      const { status } = await kubectl.json<Pod>(["get", "pod", name]);
      const state = status?.containerStatuses?.[0]?.state?.waiting;
      return state?.reason === reason ? state : null;
    });
  await waiting("never", "ErrImageNeverPull");
  const lost = await waiting("lost", "CreateContainerConfigError");
  t.match(lost.message, /subPath "nowhere" is not in the image/u);
  await kubectl.ok(["delete", "--now", "pods", "-l", "app=mounting"]);
}

async function propagation(t: Test, cluster: TestCluster, kubectl: Kubectl): Promise<void> {
  const dir = join(cluster.home, "shared");
  const run = (command: string, ...args: string[]) => execFileSync(command, args);
  mkdirSync(join(dir, "from-host"), { recursive: true });
  mkdirSync(join(dir, "from-pod"));
  run("mount", "--bind", dir, dir);
  t.teardown(() => run("umount", "--recursive", dir));
  run("mount", "--make-rshared", dir);
  const mounts = (mode: string) => `[{name: v, mountPath: /s, mountPropagation: ${mode}}]`;
  const volume = `hostPath: {path: "${dir}"}`;
  const pods = ["None", "HostToContainer", "Bidirectional"].map((mode) =>
    mounting({
      name: mode.toLowerCase(),
      volume,
      mounts: mounts(mode),
      privileged: mode === "Bidirectional",
    }),
  );
  await kubectl.ok(["apply", "-f", "-"], { stdin: pods.join("") });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod", "-l", "app=mounting"]);
  run("mount", "-t", "tmpfs", "tmpfs", join(dir, "from-host"));
  run("touch", join(dir, "from-host", "file"));
  const sh = (pod: string, command: string) => kubectl.ok(["exec", pod, "--", "sh", "-c", command]);
  const script = "mount -t tmpfs tmpfs /s/from-pod && touch /s/from-pod/file";
  await sh("bidirectional", script);
  const seen = (pod: string) => sh(pod, "ls /s/from-host /s/from-pod | grep -c file || true");
  t.equal((await seen("none")).trim(), "0", "neither is seen");
  t.equal((await seen("hosttocontainer")).trim(), "2", "both are");
  t.equal((await seen("bidirectional")).trim(), "2", "both are");
  t.ok(existsSync(join(dir, "from-pod", "file")), "the host sees the pod's");
  await kubectl.ok(["delete", "--now", "pods", "-l", "app=mounting"]);
  t.ok(existsSync(join(dir, "from-pod", "file")), "what a pod mounted stays, as on any host");
}
