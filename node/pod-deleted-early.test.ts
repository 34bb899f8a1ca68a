import t from "tap";
import type { Container, ContainerStatus } from "../api/schema/types/core-v1.gen.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./containerd/test-containerd.js";
import type { Runtime } from "./cri/runtime.js";
import { LinuxPodCgroups } from "./pod-cgroups.js";
import { startTestNode, testPod } from "./test-pods.js";

void t.test("on containerd", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const cgroupRoot = `/${host.bridge}/node-1`;
  let beforeCall = (_method: string): void => {};
  const runtime: Runtime = new Proxy<Runtime>(host.runtime, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: readonly unknown[]): unknown => {
        beforeCall(String(name));
        return Reflect.apply(method, target, args);
      };
    },
  });
  const node = await startTestNode({ runtime, dataDir: host.dataDir, cgroupRoot });
  const { api } = node;
  const tell = api.onWrite;
  t.teardown(async () => {
    await node.stop();
    await host.destroy();
    await new LinuxPodCgroups(cgroupRoot).removeAll();
  });

  for (const moment of ["createContainer", "startContainer"])
    await t.test(`deletion at ${moment} makes no failed start of it`, async (t) => {
      const container: Container = {
        name: "main",
        image: BUSYBOX_IMAGE,
        imagePullPolicy: "IfNotPresent",
        command: ["false"],
      };
      const ends: NonNullable<ContainerStatus["state"]>[] = [];
      api.onWrite = (pod, deleted) => {
        const state = pod.status?.containerStatuses?.[0]?.state;
        if (state?.terminated !== undefined) ends.push(state);
        tell(pod, deleted);
      };
      beforeCall = (method) => {
        if (method === moment) api.askDelete("brief", 30);
      };
      api.put(testPod("brief", { restartPolicy: "Never", containers: [container] }));
      await api.untilGone("brief");
      t.not(ends.length, 0);
      for (const { terminated } of ends)
        t.match(terminated, { exitCode: 1, reason: "Error", startedAt: String });
    });
});
