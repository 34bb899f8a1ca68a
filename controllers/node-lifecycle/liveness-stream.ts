import type { ApiClient } from "../../api/client/client-types.js";
import { LineSplitter } from "../../api/client/json-lines.js";
import { jitteredBackoffMs, waitMs } from "../../api/client/waiting.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import type { NodeLiveness } from "../../gossip/heartbeat-types.js";
import { parseLiveness } from "../../gossip/liveness-line.js";

const LIVENESS_PATH = "/raftsman/v1/liveness?watch=1";
const LINE_BYTES_MAX = 4096;
const BACKOFF = { firstMs: 200, maxMs: 5000 };

/** Told of what comes over the stream, in order. */
export interface LivenessEvents {
  /** A stream is open; a full listing follows. */
  opened(): void;
  heard(liveness: NodeLiveness): void;
  /** The stream broke; another one is being opened. */
  lost(): void;
}

/**
 * Follows the liveness of nodes until the signal aborts; a broken stream is opened again after a
 * back-off.
 */
export async function followLiveness(
  client: ApiClient,
  events: LivenessEvents,
  context: { clock: Clock; random: Random; logger: Logger; signal: AbortSignal },
): Promise<void> {
  const { clock, random, logger, signal } = context;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const openedMs = clock.monotonicMs();
    try {
      await readStream(client, events, signal);
    } catch (error) {
      if (!signal.aborted)
        logger.warn("the liveness of nodes cannot be read", { error: messageOf(error) });
    }
    events.lost();
    if (clock.monotonicMs() - openedMs > BACKOFF.maxMs) attempt = 0;
    await waitMs(clock, jitteredBackoffMs(attempt, BACKOFF, random), signal);
  }
}

async function readStream(
  client: ApiClient,
  events: LivenessEvents,
  signal: AbortSignal,
): Promise<void> {
  const stream = await client.stream(LIVENESS_PATH, { signal });
  events.opened();
  const lines = new LineSplitter(LINE_BYTES_MAX);
  for await (const chunk of stream.body) {
    for (const line of lines.push(chunk)) events.heard(parseLiveness(line));
  }
}
