import type { NodeUsage } from "../../gossip/usage.js";
import type { NamedUsage } from "../../gossip/usage-line.js";

/** Told of what is heard here; must not throw. */
export type UsageListener = (named: NamedUsage) => void;

/** What was not told again for this long is no longer shown: several tellings were lost. */
export const USAGE_AGE_MAX_MS = 45_000;

interface Entry {
  readonly usage: NodeUsage;
  /** Of the monotonic clock. */
  readonly receivedMs: number;
  /** The other server that told of it; null: heard here. */
  readonly via: string | null;
}

/**
 * What every node used lately, as its agent told this server or another one. Nothing of it is
 * stored. Pure: the time comes in with every call.
 */
export class UsageTable {
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Set<UsageListener>();

  /** What the node's agent told last; null: nothing, or long ago. */
  of(node: string, monotonicMs: number): NodeUsage | null {
    const entry = this.entries.get(node);
    return entry === undefined || isOld(entry, monotonicMs) ? null : entry.usage;
  }

  /** What was heard here, and not from another server. */
  heardHere(): readonly NamedUsage[] {
    return [...this.entries].flatMap(([node, { usage, via }]) =>
      via === null ? [{ node, usage }] : [],
    );
  }

  /** Calls `listener` for everything heard here from now on; the returned function ends that. */
  subscribe(listener: UsageListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The node's own agent told it. */
  heard(named: NamedUsage, monotonicMs: number): void {
    this.entries.set(named.node, { usage: named.usage, receivedMs: monotonicMs, via: null });
    for (const listener of this.listeners) listener(named);
  }

  /**
   * Another server told it. While a node changes servers both may tell of it: what its own clock
   * says is older is passed over.
   */
  relayed({ node, usage }: NamedUsage, from: { server: string; monotonicMs: number }): void {
    const { server, monotonicMs } = from;
    const known = this.entries.get(node);
    const newer = known === undefined || usage.atMs > known.usage.atMs;
    if (newer || isOld(known, monotonicMs))
      this.entries.set(node, { usage, receivedMs: monotonicMs, via: server });
  }

  /** Lets go of what is no longer shown; to be called now and then. */
  prune(monotonicMs: number): void {
    for (const [node, entry] of this.entries)
      if (isOld(entry, monotonicMs)) this.entries.delete(node);
  }
}

function isOld({ receivedMs }: Entry, monotonicMs: number): boolean {
  return monotonicMs - receivedMs >= USAGE_AGE_MAX_MS;
}
