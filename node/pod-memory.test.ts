import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Container } from "../api/schema/types/core-v1.gen.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./containerd/test-containerd.js";
import { LinuxPodCgroups } from "./pod-cgroups.js";
import { startTestNode, testPod } from "./test-pods.js";

/** Of a pod's cgroup, or of a container's below it. */
async function memoryLimitOf(...path: readonly string[]): Promise<number> {
  const isV2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const [root, file] = isV2
    ? ["/sys/fs/cgroup", "memory.max"]
    : ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"];
  return Number(await readFile(join(root, ...path, file), "utf8"));
}

void t.test("on containerd", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const cgroupRoot = `/${host.bridge}/node-1`;
  const { runtime, dataDir } = host;
  const node = await startTestNode({ runtime, dataDir, cgroupRoot });
  const { api } = node;
  t.teardown(async () => {
    await node.stop();
    await host.destroy();
    await new LinuxPodCgroups(cgroupRoot).removeAll();
  });

  await t.test("memory that is in use is not taken away", async (t) => {
    const asking = (memory: string): Container => ({
      name: "main",
      image: BUSYBOX_IMAGE,
      imagePullPolicy: "IfNotPresent",
      // What is in a tmpfs counts as used by the container, and stays.
      command: ["sh", "-c", "head -c 20m /dev/zero > /cache/full; sleep 3600"],
      volumeMounts: [{ name: "cache", mountPath: "/cache" }],
      readinessProbe: { exec: { command: ["pidof", "sleep"] }, periodSeconds: 1 },
      resources: { requests: { memory }, limits: { memory } },
    });
    const volumes = [{ name: "cache", emptyDir: { medium: "Memory" } }];
    const pod = api.put(testPod("full", { containers: [asking("64Mi")], volumes }));
    const first = await api.until("full", ({ containerStatuses: [it] = [] }) => it?.ready === true);
    const change = (memory: string): void => {
      const now = api.pods.get("full") ?? pod;
      api.put({ ...now, spec: { ...now.spec, containers: [asking(memory)] } });
    };
    change("16Mi");
    const refused = await api.until("full", ({ conditions = [] }) =>
      conditions.some(({ type, reason }) => type === "PodResizeInProgress" && reason === "Error"),
    );
    const { message } =
      refused.status?.conditions?.find(({ type }) => type === "PodResizeInProgress") ?? {};
    t.match(message, /^cannot decrease memory limits: attempting to set container "main" memory/u);
    t.match(message, /limit \(16777216\) below current usage \(\d{8}\), attempting to set pod/u);

    change("48Mi");
    const { status } = await api.until(
      "full",
      ({ containerStatuses: [it] = [], conditions = [] }) => {
        const isDone = !conditions.some(({ type }) => type.startsWith("PodResize"));
        return isDone && it?.resources?.limits?.["memory"] === "48Mi";
      },
    );
    const [before] = first.status?.containerStatuses ?? [];
    t.match(status?.containerStatuses?.[0], {
      containerID: before?.containerID,
      restartCount: 0,
    });
    api.askDelete("full", 0);
    await api.untilGone("full");
  });

  await t.test("init containers are given more while they run", async (t) => {
    const asking = (memory: string, more: Partial<Container>): Container => ({
      name: "main",
      image: BUSYBOX_IMAGE,
      imagePullPolicy: "IfNotPresent",
      command: ["sleep", "3600"],
      resources: { requests: { memory }, limits: { memory } },
      ...more,
    });
    const until = ["sh", "-c", "while [ ! -e /shared/done ]; do sleep 0.1; done"];
    const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
    const specOf = (side: string, first: string): Parameters<typeof testPod>[1] => ({
      initContainers: [
        asking(side, { name: "side", restartPolicy: "Always", volumeMounts }),
        asking(first, { name: "first", command: until, volumeMounts }),
      ],
      containers: [asking("16Mi", {})],
      volumes: [{ name: "shared", emptyDir: {} }],
    });
    const pod = api.put(testPod("starts", specOf("16Mi", "32Mi")));
    const first = await api.until(
      "starts",
      ({ initContainerStatuses: [, it] = [] }) => it?.state?.running !== undefined,
    );
    const change = (spec: ReturnType<typeof specOf>): void => {
      const now = api.pods.get("starts") ?? pod;
      api.put({ ...now, spec: { ...now.spec, ...spec } });
    };
    const has = (side: string, own: string) =>
      api.until("starts", ({ initContainerStatuses: all = [], conditions = [] }) => {
        const isDone = !conditions.some(({ type }) => type.startsWith("PodResize"));
        const limits = all.map(({ resources }) => resources?.limits?.["memory"]);
        return isDone && limits[0] === side && limits[1] === own;
      });
    const group = await node.context.cgroups.ensure(pod.metadata.uid, pod.spec);
    const idsOf = (it: typeof first): readonly string[] =>
      (it.status?.initContainerStatuses ?? []).map(({ containerID = "" }) =>
        containerID.replace("containerd://", ""),
      );
    const [sideId = "", firstId = ""] = idsOf(first);
    change(specOf("24Mi", "64Mi"));
    const grown = await has("24Mi", "64Mi");
    t.same(idsOf(grown), [sideId, firstId], "in place");
    t.equal(await memoryLimitOf(group, sideId), 24 * 2 ** 20);
    t.equal(await memoryLimitOf(group, firstId), 64 * 2 ** 20);

    await runtime.execSync(firstId, ["touch", "/shared/done"], {
      timeoutMs: 5000,
      signal: new AbortController().signal,
    });
    await api.until("starts", ({ phase }) => phase === "Running");
    change(specOf("32Mi", "64Mi"));
    t.same(idsOf(await has("32Mi", "64Mi")), [sideId, firstId]);
    t.equal(await memoryLimitOf(group, sideId), 32 * 2 ** 20, "a sidecar also later");
    api.askDelete("starts", 0);
    await api.untilGone("starts");
  });

  await t.test("a pod grows with a container that is started anew for it", async (t) => {
    const asking = (memory: string): Container => ({
      name: "main",
      image: BUSYBOX_IMAGE,
      imagePullPolicy: "IfNotPresent",
      command: ["sleep", "3600"],
      resizePolicy: [{ resourceName: "memory", restartPolicy: "RestartContainer" }],
      resources: { requests: { memory }, limits: { memory } },
    });
    const pod = api.put(testPod("grows", { containers: [asking("32Mi")] }));
    await api.until("grows", ({ phase }) => phase === "Running");
    const group = await node.context.cgroups.ensure(pod.metadata.uid, pod.spec);
    const limitOf = () => memoryLimitOf(group);
    t.equal(await limitOf(), 32 * 1024 * 1024);
    for (const [memory, bytes] of [
      ["64Mi", 64 * 1024 * 1024],
      ["16Mi", 16 * 1024 * 1024],
    ] as const) {
      const now = api.pods.get("grows") ?? pod;
      api.put({ ...now, spec: { ...now.spec, containers: [asking(memory)] } });
      await api.until("grows", ({ containerStatuses: [it] = [], conditions = [] }) => {
        const isDone = !conditions.some(({ type }) => type.startsWith("PodResize"));
        return isDone && it?.ready === true && it.resources?.limits?.["memory"] === memory;
      });
      t.equal(await limitOf(), bytes);
    }
    api.askDelete("grows", 0);
    await api.untilGone("grows");
  });
});
