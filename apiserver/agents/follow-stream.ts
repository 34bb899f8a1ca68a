import type { ApiResponse, ResponseSink } from "../server/http-types.js";

/**
 * Sends what `subscribe` hands out until the client goes away, `closing` aborts, or the client is
 * more than `backlogBytesMax` behind: then it is cut off, comes again and starts anew.
 */
export function follow(
  sink: ResponseSink,
  options: { readonly closing: AbortSignal; readonly backlogBytesMax: number },
  subscribe: (send: (message: Buffer) => void) => () => void,
): Promise<void> {
  return new Promise((resolve) => {
    let unsubscribe = (): void => {};
    const end = (): void => {
      unsubscribe();
      resolve();
    };
    for (const signal of [sink.signal, options.closing]) {
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", end, { once: true });
    }
    unsubscribe = subscribe((message) => {
      if (sink.bufferedBytes > options.backlogBytesMax) return end();
      sink.write(message);
    });
  });
}

/** A short answer; text unless the headers say otherwise. */
export function plain(status: number, text: string, headers: Record<string, string>): ApiResponse {
  const chunks = [Buffer.from(text)];
  return {
    status,
    headers: { "content-type": "text/plain", ...headers },
    body: { type: "bytes", chunks },
  };
}
