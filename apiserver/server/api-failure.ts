import {
  type StatusBody,
  expired,
  failure,
  internalError,
  requestTooLarge,
  serviceUnavailable,
  timeout,
  tooManyRequests,
} from "../../api/machinery/status.js";
import { AssertionError } from "../../base/assert.js";
import { CodedError, messageOf } from "../../base/errors.js";

/** A request that ends with a Status of failure. Thrown by handlers, sent by the router. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly status: StatusBody;
  /** Further headers of the answer, such as Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: StatusBody, headers: Readonly<Record<string, string>> = {}) {
    super(status.message ?? "");
    this.status = status;
    this.headers = headers;
  }
}

/** What a failure of the store means to a client: whether it may try again is what matters. */
const STORE_ANSWERS: Readonly<Record<string, StatusBody>> = {
  Compacted: expired("The provided resource version is no longer kept."),
  FutureRevision: timeout("Too large resource version", 1),
  Overloaded: tooManyRequests("The store has too much to do, please try again later.", 1),
  NoLeader: serviceUnavailable("The store has no leader."),
  OutcomeUnknown: timeout(
    "the store did not answer: the request may or may not have been carried out",
    0,
  ),
  NoSpace: failure(
    507,
    "InternalError",
    "The store reached its size limit: only reads and deletes are served.",
  ),
  RequestTooLarge: requestTooLarge(1.5 * 1024 * 1024),
  TooManyOperations: internalError("the write needs more operations than one transaction may hold"),
  Closed: serviceUnavailable("The server is shutting down."),
};

/**
 * Turns whatever was thrown into the failure to send; our own bugs become 500 without their
 * details.
 */
export function toApiFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (error instanceof AssertionError)
    return new ApiFailure(internalError("an internal check failed"));
  const known = error instanceof CodedError ? STORE_ANSWERS[error.code] : undefined;
  if (known === undefined) return new ApiFailure(internalError(messageOf(error)));
  const retryAfter = known.code === 429 || known.code === 503;
  return new ApiFailure(known, retryAfter ? { "retry-after": "1" } : {});
}
