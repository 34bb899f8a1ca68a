import { CommandError } from "../../deploy/cli/output.js";
import type { Random } from "../../base/random.js";
import { unexplainedDeaths } from "./deaths.js";
import type { Bite, Fault, Nemesis, NemesisContext } from "./nemeses/nemesis.js";
import { shuffle } from "./nemeses/pick.js";
import { hold } from "./nemeses/processes.js";
import type { RunClock } from "./recorder.js";

/** How much calm there is between two faults: time for clients to find a server again. */
const CALM_MS = { least: 1000, more: 2000 } as const;
/** How much more there is, at most, while clients have not done what they should have by now. */
const MORE_CALM_MS_MAX = 8000;
const LOOK_MS = 200;

export interface AttackerDeps {
  readonly context: NemesisContext;
  readonly random: Random;
  readonly now: RunClock;
  /** Whether clients are behind what they should have done by now. */
  readonly isBehind: () => boolean;
  /** Told of every attack as it ends. */
  readonly onFault: (fault: Fault) => void;
}

/** A server that did not survive, or a process that ended by itself; null: there was none. */
export type Casualty = string | null;

/**
 * Lets one nemesis after the other loose until the signal aborts: each once, in a random order,
 * before any of them comes again. What has begun is healed before it resolves. Ends early when a
 * server does not survive.
 */
export async function attack(nemeses: readonly Nemesis[], deps: AttackerDeps): Promise<Casualty> {
  const { context, random, now, onFault } = deps;
  const { signal } = context;
  let waiting: Nemesis[] = [];
  let processes = context.cluster.processes();
  while (!signal.aborted) {
    await hold(CALM_MS.least + random.below(CALM_MS.more), signal);
    for (let ms = 0; ms < MORE_CALM_MS_MAX && deps.isBehind() && !signal.aborted; ms += LOOK_MS)
      await hold(LOOK_MS, signal);
    const died = unexplainedDeaths(processes, context.cluster.processes());
    if (died !== null) return `in the calm: ${died}`;
    if (waiting.length === 0) waiting = shuffle(random, nemeses);
    const nemesis = waiting.pop();
    if (nemesis === undefined || signal.aborted) return null;
    const startNs = now();
    const bite = await watchedAttack(nemesis, context);
    onFault({ nemesis: nemesis.name, startNs, endNs: now(), ...bite });
    if (bite.casualty !== null) return `${nemesis.name}: ${bite.casualty}`;
    processes = context.cluster.processes();
  }
  return null;
}

/** Whoever ends beside the targets is a casualty too. */
async function watchedAttack(
  nemesis: Nemesis,
  context: NemesisContext,
): Promise<Bite & { readonly casualty: Casualty }> {
  const before = context.cluster.processes();
  const bite = await attackOnce(nemesis, context);
  const attacked = nemesis.ends ? bite.targets : [];
  const died = unexplainedDeaths(before, context.cluster.processes(), attacked);
  return { ...bite, casualty: bite.casualty ?? died };
}

async function attackOnce(
  nemesis: Nemesis,
  context: NemesisContext,
): Promise<Bite & { readonly casualty: Casualty }> {
  try {
    return { ...(await nemesis.attack(context)), casualty: null };
  } catch (error) {
    // What starts servers throws it; anything else is our own bug.
    if (!(error instanceof CommandError)) throw error;
    const lastLine = error.hint.trimEnd().split("\n").at(-1) ?? "";
    const casualty = `${error.message}: ${lastLine}`;
    return { targets: [], bit: true, evidence: casualty, casualty };
  }
}
