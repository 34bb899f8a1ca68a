/**
 * What the server knows of a node from its WebSocket. Only transitions matter; nothing of this is
 * stored.
 */
export interface NodeLiveness {
  readonly node: string;
  /** alive: heartbeats arrive; dead: none for the time-out; left: the agent said goodbye. */
  readonly state: "alive" | "dead" | "left";
  /** Milliseconds since 1970 of the last heartbeat. */
  readonly lastHeartbeatMs: number;
}
