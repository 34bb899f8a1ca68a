import { CodedError } from "../../base/errors.js";
import type { Status, StatusDetails } from "../schema/types/meta-v1.gen.js";
import type { ApiErrorReason } from "./client-types.js";

/**
 * An answer of the API server with a status of 400 and up, or a call that got none. `code` is the
 * reason in Kubernetes' words; tell errors apart by it.
 */
export class ApiError extends CodedError<ApiErrorReason> {
  override readonly name = "ApiError";
  /** The HTTP status; 0 when there was no answer. */
  readonly statusCode: number;
  /** The Status object of the answer; null when there was none. */
  readonly status: Status | null;

  constructor(
    reason: ApiErrorReason,
    message: string,
    options: { statusCode?: number; status?: Status; cause?: unknown } = {},
  ) {
    super(reason, message, {
      details: { statusCode: options.statusCode ?? 0 },
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.statusCode = options.statusCode ?? 0;
    this.status = options.status ?? null;
  }

  /** The same as `code`. */
  get reason(): ApiErrorReason {
    return this.code;
  }

  /** What the Status says about its cause; empty when it says nothing. */
  get statusDetails(): StatusDetails {
    return this.status?.details ?? {};
  }

  /** Seconds after which the server wants to be asked again; null when it did not say. */
  get retryAfterSeconds(): number | null {
    return this.statusDetails.retryAfterSeconds ?? null;
  }
}

/** True when `error` is an ApiError with one of these reasons. */
export function isApiError(
  error: unknown,
  ...reasons: readonly ApiErrorReason[]
): error is ApiError {
  return error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.code));
}

/** The object is not there. */
export function isNotFound(error: unknown): error is ApiError {
  return isApiError(error, "NotFound");
}

/** Somebody else wrote first, or this writer's fence no longer holds. */
export function isConflict(error: unknown): error is ApiError {
  return isApiError(error, "Conflict");
}

/** An object of that name is there already. */
export function isAlreadyExists(error: unknown): error is ApiError {
  return isApiError(error, "AlreadyExists");
}

/** The revision asked for was compacted away: list again. */
export function isExpired(error: unknown): error is ApiError {
  return isApiError(error, "Expired", "Gone");
}

/**
 * The creation was refused because the namespace is going away: no retry can mend it (Kubernetes'
 * NamespaceTerminating cause).
 */
export function isNamespaceTerminating(error: unknown): error is ApiError {
  return (
    isApiError(error, "Forbidden") &&
    (error.statusDetails.causes ?? []).some((cause) => cause.reason === "NamespaceTerminating")
  );
}

const REASON_BY_STATUS: ReadonlyMap<number, ApiErrorReason> = new Map([
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [405, "MethodNotAllowed"],
  [406, "NotAcceptable"],
  [409, "Conflict"],
  [410, "Gone"],
  [413, "RequestEntityTooLarge"],
  [415, "UnsupportedMediaType"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [500, "InternalError"],
  [503, "ServiceUnavailable"],
  [504, "Timeout"],
]);

const REASONS: ReadonlySet<string> = new Set<ApiErrorReason>([
  ...REASON_BY_STATUS.values(),
  "AlreadyExists",
  "Expired",
  "ServerTimeout",
  "Unknown",
]);

/**
 * The error for an answer: by its Status when the body is one, otherwise by the HTTP status alone.
 */
export function errorFromAnswer(statusCode: number, body: Uint8Array): ApiError {
  const status = parseStatus(body);
  if (status !== null) return errorFromStatus(status, statusCode);
  const reason = REASON_BY_STATUS.get(statusCode) ?? "Unknown";
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 500)).toString();
  const message = text === "" ? `the server answered with status ${statusCode}` : text.trim();
  return new ApiError(reason, message, { statusCode });
}

/** The error that a Status object stands for, as it comes in a watch's ERROR event. */
export function errorFromStatus(status: Status, statusCode: number): ApiError {
  const code = status.code ?? statusCode;
  const named = status.reason ?? "";
  const reason = REASONS.has(named)
    ? (named as ApiErrorReason)
    : (REASON_BY_STATUS.get(code) ?? "Unknown");
  return new ApiError(reason, status.message ?? reason, { statusCode: code, status });
}

function parseStatus(body: Uint8Array): Status | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return isStatus(value) ? value : null;
  } catch {
    return null; // Not JSON: a proxy in between answered.
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}
