import type { PeerFigures } from "../transport/peer-network.js";

/** Where a member stands when it is asked for its metrics. */
export interface MemberFigures {
  readonly memberId: string;
  readonly hasLeader: boolean;
  readonly isLeader: boolean;
  readonly isLearner: boolean;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** Proposals that have no outcome yet. */
  readonly pendingProposals: number;
  readonly revision: number;
  readonly dbSizeBytes: number;
  readonly sizeLimitBytes: number;
  readonly longestStallMs: number;
  readonly peers: readonly PeerFigures[];
}

/** What a member tells of what happens to it. Outlives the member, which may be opened anew. */
export interface MemberMetrics {
  /** A leader was found that is another than the one before. */
  leaderChanged(): void;
  /** The log's disk has done what it was asked: write and fdatasync. */
  logWritten(tookMs: number): void;
  proposalFailed(): void;
  /** In Prometheus' text format. */
  text(figures: MemberFigures): Promise<string>;
}
