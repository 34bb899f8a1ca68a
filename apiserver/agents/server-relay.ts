import type { ApiClient } from "../../api/client/client-types.js";
import { LineSplitter } from "../../api/client/json-lines.js";
import { jitteredBackoffMs, waitMs } from "../../api/client/waiting.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";

/** How often it is looked which servers there are. */
const LOOK_MS = 1_000;
/** A server sends something this often at least (see HEARD_MS); one that does not stands still. */
const SILENT_MS = 2_000;
const BACKOFF = { firstMs: 100, maxMs: 1_000 };

/** A stream of lines that every server offers to the others. */
export interface ServerFeed {
  readonly path: string;
  readonly lineBytesMax: number;
  /** What is not known while the stream is broken, for the log. */
  readonly what: string;
  /** A line came from `server`. What it throws ends the stream, which is then opened again. */
  line(line: string, server: string): void;
  /** The stream of `server` ended. */
  lost(server: string): void;
}

export interface ServerRelayDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** URLs of the other servers' APIs, as far as is known now. */
  readonly otherServers: () => Promise<readonly string[]>;
  /** A client of one server alone, with the rights to read the feeds. */
  readonly connect: (server: string) => ApiClient;
}

/**
 * Follows the feeds of every other server, so that each server knows what all of them heard.
 * Whatever a server says is what it heard itself: nothing is passed on twice. Ends when the signal
 * aborts.
 */
export async function followOtherServers(
  feeds: readonly ServerFeed[],
  deps: ServerRelayDeps,
  signal: AbortSignal,
): Promise<void> {
  const followed = new Map<
    string,
    { readonly stop: AbortController; readonly done: Promise<void> }
  >();
  while (!signal.aborted) {
    const servers = await deps.otherServers().catch(() => [...followed.keys()]);
    for (const [server, { stop }] of followed) if (!servers.includes(server)) stop.abort();
    for (const server of servers) {
      if (followed.has(server) || signal.aborted) continue;
      const stop = new AbortController();
      const done = followServer(server, { feeds, deps, signal: stop.signal }).finally(() =>
        followed.delete(server),
      );
      followed.set(server, { stop, done });
    }
    await waitMs(deps.clock, LOOK_MS, signal);
  }
  const all = [...followed.values()];
  for (const { stop } of all) stop.abort();
  await Promise.all(all.map(({ done }) => done));
}

interface Followed {
  readonly deps: ServerRelayDeps;
  readonly signal: AbortSignal;
}

async function followServer(
  server: string,
  { feeds, ...followed }: Followed & { readonly feeds: readonly ServerFeed[] },
): Promise<void> {
  const client = followed.deps.connect(server);
  await Promise.all(feeds.map((feed) => followFeed(feed, { ...followed, server, client })));
  client.close();
}

async function followFeed(
  feed: ServerFeed,
  from: Followed & { readonly server: string; readonly client: ApiClient },
): Promise<void> {
  const { server, signal, deps } = from;
  const { clock, random, logger } = deps;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await readStream(feed, { ...from, clock, onChunk: () => (attempt = 0) });
    } catch (error) {
      if (attempt === 0 && !signal.aborted)
        logger.warn(`${feed.what} of another server is not heard of`, {
          server,
          error: messageOf(error),
        });
    }
    feed.lost(server);
    await waitMs(clock, jitteredBackoffMs(attempt, BACKOFF, random), signal);
  }
}

async function readStream(
  feed: ServerFeed,
  options: {
    readonly server: string;
    readonly client: ApiClient;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onChunk: () => void;
  },
): Promise<void> {
  const { server, client, clock, signal, onChunk } = options;
  const stream = await client.stream(feed.path, { signal, timeoutMs: SILENT_MS });
  const lines = new LineSplitter(feed.lineBytesMax);
  let cancel = clock.schedule(SILENT_MS, () => stream.close());
  try {
    for await (const chunk of stream.body) {
      cancel();
      cancel = clock.schedule(SILENT_MS, () => stream.close());
      onChunk();
      for (const line of lines.push(chunk)) feed.line(line, server);
    }
  } finally {
    cancel();
  }
}
