/**
 * Values that live outside the log (a Lease's renewTime, a Node's lastHeartbeatTime) are laid over
 * stored objects when they are read. They move no resourceVersion and cause no watch event.
 */
export interface Overlay {
  /** Plural and group this overlay is for: `nodes` and "", `leases` and `coordination.k8s.io`. */
  readonly resource: string;
  readonly group: string;
  /**
   * The bytes to send instead of `stored` (JSON of the storage version, or some of its fields), or
   * `stored` itself when there is nothing to lay over it. Called once per object of a read: cheap, synchronous, never
   * throws. `namespace` is "" for cluster-scoped kinds.
   */
  apply(key: { readonly namespace: string; readonly name: string }, stored: Buffer): Buffer;
}
