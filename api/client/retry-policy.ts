/** How one attempt at a call went wrong. */
export type FailedAttempt =
  /** No connection, or one that broke before (`sent` false) or after the request may have left. */
  | { readonly kind: "lost"; readonly sent: boolean }
  /** The server refused for now; null: without saying when to come back. */
  | {
      readonly kind: "refused";
      readonly statusCode: number;
      readonly retryAfterSeconds: number | null;
    };

const ATTEMPTS_MAX = 10;
const RETRY_AFTER_SECONDS_MAX = 30;

/**
 * How long to wait before the same request may be sent again; null: not at all, because it may have
 * had its effect, or because the server did not ask for it. `backoff`: soon, with the usual
 * jittered back-off.
 */
export function planRetry(
  failed: FailedAttempt,
  method: string,
  attempt: number,
): { readonly afterMs: number } | { readonly backoff: true } | null {
  if (failed.kind === "lost") {
    // What was never sent, or only reads, can be repeated for as long as the deadline allows.
    return !failed.sent || method === "GET" ? { backoff: true } : null;
  }
  if (attempt >= ATTEMPTS_MAX || failed.retryAfterSeconds === null) return null;
  if (failed.statusCode !== 429 && failed.statusCode !== 503) return null;
  return { afterMs: 1000 * Math.min(failed.retryAfterSeconds, RETRY_AFTER_SECONDS_MAX) };
}

/** The seconds of a Retry-After header; null when it is absent or a date. */
export function parseRetryAfter(header: string | undefined): number | null {
  return header !== undefined && /^[0-9]{1,6}$/.test(header) ? Number(header) : null;
}
