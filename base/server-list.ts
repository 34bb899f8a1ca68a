/** Told of a server that is to be left. Must not throw. */
export type LeaveListener = (url: string) => void;

const SERVERS_MAX = 100;

/**
 * The servers a process may turn to, best first. Everything in the process that talks to a server
 * shares one list: whoever finds that a server is no good moves all to the next one. Never empty.
 */
export class ServerList {
  private readonly configured: readonly string[];
  private readonly spread: number;
  private order: readonly string[];
  private readonly listeners = new Set<LeaveListener>();

  /**
   * `configured` are tried last once others were learned. `spread` (default 0) says with which of
   * the servers to begin, so that many processes do not all begin with the same one.
   */
  constructor(configured: readonly string[], options: { readonly spread?: number } = {}) {
    this.configured = configured;
    this.spread = options.spread ?? 0;
    this.order = rotate([...new Set(configured)], this.spread);
  }

  /** Best first. */
  urls(): readonly string[] {
    return this.order;
  }

  /**
   * Takes in what servers there are now; those that were known keep their places. Returns whether
   * that changed anything; an empty list is no news.
   */
  learn(urls: readonly string[]): boolean {
    if (urls.length === 0) return false;
    const wanted = new Set([...urls.slice(0, SERVERS_MAX), ...this.configured]);
    const kept = this.order.filter((url) => wanted.has(url));
    const fresh = [...wanted].filter((url) => !kept.includes(url));
    const changed = fresh.length > 0 || kept.length !== this.order.length;
    if (changed) this.order = [...kept, ...rotate(fresh, this.spread)];
    return changed;
  }

  /** Puts a server that did not answer behind the others. */
  demote(url: string): void {
    if (!this.order.includes(url)) return;
    this.order = [...this.order.filter((other) => other !== url), url];
  }

  /** Puts a server that answers and cannot serve behind the others, and has everybody leave it. */
  leave(url: string): void {
    this.demote(url);
    if (this.order.length > 1) for (const listener of this.listeners) listener(url);
  }

  /** Calls `listener` for every server that is to be left; the returned function ends that. */
  onLeave(listener: LeaveListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function rotate(urls: readonly string[], by: number): readonly string[] {
  const at = urls.length === 0 ? 0 : by % urls.length;
  return [...urls.slice(at), ...urls.slice(0, at)];
}
