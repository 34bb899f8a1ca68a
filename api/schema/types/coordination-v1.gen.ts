// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Records who holds something that only one can hold at a time, and until when. */
export interface Lease {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "coordination.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Lease";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says who holds the lease and when it was renewed. */
  readonly spec: LeaseSpec;
}

/** Says who holds a lease, since when and for how long. */
export interface LeaseSpec {
  /** Tells when the present holder took the lease. */
  readonly acquireTime?: string;
  /** Names the present holder; absent or empty means that nobody holds it. */
  readonly holderIdentity?: string;
  /** Gives the seconds after renewTime for which others must leave the lease to its holder. */
  readonly leaseDurationSeconds?: number;
  /** Counts how often the lease went from one holder to another. */
  readonly leaseTransitions?: number;
  /** Names whom the present holder should give the lease up to; only with a strategy. */
  readonly preferredHolder?: string;
  /** Tells when the holder last confirmed that it still holds the lease. */
  readonly renewTime?: string;
  /** Names how a coordinator picks the holder, such as OldestEmulationVersion; absent means first come. */
  readonly strategy?: string;
}
