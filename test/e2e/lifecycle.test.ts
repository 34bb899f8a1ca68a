import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";
import { machineState } from "./machine-state.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/**
 * Commands that are interrupted, run twice at once, or meet hosts that are dead, paused or hung.
 */

/** How long a process keeps a cgroup busy after everything else has ended. */
const LEAVING_MS = 2_000;
const PODS = 60;
const COMMAND = join(import.meta.dirname, "../../../deploy/raftsman.js");
t.setTimeout(600_000);

const cluster = new TestCluster("life");
const before = machineState(cluster.name);
t.teardown(() => cluster.destroy());

/**
 * What there is now that was not before; of processes, mounts and cgroups those of this cluster.
 */
function leftBehind(): Record<string, readonly string[]> {
  const ours = new RegExp(`${cluster.home}/|\\(${cluster.name}\\)|/raftsman/${cluster.name}(/|$)`);
  const left: Record<string, readonly string[]> = {};
  for (const [kind, lines] of Object.entries(machineState(cluster.name))) {
    const own = ["processes", "mounts", "cgroups"].includes(kind);
    const known: readonly string[] = before[kind as keyof typeof before];
    const more = (lines as readonly string[]).filter(
      (line) => !known.includes(line) && (!own || ours.test(line)),
    );
    if (more.length > 0) left[kind] = more;
  }
  return left;
}

/** Starts `up` and sends it SIGINT when its output shows `at`. */
async function interruptedUp(at: RegExp | null): Promise<{ code: number; stderr: string }> {
  const env = { ...process.env, RAFTSMAN_HOME: cluster.home, RAFTSMAN_CLUSTER: cluster.name };
  const child = spawn(process.execPath, [COMMAND, "up"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  let sent = false;
  const interrupt = (): void => {
    if (!sent) child.kill("SIGINT");
    sent = true;
  };
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    if (at?.test(stderr) === true) interrupt();
  });
  if (at === null) await until("the cluster's folder", async () => hasHosts());
  if (at === null) interrupt();
  const [code] = (await once(child, "exit")) as [number];
  return { code, stderr };
}

function hasHosts(): boolean {
  try {
    return readdirSync(join(cluster.home, cluster.name, "hosts")).length > 0;
  } catch {
    return false;
  }
}

await t.test("up, interrupted at any step, is undone", async (t) => {
  for (const at of [null, /✓ server/, /✓ every node is Ready/, /✓ deploy/, /✓ its pods/]) {
    const { code, stderr } = await interruptedUp(at);
    t.equal(code, 130, `${at}: ${stderr}`);
    t.match(stderr, /error: interrupted\n +Nothing was left behind/);
    t.same(leftBehind(), {}, `${at}`);
    t.same(readdirSync(cluster.home), [], "no file is left");
  }
});

await t.test("two ups at once make one cluster", async (t) => {
  const results = await Promise.all([
    cluster.raftsman(["up", "--empty"]),
    cluster.raftsman(["up", "--empty"]),
  ]);
  for (const { code, stderr } of results) t.equal(code, 0, stderr);
  const said = results.map(({ stderr }) => stderr).join("");
  t.match(said, /another raftsman \(pid \d+\) works on this cluster/);
  t.match(said, /server-1 \(was running\)/);
});

await t.test("everything dead at once, as after a reboot: up starts it again", async (t) => {
  const kubectl = cluster.kubectl();
  await kubectl.ok(["create", "configmap", "kept", "--from-literal=a=b"]);
  for (const host of (await cluster.status()).hosts)
    for (const { pid } of host.processes) process.kill(pid, "SIGKILL");
  await until("nothing to run", async () =>
    (await cluster.status()).hosts.every(({ processes }) => processes.length === 0),
  );
  const { code, stderr } = await cluster.raftsman(["up"]);
  t.equal(code, 0, stderr);
  t.match(stderr, /<h1>It floats\.<\/h1>/);
  t.match(await kubectl.ok(["get", "configmap", "kept", "-o", "name"]), /configmap\/kept/);
});

await t.test("a paused node is NotReady within seconds, and Ready when it goes on", async (t) => {
  const kubectl = cluster.kubectl();
  await cluster.ok(["pause", "node-1"]);
  const paused = performance.now();
  await until("NotReady", async () => /NotReady/.test(await kubectl.ok(["get", "nodes"])));
  t.ok(performance.now() - paused < 10_000, `${Math.round(performance.now() - paused)} ms`);
  await cluster.ok(["resume", "node-1"]);
  await until("Ready", async () => / Ready/.test(await kubectl.ok(["get", "nodes"])));
});

await t.test("down with a paused server, a dead agent and a hung containerd", async (t) => {
  process.kill(await cluster.pidOf("node-1", "agent"), "SIGKILL");
  process.kill(await cluster.pidOf("node-1", "containerd"), "SIGSTOP");
  await cluster.ok(["pause", "server-1"]);
  // A process that takes its time to leave a cgroup keeps that busy, and is waited for.
  const cgroup = join("/sys/fs/cgroup/memory/raftsman", cluster.name);
  const [v1, v2] = [cgroup, cgroup.replace("/memory/", "/")];
  const procs = join(existsSync(v1) ? v1 : v2, "cgroup.procs");
  const leaving = spawn("sh", ["-c", `echo $$ > ${procs} && exec sleep 600`], { stdio: "ignore" });
  t.teardown(() => leaving.kill("SIGKILL"));
  const server = await cluster.pidOf("server-1", "consensus");
  const left = until("the server to end", async () => !existsSync(`/proc/${server}`)).then(() =>
    setTimeout(() => leaving.kill("SIGKILL"), LEAVING_MS),
  );
  const { code, stderr } = await cluster.raftsman(["down"]);
  await left;
  t.equal(code, 0, stderr);
  t.same(leftBehind(), {});
  const files = readdirSync(cluster.home).filter((name) => name !== ".kube"); // kubectl's own.
  t.same(files, []);
});

await t.test("down amid pods that start", async (t) => {
  await cluster.ok(["up", "--empty"]);
  const file = join(cluster.home, "pods.json");
  const items = Array.from({ length: PODS }, (_, index) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `p-${index}` },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "c", image: BUSYBOX_IMAGE, command: ["sleep", "3600"] }],
    },
  }));
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const kubectl = cluster.kubectl();
  await kubectl.ok(["create", "-f", file]);
  // Some run by then, some are known to the runtime, and some it is just making.
  await until("the first to run", async () =>
    / Running /.test(await kubectl.ok(["get", "pods", "--no-headers"])),
  );
  const { code, stderr } = await cluster.raftsman(["down"]);
  t.equal(code, 0, stderr);
  t.match(stderr, /^✓ cluster .* stopped and removed/, "and nothing else is said");
  t.same(leftBehind(), {});
});
