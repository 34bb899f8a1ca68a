import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { systemClock } from "../../api/client/system-clock.js";
import { ManualClock } from "../../base/clock.js";
import { findLayout, hierarchyOf } from "../cgroup-layout.js";
import type { ContainerRecord } from "../plan/pod-runtime.js";
import { HollowSampler, SIMULATED_CPU, SIMULATED_MEMORY } from "./hollow-sampler.js";
import { LinuxSampler, readCgroup } from "./linux-sampler.js";
import { usageBetween } from "./node-sample.js";

const signal = new AbortController().signal;

function record(id: string): ContainerRecord {
  return { id, name: "main", state: "running", logPath: "", startedAtMs: 1 } as ContainerRecord;
}
function pod(annotations: Readonly<Record<string, string>> = {}): Pod {
  const metadata = { namespace: "default", name: "web", uid: "u", annotations };
  const volumes = [{ name: "files", persistentVolumeClaim: { claimName: "data" } }];
  return { metadata, spec: { containers: [{ name: "main" }], volumes } } as unknown as Pod;
}

const skip = process.getuid?.() === 0 ? false : "only root makes cgroups";
t.test("a cgroup of this machine, with this process in it", { skip }, async (t) => {
  const layout = await findLayout();
  const root = `/raftsman-test-${process.pid}`;
  const inMount = (controller: string): string =>
    (layout.version === 2 ? layout.hierarchies[0] : hierarchyOf(layout.hierarchies, controller)) ??
    "";
  const mounts = [...new Set(["cpuacct", "memory"].map(inMount))];
  const path = join(root, "besteffort", "podu", "c1");
  for (const mount of mounts) await mkdir(join(mount, path), { recursive: true });
  const home = await Promise.all(
    mounts.map(async (mount) => {
      const controller = mount.split("/").at(-1) ?? "";
      const line = (await readFile("/proc/self/cgroup", "utf8"))
        .split("\n")
        .find((each) => each.split(":")[1]?.split(",").includes(controller) ?? false);
      return join(mount, line?.split(":")[2] ?? "/", "cgroup.procs");
    }),
  );
  t.teardown(async () => {
    for (const procs of home) await writeFile(procs, `${process.pid}`);
    for (const mount of mounts)
      for (let dir = join(mount, path); dir !== mount; dir = join(dir, "..")) await rmdir(dir);
  });
  for (const mount of mounts) await writeFile(join(mount, path, "cgroup.procs"), `${process.pid}`);
  const held = Buffer.alloc(32 * 2 ** 20, 1);
  const sampler = new LinuxSampler({
    cgroupRoot: root,
    dataDir: "/",
    pods: () => [{ current: pod(), runtime: { sandboxes: [], containers: [record("c1")] } }],
    layers: () => Promise.resolve([{ id: "c1", writtenBytes: 4096 }]),
    claimFolder: (uid, volume) => (uid === "u" && volume === "files" ? "/" : null),
    clock: systemClock,
  });
  const before = await sampler.sample(signal);
  const startNs = process.cpuUsage();
  const untilMs = performance.now() + 300;
  while (performance.now() < untilMs) held[0] = 1;
  const now = await sampler.sample(signal);
  const spent = process.cpuUsage(startNs);
  const [container] = usageBetween(before, now)?.pods[0]?.containers ?? [];
  const spentNs = (spent.user + spent.system) * 1000;
  const [first, second] = [before, now].map(({ pods }) => pods[0]?.containers[0]?.stats);
  const readNs = (second?.cpuUsageNs ?? 0) - (first?.cpuUsageNs ?? 0);
  t.ok(readNs > 0.5 * spentNs && readNs < 2 * spentNs, `${readNs} ns read, ${spentNs} ns spent`);
  t.ok((container?.cpuNanoCores ?? 0) > 0);
  t.ok((second?.memoryUsageBytes ?? 0) > held.length, `${second?.memoryUsageBytes} bytes`);
  t.ok(now.stats.memoryUsageBytes > held.length, "the machine uses at least that");
  t.ok(now.stats.cpuUsageNs > before.stats.cpuUsageNs);
  t.ok(now.fileSystem.capacityBytes > 0);
  t.match(now.pods[0], {
    containers: [{ layerBytes: 4096 }],
    claims: [
      {
        volume: "files",
        claim: "data",
        fileSystem: { capacityBytes: now.fileSystem.capacityBytes },
      },
    ],
  });
  t.equal(await readCgroup(layout, join(root, "nothing")), null);
});

t.test("simulated pods use little, or what they were told to", async (t) => {
  const clock = new ManualClock();
  let annotations: Record<string, string> = {};
  const sampler = new HollowSampler({
    pods: () => [
      { current: pod(annotations), runtime: { sandboxes: [], containers: [record("c1")] } },
    ],
    clock,
  });
  const first = await sampler.sample();
  clock.advance(10_000);
  const second = await sampler.sample();
  const container = { name: "main", cpuNanoCores: 1e6, memoryBytes: 2 ** 20 };
  t.match(usageBetween(first, second), {
    simulated: true,
    windowMs: 10_000,
    cpuNanoCores: 1e6,
    memoryBytes: 2 ** 20,
    pods: [{ uid: "u", containers: [container] }],
  });
  annotations = { [SIMULATED_CPU]: "250m", [SIMULATED_MEMORY]: "100Mi" };
  clock.advance(10_000);
  const third = await sampler.sample();
  t.match(usageBetween(second, third)?.pods[0]?.containers, [
    { name: "main", cpuNanoCores: 25e7, memoryBytes: 100 * 2 ** 20 },
  ]);
});
