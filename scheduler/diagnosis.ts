import type { Refusal } from "./framework/interfaces.js";

/** Why no node would do. */
export interface Diagnosis {
  readonly nodeCount: number;
  /** A refusal of the pod as such; "" when the nodes were asked. */
  readonly preFilterText: string;
  /** What each node was refused for, by name. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** The names of the plugins that refused. */
  readonly refusedBy: ReadonlySet<string>;
  /** What those said who looked for a way out; "" for nothing. */
  readonly postFilterText: string;
}

/**
 * The sentence for the pod's event and condition: `0/5 nodes are available: 3 Insufficient cpu, 2
 * node(s) …`.
 */
export function explain(diagnosis: Diagnosis): string {
  const { nodeCount, preFilterText, refusals, postFilterText } = diagnosis;
  if (nodeCount === 0) return "no nodes available to schedule pods";
  const why = preFilterText === "" ? histogram(refusals.values()) : preFilterText;
  const sentence = `0/${nodeCount} nodes are available:${why === "" ? "" : ` ${why}.`}`;
  return postFilterText === "" ? sentence : `${sentence} ${postFilterText}`;
}

/**
 * `2 Insufficient cpu, 1 Too many pods`, sorted as text; a node counts once for each of its
 * reasons.
 */
export function histogram(refusals: Iterable<Refusal>): string {
  const counts = new Map<string, number>();
  for (const { reasons } of refusals)
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(", ");
}
