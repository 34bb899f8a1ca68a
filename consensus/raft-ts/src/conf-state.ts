import type { PeerId } from "./types.js";

/**
 * Who belongs to the group, and how. The core derives it from the log and nothing else. All lists
 * are sorted and without duplicates.
 */
export interface ConfState {
  /** Who votes; in a joint configuration the incoming half. Empty only on a peer not yet added. */
  readonly voters: readonly PeerId[];
  /** The outgoing half of a joint configuration; empty when it is not joint. */
  readonly votersOutgoing: readonly PeerId[];
  /** Receive the log and have no vote. */
  readonly learners: readonly PeerId[];
  /** Outgoing voters that become learners when the joint configuration is left. */
  readonly learnersNext: readonly PeerId[];
  /** The leader leaves this joint configuration by itself once it is applied. */
  readonly autoLeave: boolean;
}

/** The membership of a peer that does not belong to a group yet. */
export const EMPTY_CONF_STATE: ConfState = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

/** A group of these voters, as it begins. */
export function confStateOf(voters: readonly PeerId[]): ConfState {
  return { ...EMPTY_CONF_STATE, voters: [...voters].sort() };
}

export function isJoint(conf: ConfState): boolean {
  return conf.votersOutgoing.length > 0;
}

/** Has a vote, in either half. */
export function isVoter(conf: ConfState, peer: PeerId): boolean {
  return conf.voters.includes(peer) || conf.votersOutgoing.includes(peer);
}

/** Everybody who is sent the log, sorted. */
export function membersOf(conf: ConfState): PeerId[] {
  return [...new Set([...conf.voters, ...conf.votersOutgoing, ...conf.learners])].sort();
}

/** Nobody else has a say: what it has on its disk is committed. */
export function isSoleVoter(conf: ConfState, peer: PeerId): boolean {
  const { voters, votersOutgoing } = conf;
  return voters.length === 1 && voters[0] === peer && votersOutgoing.every((one) => one === peer);
}

/** Why this cannot be a membership; null when it can. */
export function confStateProblem(conf: ConfState): string | null {
  const { voters, votersOutgoing, learners, learnersNext } = conf;
  for (const list of [voters, votersOutgoing, learners, learnersNext])
    if (list.some((peer, i) => i > 0 && peer <= (list[i - 1] as PeerId)))
      return "a list is not sorted, or names a peer twice";
  if (learners.some((peer) => isVoter(conf, peer))) return "a learner has a vote";
  if (learnersNext.some((peer) => !votersOutgoing.includes(peer)))
    return "a learner to be is no outgoing voter";
  if (learnersNext.some((peer) => voters.includes(peer)))
    return "a learner to be is an incoming voter";
  if (!isJoint(conf) && conf.autoLeave) return "what is not joint cannot be left";
  if (voters.length === 0 && (isJoint(conf) || learners.length > 0)) return "nobody votes";
  return null;
}
