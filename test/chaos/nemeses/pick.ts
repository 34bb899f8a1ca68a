import type { Random } from "../../../base/random.js";
import type { ChaosCluster, ChaosServer } from "../chaos-cluster.js";

/** One of them. */
export function pickOne<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  const chosen = choices[random.below(choices.length)];
  if (chosen === undefined) throw new RangeError("nothing to choose from");
  return chosen;
}

/** All of them in another order. */
export function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  const shuffled: T[] = [];
  while (left.length > 0) shuffled.push(...left.splice(random.below(left.length), 1));
  return shuffled;
}

/** The leader in half of the cases: that is where it hurts. */
export async function pickServer(random: Random, cluster: ChaosCluster): Promise<ChaosServer> {
  const leader = random.below(2) === 0 ? await cluster.leader() : null;
  return leader ?? pickOne(random, cluster.servers);
}
