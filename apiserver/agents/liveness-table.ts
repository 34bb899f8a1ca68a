import type { NodeLiveness } from "../../gossip/heartbeat-types.js";

/** Told of every transition, in order; must not throw. */
export type LivenessListener = (liveness: NodeLiveness) => void;

/** What others than the node itself know of it. */
export interface NodeWitnesses {
  /** When a member of the gossip last reached it, by the monotonic clock; null: none ever did. */
  lastSeenMs(node: string): number | null;
  /** Has members find out whether it is there, without waiting for that. */
  ask(node: string): void;
}

/** Nobody is asked: what is not heard here is not alive. */
const NOBODY: NodeWitnesses = { lastSeenMs: () => null, ask: () => {} };

interface Entry {
  state: NodeLiveness["state"];
  /** Of the wall clock, for people. */
  heartbeatMs: number;
  /** Of the monotonic clock, for decisions. */
  heardMs: number;
  /** The other server that told of it; null: heard here. */
  via: string | null;
}

/**
 * Which nodes are alive, from their heartbeats. Nothing of it is stored: a server that starts anew
 * knows nobody, and says nothing about a node until it heard of it. Pure: the time comes in with
 * every call.
 */
export class LivenessTable {
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Set<LivenessListener>();
  private readonly silenceMs: number;
  private checkedMs: number | null = null;

  private readonly witnesses: NodeWitnesses;

  constructor(silenceMs: number, witnesses = NOBODY) {
    this.silenceMs = silenceMs;
    this.witnesses = witnesses;
  }

  /** Everything known, in no particular order. */
  list(): readonly NodeLiveness[] {
    return [...this.entries.keys()].map((node) => this.livenessOf(node)).filter(isPresent);
  }

  /** When the node was last heard of, in milliseconds since 1970; null: never. */
  lastHeartbeatMs(node: string): number | null {
    return this.entries.get(node)?.heartbeatMs ?? null;
  }

  /** Calls `listener` for every transition from now on; the returned function ends that. */
  subscribe(listener: LivenessListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A heartbeat, or a hello, came in, here or (`via`) at another server. */
  heard(
    node: string,
    now: { readonly wallMs: number; readonly monotonicMs: number },
    via: string | null = null,
  ): void {
    const entry = this.entries.get(node);
    const known = entry?.state;
    const state = "alive";
    const heartbeatMs = now.wallMs;
    this.entries.set(node, { state, heartbeatMs, heardMs: now.monotonicMs, via });
    if (known !== state) this.announce(node);
  }

  /**
   * Another server is not heard any more. Its nodes are given time to link to another one: they
   * notice a server that stands still no sooner than we do.
   */
  serverLost(server: string, monotonicMs: number): void {
    for (const entry of this.entries.values()) {
      if (entry.via !== server) continue;
      entry.heardMs = Math.max(entry.heardMs, monotonicMs + this.silenceMs);
      entry.via = null;
    }
  }

  /** The agent said goodbye. */
  left(node: string): void {
    this.become(node, "left");
  }

  /**
   * Calls those dead from whom nothing came for too long and whom no other member reaches either;
   * those whom one reaches again live. To be called several times in `silenceMs`. A call that comes late means that this process was asleep: the heartbeats of that
   * time are still waiting in the sockets.
   */
  check(monotonicMs: number, wallMs = 0): void {
    const asleepMs = Math.max(
      0,
      monotonicMs - (this.checkedMs ?? monotonicMs) - this.silenceMs / 2,
    );
    this.checkedMs = monotonicMs;
    for (const [node, entry] of this.entries) {
      // What lies ahead is time that was given (see serverLost).
      if (entry.heardMs < monotonicMs)
        entry.heardMs = Math.min(monotonicMs, entry.heardMs + asleepMs);
      if (monotonicMs - entry.heardMs >= this.silenceMs / 2)
        this.hearWitnesses(node, { entry, monotonicMs, wallMs });
      if (entry.state === "alive" && monotonicMs - entry.heardMs >= this.silenceMs)
        this.become(node, "dead");
    }
  }

  /** A node that is silent here may be alive for others: its one link broke, and not the node. */
  private hearWitnesses(
    node: string,
    at: { readonly entry: Entry; readonly monotonicMs: number; readonly wallMs: number },
  ): void {
    const { entry, monotonicMs, wallMs } = at;
    if (entry.state === "left") return;
    if (entry.state === "alive") this.witnesses.ask(node);
    const seenMs = this.witnesses.lastSeenMs(node);
    if (seenMs === null || seenMs <= entry.heardMs) return;
    entry.heardMs = seenMs;
    entry.heartbeatMs = Math.max(entry.heartbeatMs, wallMs - (monotonicMs - seenMs));
    if (monotonicMs - seenMs < this.silenceMs) this.become(node, "alive");
  }

  private become(node: string, state: NodeLiveness["state"]): void {
    const entry = this.entries.get(node);
    if (entry === undefined || entry.state === state) return;
    entry.state = state;
    this.announce(node);
  }

  private announce(node: string): void {
    const liveness = this.livenessOf(node);
    if (liveness !== null) for (const listener of this.listeners) listener(liveness);
  }

  private livenessOf(node: string): NodeLiveness | null {
    const entry = this.entries.get(node);
    return entry === undefined
      ? null
      : { node, state: entry.state, lastHeartbeatMs: entry.heartbeatMs };
  }
}

function isPresent<T>(value: T | null): value is T {
  return value !== null;
}
