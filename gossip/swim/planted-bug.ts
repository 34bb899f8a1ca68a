/**
 * Mistakes that are easily made in SWIM. Each is one switched line of the core; tests plant it to
 * show that they would notice.
 */
export const PLANTED_BUGS = [
  /** A member that hears that it is suspected says nothing. */
  "NoRefutation",
  /** What is said of an earlier incarnation counts as much as what is said of the present one. */
  "IncarnationNotCompared",
  /** One echo after the other of a single suspicion confirms it. */
  "EchoConfirms",
  /** A suspicion is a verdict: nobody has the time to refute it. */
  "NoSuspicion",
  /** What others call dead is dead, whatever it has to say about that. */
  "HearsayIsVerdict",
  /** Updates are passed on for ever. */
  "EndlessGossip",
  /** Only a direct ping counts. */
  "NoIndirectProbe",
] as const;
export type PlantedBug = (typeof PLANTED_BUGS)[number];
