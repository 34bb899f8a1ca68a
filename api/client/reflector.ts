import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import type { KubernetesObject } from "../schema/wire-types.js";
import { isApiError, isExpired } from "./api-error.js";
import type { ListOptions, ResourceClient, WatchEvent } from "./client-types.js";
import { jitteredBackoffMs, waitMs } from "./waiting.js";

/** What a reflector keeps in step with the server. Called in order, never two at a time. */
export interface ReflectorSink<T> {
  /** A full list follows, in pages. */
  beginReplace(): void;
  replacePage(items: readonly T[]): void;
  /** The list is complete: what no page held is gone. */
  endReplace(): void;
  apply(event: Extract<WatchEvent<T>, { readonly object: T }>): void;
}

/** What is listed and watched. */
export interface ReflectorOptions
  extends Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector" | "fields"> {
  /** Objects asked for at once, so that no page takes long to parse. Default 500. */
  readonly pageSize?: number;
}

/** What a reflector needs of its process. */
export interface ReflectorDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const BACKOFF = { firstMs: 100, maxMs: 10_000 };
/** A watch that ended sooner than this without a word is not opened again at once. */
const WATCH_SHORT_MS = 1000;

/**
 * Lists a resource, then watches it from that revision; after a lost connection it watches on from
 * the last revision seen, after "Expired" it lists again. There is no polling: what the watch does
 * not tell did not happen.
 */
export class Reflector<T extends KubernetesObject> {
  private readonly client: ResourceClient<T>;
  private readonly sink: ReflectorSink<T>;
  private readonly options: ReflectorOptions;
  private readonly deps: ReflectorDeps;
  /** Where the next watch starts; null: list first. */
  private resourceVersion: string | null = null;
  private failures = 0;

  constructor(
    client: ResourceClient<T>,
    sink: ReflectorSink<T>,
    { options, deps }: { options: ReflectorOptions; deps: ReflectorDeps },
  ) {
    this.client = client;
    this.sink = sink;
    this.options = options;
    this.deps = deps;
  }

  /**
   * Goes on until the signal aborts; failures of the server are retried with back-off and never end
   * it.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.resourceVersion === null) await this.list(signal);
        await this.watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.noteFailure(error);
      }
      if (this.failures > 0)
        await waitMs(
          this.deps.clock,
          jitteredBackoffMs(this.failures - 1, BACKOFF, this.deps.random),
          signal,
        );
    }
  }

  private noteFailure(error: unknown): void {
    // Our own bug: the sink could not take what the server said.
    if (!isApiError(error)) throw error;
    const { plural } = this.client.type;
    this.failures += 1;
    if (isExpired(error)) {
      this.deps.logger.info("watch expired, listing again", { resource: plural });
      this.resourceVersion = null;
    } else {
      this.deps.logger.warn("list or watch failed", { resource: plural, error });
    }
  }

  private async list(signal: AbortSignal): Promise<void> {
    const { pageSize = 500, ...selection } = this.options;
    const { sink } = this;
    sink.beginReplace();
    let page = await this.client.list({ ...selection, limit: pageSize, signal });
    sink.replacePage(page.items);
    for (let token = page.metadata.continue; token; token = page.metadata.continue) {
      page = await this.client.list({ ...selection, limit: pageSize, continue: token, signal });
      sink.replacePage(page.items);
    }
    sink.endReplace();
    // All pages are of one revision, which is where the watch takes over.
    this.resourceVersion = page.metadata.resourceVersion;
    this.failures = 0;
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.deps;
    const { pageSize: _unused, ...selection } = this.options;
    const startedMs = clock.monotonicMs();
    let heard = false;
    // Five to ten minutes by lot, so that a thousand clients do not all come back at once.
    const timeoutSeconds = 300 + random.below(300);
    const watch = this.client.watch({
      ...selection,
      resourceVersion: this.resourceVersion ?? "0",
      timeoutSeconds,
      signal,
    });
    for await (const event of watch) {
      heard = true;
      this.failures = 0;
      if (event.type === "BOOKMARK") {
        this.resourceVersion = event.resourceVersion;
        continue;
      }
      this.sink.apply(event);
      this.resourceVersion = event.object.metadata.resourceVersion;
    }
    if (!heard && clock.monotonicMs() - startedMs < WATCH_SHORT_MS) this.failures += 1;
  }
}
