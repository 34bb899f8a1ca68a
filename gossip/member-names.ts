/** Path and subprotocol of the links between members, on agents' ports and on the API's alike. */
export const GOSSIP_PATH = "/raftsman/v1/gossip";
export const GOSSIP_PROTOCOL = "raftsman.gossip.v1";

/** Reasons for which a link is closed, as WebSocket close codes. */
export const MEMBER_CLOSE_CODES = {
  normal: 1000,
  badFrame: 4400,
  /** The certificate speaks for another member than the hello. */
  forbidden: 4403,
} as const;

const NODE_PREFIX = "system:node:";
const NODE_GROUP = "system:nodes";
const SERVER_PREFIX = "server:";
/** What servers show when they call, and when they are called. All servers of a cluster share it. */
const SERVER_SUBJECTS = ["kube-apiserver-kubelet-client", "kube-apiserver"];

/** Who a certificate of the cluster's authority was made for. */
export interface Certified {
  /** Its common name. */
  readonly name: string;
  /** Its organizations. */
  readonly groups: readonly string[];
}

/** The name of a node's agent in the gossip: that of its certificate. */
export function memberOfNode(nodeName: string): string {
  return `${NODE_PREFIX}${nodeName}`;
}

/** The name of a server in the gossip, from its id in the store's group. */
export function memberOfServer(memberId: string): string {
  return `${SERVER_PREFIX}${memberId}`;
}

export function isServerMember(member: string): boolean {
  return member.startsWith(SERVER_PREFIX);
}

/** Whether a certificate is a member's at all. */
export function isMember({ name, groups }: Certified): boolean {
  return isNode({ name, groups }) || SERVER_SUBJECTS.includes(name);
}

/**
 * Whether a certificate may speak for a member: a node's for that node alone, a server's for
 * servers. Who holds that could issue any certificate anyway.
 */
export function maySpeakAs(certified: Certified, member: string): boolean {
  if (isNode(certified)) return member === certified.name;
  return SERVER_SUBJECTS.includes(certified.name) && isServerMember(member);
}

function isNode({ name, groups }: Certified): boolean {
  return name.startsWith(NODE_PREFIX) && groups.includes(NODE_GROUP);
}
