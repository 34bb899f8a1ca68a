import { CodedError } from "../../base/errors.js";

/** What went wrong in a call to the runtime, in gRPC's words. */
export type CriErrorCode =
  | "NotFound"
  | "AlreadyExists"
  | "InvalidArgument"
  | "FailedPrecondition"
  | "ResourceExhausted"
  | "PermissionDenied"
  | "Unauthenticated"
  | "Unimplemented"
  | "Unavailable"
  | "DeadlineExceeded"
  | "Cancelled"
  | "Internal";

/** A call to the container runtime that failed. `details.method` names the call. */
export class CriError extends CodedError<CriErrorCode> {
  override readonly name = "CriError";

  constructor(code: CriErrorCode, method: string, options: { message: string; cause?: unknown }) {
    super(code, options.message, { details: { method }, cause: options.cause });
  }
}

/** gRPC status numbers; what is not here is Internal. */
const CODES: ReadonlyMap<number, CriErrorCode> = new Map([
  [1, "Cancelled"],
  [3, "InvalidArgument"],
  [4, "DeadlineExceeded"],
  [5, "NotFound"],
  [6, "AlreadyExists"],
  [7, "PermissionDenied"],
  [8, "ResourceExhausted"],
  [9, "FailedPrecondition"],
  [12, "Unimplemented"],
  [14, "Unavailable"],
  [16, "Unauthenticated"],
]);

/** Maps whatever the transport threw, once, at the edge that meets it. */
export function toCriError(method: string, cause: unknown): CriError {
  if (cause instanceof CriError) return cause;
  const foreign = cause as { code?: unknown; details?: unknown; message?: unknown };
  const code = (typeof foreign.code === "number" ? CODES.get(foreign.code) : null) ?? "Internal";
  const message =
    typeof foreign.details === "string" && foreign.details !== ""
      ? foreign.details
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new CriError(code, method, { message, cause });
}
