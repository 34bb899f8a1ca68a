/** `npm run sim`: groups of servers under faults, from seeds. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { EXIT, printError } from "../../deploy/cli/output.js";
import { BUGS, type SimulatedBug } from "./bugs.js";
import { gossipMain } from "./gossip/gossip-main.js";
import { helpText, parseSimOptions, type SimOptions } from "./options.js";
import { runSeeds } from "./seed-pool.js";
import type { SimulationResult } from "./simulation.js";
import { lastLine, type Summary, summarize } from "./summary.js";

const PROGRESS_MS = 2_000;

const args = process.argv.slice(2);
const names = BUGS.map(({ name }) => name);
if (args[0] === "gossip") process.exitCode = gossipMain(args.slice(1));
else if (args.includes("--help") || args.includes("-h")) process.stdout.write(helpText(names));
else process.exitCode = await main(args);

async function main(given: readonly string[]): Promise<number> {
  try {
    return await run(parseSimOptions(given, names));
  } catch (error) {
    return printError("table", error);
  }
}

async function run(options: SimOptions): Promise<number> {
  const startedMs = performance.now();
  const seconds = (): string => ((performance.now() - startedMs) / 1000).toFixed(1);
  let done = 0;
  const note = setInterval(() => {
    process.stderr.write(`… ${done} of ${options.seeds} seeds  ${seconds()} s\n`);
  }, PROGRESS_MS);
  const results = await runSeeds({
    from: options.seed,
    count: options.seeds,
    tells: options.tells,
    ...(options.bug === null ? {} : { plantedBug: options.bug as SimulatedBug }),
    onResult: ({ seed, failure }) => {
      done += 1;
      if (failure !== null) process.stderr.write(`✗ seed ${seed}: ${failure}\n`);
    },
  });
  clearInterval(note);
  process.stderr.write(`✓ ${done} seeds  ${seconds()} s\n`);
  const summary = summarize(results);
  report(options, results, summary);
  if (options.tells) process.stdout.write(`${results[0]?.story.join("\n")}\n`);
  for (const { seed } of options.tells ? [] : summary.failed)
    process.stdout.write(`its story: npm run sim -- --seed ${seed}${bugFlag(options)}\n`);
  process.stdout.write(`${lastLine(summary)}\n`);
  return summary.failed.length + summary.missing.length === 0 ? EXIT.done : EXIT.failed;
}

function report(
  { out, tells, seed, bug }: SimOptions,
  results: readonly SimulationResult[],
  { totals, restless, missing, failed }: Summary,
): void {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const failures = failed.map((one) => ({ seed: one.seed, failure: one.failure }));
  const text = { seed, seeds: results.length, bug, totals, restless, missing, failures };
  writeFileSync(join(folder, "report.json"), `${JSON.stringify(text, null, 2)}\n`);
  if (tells) writeFileSync(join(folder, "story.txt"), `${results[0]?.story.join("\n")}\n`);
}

function bugFlag({ bug }: SimOptions): string {
  return bug === null ? "" : ` --bug ${bug}`;
}
