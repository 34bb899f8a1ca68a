import type { MemberState } from "./types.js";

/** What is claimed of a member. */
export interface Claim {
  readonly incarnation: number;
  readonly state: MemberState;
}

const RANK: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/**
 * Whether `claim` overrides `known` (SWIM §4.2): a later incarnation does, and at the same one the
 * worse state. A total order, so that all members end up at the same state whatever the order in
 * which they hear of it. Only the member itself begins an incarnation. In SWIM a confirmed death
 * is final; here a later incarnation ends it: members come back under their names.
 */
export function overrides(claim: Claim, known: Claim): boolean {
  return claim.incarnation === known.incarnation
    ? RANK[claim.state] > RANK[known.state]
    : claim.incarnation > known.incarnation;
}

/** The one of two claims that overrides the other. */
export function mergeClaims<T extends Claim>(a: T, b: T): T {
  return overrides(b, a) ? b : a;
}

/** A member that takes part: it is probed, told and counted. */
export function isLive({ state }: Claim): boolean {
  return state === "alive" || state === "suspect";
}
