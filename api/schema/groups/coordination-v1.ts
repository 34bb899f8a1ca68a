/** coordination.k8s.io/v1: see ../notation.ts for how to read this. */
export const coordinationV1 = `
group coordination/v1 coordination.k8s.io/v1

kind Lease leases namespaced

type Lease # Records who holds something that only one can hold at a time, and until when.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec LeaseSpec # Says who holds the lease and when it was renewed.

type LeaseSpec # Says who holds a lease, since when and for how long.
  1 holderIdentity? string # Names the present holder; absent or empty means that nobody holds it.
  2 leaseDurationSeconds? int32 # Gives the seconds after renewTime for which others must leave the lease to its holder.
  3 acquireTime? MicroTime # Tells when the present holder took the lease.
  4 renewTime? MicroTime # Tells when the holder last confirmed that it still holds the lease.
  5 leaseTransitions? int32 # Counts how often the lease went from one holder to another.
  6 strategy? string # Names how a coordinator picks the holder, such as OldestEmulationVersion; absent means first come.
  7 preferredHolder? string # Names whom the present holder should give the lease up to; only with a strategy.
`;
