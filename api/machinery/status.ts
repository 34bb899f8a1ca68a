import { type FieldError, fieldErrorBody, fieldErrorsMessage } from "./field-errors.js";

/** Why a call failed, as clients tell it apart. */
export type StatusReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "UnsupportedMediaType"
  | "RequestEntityTooLarge"
  | "TooManyRequests"
  | "Timeout"
  | "ServerTimeout"
  | "InternalError"
  | "ServiceUnavailable";

/** One cause of a failure. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/**
 * What a failure is about. `kind` is the resource's plural, except for Invalid, where it is the
 * kind.
 */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/**
 * The v1 Status that answers a call which returns no object. `code` is also the HTTP status code.
 */
export interface StatusBody {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** Which resource a failure is about; group "" is the core group. */
export interface ResourceName {
  readonly group: string;
  /** The plural, such as pods. */
  readonly resource: string;
}

/** A failure with exactly this message. */
export function failure(
  code: number,
  reason: StatusReason,
  message: string,
  details?: StatusDetails,
): StatusBody {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/**
 * The answer to a delete that removed the object at once, and to other calls that return nothing.
 */
export function success(details?: StatusDetails): StatusBody {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    ...(details === undefined ? {} : { details }),
    code: 200,
  };
}

/** 404: `pods "web" not found`. */
export function notFound(of: ResourceName, name: string): StatusBody {
  const message = `${qualified(of)} "${name}" not found`;
  return failure(404, "NotFound", message, aboutObject(of, name));
}

/** 404 for a path that no resource has. */
export function pathNotFound(): StatusBody {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

/** 409: `pods "web" already exists`. */
export function alreadyExists(of: ResourceName, name: string): StatusBody {
  const message = `${qualified(of)} "${name}" already exists`;
  return failure(409, "AlreadyExists", message, aboutObject(of, name));
}

/** The text of a write that was based on an older state than the current one. */
export const MODIFIED_MESSAGE =
  "the object has been modified; please apply your changes to the latest version and try again";

/**
 * 409: `Operation cannot be fulfilled on pods "web": …`; without a text: the object was modified
 * meanwhile.
 */
export function conflict(of: ResourceName, name: string, text = MODIFIED_MESSAGE): StatusBody {
  const message = `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${text}`;
  return failure(409, "Conflict", message, aboutObject(of, name));
}

/**
 * 422: `Deployment.apps "web" is invalid: spec.replicas: Invalid value: …`, one cause for each
 * error.
 */
export function invalidObject(
  of: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusBody {
  const kind = of.group === "" ? of.kind : `${of.kind}.${of.group}`;
  const tail = errors.length === 0 ? "" : `: ${fieldErrorsMessage(errors)}`;
  const causes = errors.map((error) => ({
    reason: error.type,
    message: fieldErrorBody(error),
    field: error.field,
  }));
  return failure(422, "Invalid", `${kind} "${name}" is invalid${tail}`, {
    ...(name === "" ? {} : { name }),
    ...(of.group === "" ? {} : { group: of.group }),
    kind: of.kind,
    ...(causes.length === 0 ? {} : { causes }),
  });
}

/** 400 with this message. */
export function badRequest(message: string): StatusBody {
  return failure(400, "BadRequest", message);
}

/** 401. Says nothing about why. */
export function unauthorized(): StatusBody {
  return failure(401, "Unauthorized", "Unauthorized");
}

/** 403: `pods "web" is forbidden: …`, or `pods is forbidden: …` without a name. */
export function forbidden(of: ResourceName, name: string, text: string): StatusBody {
  const subject = name === "" ? qualified(of) : `${qualified(of)} "${name}"`;
  const message = of.resource === "" ? `forbidden: ${text}` : `${subject} is forbidden: ${text}`;
  return failure(403, "Forbidden", message, aboutObject(of, name));
}

/** 405: the resource exists, but not for this verb. */
export function methodNotAllowed(of: ResourceName, verb: string): StatusBody {
  const message = `${verb} is not supported on resources of kind "${qualified(of)}"`;
  return failure(405, "MethodNotAllowed", message, aboutObject(of, ""));
}

/** 405 where no resource is known. */
export function methodNotAllowedHere(): StatusBody {
  return failure(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

/** 406: none of the media types that the client accepts can be given. */
export function notAcceptable(offered: readonly string[]): StatusBody {
  const message = `only the following media types are accepted: ${offered.join(", ")}`;
  return failure(406, "NotAcceptable", message);
}

/** 415: the body has a media type that is not understood here. */
export function unsupportedMediaType(accepted: readonly string[]): StatusBody {
  const message =
    "the body of the request was in an unknown format - accepted media types include: " +
    accepted.join(", ");
  return failure(415, "UnsupportedMediaType", message);
}

/** 410: the asked-for revision was compacted; the client must list again. */
export function expired(message: string): StatusBody {
  return failure(410, "Expired", message);
}

/**
 * 410 for a watch or list at a revision that is no longer kept: `too old resource version: 5
 * (812)`.
 */
export function tooOldResourceVersion(asked: string, oldest: string): StatusBody {
  return expired(`too old resource version: ${asked} (${oldest})`);
}

/**
 * 504: the state that was asked for is not reached yet; the client may try again after that many
 * seconds.
 */
export function tooLargeResourceVersion(asked: string, current: string): StatusBody {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  return failure(504, "Timeout", message, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

/** 413: the body is larger than `limitBytes`. */
export function requestTooLarge(limitBytes: number): StatusBody {
  const message = `Request entity too large: limit is ${limitBytes}`;
  return failure(413, "RequestEntityTooLarge", message);
}

/** 429: try again after that many seconds. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusBody {
  return failure(429, "TooManyRequests", message, { retryAfterSeconds });
}

/** 504: the work was not finished in time. */
export function timeout(message: string, retryAfterSeconds: number): StatusBody {
  return failure(504, "Timeout", `Timeout: ${message}`, { retryAfterSeconds });
}

/** 500: a backend did not answer in time, and the same call may work later. */
export function serverTimeout(
  of: ResourceName,
  verb: string,
  retryAfterSeconds: number,
): StatusBody {
  const message =
    `The ${verb} operation against ${qualified(of)} could not be completed at ` +
    `this time, please try again.`;
  return failure(500, "ServerTimeout", message, {
    ...aboutObject(of, verb),
    retryAfterSeconds,
  });
}

/** 500: our fault. `text` must not carry secrets: it goes to the client. */
export function internalError(text: string): StatusBody {
  return failure(500, "InternalError", `Internal error occurred: ${text}`, {
    causes: [{ message: text }],
  });
}

/** 503: nobody can answer now, such as while there is no leader. */
export function serviceUnavailable(message: string): StatusBody {
  return failure(503, "ServiceUnavailable", message);
}

/** `pods` or `deployments.apps`. */
export function qualified(of: ResourceName): string {
  return of.group === "" ? of.resource : `${of.resource}.${of.group}`;
}

function aboutObject(of: ResourceName, name: string): StatusDetails {
  return {
    ...(name === "" ? {} : { name }),
    ...(of.group === "" ? {} : { group: of.group }),
    kind: of.resource,
  };
}
