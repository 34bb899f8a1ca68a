/** `npm run chaos`: a cluster, clients, faults, a verdict. */
import { randomInt } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandError, EXIT, printError } from "../../deploy/cli/output.js";
import { Progress } from "../../deploy/cli/progress.js";
import { ChaosCluster } from "./chaos-cluster.js";
import { type ChaosOutcome, runChaos } from "./chaos-run.js";
import type { Nemesis } from "./nemeses/nemesis.js";
import { NEMESES, nemesesFor } from "./nemeses/nemeses.js";
import { type ChaosOptions, helpText, parseChaosOptions } from "./options.js";
import { plural } from "./plural.js";
import { renderReport } from "./report/report.js";
import { exitCodeOf, OK_OPERATIONS_MIN, type Verdict } from "./verdict.js";
import { makeWorkload, WORKLOADS } from "./workloads/workloads.js";

const CHOICES = { workloads: WORKLOADS, nemeses: NEMESES };

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) process.stdout.write(helpText(CHOICES));
else process.exitCode = await main(args);

async function main(given: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => interrupt.abort());
  try {
    const options = parseChaosOptions(given, CHOICES, randomInt(2 ** 31));
    return await run(options, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted && !(error instanceof CommandError)) {
      process.stderr.write("interrupted: the cluster was taken down\n");
      return EXIT.interrupted;
    }
    return printError("table", error);
  }
}

async function run(options: ChaosOptions, signal: AbortSignal): Promise<number> {
  const nemeses = chosenNemeses(options);
  const out = resolve(options.out);
  for (const folder of ["history", "logs"])
    rmSync(join(out, folder), { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const progress = new Progress();
  const { servers, nodes } = options;
  const cluster = await progress.step(
    `${plural(servers, "server")}, ${plural(nodes, "node")}`,
    () => ChaosCluster.start(options, signal),
  );
  let outcome: ChaosOutcome;
  try {
    progress.note(`seed ${options.seed}; nemeses ${nemeses.map(({ name }) => name).join(", ")}`);
    outcome = await runChaos(cluster, {
      ...options,
      workloads: options.workloads.map(makeWorkload),
      nemeses,
      // A little more than a verdict needs, for operations at the edges.
      okWanted: 1.1 * OK_OPERATIONS_MIN,
      out,
      signal,
      note: (text) => progress.note(`… ${text}`),
    });
  } finally {
    cluster.keepLogs(join(out, "logs"));
    await progress.step("taken down", () => cluster.stop());
  }
  writeFileSync(join(out, "verdict.json"), `${JSON.stringify(outcome.verdict, null, 2)}\n`);
  writeFileSync(join(out, "report.html"), renderReport({ ...outcome, options }));
  process.stdout.write(`${summaryOf(outcome.verdict)}report: ${join(out, "report.html")}\n`);
  return exitCodeOf(outcome.verdict);
}

/** All that the cluster can suffer, unless some are named. Throws CommandError "Usage". */
function chosenNemeses({ servers, nemeses }: ChaosOptions): readonly Nemesis[] {
  const possible = nemesesFor(servers);
  if (nemeses.length === 0) return possible;
  const impossible = nemeses.find((name) => !possible.some((each) => each.name === name));
  if (impossible !== undefined)
    throw new CommandError("Usage", `${impossible} needs several servers`, {
      hint: "Give --servers 3.",
    });
  return possible.filter(({ name }) => nemeses.includes(name));
}

function summaryOf(verdict: Verdict): string {
  const lines = Object.entries(verdict.workloads).map(([name, each]) => {
    const counts = `${each.ok} ok, ${each.fail} fail, ${each.info} info`;
    const found = each.violations[0];
    const what = found === undefined ? "" : `: ${found.kind} at ${found.key}: ${found.message}`;
    return `${name}: ${wordFor(each.valid)} (${counts})${what}`;
  });
  for (const casualty of verdict.casualties) lines.push(`BROKEN: ${casualty}`);
  lines.push(`replicas: ${wordFor(verdict.replicas.valid)} (${verdict.replicas.evidence})`);
  for (const why of verdict.inconclusive) lines.push(`inconclusive: ${why}`);
  lines.push(`${wordFor(verdict.valid)}, seed ${verdict.seed}`);
  return `${lines.join("\n")}\n`;
}

function wordFor(valid: boolean | "unknown"): string {
  return valid === true ? "valid" : valid === false ? "BROKEN" : "unknown";
}
