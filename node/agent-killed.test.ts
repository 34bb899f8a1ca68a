import { execFileSync } from "node:child_process";
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
  ports: [{ containerPort: 80, hostPort: 41_717 }],
  volumeMounts: [{ name: "memory", mountPath: "/memory" }],
};
const volumes = [{ name: "memory", emptyDir: { medium: "Memory" } }];
const thePod = (name: string) => testPod(name, { containers: [sleeper], volumes });
const NOTHING = {
  sandboxes: 0,
  containers: 0,
  folders: [] as readonly string[],
  mounts: [] as readonly string[],
  cgroups: [] as readonly string[],
  addresses: [] as readonly string[],
  links: 0,
  /** Rules of iptables. */
  hostPorts: 0,
};
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
): { runtime: Runtime; reached: Promise<void>; die: () => void; calls: () => number } {
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
  return { runtime: proxied, reached, die: () => die(), calls: () => calls };
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

    /** A pod comes up and goes; tells how many changing calls each took. */
    async function unharmed(): Promise<{ readonly starting: number; readonly stopping: number }> {
      const api = new TestApi();
      const count = cutOffAfter(runtime, Infinity);
      const node = await start(api, count.runtime);
      api.put(thePod("unharmed"));
      await api.until("unharmed", ({ phase }) => phase === "Running");
      const starting = count.calls();
      api.askDelete("unharmed", 1);
      await api.untilGone("unharmed");
      await node.stop();
      return { starting, stopping: count.calls() - starting };
    }

    const { starting, stopping } = await unharmed();
    t.ok(starting >= 3 && stopping >= 4, `${starting} calls start a pod, ${stopping} stop it`);
    const clean = await whatIsThere();
    t.same(clean, NOTHING);

    for (let n = 1; n <= starting; n += 1)
      await t.test(`of a pod's start: ${n}`, async (t) => {
        const api = new TestApi();
        const cut = cutOffAfter(runtime, n);
        const first = await start(api, cut.runtime);
        const name = `start-${n}`;
        const pod = api.put(thePod(name));
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
        t.same(await whatIsThere(), clean, "nothing is left");
      });

    for (let n = 1; n <= stopping; n += 1)
      await t.test(`of a pod's stop: ${n}`, async (t) => {
        const api = new TestApi();
        const name = `stop-${n}`;
        const before = await start(api);
        api.put(thePod(name));
        await api.until(name, ({ phase }) => phase === "Running");
        t.not((await whatIsThere()).hostPorts, 0, "its host port is open");
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
        t.same(await whatIsThere(), clean, "nothing is left");
      });

    /** What pods have made on this computer, as far as it is this test's. */
    async function whatIsThere(): Promise<typeof NOTHING> {
      const ipam = `${host.dir}/ipam/${host.bridge}`;
      const addresses = existsSync(ipam) ? await readdir(ipam) : [];
      const rules = execFileSync("iptables-save", ["-t", "nat"]).toString().split("\n");
      const links = execFileSync("ip", ["-o", "link", "show", "type", "veth"]).toString();
      return {
        sandboxes: (await runtime.listPodSandboxes({}, signal)).length,
        containers: (await runtime.listContainers({}, signal)).length,
        folders: await readdir(`${dataDir}/pods`),
        mounts: await mountsBelow(`${dataDir}/pods`),
        cgroups: await new LinuxPodCgroups(cgroupRoot).list(),
        addresses: addresses.filter((file) => /^\d/.test(file)),
        links: links.split("\n").filter((line) => line.includes(`master ${host.bridge} `)).length,
        hostPorts: rules.filter((line) => line.includes(`\\"${host.bridge}\\"`)).length,
      };
    }
  },
);
