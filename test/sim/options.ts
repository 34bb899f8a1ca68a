import { CommandError } from "../../deploy/cli/output.js";

/** What a run was asked to be. */
export interface SimOptions {
  readonly seeds: number;
  readonly seed: number;
  /** One seed, with its story. */
  readonly tells: boolean;
  /** The name of a bug to be planted; null: none. */
  readonly bug: string | null;
  readonly out: string;
}

const SEEDS_MAX = 10_000_000;
const SEED_MAX = 2 ** 32 - 1;
const SEEDS = 100;
const OUT = "reports/sim-latest";

export function helpText(bugs: readonly string[]): string {
  return `npm run sim -- [--seeds N] [--seed S] [--bug NAME] [--out DIR]

Runs groups of servers in a simulation: the production consensus code on a clock, a network and
disks that are made up, each group and its faults drawn from a seed. A seed always runs the same.

--seeds  how many, default ${SEEDS}
--seed   the first one, default 1; without --seeds that one alone, and it tells its story
--bug    plants a bug, to see that it is found:
         ${bugs.join("\n         ")}
--out    for report.json and story.txt, default ${OUT}

The last line is "N seeds, F failed: …". Exit: 0 everything held, 1 it did not, 2 usage.

npm run sim -- gossip: members of the gossip instead; see npm run sim -- gossip --help
`;
}

/** Throws CommandError "Usage". */
export function parseSimOptions(args: readonly string[], bugs: readonly string[]): SimOptions {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const [flag = "", value] = args.slice(i, i + 2);
    if (!["--seeds", "--seed", "--bug", "--out"].includes(flag))
      throw usage(`unknown argument ${flag}`);
    if (value === undefined) throw usage(`${flag} needs a value`);
    given.set(flag, value);
  }
  const bug = given.get("--bug") ?? null;
  if (bug !== null && !bugs.includes(bug))
    throw usage(`--bug ${bug}: there is no such one; known: ${bugs.join(", ")}`);
  const tells = given.has("--seed") && !given.has("--seeds");
  return {
    seeds: tells ? 1 : number(given, "--seeds", { fallback: SEEDS, min: 1, max: SEEDS_MAX }),
    seed: number(given, "--seed", { fallback: 1, min: 0, max: SEED_MAX }),
    tells,
    bug,
    out: given.get("--out") ?? OUT,
  };
}

function number(
  given: ReadonlyMap<string, string>,
  flag: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = given.get(flag);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw usage(`${flag} ${text}: a whole number from ${min} to ${max} is needed`);
}

function usage(message: string): CommandError {
  return new CommandError("Usage", message, { hint: "npm run sim -- --help says more" });
}
