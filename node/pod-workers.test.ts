import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Container } from "../api/schema/types/core-v1.gen.js";
import { watchContainerdExits } from "./containerd/containerd-events.js";
import { writeImageArchive } from "./containerd/image-archive.js";
import { importImageArchive, PAUSE_IMAGE } from "./containerd/image-import.js";
import type { Clock } from "../base/clock.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./containerd/test-containerd.js";
import { ImageCollector } from "./image-collector.js";
import { EvictionManager } from "./eviction-manager.js";
import { LinuxSampler, readFileSystem } from "./metrics/linux-sampler.js";
import { readNodeSignals } from "./metrics/node-signals.js";
import { parseThresholds } from "./plan/eviction-thresholds.js";
import type { ResizePending } from "./plan/resize.js";
import { startTestNode, testPod } from "./test-pods.js";
import { PullRecords } from "./pull-records.js";

const signal = new AbortController().signal;
const sleeper: Container = {
  name: "main",
  image: BUSYBOX_IMAGE,
  imagePullPolicy: "IfNotPresent",
  command: ["sh", "-c", "trap 'exit 0' TERM; echo started; while :; do sleep 0.1; done"],
};

void t.test("pods on containerd", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const cgroupRoot = `/${host.bridge}/node-1`;
  t.teardown(async () => {
    await host.destroy();
    for (const controller of readdirSync("/sys/fs/cgroup")) {
      const dir = join("/sys/fs/cgroup", controller, host.bridge);
      if (existsSync(dir)) execFileSync("find", [dir, "-depth", "-type", "d", "-delete"]);
    }
  });
  const { runtime, socketPath } = host;
  const start = (api?: Awaited<ReturnType<typeof startTestNode>>["api"]) =>
    startTestNode({
      runtime,
      dataDir: host.dataDir,
      cgroupRoot,
      exitEvents: (onExit, ending) => watchContainerdExits(socketPath, onExit, ending),
      resizeRoom: () => room,
      admit: ({ metadata }) =>
        metadata.name === "unwanted" ? { reason: "NodePorts", message: "taken" } : null,
      ...(api === undefined ? {} : { api }),
    });
  const exec = async (uri: string, ...cmd: string[]): Promise<string> => {
    const id = uri.replace("containerd://", "");
    const result = await runtime.execSync(id, cmd, { timeoutMs: 5000, signal });
    return Buffer.concat([result.stdout, result.stderr]).toString();
  };
  let room: ResizePending | null = null;
  let node = await start();
  t.teardown(() => node.stop());
  const { api } = node;

  await t.test("a pod runs, and is gone after it was deleted", async (t) => {
    const startedMs = performance.now();
    const pod = api.put(testPod("web", { containers: [sleeper] }));
    const running = await api.until("web", ({ phase }) => phase === "Running");
    t.comment(`pod start ${Math.round(performance.now() - startedMs)} ms`);
    const [status] = running.status?.containerStatuses ?? [];
    t.match(running.status?.podIP, /^10\./);
    t.match(status, { ready: true, started: true, restartCount: 0, image: BUSYBOX_IMAGE });
    const ready = running.status?.conditions?.filter(({ status: it }) => it === "True");
    t.same(ready?.map(({ type }) => type).sort(), [
      "ContainersReady",
      "Initialized",
      "PodReadyToStartContainers",
      "PodScheduled",
      "Ready",
    ]);
    const resolv = await exec(status?.containerID ?? "", "cat", "/etc/resolv.conf");
    t.match(resolv, /search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/);
    t.match(resolv, /nameserver 169\.254\.20\.10\noptions ndots:5/);
    t.match(
      await exec(status?.containerID ?? "", "cat", "/etc/hosts"),
      `${running.status?.podIP}\tweb`,
    );
    api.askDelete("web", 1);
    await api.untilGone("web");
    t.same(await runtime.listPodSandboxes({}, signal), []);
    t.notOk(existsSync(node.context.paths.pod(pod.metadata.uid)));
    t.notOk(existsSync(node.context.paths.logs(pod)));
    t.same(await node.context.cgroups.list(), []);
  });

  await t.test("a killed container is restarted, then with back-off", async (t) => {
    api.put(testPod("crash", { containers: [sleeper] }));
    const first = await api.until("crash", ({ phase }) => phase === "Running");
    const id = first.status?.containerStatuses?.[0]?.containerID ?? "";
    const killedMs = performance.now();
    await exec(id, "kill", "-9", "1").catch(() => "");
    await exec(id, "sh", "-c", "kill -TERM 1").catch(() => "");
    const second = await api.until(
      "crash",
      ({ containerStatuses: [it] = [] }) =>
        it?.restartCount === 1 && it.state?.running !== undefined,
    );
    t.ok(performance.now() - killedMs < 9_000, "noticed, and restarted before a first back-off");
    t.match(second.status?.containerStatuses?.[0]?.lastState?.terminated, { containerID: id });
    const again = second.status?.containerStatuses?.[0]?.containerID ?? "";
    await exec(again, "sh", "-c", "kill -TERM 1").catch(() => "");
    const waiting = await api.until(
      "crash",
      ({ containerStatuses: [it] = [] }) => it?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    t.match(
      waiting.status?.containerStatuses?.[0]?.state?.waiting?.message,
      /^back-off 10s restarting/,
    );
    t.equal(waiting.status?.phase, "Running");
    api.askDelete("crash", 0);
    await api.untilGone("crash");
  });

  await t.test("a debugging container joins a pod that runs, and sees its processes", async (t) => {
    const pod = api.put(testPod("debugged", { containers: [sleeper] }));
    await api.until("debugged", ({ phase }) => phase === "Running");
    const debug = {
      name: "debugger",
      image: BUSYBOX_IMAGE,
      imagePullPolicy: "IfNotPresent",
      command: ["sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline > /dev/termination-log; exit 3"],
      terminationMessagePath: "/dev/termination-log",
      targetContainerName: "main",
    };
    const current = api.pods.get("debugged") ?? pod;
    api.put({ ...current, spec: { ...current.spec, ephemeralContainers: [debug] } });
    const seen = await api.until(
      "debugged",
      ({ ephemeralContainerStatuses: [it] = [] }) => it?.state?.terminated !== undefined,
    );
    const [status] = seen.status?.ephemeralContainerStatuses ?? [];
    t.match(status, { name: "debugger", ready: false, restartCount: 0 });
    t.match(status?.state?.terminated, { exitCode: 3, message: /echo started/ });
    t.match(seen.status, { phase: "Running", containerStatuses: [{ ready: true }] });
    api.askDelete("debugged", 0);
    await api.untilGone("debugged");
  });

  await t.test("a killed sandbox is made anew, with its containers", async (t) => {
    const pod = api.put(testPod("sandbox", { containers: [sleeper] }));
    const before = await api.until("sandbox", ({ phase }) => phase === "Running");
    const group = await node.context.cgroups.ensure(pod.metadata.uid, pod.spec);
    const [sandbox] = node.workers.get(pod.metadata.uid)?.runtime.sandboxes ?? [];
    const tasks = join("/sys/fs/cgroup/pids", group, sandbox?.id ?? "", "cgroup.procs");
    const unified = join("/sys/fs/cgroup", group, sandbox?.id ?? "", "cgroup.procs");
    const pids = await readFile(existsSync(tasks) ? tasks : unified, "utf8");
    process.kill(Number(pids.split("\n")[0]), "SIGKILL");
    const after = await api.until(
      "sandbox",
      ({ containerStatuses: [it] = [] }) => it?.restartCount === 1 && it.ready,
    );
    t.not(after.status?.podIP, before.status?.podIP, "with a new address");
    t.ok(api.events.some((event) => event.startsWith("Normal SandboxChanged")));
    api.askDelete("sandbox", 0);
    await api.untilGone("sandbox");
    t.same(await runtime.listPodSandboxes({}, signal), []);
  });

  await t.test("probes: readiness follows, liveness restarts, startup holds back", async (t) => {
    const probe = (file: string) => ({
      exec: { command: ["cat", file] },
      periodSeconds: 1,
      failureThreshold: 1,
    });
    const probed: Container = {
      ...sleeper,
      command: ["sh", "-c", "trap 'exit 0' TERM; touch /tmp/alive; while :; do sleep 0.1; done"],
      startupProbe: { ...probe("/tmp/alive"), failureThreshold: 5 },
      livenessProbe: probe("/tmp/alive"),
      readinessProbe: probe("/tmp/ready"),
    };
    api.put(testPod("probed", { containers: [probed] }));
    const up = await api.until(
      "probed",
      ({ containerStatuses: [it] = [] }) => it?.started === true,
    );
    const id = up.status?.containerStatuses?.[0]?.containerID ?? "";
    t.equal(up.status?.containerStatuses?.[0]?.ready, false);
    await exec(id, "touch", "/tmp/ready");
    const readyMs = performance.now();
    await api.until("probed", ({ containerStatuses: [it] = [] }) => it?.ready === true);
    t.ok(performance.now() - readyMs < 9_000, "ready soon after the probe");
    await exec(id, "rm", "/tmp/ready");
    const unready = await api.until(
      "probed",
      ({ containerStatuses: [it] = [] }) => it?.ready === false,
    );
    t.equal(
      unready.status?.containerStatuses?.[0]?.restartCount,
      0,
      "unready is no reason to restart",
    );
    await exec(id, "rm", "/tmp/alive");
    const once = await api.until(
      "probed",
      ({ containerStatuses: [it] = [] }) => it?.restartCount === 1 && it.started === true,
    );
    t.ok(
      api.events.includes("Normal Killing Container main failed liveness probe, will be restarted"),
    );
    await exec(once.status?.containerStatuses?.[0]?.containerID ?? "", "rm", "/tmp/alive");
    const waiting = await api.until(
      "probed",
      ({ containerStatuses: [it] = [] }) => it?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    t.match(
      waiting.status?.containerStatuses?.[0],
      { restartCount: 1, state: { waiting: { message: /^back-off 10s restarting/ } } },
      "a container that its probe had killed backs off as any other",
    );
    api.askDelete("probed", 0);
    await api.untilGone("probed");
  });

  await t.test("what a container cannot have keeps it waiting, with the cause", async (t) => {
    const cases: readonly (readonly [string, Partial<Container>, string])[] = [
      ["never", { image: "localhost/none:1", imagePullPolicy: "Never" }, "ErrImageNeverPull"],
      ["badname", { image: "Bad//Name" }, "InvalidImageName"],
      ["noimage", { image: "127.0.0.1:1/none:1" }, "ErrImagePull"],
      ["nomap", { envFrom: [{ configMapRef: { name: "none" } }] }, "CreateContainerConfigError"],
      ["nocommand", { command: ["/none"] }, "RunContainerError"],
      ["root", { securityContext: { runAsNonRoot: true } }, "CreateContainerConfigError"],
    ];
    for (const [name, change, reason] of cases) {
      api.put(testPod(name, { containers: [{ ...sleeper, ...change }] }));
      await api.until(
        name,
        ({ containerStatuses: [it] = [] }) => it?.state?.waiting?.reason === reason,
      );
      api.askDelete(name, 0);
    }
    for (const [name] of cases) await api.untilGone(name);
    t.ok(api.events.includes('Warning Failed Error: configmap "none" not found'));
    t.ok(
      api.events.some((event) =>
        event.startsWith('Warning Failed Failed to pull image "127.0.0.1:1/'),
      ),
    );
  });

  await t.test("command and args against ENTRYPOINT and CMD", async (t) => {
    // The image has ENTRYPOINT ["/bin/sh"] and CMD ["-c", "echo image default"].
    const cases: readonly (readonly [string, Partial<Container>, string])[] = [
      ["neither", {}, "image default"],
      ["args-only", { args: ["-c", "echo args"] }, "args"],
      ["command-only", { command: ["/bin/echo"] }, ""],
      ["both", { command: ["/bin/echo"], args: ["both"] }, "both"],
    ];
    const { command: _none, ...bare } = sleeper;
    for (const [name, change, wanted] of cases) {
      const containers = [{ ...bare, ...change }];
      const pod = api.put(testPod(name, { restartPolicy: "Never", containers }));
      await api.until(name, ({ phase }) => phase === "Succeeded");
      const log = await readFile(join(node.context.paths.logs(pod), "main", "0.log"), "utf8");
      t.equal(log.trimEnd().split(" ").slice(3).join(" "), wanted, name);
      api.askDelete(name, 0);
      await api.untilGone(name);
    }
  });

  await t.test("init containers, exit codes and the log", async (t) => {
    const volumes = [{ name: "shared", emptyDir: {} }];
    const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
    const job = (name: string, script: string): Container => ({
      ...sleeper,
      securityContext: { runAsUser: 1000 },
      name,
      command: ["sh", "-c", script],
      volumeMounts,
    });
    const pod = api.put(
      testPod("job", {
        restartPolicy: "Never",
        volumes,
        initContainers: [job("init", "echo made > /shared/file")],
        containers: [
          job("main", "cat /shared/file; echo last words > /dev/termination-log; exit 3"),
        ],
      }),
    );
    const done = await api.until("job", ({ phase }) => phase === "Failed");
    t.match(done.status?.containerStatuses?.[0]?.state?.terminated, {
      exitCode: 3,
      reason: "Error",
      message: "last words\n",
    });
    t.match(done.status?.initContainerStatuses?.[0]?.state?.terminated, { exitCode: 0 });
    const log = await readFile(join(node.context.paths.logs(pod), "main", "0.log"), "utf8");
    t.match(log, /^\S+ stdout F made\n$/);
    api.askDelete("job", 1);
    await api.untilGone("job");
  });

  await t.test("images that nobody uses go, the longest unused first", async (t) => {
    const name = "localhost/raftsman-test/unused:1";
    const archive = join(host.dir, "unused.tar");
    await writeImageArchive(archive, { name, layers: [[]], config: {} });
    await importImageArchive(socketPath, archive, signal);
    api.put(testPod("user", { containers: [sleeper] }));
    await api.until("user", ({ phase }) => phase === "Running");
    const policy = { highPercent: 1, lowPercent: 0, minAgeMs: 0 };
    const { clock, logger, recorder, paths, config } = node.context;
    const records = new PullRecords(paths.pullsDir, config);
    const does = { readDisk: readFileSystem, clock, logger, recorder };
    const deps = { nodeName: "node-1", kept: [PAUSE_IMAGE], records, ...does };
    const collector = new ImageCollector(runtime, policy, deps);
    // Nobody can free the whole disk.
    await t.rejects(collector.collect(signal), { message: /Attempted to free \d+ bytes/ });
    const left = (await runtime.listImages(signal)).flatMap(({ repoTags }) => repoTags);
    t.same(left.sort(), [BUSYBOX_IMAGE, PAUSE_IMAGE].sort());
    t.ok(api.events.some((event) => event.startsWith("Warning FreeDiskSpaceFailed Failed to")));
    api.askDelete("user", 0);
    await api.untilGone("user");
  });

  await t.test("resources change while containers run", async (t) => {
    const resizePolicy = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
    const asking = (cpu: string, memory: string): Container => {
      const amounts = { cpu, memory };
      const resources = { requests: amounts, limits: amounts };
      return { ...sleeper, resizePolicy, resources };
    };
    const pod = api.put(testPod("grows", { containers: [asking("200m", "64Mi")] }));
    await api.until("grows", ({ phase }) => phase === "Running");
    const change = (container: Container): void => {
      const now = api.pods.get("grows") ?? pod;
      api.put({ ...now, spec: { ...now.spec, containers: [container] } });
    };
    const has = (cpu: string, memory: string) =>
      api.until("grows", ({ containerStatuses: [status] = [] }) => {
        const { limits } = status?.resources ?? {};
        return limits?.["cpu"] === cpu && limits["memory"] === memory && status?.ready === true;
      });
    const limitOf = async (...path: readonly string[]): Promise<number> => {
      const v2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
      const file = v2 ? "cpu.max" : "cpu.cfs_quota_us";
      const root = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
      return Number.parseInt(await readFile(join(root, group, ...path, file), "utf8"), 10);
    };
    const group = await node.context.cgroups.ensure(pod.metadata.uid, pod.spec);
    const first = (await has("200m", "64Mi")).status?.containerStatuses?.[0];
    const id = (first?.containerID ?? "").replace("containerd://", "");
    t.same([await limitOf(), await limitOf(id)], [20_000, 20_000]);

    change(asking("500m", "64Mi"));
    const grown = (await has("500m", "64Mi")).status;
    t.match(grown?.containerStatuses?.[0], { containerID: first?.containerID, restartCount: 0 });
    t.same(grown?.containerStatuses?.[0]?.allocatedResources, { cpu: "500m", memory: "64Mi" });
    t.same([await limitOf(), await limitOf(id)], [50_000, 50_000]);
    change(asking("100m", "64Mi"));
    await has("100m", "64Mi");
    t.same([await limitOf(), await limitOf(id)], [10_000, 10_000]);

    change(asking("100m", "32Mi"));
    const again = (await has("100m", "32Mi")).status?.containerStatuses?.[0];
    t.equal(again?.restartCount, 1, "its policy asks for a new start");
    room = { reason: "Deferred", message: "later" };
    change(asking("300m", "32Mi"));
    const waiting = await api.until("grows", ({ conditions = [] }) =>
      conditions.some(({ type }) => type === "PodResizePending"),
    );
    t.match(
      waiting.status?.conditions?.find(({ type }) => type === "PodResizePending"),
      { status: "True", reason: "Deferred", message: "later" },
    );
    t.equal(waiting.status?.containerStatuses?.[0]?.allocatedResources?.["cpu"], "100m");
    room = null;
    node.workers.get(pod.metadata.uid)?.wake();
    const { status } = await has("300m", "32Mi");
    t.notOk(status?.conditions?.some(({ type }) => type.startsWith("PodResize")));
    api.askDelete("grows", 0);
    await api.untilGone("grows");
  });

  await t.test("a node that runs short makes room, one pod at a time", async (t) => {
    const sampler = new LinuxSampler({
      cgroupRoot,
      dataDir: host.dataDir,
      pods: () => node.workers.all(),
      layers: (stop) => node.context.runtime.containerDiskUsage(stop),
      claimFolder: () => null,
      clock: node.context.clock,
    });
    /** One look of a node with such a threshold. */
    const look = async (hard: Readonly<Record<string, string>>): Promise<EvictionManager> => {
      const manager = await managerOf({ hard });
      await manager.synchronize(signal);
      return manager;
    };
    /** How far the clock of the manager is ahead of everybody else's. */
    let aheadMs = 0;
    const managerOf = async (given: {
      readonly hard?: Readonly<Record<string, string>>;
      readonly soft?: Readonly<Record<string, string>>;
      readonly softGracePeriod?: Readonly<Record<string, string>>;
    }): Promise<EvictionManager> => {
      const texts = { hard: {}, soft: {}, softGracePeriod: {}, minimumReclaim: {}, ...given };
      const thresholds = parseThresholds(texts);
      if (typeof thresholds === "string") throw new Error(thresholds);
      const sample = await sampler.sample(signal);
      const config = { thresholds, transitionMs: 60_000, maxPodGraceSeconds: 1 };
      const { clock } = node.context;
      const ahead: Clock = {
        nowMs: () => clock.nowMs() + aheadMs,
        monotonicMs: () => clock.monotonicMs() + aheadMs,
        schedule: (delayMs, run) => clock.schedule(delayMs, run),
      };
      return new EvictionManager(config, {
        context: { ...node.context, clock: ahead },
        images: { removeUnused: () => Promise.resolve() },
        workers: () => node.workers.all(),
        readSignals: () => readNodeSignals(host.dataDir, null, ahead),
        sample: () => sample,
        onConditions: () => {},
      });
    };
    const evicted = (name: string) => api.until(name, ({ phase }) => phase === "Failed");
    const requests = { memory: "2Gi" };
    api.put(testPod("frugal", { containers: [{ ...sleeper, resources: { requests } }] }));
    api.put(testPod("greedy", { containers: [sleeper] }));
    const fill = ["sh", "-c", "head -c 3000000 /dev/zero > /d/file"];
    const volumeMounts = [{ name: "d", mountPath: "/d" }];
    api.put(
      testPod("full", {
        initContainers: [{ ...sleeper, name: "fill", command: fill, volumeMounts }],
        containers: [{ ...sleeper, volumeMounts }],
        volumes: [{ name: "d", emptyDir: { sizeLimit: "1Mi" } }],
      }),
    );
    const polite = ["sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done"];
    api.put(testPod("patient", { containers: [{ ...sleeper, command: polite }] }));
    const all = ["frugal", "greedy", "full", "patient"];
    await Promise.all(all.map((name) => api.until(name, ({ phase }) => phase === "Running")));

    await look({});
    const full = await evicted("full");
    t.match(full.status, {
      reason: "Evicted",
      message: 'Usage of EmptyDir volume "d" exceeds the limit "1Mi". ',
    });

    const soft = await managerOf({
      soft: { "memory.available": "100Ti" },
      softGracePeriod: { "memory.available": "90s" },
    });
    const running = () =>
      ["frugal", "greedy", "patient"].filter(
        (name) => api.pods.get(name)?.status?.phase === "Running",
      );
    await soft.synchronize(signal);
    aheadMs = 80_000;
    await soft.synchronize(signal);
    t.same([...soft.conditions], ["MemoryPressure"], "it is said at once");
    t.equal(running().length, 3, "and nobody goes within the grace period");
    aheadMs = 91_000;
    await soft.synchronize(signal);
    const ended = await Promise.race(["greedy", "patient"].map(evicted));
    t.match(
      ended.status?.message,
      /^The node was low on resource: memory\. Threshold quantity: 100Ti/,
    );
    t.equal(running().length, 2, "one pod at a time");
    aheadMs = 0;
    const next = running().includes("greedy") ? "greedy" : "patient";

    const short = await look({ "memory.available": "100Ti" });
    t.same([...short.conditions], ["MemoryPressure"]);
    const greedy = await evicted(next);
    t.match(
      greedy.status?.message,
      /^The node was low on resource: memory\. Threshold quantity: 100Ti/,
    );
    t.match(greedy.status?.message, /Container main was using \w+, request is 0, has larger/);
    const condition = greedy.status?.conditions?.find(({ type }) => type === "DisruptionTarget");
    t.match(condition, { status: "True", reason: "TerminationByKubelet" });
    t.equal(greedy.status?.containerStatuses?.[0]?.state?.running, undefined);
    t.equal(api.pods.get("frugal")?.status?.phase, "Running", "it has what it asked for");

    // One that the node has not taken has nothing to give back, and is not waited for.
    api.put(testPod("unwanted", { containers: [sleeper] }));
    await evicted("unwanted");
    await look({ "nodefs.available": "100Ti" });
    t.match((await evicted("frugal")).status?.message, /^The node was low on .*ephemeral-storage/);
    const left = await runtime.listContainers({}, signal);
    const names = left.map(({ labels }) => labels["io.kubernetes.pod.name"]);
    t.same([...new Set(names)], ["frugal"], "what had ended before went first");
    for (const name of [...all, "unwanted"]) {
      api.askDelete(name, 0);
      await api.untilGone(name);
    }
  });

  await t.test(
    "one that has to go within a minute goes at once when it is deleted so",
    async (t) => {
      const stubborn = ["sh", "-c", "trap 'echo told' TERM; while :; do sleep 0.1; done"];
      const pod = api.put(testPod("told", { containers: [{ ...sleeper, command: stubborn }] }));
      await api.until("told", ({ phase }) => phase === "Running");
      const worker = [...node.workers.all()].find(({ uid }) => uid === pod.metadata.uid);
      const startedMs = performance.now();
      const ended = worker?.evict({ reason: "Evicted", message: "m" }, 60);
      api.askDelete("told", 1);
      await api.untilGone("told");
      await ended;
      t.ok(performance.now() - startedMs < 30_000);
    },
  );

  await t.test("an agent restart adopts what runs", async (t) => {
    api.put(testPod("adopted", { containers: [sleeper] }));
    const before = await api.until("adopted", ({ phase }) => phase === "Running");
    await node.stop();
    node = await start(api);
    await node.pleg.relist(signal);
    api.put(api.pods.get("adopted") ?? before);
    const after = await api.until("adopted", ({ phase }) => phase === "Running");
    t.same(after.status?.containerStatuses, before.status?.containerStatuses);
    api.pods.delete("adopted");
    await node.stop();
    node = await start(api);
    await node.workers.whenEmpty(AbortSignal.timeout(15_000));
    t.same(await runtime.listPodSandboxes({}, signal), [], "a pod that is gone is removed");
  });
});
