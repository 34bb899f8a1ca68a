import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "../containerd/test-containerd.js";
import { HollowRuntime } from "../hollow/hollow-runtime.js";
import { LinuxPodCgroups } from "../pod-cgroups.js";
import { runRuntimeContract } from "./runtime-contract.js";

void t.test("hollow", async (t) => {
  const runtime = new HollowRuntime(
    { version: "0.1.0" },
    { clock: systemClock, random: systemRandom },
  );
  runtime.setPodCidr("10.244.0.0/24");
  await runtime.pullImage({ image: BUSYBOX_IMAGE });
  await runRuntimeContract(t, {
    runtime,
    image: BUSYBOX_IMAGE,
    logDirectory: "",
    cgroupParent: "",
  });
});

void t.test("containerd", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const cgroups = new LinuxPodCgroups(`/${host.bridge}`);
  t.teardown(async () => {
    await host.destroy();
    await cgroups.removeAll();
  });
  const logDirectory = join(host.dir, "logs");
  await mkdir(logDirectory);
  const { runtime } = host;
  const cgroupParent = `/${host.bridge}`;
  await runRuntimeContract(t, { runtime, image: BUSYBOX_IMAGE, logDirectory, cgroupParent });

  await t.test("killed, it is found dead and started again; the containers go on", async (t) => {
    const { signal } = new AbortController();
    const before = await host.instance.pid();
    t.ok(before !== null);
    process.kill(before ?? 0, "SIGKILL");
    let after: number | null = null;
    for (let tries = 0; tries < 100 && (after === null || after === before); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      after = await host.instance.pid();
    }
    t.not(after, before);
    for (let tries = 0; tries < 50; tries += 1) {
      const answered = await runtime.version(signal).catch(() => null);
      if (answered !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    t.match(await runtime.version(signal), { runtimeName: "containerd" });
  });
});
