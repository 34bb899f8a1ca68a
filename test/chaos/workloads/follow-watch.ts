import { ApiError, isExpired } from "../../../api/client/api-error.js";
import type { ResourceClient, WatchEvent } from "../../../api/client/client-types.js";
import type { KubernetesObject } from "../../../api/schema/wire-types.js";
import { OPERATION_TIMEOUT_MS } from "./workload.js";

/** What a watch told, and how it ended. */
export interface Followed<T> {
  readonly events: readonly WatchEvent<T>[];
  /** Empty when we ended it, or the server did in order. */
  readonly ended: { readonly error?: string };
  /** Its beginning is no longer known: the watcher has to list. */
  readonly isExpired: boolean;
}

/**
 * Follows one watch for at most `forMs`, and keeps what it told even when the connection breaks.
 */
export async function followWatch<T extends KubernetesObject>(
  resource: ResourceClient<T>,
  from: { readonly namespace: string; readonly labelSelector?: string; readonly from: string },
  forMs: number,
): Promise<Followed<T>> {
  const events: WatchEvent<T>[] = [];
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), forMs);
  const { from: resourceVersion, ...where } = from;
  try {
    const watch = resource.watch({
      ...where,
      resourceVersion,
      timeoutSeconds: Math.ceil(forMs / 1000) + 1,
      timeoutMs: OPERATION_TIMEOUT_MS,
      signal: stop.signal,
    });
    for await (const event of watch) events.push(event);
    return { events, ended: {}, isExpired: false };
  } catch (error) {
    if (stop.signal.aborted) return { events, ended: {}, isExpired: false };
    if (error instanceof ApiError)
      return { events, ended: { error: error.message }, isExpired: isExpired(error) };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
