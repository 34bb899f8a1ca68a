import type { SeededRandom } from "../../../base/random.js";
import type { EventQueue } from "../event-queue.js";

/**
 * What a link costs, counted at the sockets of Node.js 20: mutual TLS 1.3 with ECDSA certificates
 * and the upgrade to a WebSocket, and what WebSocket and TLS put around a frame.
 */
const SETUP_BYTES = { dials: 1458, accepts: 2548 };
const FRAME_OVERHEAD_BYTES = 28;
/** TCP, TLS and the upgrade take a round trip each. */
const SETUP_ROUND_TRIPS = 3;
const SETUP_CPU_MS = 10;
/** After that a member that does not answer counts as not reachable. */
const DIAL_TIMEOUT_MS = 2_000;
const ONE_WAY_MS = { min: 0.5, more: 2 };

interface Link {
  readonly ends: readonly [string, string];
  /** When it can be used. */
  readonly readyMs: number;
  isOpen: boolean;
}

export interface LinksDeps {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  /** How many links a member keeps; the one that was not used for longest is closed. */
  readonly linksMax: number;
  readonly isUp: (name: string) => boolean;
  /** Whether two members cannot reach each other although both are up. */
  readonly isCut: (a: string, b: string) => boolean;
}

/** Connections between members: made on demand, kept in a bounded cache at both ends. */
export class Links {
  /** What was sent, both ends of a set-up included. */
  readonly bytes = { frames: 0, setups: 0 };
  frames = 0;
  setups = 0;
  closed = 0;
  private readonly deps: LinksDeps;
  /** Of each member, by the other end, the one last used at the end. */
  private readonly caches = new Map<string, Map<string, Link>>();

  constructor(deps: LinksDeps) {
    this.deps = deps;
  }

  /** Begins to count anew. */
  resetCounts(): void {
    Object.assign(this.bytes, { frames: 0, setups: 0 });
    this.frames = 0;
    this.setups = 0;
    this.closed = 0;
  }

  /**
   * Calls `done` with true when the message arrives, and with false when it is known that it
   * cannot; what is sent to a member that vanished over a link that is open is lost without a word.
   */
  send(
    { from, to, sizeBytes }: { from: string; to: string; sizeBytes: number },
    done: (arrived: boolean) => void,
  ): void {
    const { queue, isUp, isCut } = this.deps;
    const link = this.cacheOf(from).get(to) ?? this.open(from, to);
    if (link === null) {
      queue.after(DIAL_TIMEOUT_MS, () => done(false));
      return;
    }
    this.use(link);
    this.frames += 1;
    this.bytes.frames += sizeBytes + FRAME_OVERHEAD_BYTES;
    const waitMs = Math.max(0, link.readyMs - queue.nowMs);
    if (isUp(to) && !isCut(from, to)) queue.after(waitMs + this.oneWayMs(), () => done(true));
  }

  private open(from: string, to: string): Link | null {
    if (!this.deps.isUp(to) || this.deps.isCut(from, to)) return null;
    const setupMs = 2 * SETUP_ROUND_TRIPS * this.oneWayMs() + SETUP_CPU_MS;
    const link: Link = {
      ends: [from, to],
      readyMs: this.deps.queue.nowMs + setupMs,
      isOpen: true,
    };
    this.setups += 1;
    this.bytes.setups += SETUP_BYTES.dials + SETUP_BYTES.accepts;
    return link;
  }

  private use(link: Link): void {
    const [a, b] = link.ends;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const cache = this.cacheOf(one);
      cache.delete(other);
      cache.set(other, link);
      if (cache.size > this.deps.linksMax) this.closeOldest(one, cache);
    }
  }

  private closeOldest(name: string, cache: Map<string, Link>): void {
    const oldest = cache.keys().next();
    if (oldest.done === true) return;
    cache.delete(oldest.value);
    this.cacheOf(oldest.value).delete(name);
    this.closed += 1;
  }

  private cacheOf(name: string): Map<string, Link> {
    let cache = this.caches.get(name);
    if (cache === undefined) {
      cache = new Map();
      this.caches.set(name, cache);
    }
    return cache;
  }

  private oneWayMs(): number {
    const { min, more } = ONE_WAY_MS;
    return min + (this.deps.random.below(1001) / 1000) * more;
  }
}
