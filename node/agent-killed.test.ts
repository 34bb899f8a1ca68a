import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import t from "tap";
import type { Container } from "../api/schema/types/core-v1.gen.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./containerd/test-containerd.js";
import type { Runtime } from "./cri/runtime.js";
import { LinuxPodCgroups } from "./pod-cgroups.js";
import { startTestNode, TestApi, testPod } from "./test-pods.js";
import { mountsBelow } from "./volumes/mounts.js";

const sleeper: Container = {
  name: "main",
  image: BUSYBOX_IMAGE,
  imagePullPolicy: "IfNotPresent",
  command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"],
  volumeMounts: [{ name: "memory", mountPath: "/memory" }],
};
const volumes = [{ name: "memory", emptyDir: { medium: "Memory" } }];
const CHANGING: ReadonlySet<string> = new Set([
  "runPodSandbox",
  "stopPodSandbox",
  "removePodSandbox",
  "createContainer",
  "startContainer",
  "stopContainer",
  "removeContainer",
]);

/** A runtime whose n-th changing call is carried out, but whose answer never arrives. */
function cutOffAfter(
  runtime: Runtime,
  n: number,
): { runtime: Runtime; reached: Promise<void>; die: () => void } {
  let calls = 0;
  let reach = (): void => {};
  let die = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const dead = new Promise<never>((_resolve, reject) => {
    die = () => reject(new Error("the agent is dead"));
  });
  dead.catch(() => {});
  const proxied = new Proxy(runtime, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || !CHANGING.has(String(name)))
        return typeof method === "function" ? method.bind(target) : method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        calls += 1;
        const mine = calls;
        if (mine > n) return dead;
        // As the agent's death does not reach the runtime, neither does its signal.
        const alive = [...args.slice(0, -1), new AbortController().signal];
        const result: unknown = await Reflect.apply(method, target, alive);
        if (mine < n) return result;
        reach();
        return dead;
      };
    },
  });
  return { runtime: proxied, reached, die: () => die() };
}

void t.test(
  "killed after any call",
  { skip: process.getuid?.() !== 0 && "needs root" },
  async (t) => {
    const host = await startTestContainerd();
    const cgroupRoot = `/${host.bridge}/node-1`;
    t.teardown(async () => {
      await host.destroy();
      await new LinuxPodCgroups(cgroupRoot).removeAll();
    });
    const { signal } = new AbortController();
    const { dataDir, runtime } = host;
    const start = (api: TestApi, over: Runtime = runtime) =>
      startTestNode({ runtime: over, dataDir, cgroupRoot, api });

    for (let n = 1; n <= 3; n += 1)
      await t.test(`of a pod's start: ${n}`, async (t) => {
        const api = new TestApi();
        const cut = cutOffAfter(runtime, n);
        const first = await start(api, cut.runtime);
        const name = `start-${n}`;
        const pod = api.put(testPod(name, { containers: [sleeper], volumes }));
        await cut.reached;
        cut.die();
        await first.stop();
        const second = await start(api);
        const up = await api.until(name, ({ phase }) => phase === "Running");
        t.equal(up.status?.containerStatuses?.[0]?.restartCount, 0, "it has not been restarted");
        const filter = { labelSelector: { "io.kubernetes.pod.uid": pod.metadata.uid } };
        t.equal((await runtime.listPodSandboxes(filter, signal)).length, 1, "one sandbox");
        t.equal((await runtime.listContainers(filter, signal)).length, 1, "one container");
        api.askDelete(name, 1);
        await api.untilGone(name);
        await second.stop();
        await nothingLeft(t);
      });

    for (let n = 1; n <= 5; n += 1)
      await t.test(`of a pod's stop: ${n}`, async (t) => {
        const api = new TestApi();
        const name = `stop-${n}`;
        const before = await start(api);
        api.put(testPod(name, { containers: [sleeper], volumes }));
        await api.until(name, ({ phase }) => phase === "Running");
        await before.stop();
        const cut = cutOffAfter(runtime, n);
        const first = await start(api, cut.runtime);
        api.askDelete(name, 1);
        await cut.reached;
        cut.die();
        await first.stop();
        const second = await start(api);
        await api.untilGone(name);
        await second.stop();
        await nothingLeft(t);
      });

    async function nothingLeft(t: {
      same: (a: unknown, b: unknown, message: string) => unknown;
    }): Promise<void> {
      t.same(await runtime.listPodSandboxes({}, signal), [], "no sandbox is left");
      t.same(await runtime.listContainers({}, signal), [], "no container is left");
      t.same(await readdir(`${dataDir}/pods`), [], "no folder is left");
      t.same(await mountsBelow(`${dataDir}/pods`), [], "no mount is left");
      t.same(await new LinuxPodCgroups(cgroupRoot).list(), [], "no cgroup is left");
      const ipam = `${host.dir}/ipam/${host.bridge}`;
      const addresses = existsSync(ipam) ? await readdir(ipam) : [];
      t.same(
        addresses.filter((file) => /^\d/.test(file)),
        [],
        "no address is left",
      );
    }
  },
);
