/** Where pods ask for names: a link-local address of their own host, and the cluster's domain. */
export const CLUSTER_DNS = { address: "169.254.20.10", domain: "cluster.local" } as const;

/** The cgroup that holds everything of a node's pods. */
export function cgroupRootOf(cluster: string, node: string): string {
  return `/raftsman/${cluster}/${node}`;
}

/**
 * Prefix of a node's nftables and its bridge: unique among the clusters and hosts of one computer.
 */
export function networkNameOf(cluster: string, node: string): string {
  return `raftsman-${cluster}-${node}`;
}
