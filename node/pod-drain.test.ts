import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { onHost, testClaim, testHost, testVolume } from "../api/schema/storage/test-volumes.js";
import { ContainerdSignals } from "./containerd/container-signals.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./containerd/test-containerd.js";
import { LinuxPodCgroups } from "./pod-cgroups.js";
import { startTestNode, testPod } from "./test-pods.js";

void t.test("on containerd", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const cgroupRoot = `/${host.bridge}/node-1`;
  const { runtime, dataDir } = host;
  const ownNode = () => testHost("n1");
  const containerSignals = new ContainerdSignals(host.socketPath);
  const node = await startTestNode({ runtime, dataDir, cgroupRoot, ownNode, containerSignals });
  const { api, objects } = node;
  const dir = await mkdtemp(join(tmpdir(), "rmt-drain-"));
  t.teardown(async () => {
    await node.stop();
    containerSignals.close();
    await host.destroy();
    await new LinuxPodCgroups(cgroupRoot).removeAll();
    await rm(dir, { recursive: true, force: true });
  });
  const container = { name: "main", image: BUSYBOX_IMAGE, imagePullPolicy: "IfNotPresent" };

  await t.test(
    "a container is stopped by its own signal, and killed when that is not enough",
    async (t) => {
      const { signal } = new AbortController();
      const dying = (name: string, script: string, seconds: number) => {
        const lifecycle = { stopSignal: "SIGUSR1" };
        const main = { ...container, command: ["sh", "-c", script], lifecycle };
        return testPod(name, {
          os: { name: "linux" },
          restartPolicy: "Never",
          terminationGracePeriodSeconds: seconds,
          containers: [main],
        });
      };
      const loop = "touch /tmp/ready; while :; do sleep 0.1; done";
      const heard = `trap 'exit 41' USR1; trap 'exit 42' TERM; ${loop}`;
      const deaf = `trap '' USR1 TERM; ${loop}`;
      for (const [name, script, seconds, exitCode] of [
        ["heard", heard, 60, 41],
        ["deaf", deaf, 1, 137],
      ] as const) {
        const pod = api.put(dying(name, script, seconds));
        const up = await api.until(name, ({ phase }) => phase === "Running");
        t.equal(up.status?.containerStatuses?.[0]?.stopSignal, "SIGUSR1");
        const id = up.status?.containerStatuses?.[0]?.containerID?.split("/").at(-1) ?? "";
        // Its traps are set once the file is there.
        const isSet = async () =>
          (await runtime.execSync(id, ["test", "-e", "/tmp/ready"], { timeoutMs: 9000, signal }))
            .exitCode === 0;
        while (!(await isSet()));
        const codes: number[] = [];
        const ended = api.until(name, ({ containerStatuses: [it] = [] }) => {
          const code = it?.state?.terminated?.exitCode;
          if (code !== undefined) codes.push(code);
          return code !== undefined;
        });
        api.askDelete(pod.metadata.name, seconds);
        await ended;
        t.equal(codes.at(-1), exitCode, name);
        await api.untilGone(name);
      }
    },
  );

  await t.test("a pod that drains says that it is not ready", async (t) => {
    const drain = "rm /tmp/ready; while ! test -e /tmp/drained; do sleep 0.1; done; exit 0";
    const script = `trap '${drain}' TERM; touch /tmp/ready; while :; do sleep 0.1; done`;
    const readinessProbe = {
      periodSeconds: 1,
      failureThreshold: 1,
      exec: { command: ["test", "-e", "/tmp/ready"] },
    };
    const main = { ...container, command: ["sh", "-c", script], readinessProbe };
    api.put(testPod("drain", { containers: [main] }));
    const isReady = (wanted: boolean) =>
      api.until("drain", ({ containerStatuses: [it] = [] }) => it?.ready === wanted);
    await isReady(false);
    const up = await isReady(true);
    api.askDelete("drain", 30);
    const draining = await isReady(false);
    t.match(draining.status, { phase: "Running", containerStatuses: [{ state: { running: {} } }] });
    const id = up.status?.containerStatuses?.[0]?.containerID?.replace("containerd://", "") ?? "";
    const { signal } = new AbortController();
    await runtime.execSync(id, ["touch", "/tmp/drained"], { timeoutMs: 5000, signal });
    await api.untilGone("drain");
  });

  await t.test("a disk without a file system is a device of the container", async (t) => {
    const image = join(dir, "disk");
    await writeFile(image, "");
    await truncate(image, 2 ** 20);
    const disk = execFileSync("losetup", ["-f", "--show", image]).toString().trim();
    t.teardown(() => execFileSync("losetup", ["-d", disk]));
    const claim = { spec: { volumeName: "v" }, status: { phase: "Bound" } };
    objects.claims.set("c", testClaim("c", claim));
    const { hostPath: _none, ...spec } = testVolume("v").spec;
    const claimRef = { namespace: "default", name: "c", uid: "c" };
    const more = { volumeMode: "Block", local: { path: disk }, claimRef, ...onHost("n1") };
    objects.volumes.set("v", { ...testVolume("v"), spec: { ...spec, ...more } });
    const main = {
      ...container,
      command: ["sh", "-c", "printf written > /dev/xvda && sync"],
      volumeDevices: [{ name: "data", devicePath: "/dev/xvda" }],
    };
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "c" } }];
    api.put(testPod("disk", { restartPolicy: "Never", containers: [main], volumes }));
    await api.until("disk", ({ phase }) => phase === "Succeeded");
    t.equal((await readFile(image)).subarray(0, 7).toString(), "written");
    api.askDelete("disk", 0);
    await api.untilGone("disk");
  });
});
