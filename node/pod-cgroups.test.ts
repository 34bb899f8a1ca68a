import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { PodSpec } from "../api/schema/types/core-v1.gen.js";
import { LinuxPodCgroups } from "./pod-cgroups.js";

const needsRoot = { skip: process.getuid?.() !== 0 && "needs root" };

function spec(requests: Readonly<Record<string, string>>, limits = {}): PodSpec {
  return { containers: [{ name: "main", image: "i", resources: { requests, limits } }] };
}

void t.test("pods weigh what they asked for, and their classes too", needsRoot, async (t) => {
  const root = `/rmt-cgroups-${randomBytes(3).toString("hex")}`;
  const cgroups = new LinuxPodCgroups(root);
  t.teardown(() => cgroups.removeAll());
  const unified = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const [mount, file] = unified
    ? ["/sys/fs/cgroup", "cpu.weight"]
    : ["/sys/fs/cgroup/cpu", "cpu.shares"];
  const weightOf = async (path: string): Promise<number> =>
    Number(await readFile(join(mount, path, file), "utf8"));
  const lowest = unified ? 1 : 2;

  const burstable = await cgroups.ensure("a", spec({ cpu: "2" }));
  const one = await weightOf(burstable);
  t.equal(burstable, `${root}/burstable/poda`);
  t.equal(await weightOf(`${root}/burstable`), one);
  await cgroups.ensure("b", spec({ cpu: "2" }));
  t.equal(await weightOf(`${root}/burstable`), 2 * one, "a class weighs what its pods do");
  await cgroups.ensure("c", spec({}));
  t.equal(await weightOf(`${root}/besteffort`), lowest, "who asked for nothing yields to all");
  const guaranteed = await cgroups.ensure(
    "d",
    spec({ cpu: "1", memory: "64Mi" }, { cpu: "1", memory: "64Mi" }),
  );
  t.equal(guaranteed, `${root}/podd`, "guaranteed pods stand beside the classes");

  const [memory, limit] = unified
    ? ["/sys/fs/cgroup", "memory.max"]
    : ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"];
  const limited = new LinuxPodCgroups(root, { memoryBytes: 2 ** 30 });
  await limited.ensure("e", spec({}));
  t.equal(Number(await readFile(join(memory, root, limit), "utf8")), 2 ** 30, "all pods together");
  await limited.remove("e");

  const afterRestart = new LinuxPodCgroups(root);
  t.same([...(await afterRestart.list())].sort(), ["a", "b", "c", "d"]);
  await afterRestart.remove("b");
  t.equal(await weightOf(`${root}/burstable`), one, "a new agent counts what is there");
  await afterRestart.remove("a");
  t.equal(await weightOf(`${root}/burstable`), lowest);
});

void t.test("nothing of the node is left: who still ends is waited for", needsRoot, async (t) => {
  const root = `/rmt-cgroups-${randomBytes(3).toString("hex")}`;
  const cgroups = new LinuxPodCgroups(root);
  const path = await cgroups.ensure("a", spec({ cpu: "1" }));
  const mount = existsSync("/sys/fs/cgroup/cgroup.controllers")
    ? "/sys/fs/cgroup"
    : "/sys/fs/cgroup/cpu";
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  await writeFile(join(mount, path, "cgroup.procs"), `${child.pid}`);
  await t.rejects(cgroups.removeAll(100), { message: new RegExp(`${root}.* still`) });
  const removed = cgroups.removeAll();
  child.kill("SIGKILL");
  await removed;
  t.notOk(existsSync(join(mount, root)));
});
