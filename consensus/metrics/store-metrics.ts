import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { PeerFigures } from "../transport/peer-network.js";
import type { MemberFigures, MemberMetrics } from "./member-metrics.js";

/** Powers of two from `first` on, as etcd has them. */
function powers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => first * 2 ** n);
}

/**
 * A member's metrics under etcd's names where they mean the same as there, under names of our own
 * where they do not. Alerts and dashboards made for etcd go on working.
 */
export class StoreMetrics implements MemberMetrics {
  private readonly registry = new Registry();
  private readonly leaderChanges = this.counter(
    "etcd_server_leader_changes_seen_total",
    "Changes of the leader that this member has seen.",
  );
  private readonly proposalsFailed = this.counter(
    "etcd_server_proposals_failed_total",
    "Proposals that were refused, given up or whose outcome is unknown.",
  );
  private readonly walFsync = this.histogram("etcd_disk_wal_fsync_duration_seconds", {
    help: "How long the disk took for a write to the log and its fdatasync.",
    buckets: powers(0.001, 14),
  });
  private readonly roundTrip = this.histogram("etcd_network_peer_round_trip_time_seconds", {
    help: "From a ping to its answer.",
    buckets: powers(0.0001, 16),
    labelNames: ["To"],
  });
  private readonly sentBytes = this.counter(
    "etcd_network_peer_sent_bytes_total",
    "Bytes sent to a peer.",
    ["To"],
  );
  private readonly receivedBytes = this.counter(
    "etcd_network_peer_received_bytes_total",
    "Bytes received from a peer.",
    ["From"],
  );
  private readonly activePeers = this.gauge(
    "etcd_network_active_peers",
    "1 for each peer that there is a connection with.",
    ["Local", "Remote"],
  );
  /** Each with where its value comes from. */
  private readonly gauges: readonly (readonly [Gauge, (figures: MemberFigures) => number])[] = [
    [
      this.gauge("etcd_server_has_leader", "1 if this member knows a leader."),
      (f) => Number(f.hasLeader),
    ],
    [this.gauge("etcd_server_is_leader", "1 if this member leads."), (f) => Number(f.isLeader)],
    [
      this.gauge("etcd_server_is_learner", "1 if this member has no vote."),
      (f) => Number(f.isLearner),
    ],
    [
      this.gauge("etcd_server_proposals_committed_total", "The index of the last committed entry."),
      (f) => f.commitIndex,
    ],
    [
      this.gauge("etcd_server_proposals_applied_total", "The index of the last applied entry."),
      (f) => f.appliedIndex,
    ],
    [
      this.gauge("etcd_server_proposals_pending", "Proposals that have no outcome yet."),
      (f) => f.pendingProposals,
    ],
    [
      this.gauge("etcd_server_quota_backend_bytes", "What keys and their history may take up."),
      (f) => f.sizeLimitBytes,
    ],
    [
      this.gauge("etcd_mvcc_db_total_size_in_bytes", "Bytes of the store on the disk, about."),
      (f) => f.dbSizeBytes,
    ],
    [
      this.gauge("etcd_debugging_mvcc_current_revision", "The store's revision."),
      (f) => f.revision,
    ],
    [
      this.gauge(
        "raftsman_consensus_longest_stall_seconds",
        "The longest time for which the consensus process did one thing only, since its start.",
      ),
      (f) => f.longestStallMs / 1000,
    ],
  ];

  leaderChanged(): void {
    this.leaderChanges.inc();
  }

  logWritten(tookMs: number): void {
    this.walFsync.observe(tookMs / 1000);
  }

  proposalFailed(): void {
    this.proposalsFailed.inc();
  }

  /** The answer to a ping of ours. */
  roundTripped(peer: string, tookMs: number): void {
    this.roundTrip.observe({ To: peer }, tookMs / 1000);
  }

  text(figures: MemberFigures): Promise<string> {
    for (const [gauge, valueOf] of this.gauges) gauge.set(valueOf(figures));
    this.setPeers(figures.memberId, figures.peers);
    return this.registry.metrics();
  }

  /** The peers' figures are sums already. */
  private setPeers(memberId: string, peers: readonly PeerFigures[]): void {
    this.sentBytes.reset();
    this.receivedBytes.reset();
    this.activePeers.reset();
    for (const { id, isConnected, sentBytes, receivedBytes } of peers) {
      this.sentBytes.inc({ To: id }, sentBytes);
      this.receivedBytes.inc({ From: id }, receivedBytes);
      this.activePeers.set({ Local: memberId, Remote: id }, Number(isConnected));
    }
  }

  private counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram(
    name: string,
    options: { readonly help: string; readonly buckets: number[]; readonly labelNames?: string[] },
  ): Histogram {
    return new Histogram({ name, ...options, registers: [this.registry] });
  }
}
