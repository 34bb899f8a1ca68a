import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ChaosCluster, type ChaosClusterOptions } from "./chaos-cluster.js";
import { type ChaosOutcome, runChaos } from "./chaos-run.js";
import { parseHistory } from "./history.js";
import type { Nemesis } from "./nemeses/nemesis.js";
import { PAUSE_CUT_OFF } from "./nemeses/partition.js";
import { powerLossNemesis } from "./nemeses/power-loss.js";
import { makeWorkload } from "./workloads/workloads.js";

const TIMEOUT_MS = 200_000;
const LIMIT = { timeout: TIMEOUT_MS };
/** Long enough for either fault below; up to twice as long where the computer is slow. */
const MINUTES = 0.25;
const UNSAFE_LEASE_READS = "RAFTSMAN_CHAOS_UNSAFE_LEASE_READS";
/** LevelDB keeps nothing: what it knows more than the log would keep a server from starting. */
const NOTHING_KEPT = powerLossNemesis(() => 0);

t.setTimeout(3 * TIMEOUT_MS);

async function attackedBy(
  nemeses: readonly Nemesis[],
  options: ChaosClusterOptions,
): Promise<ChaosOutcome> {
  const out = mkdtempSync(join(tmpdir(), "chaos-control-"));
  const { signal } = new AbortController();
  const cluster = await ChaosCluster.start(options, signal);
  try {
    const outcome = await runChaos(cluster, {
      minutes: MINUTES,
      seed: 1,
      workloads: ["append", "register"].map(makeWorkload),
      nemeses,
      okWanted: 0,
      out,
      signal,
      note: (text) => t.comment(text),
    });
    for (const { name, calls } of outcome.workloads) {
      const file = readFileSync(join(out, "history", `${name}.jsonl`), "utf8");
      const invoked = parseHistory(file).filter(({ type }) => type === "invoke");
      t.equal(invoked.length, calls.length, `${name}: the file holds the whole history`);
    }
    return outcome;
  } finally {
    await cluster.stop();
    rmSync(out, { recursive: true, force: true });
  }
}

function kindsIn(outcome: ChaosOutcome, workload: string): string[] {
  const own = outcome.workloads.find(({ name }) => name === workload);
  return [...new Set((own?.result.violations ?? []).map(({ kind }) => kind))];
}

void t.test("a suite that finds nothing is suspect", { timeout: 3 * TIMEOUT_MS }, async (t) => {
  await t.test("without fsync a power loss costs writes, and that is noticed", LIMIT, async (t) => {
    const options = { servers: 1, nodes: 0, unsafeNoFsync: true };
    const outcome = await attackedBy([NOTHING_KEPT], options);
    t.equal(outcome.verdict.valid, false);
    t.ok(kindsIn(outcome, "append").includes("lost"), "a lost write");
    t.ok(kindsIn(outcome, "register").includes("not-linearizable"), "a register went back");
    const window = outcome.verdict.workloads["append"]?.smallestFailingWindow;
    t.ok(window !== null && window !== undefined, "with the window that shows it");
  });

  await t.test(
    "leases that outlive a pause give stale reads, and that is noticed",
    LIMIT,
    async (t) => {
      process.env[UNSAFE_LEASE_READS] = "1";
      t.teardown(() => delete process.env[UNSAFE_LEASE_READS]);
      const outcome = await attackedBy([PAUSE_CUT_OFF], { servers: 3, nodes: 0 });
      t.equal(outcome.verdict.valid, false);
      t.ok(kindsIn(outcome, "append").includes("stale-read"), "a stale read");
      t.notOk(kindsIn(outcome, "append").includes("lost"), "nothing is lost");
      t.ok(kindsIn(outcome, "register").includes("not-linearizable"), "a register went back");
      t.equal(outcome.verdict.replicas.valid, true, "and the servers agree all the same");
    },
  );

  await t.test("without these switches no promise is broken", LIMIT, async (t) => {
    const outcome = await attackedBy([NOTHING_KEPT, PAUSE_CUT_OFF], { servers: 3, nodes: 0 });
    const { verdict } = outcome;
    t.not(verdict.valid, false, JSON.stringify(verdict));
    t.same(verdict.casualties, []);
    for (const { name } of [NOTHING_KEPT, PAUSE_CUT_OFF])
      t.ok((verdict.nemeses[name]?.bit ?? 0) > 0, `and ${name} took hold`);
  });
});
