import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock, systemRandom } from "../api/client/system-clock.js";
import type { Container } from "../api/schema/types/core-v1.gen.js";
import { silentLogger } from "../base/logger.js";
import { HollowRuntime } from "./hollow/hollow-runtime.js";
import type { Admit, Preempt } from "./pod-workers.js";
import { startTestNode, type TestApi, testPod } from "./test-pods.js";

const container: Container = { name: "main", image: "none" };
const REASON = "OutOfpods";
/** A node for two pods, whatever they ask for. */
const admit: Admit = (_pod, others) =>
  others.length < 2 ? null : { reason: REASON, message: "full" };

/** Whoever is there makes way for a pod of that name. */
const preempt: Preempt = (pod, { candidates }) =>
  pod.metadata.name === "critical" ? candidates.slice(0, 1) : [];

async function preempted(
  t: Test,
  api: TestApi,
  running: (name: string) => Promise<unknown>,
): Promise<void> {
  api.put(testPod("critical", { containers: [container] }));
  await running("critical");
  const victim = [...api.pods.values()].find(({ status }) => status?.reason === "Preempting");
  t.match(victim?.status, { phase: "Failed", message: "Preempted in order to admit critical pod" });
  for (const name of ["critical", victim?.metadata.name ?? ""]) {
    api.askDelete(name, 0);
    await api.untilGone(name);
  }
  api.put(testPod(victim?.metadata.name ?? "", { containers: [container] }));
  await running(victim?.metadata.name ?? "");
}

void t.test("a pod that the node does not take", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "raftsman-admission-"));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const deps = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const runtime = new HollowRuntime({ version: "v1" }, deps);
  runtime.setPodCidr("10.9.0.0/24");
  const start = (api?: TestApi) =>
    startTestNode({ runtime, dataDir, cgroupRoot: null, admit, preempt, ...(api ? { api } : {}) });
  const first = await start();
  const { api } = first;
  const put = (name: string) => api.put(testPod(name, { containers: [container] }));
  const running = (name: string) => api.until(name, ({ phase }) => phase === "Running");

  put("one");
  put("two");
  await Promise.all([running("one"), running("two")]);
  put("three");
  const { status } = await api.until("three", ({ phase }) => phase === "Failed");
  t.match(status, { reason: REASON, message: "Pod was rejected: full", qosClass: "BestEffort" });
  t.equal(status?.containerStatuses, undefined, "none of its containers was ever looked at");
  t.ok(api.events.includes(`Warning ${REASON} full`));
  api.askDelete("three", 0);
  await api.untilGone("three");

  api.askDelete("one", 0);
  await api.untilGone("one");
  put("four");
  await running("four");
  t.pass("what is gone makes room");
  await preempted(t, api, running);
  await first.stop();

  const older = testPod("five", { containers: [container] });
  const long = { ...older.metadata, creationTimestamp: "2020-01-01T00:00:00Z" };
  api.put({ ...older, metadata: long });
  const again = await start(api);
  t.teardown(() => again.stop());
  const five = await api.until("five", ({ phase }) => phase === "Failed");
  t.equal(five.status?.reason, REASON, "what runs when the agent starts stays, though younger");
  for (const name of ["two", "four"]) t.equal(api.pods.get(name)?.status?.phase, "Running", name);
});
