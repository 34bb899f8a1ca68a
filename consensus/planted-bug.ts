/**
 * Bugs of a shell around Raft that others shipped, beside those of the core (raft-ts, PlantedBug).
 * Each is one switched line in the production path; tests plant it to show that they would notice.
 */
const HOST_BUGS = [
  /** The log says that it is durable before fdatasync has returned. */
  "LogAckBeforeFsync",
  /** The applied index goes to the store's map in a step of its own, before what it speaks of. */
  "AppliedIndexApart",
  /** A replica passes over one of twenty entries. */
  "ApplySkips",
] as const;
export type HostBug = (typeof HOST_BUGS)[number];

export function isHostBug(name: string): name is HostBug {
  return (HOST_BUGS as readonly string[]).includes(name);
}
