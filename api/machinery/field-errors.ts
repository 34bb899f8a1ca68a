/** One fault in an object, as Kubernetes reports it. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Such as `spec.containers[0].ports[1].containerPort`. */
  readonly field: string;
  readonly badValue: unknown;
  readonly detail: string;
}

/** The reason that a Status gives for the cause. */
export type FieldErrorType =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueDuplicate"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooShort"
  | "FieldValueTooMany"
  | "FieldValueTooFew"
  | "FieldValueNotFound"
  | "FieldValueTypeInvalid"
  | "InternalError";

const TEXTS: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: "Required value",
  FieldValueInvalid: "Invalid value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooShort: "Too short",
  FieldValueTooMany: "Too many",
  FieldValueTooFew: "Too few",
  FieldValueNotFound: "Not found",
  FieldValueTypeInvalid: "Invalid value",
  InternalError: "Internal error",
};

const WITHOUT_VALUE: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "FieldValueTooShort",
  "InternalError",
]);

/** A value that must be there is not. */
export function required(field: string, detail = ""): FieldError {
  return { type: "FieldValueRequired", field, badValue: "", detail };
}

/** A value that breaks a rule; `detail` is the rule. */
export function invalid(field: string, badValue: unknown, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, badValue, detail };
}

/** A value of the wrong type. */
export function typeInvalid(field: string, badValue: unknown, detail: string): FieldError {
  return { type: "FieldValueTypeInvalid", field, badValue, detail };
}

/** A value that must be unique and is not. */
export function duplicate(field: string, badValue: unknown): FieldError {
  return { type: "FieldValueDuplicate", field, badValue, detail: "" };
}

/** A value outside a closed set. */
export function notSupported(
  field: string,
  badValue: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((value) => JSON.stringify(value)).join(", ");
  const detail = supported.length === 0 ? "" : `supported values: ${list}`;
  return { type: "FieldValueNotSupported", field, badValue, detail };
}

/** A value that may not be given here, though it is well-formed. */
export function forbidden(field: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", field, badValue: "", detail };
}

/** A value that names something which does not exist. */
export function notFound(field: string, badValue: unknown): FieldError {
  return { type: "FieldValueNotFound", field, badValue, detail: "" };
}

/** A text longer than `bytesMax`; the value itself is not repeated. */
export function tooLong(field: string, bytesMax: number): FieldError {
  const detail = `may not be more than ${bytesMax} ${bytesMax === 1 ? "byte" : "bytes"}`;
  return { type: "FieldValueTooLong", field, badValue: "<value omitted>", detail };
}

/** A list of `count` items where at most `countMax` may be. */
export function tooMany(field: string, count: number, countMax: number): FieldError {
  const detail = `must have at most ${countMax} ${countMax === 1 ? "item" : "items"}`;
  return { type: "FieldValueTooMany", field, badValue: count, detail };
}

/** The message without the field: `Invalid value: "x": must be …`. */
export function fieldErrorBody(error: FieldError): string {
  const text = TEXTS[error.type];
  const head = WITHOUT_VALUE.has(error.type) ? text : `${text}: ${showValue(error.badValue)}`;
  return error.detail === "" ? head : `${head}: ${error.detail}`;
}

/** The whole message: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function fieldErrorMessage(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

/** All messages as one: alone as it is, several in brackets, each text once. */
export function fieldErrorsMessage(errors: readonly FieldError[]): string {
  const messages = [...new Set(errors.map(fieldErrorMessage))];
  return messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(", ")}]`;
}

function showValue(value: unknown): string {
  return JSON.stringify(value ?? null);
}
