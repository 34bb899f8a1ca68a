import type { Store } from "../../consensus/consensus.js";
import type { WatchCache } from "./watch-cache.js";

/**
 * Makes a read from the cache linearizable: it waits until the cache has all that was committed
 * before the call.
 */
export class Freshness {
  private readonly store: Store;
  private readonly cache: WatchCache;
  private asking: Promise<number> | null = null;
  private next: Promise<number> | null = null;

  constructor(deps: { store: Store; cache: WatchCache }) {
    this.store = deps.store;
    this.cache = deps.cache;
  }

  /**
   * Resolves true once the cache is as new as the moment of the call, false when `signal` aborted
   * first. Rejects with the store's error when it cannot be asked.
   */
  async wait(signal: AbortSignal): Promise<boolean> {
    return this.cache.waitFor(await this.readIndex(), signal);
  }

  /**
   * One question at a time; who comes while one is under way shares the next: an older answer could
   * be too old.
   */
  private readIndex(): Promise<number> {
    if (this.asking === null) {
      this.asking = this.ask();
      return this.asking;
    }
    this.next ??= this.asking.then(
      () => this.askNext(),
      () => this.askNext(),
    );
    return this.next;
  }

  private askNext(): Promise<number> {
    this.next = null;
    this.asking = this.ask();
    return this.asking;
  }

  private ask(): Promise<number> {
    const asked: Promise<number> = this.store.readIndex().finally(() => {
      if (this.asking === asked) this.asking = null;
    });
    return asked;
  }
}
