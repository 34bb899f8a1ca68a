import { CommandError } from "../../deploy/cli/output.js";

/** What a run was asked to be. */
export interface ChaosOptions {
  readonly minutes: number;
  readonly servers: number;
  readonly nodes: number;
  readonly workloads: readonly string[];
  readonly nemeses: readonly string[];
  /** Decides on operations, faults and their targets; not on what the computer makes of them. */
  readonly seed: number;
  readonly out: string;
}

/** What there is to choose from; the first names of `nemeses` need nothing special. */
export interface ChaosChoices {
  readonly workloads: readonly string[];
  readonly nemeses: readonly { readonly name: string; readonly about: string }[];
}

const MINUTES_MAX = 24 * 60;
const SERVERS_MAX = 7;
const NODES_MAX = 10;
const DEFAULT_OUT = "reports/chaos-latest";

export function helpText({ workloads, nemeses }: ChaosChoices): string {
  const width = Math.max(...nemeses.map(({ name }) => name.length));
  return `npm run chaos -- [--minutes M] [--servers N] [--nodes M] [--workloads a,b] [--nemeses a,b]
                 [--seed S] [--out DIR]

Starts a cluster, lets clients work on it while faults are injected, and judges what they saw.

--minutes    how long faults are injected, default 2; up to as long again while there is not
             enough for a verdict
--servers    default 1; several need root: each gets a network namespace
--nodes      simulated nodes beside the servers, default 0
--workloads  default ${workloads.join(",")}
--nemeses    default all that the cluster can take:
${nemeses.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join("")}--seed       repeats the choice of operations and faults; default a new one
--out        for report.html, verdict.json and history/, default ${DEFAULT_OUT}

Exit: 0 valid, 1 a promise was broken, 2 usage, 5 inconclusive (a fault never took hold, too few
operations, or a checker ran out of time), 130 interrupted.
`;
}

/** Throws CommandError "Usage". `newSeed` is taken when none is given. */
export function parseChaosOptions(
  args: readonly string[],
  choices: ChaosChoices,
  newSeed: number,
): ChaosOptions {
  const given = readFlags(args);
  const list = (flag: string, known: readonly string[]): readonly string[] => {
    const names = given.get(flag)?.split(",").filter(Boolean) ?? [];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw usage(`${flag} ${unknown}: there is no such one; known: ${known.join(", ")}`);
    return [...new Set(names)];
  };
  const workloads = list("--workloads", choices.workloads);
  return {
    minutes: number(given, "--minutes", { fallback: 2, min: 0.05, max: MINUTES_MAX }),
    servers: whole(given, "--servers", { fallback: 1, min: 1, max: SERVERS_MAX }),
    nodes: whole(given, "--nodes", { fallback: 0, min: 0, max: NODES_MAX }),
    workloads: workloads.length > 0 ? workloads : choices.workloads,
    nemeses: list(
      "--nemeses",
      choices.nemeses.map(({ name }) => name),
    ),
    seed: whole(given, "--seed", { fallback: newSeed, min: 0, max: 2 ** 32 - 1 }),
    out: given.get("--out") ?? DEFAULT_OUT,
  };
}

const FLAGS = [
  "--minutes",
  "--servers",
  "--nodes",
  "--workloads",
  "--nemeses",
  "--seed",
  "--out",
] as const;

function readFlags(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at += 1) {
    const [flag = "", inline] = (args[at] ?? "").split(/=(.*)/s, 2);
    if (!(FLAGS as readonly string[]).includes(flag)) throw usage(`unknown argument ${flag}`);
    const value = inline ?? args[(at += 1)];
    if (value === undefined || value === "") throw usage(`${flag} needs a value`);
    if (given.has(flag)) throw usage(`${flag} is given twice`);
    given.set(flag, value);
  }
  return given;
}

interface Range {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

function number(given: ReadonlyMap<string, string>, flag: string, range: Range): number {
  const text = given.get(flag);
  const value = text === undefined ? range.fallback : Number(text);
  if (!(value >= range.min && value <= range.max))
    throw usage(`${flag} ${text}: not a number from ${range.min} to ${range.max}`);
  return value;
}

function whole(given: ReadonlyMap<string, string>, flag: string, range: Range): number {
  const value = number(given, flag, range);
  if (!Number.isInteger(value)) throw usage(`${flag} ${value}: not a whole number`);
  return value;
}

function usage(message: string): CommandError {
  return new CommandError("Usage", message, { hint: "npm run chaos -- --help" });
}
