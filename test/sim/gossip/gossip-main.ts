import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../../base/errors.js";
import { CommandError, EXIT, printError } from "../../../deploy/cli/output.js";
import {
  measureCost,
  measureDetection,
  measureStarved,
  VARIANTS,
  type CostRow,
  type DetectionRow,
  type StarvedRow,
} from "./gossip-cases.js";
import { plotOf, tablesOf, type GossipReport } from "./gossip-report.js";

const SIZES = [100, 1_000, 10_000];
/** Every member of these knows every other one by name: what that costs in memory ends there. */
const EVERYBODY_SIZES = [100, 1_000];
const STARVED_SIZES = [100, 1_000, 10_000];
/** Beyond this only what is used is measured. */
const VARIANTS_MAX = 1_000;
const QUICK_MAX = 100;
const OUT = "reports/gossip-sim";

const HELP = `npm run sim -- gossip [--seed S] [--quick] [--only TEXT] [--out DIR]

Runs members of the gossip in a simulation, from a seed: the production core on a clock and links
that are made up, up to ${SIZES.at(-1)} of them. Prints tables: bytes in the calm, times after
crashes, verdicts while every tenth member gets too little of the processor.

--seed   default 1
--quick  ${QUICK_MAX} members at most
--only   only rows whose name has TEXT in it, such as "crashes 10000" or "starved"; the names are
         those that are said as rows are done
--out    for report.json, tables.md and plot.svg, default ${OUT}

Exit: 0 everybody that crashed was found and nobody else, 1 not so, 2 usage.
`;

const HINT = "npm run sim -- gossip --help says more";

/** `npm run sim -- gossip`; the arguments after that word. */
export function gossipMain(args: readonly string[]): number {
  try {
    const options = parse(args);
    if (options === null) {
      process.stdout.write(HELP);
      return EXIT.done;
    }
    return run(options);
  } catch (error) {
    return printError("table", error);
  }
}

interface Options {
  readonly seed: number;
  readonly quick: boolean;
  /** Empty: all rows. */
  readonly only: string;
  readonly out: string;
}

function parse(args: readonly string[]): Options | null {
  const options = {
    seed: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    out: { type: "string", default: OUT },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const hint = HINT;
  let values: { seed: string; quick: boolean; only: string; out: string; help: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new CommandError("Usage", messageOf(error), { hint });
  }
  if (!/^\d{1,9}$/.test(values.seed))
    throw new CommandError("Usage", `--seed ${values.seed}: a whole number is needed`, { hint });
  return values.help ? null : { ...values, seed: Number(values.seed) };
}

function run({ seed, quick, only, out }: Options): number {
  const sizes = (all: readonly number[]): readonly number[] =>
    quick ? all.filter((size) => size <= QUICK_MAX) : all;
  const startedMs = performance.now();
  const cost: CostRow[] = [];
  const detection: DetectionRow[] = [];
  const starved: StarvedRow[] = [];
  const report: GossipReport = { seed, cost, detection, starved };
  // The largest take minutes: what there is so far is kept.
  const measure = <T>(rows: T[], what: string, row: () => T): void => {
    if (!what.includes(only)) return;
    rows.push(row());
    write(resolve(out), report);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stderr.write(`✓ ${what}  ${seconds} s\n`);
  };
  for (const neighbours of ["rings", "everybody"] as const)
    for (const members of sizes(neighbours === "rings" ? SIZES : EVERYBODY_SIZES))
      measure(cost, `cost ${members}, ${neighbours}`, () =>
        measureCost(members, { seed, neighbours }),
      );
  for (const members of sizes(SIZES))
    measure(detection, `crashes ${members}`, () => measureDetection(members, seed));
  for (const members of sizes(STARVED_SIZES))
    for (const variant of VARIANTS.slice(members > VARIANTS_MAX ? -1 : 0))
      measure(starved, `starved ${members}, ${variant.name}`, () =>
        measureStarved(members, { seed, ...variant }),
      );
  if (cost.length + detection.length + starved.length === 0)
    throw new CommandError("Usage", `--only ${only}: there is no such row`, { hint: HINT });
  process.stdout.write(tablesOf(report));
  const isFine = detection.every(
    (row) => row.wrong === 0 && Number.isFinite(row.everybody.max) && row.everybody.max > 0,
  );
  return isFine ? EXIT.done : EXIT.failed;
}

function write(folder: string, report: GossipReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, "tables.md"), tablesOf(report));
  writeFileSync(join(folder, "plot.svg"), plotOf(report));
}
