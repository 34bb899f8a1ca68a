import { setImmediate as turn } from "node:timers/promises";
import t, { type Test } from "tap";
import { systemRandom } from "../api/client/system-clock.js";
import { ManualClock } from "../base/clock.js";
import { silentLogger } from "../base/logger.js";
import type { ContainerFilter } from "./cri/cri-types.js";
import { containerConfigFor, sandboxConfigFor } from "./cri/runtime-contract.js";
import { HollowRuntime } from "./hollow/hollow-runtime.js";
import { RUNTIME_KEYS } from "./plan/pod-runtime.js";
import { type ExitEvents, Pleg } from "./pleg.js";

const PODS = 50;

/** Notes what it is asked for. */
class AskedRuntime extends HollowRuntime {
  readonly asked: ContainerFilter[] = [];

  override listContainers(filter: ContainerFilter): ReturnType<HollowRuntime["listContainers"]> {
    this.asked.push(filter);
    return super.listContainers(filter);
  }
}

/** A node with fifty pods of one container each, and what is noticed of them. */
async function startPods(t: Test): Promise<{
  readonly runtime: AskedRuntime;
  readonly clock: ManualClock;
  readonly changed: string[];
  /** By the number of its pod. */
  readonly containers: readonly string[];
  readonly tell: (id: string | null) => void;
}> {
  const clock = new ManualClock();
  const runtime = new AskedRuntime({ version: "1" }, { clock, random: systemRandom });
  runtime.setPodCidr("10.9.0.0/24");
  await runtime.pullImage({ image: "none" });
  const containers: string[] = [];
  const subject = { runtime, image: "none", logDirectory: "", cgroupParent: "" };
  for (let index = 0; index < PODS; index += 1) {
    const uid = `uid-${index}`;
    const labels = { [RUNTIME_KEYS.podUid]: uid };
    const metadata = { name: `pod-${index}`, uid, namespace: "default", attempt: 0 };
    const config = { ...sandboxConfigFor(subject), metadata, labels };
    const podSandboxId = await runtime.runPodSandbox({ config });
    const container = { ...containerConfigFor(subject), labels };
    const id = await runtime.createContainer({ podSandboxId, config: container });
    await runtime.startContainer(id);
    containers.push(id);
  }
  const changed: string[] = [];
  let tell: (id: string | null) => void = () => {};
  const exitEvents: ExitEvents = (onExit, signal) => {
    tell = onExit;
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  };
  const pleg = new Pleg(runtime, {
    clock,
    logger: silentLogger,
    exitEvents,
    onChange: (uid) => changed.push(uid),
    onHealth: () => {},
    onRelist: () => {},
  });
  const stop = new AbortController();
  const running = pleg.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await running;
  });
  await turn();
  t.equal(changed.splice(0).length, PODS, "the first listing names all");
  runtime.asked.length = 0;
  return { runtime, clock, changed, containers, tell: (id) => tell(id) };
}

void t.test("a container ends and is told of: its pod alone is looked at", async (t) => {
  const { runtime, changed, containers, tell } = await startPods(t);
  const [id = ""] = containers.slice(7);
  await runtime.stopContainer(id);
  tell(id);
  await turn();
  t.same(changed, ["uid-7"]);
  t.same(runtime.asked, [{ id }, { labelSelector: { [RUNTIME_KEYS.podUid]: "uid-7" } }]);
  tell(id);
  await turn();
  t.same(changed, ["uid-7"], "told of twice, it is the same end");
});

void t.test("told of before the runtime has noted it: it is looked at again soon", async (t) => {
  const { runtime, clock, changed, containers, tell } = await startPods(t);
  const [id = ""] = containers;
  tell(id);
  await turn();
  t.same(changed, []);
  await runtime.stopContainer(id);
  clock.advance(100);
  await turn();
  t.same(changed, ["uid-0"]);
  runtime.asked.length = 0;
  clock.advance(1_000);
  await turn();
  t.same(runtime.asked, [], "and then no more");
});

void t.test("nobody tells of an end, or which: a listing does", async (t) => {
  const { runtime, clock, changed, containers, tell } = await startPods(t);
  const [first = "", second = ""] = containers;
  await runtime.stopContainer(first);
  clock.advance(3_000);
  await turn();
  t.same(changed, ["uid-0"]);
  await runtime.stopContainer(second);
  tell(null);
  await turn();
  t.same(changed, ["uid-0", "uid-1"]);
});
