import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import type { Probe } from "../../api/schema/types/core-v1.gen.js";
import { ProbeCounts } from "../metrics/probe-counts.js";
import type { NodeContext } from "../node-context.js";
import { aContainer, aPod, aRecord, running } from "../plan/plan-fixtures.js";
import { PodProbes } from "./probe-manager.js";

const SECOND: Probe = { periodSeconds: 1, failureThreshold: 2, exec: { command: ["ask"] } };

/** A pod whose probes run commands that end as told. */
function start(
  probes: Partial<Record<"livenessProbe" | "readinessProbe" | "startupProbe", Probe>>,
) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const exitCodes = new Map<string, number>();
  const context = {
    config: { simulated: false, nodeIp: "192.0.2.1" },
    clock,
    logger: silentLogger,
    probeCounts: new ProbeCounts(),
    recorder: { event: () => {} },
    runtime: {
      execSync: (_id: string, [command = ""]: readonly string[]) => {
        asked.push(command);
        const exitCode = exitCodes.get(command) ?? 0;
        return Promise.resolve({ exitCode, stdout: Buffer.of(), stderr: Buffer.of() });
      },
    },
  } as unknown as NodeContext;
  let changes = 0;
  const pod = aPod({ containers: [aContainer("main", probes)] });
  const runtime = running(aRecord("main"));
  const manager = new PodProbes(context, () => {
    changes += 1;
  });
  manager.sync(pod, runtime);
  return {
    asked,
    exitCodes,
    manager,
    verdicts: () => manager.verdicts(pod, runtime),
    changes: () => changes,
    /** Seconds go by, and what they start is done. */
    pass: async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds; i += 1) {
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        clock.advance(1000);
      }
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
  };
}
const asking = (command: string): Probe => ({ ...SECOND, exec: { command: [command] } });

void t.test("a container that is to be restarted is asked no more", async (t) => {
  const pod = start({ livenessProbe: asking("live"), readinessProbe: asking("ready") });
  t.teardown(() => pod.manager.stop());
  await pod.pass(2);
  pod.exitCodes.set("live", 1);
  await pod.pass(2);
  t.same([...pod.verdicts().livenessFailed], ["main-1"]);
  const count = (name: string): number => pod.asked.filter((it) => it === name).length;
  const [live, ready] = [count("live"), count("ready")];
  await pod.pass(5);
  t.equal(count("live"), live);
  t.equal(count("ready"), ready + 5, "whether it is ready counts until it has ended");
  t.same([...pod.verdicts().livenessFailed], ["main-1"]);
});

void t.test("nor is one that did not come up", async (t) => {
  const pod = start({ startupProbe: asking("up"), livenessProbe: asking("live") });
  t.teardown(() => pod.manager.stop());
  pod.exitCodes.set("up", 1);
  await pod.pass(5);
  t.same(pod.asked, ["up", "up"]);
  t.same([...pod.verdicts().startupFailed], ["main-1"]);
});

void t.test("a pod that is ending may still become unready", async (t) => {
  const pod = start({ livenessProbe: asking("live"), readinessProbe: asking("ready") });
  t.teardown(() => pod.manager.stop());
  await pod.pass(1);
  t.same([...pod.verdicts().ready], ["main-1"]);
  pod.manager.onlyReadiness();
  const before = pod.changes();
  const lives = pod.asked.filter((it) => it === "live").length;
  pod.exitCodes.set("ready", 1).set("live", 1);
  await pod.pass(3);
  t.same([...pod.verdicts().ready], []);
  t.same([...pod.verdicts().livenessFailed], []);
  t.equal(pod.asked.filter((it) => it === "live").length, lives);
  t.equal(pod.changes(), before + 1);
});
