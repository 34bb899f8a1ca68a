/** How long the pods of a node that ended are left before they are made anew. */
const FIRST_MS = 1000;
const MOST_MS = 15 * 60_000;

/** Pauses between pods that end again and again, each twice as long as the one before. */
export class FailureBackoff {
  private readonly byKey = new Map<string, { pauseMs: number; sinceMs: number }>();

  /** 0: now is the time, which begins the next pause; else milliseconds until it is. */
  remainingMs(key: string, nowMs: number): number {
    const known = this.byKey.get(key);
    const fresh = known === undefined || nowMs - known.sinceMs > 2 * MOST_MS;
    if (!fresh && nowMs - known.sinceMs < known.pauseMs)
      return known.pauseMs - (nowMs - known.sinceMs);
    const pauseMs = fresh ? FIRST_MS : Math.min(MOST_MS, known.pauseMs * 2);
    this.byKey.set(key, { pauseMs, sinceMs: nowMs });
    return 0;
  }

  /** Forgets all keys that begin so. */
  forget(prefix: string): void {
    for (const key of this.byKey.keys()) if (key.startsWith(prefix)) this.byKey.delete(key);
  }
}
