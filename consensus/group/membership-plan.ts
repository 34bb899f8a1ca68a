import { type ConfState, isJoint, majorityOf } from "raft-ts";

/** What a leader knows of another member. */
export interface PeerView {
  readonly id: string;
  /** It answers. */
  readonly isReachable: boolean;
  /** Its log follows the leader's closely. */
  readonly isCaughtUp: boolean;
}

/**
 * Which learners become voters now. The number of voters is kept odd where that is possible: two
 * voters bear no more failures than one, four no more than three. So a group of one waits for two
 * learners that have caught up and grows to three in one joint change; an even group takes one.
 */
export function planPromotion(conf: ConfState, peers: readonly PeerView[]): readonly string[] {
  if (isJoint(conf)) return [];
  const ready = conf.learners.filter((id) =>
    peers.some((peer) => peer.id === id && peer.isReachable && peer.isCaughtUp),
  );
  const wanted = conf.voters.length % 2 === 1 ? 2 : 1;
  return ready.length < wanted ? [] : ready.slice(0, wanted);
}

/**
 * Why a member must not be removed; null when it may. Safe is what leaves a majority of the voters
 * that remain within reach of the leader.
 */
export function refuseRemoval(
  conf: ConfState,
  id: string,
  options: {
    readonly self: string;
    readonly peers: readonly PeerView[];
    readonly force: boolean;
  },
): string | null {
  if (isJoint(conf)) return "another change of the membership is under way";
  if (!conf.voters.includes(id)) return null;
  const left = conf.voters.filter((voter) => voter !== id);
  if (left.length === 0) return "it is the only voter: the cluster would end with it";
  if (options.force) return null;
  const reachable = left.filter(
    (voter) =>
      voter === options.self ||
      options.peers.some((peer) => peer.id === voter && peer.isReachable && peer.isCaughtUp),
  );
  const needed = majorityOf(left.length);
  if (reachable.length >= needed) return null;
  return (
    `only ${reachable.length} of the ${left.length} voters that would be left can be reached and ` +
    `have caught up, ${needed} are needed: writes would stop`
  );
}
