import { ApiError } from "../../../api/client/api-error.js";
import { ConnectionLostError } from "../../../api/client/http-exchange.js";
import { hasCode, messageOf } from "../../../base/errors.js";
import type { Completion } from "./workload.js";

/**
 * Answers that say the server has not done it and will not. Status 500, 503 and 504 may come from a
 * server that lost its peers after it had sent them the write.
 */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 409, 410, 413, 422, 429]);

/** What a failed write is taken for: only what is known not to have happened is a fail. */
export function writeFailure(error: unknown): Completion {
  if (!(error instanceof ApiError)) throw error;
  const { reason } = error;
  const isRefused = REFUSALS.has(error.statusCode) || wasNeverSent(error);
  return { type: isRefused ? "fail" : "info", value: { reason }, error: messageOf(error) };
}

/** What a failed read is taken for: it had no effect, so it has not happened. */
export function readFailure(error: unknown): Completion {
  if (!(error instanceof ApiError)) throw error;
  return { type: "fail", value: { reason: error.reason }, error: messageOf(error) };
}

function wasNeverSent({ statusCode, cause, reason }: ApiError): boolean {
  if (statusCode !== 0) return false;
  if (reason === "Conflict") return true; // Our own client refuses a write without a fence.
  if (cause instanceof ConnectionLostError) return !cause.sent;
  return hasCode(cause, "ConnectFailed");
}
