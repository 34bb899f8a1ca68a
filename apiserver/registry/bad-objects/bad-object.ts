import type { JsonObject, JsonValue } from "../../../api/schema/wire-types.js";

/** One cause as it stands in Status.details.causes. */
export interface BadCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** A manifest that must be refused, and how. */
export interface BadObject {
  readonly name: string;
  readonly manifest: JsonObject;
  /** 422: decided by validation; 400: while the body is decoded with fieldValidation=Strict. */
  readonly status: 400 | 422;
  /** All causes, in order; none for 400. */
  readonly causes: readonly BadCause[];
  /** A part of Status.message that a 400 must have; for 422 it follows from the causes. */
  readonly message?: string;
}

/** A cause as [reason without "FieldValue", field, message]. */
export type Cause = readonly [reason: string, field: string, message: string];

/** A manifest that validation refuses. */
export function bad(name: string, manifest: JsonObject, ...causes: readonly Cause[]): BadObject {
  return {
    name,
    manifest,
    status: 422,
    causes: causes.map(([reason, field, message]) => ({
      reason: `FieldValue${reason}`,
      field,
      message,
    })),
  };
}

/** A manifest that cannot be decoded. */
export function undecodable(name: string, manifest: JsonObject, message: string): BadObject {
  return { name, manifest, status: 400, causes: [], message };
}

/** A value that is wrong, as [Invalid, field, message]. */
export function wrong(field: string, value: JsonValue, text: string): Cause {
  return ["Invalid", field, `Invalid value: ${JSON.stringify(value)}: ${text}`];
}

/** A value that is missing. */
export function missing(field: string, text = ""): Cause {
  return ["Required", field, text === "" ? "Required value" : `Required value: ${text}`];
}

/** A value that is not allowed here. */
export function banned(field: string, text: string): Cause {
  return ["Forbidden", field, `Forbidden: ${text}`];
}

/** A word that is not one of `supported`. */
export function unknown(field: string, value: string, ...supported: readonly string[]): Cause {
  const list = supported.map((word) => `"${word}"`).join(", ");
  return ["NotSupported", field, `Unsupported value: "${value}": supported values: ${list}`];
}

/** A value that is there twice. */
export function twice(field: string, value: JsonValue): Cause {
  return ["Duplicate", field, `Duplicate value: ${JSON.stringify(value)}`];
}

/** A pod of one container; `container` and `spec` are laid over it. */
export function pod(container: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "bad" },
    spec: { containers: [{ name: "c", image: "busybox", ...container }], ...spec },
  };
}

/** A service with one port; `spec` is laid over it. */
export function service(spec: JsonObject): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "bad" },
    spec: { ports: [{ port: 80 }], ...spec },
  };
}

/** A deployment whose pods are labelled app=web; `spec` is laid over it. */
export function deployment(spec: JsonObject): JsonObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "bad" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: template({}),
      ...spec,
    },
  };
}

/** A template labelled app=web; `spec` is laid over its pod. */
export function template(spec: JsonObject): JsonObject {
  return {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "busybox" }], ...spec },
  };
}

/** An object called `bad` with this spec. */
export function withSpec(apiVersion: string, kind: string, spec: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: "bad" }, spec };
}

/** A ConfigMap with this metadata. */
export function withMetadata(metadata: JsonObject): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

/** What names and labels are told, as users of kubectl know it. */
export const TEXT = {
  subdomain:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or " +
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used " +
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  label:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and " +
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex " +
    "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  service:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an " +
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or " +
    "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  qualified:
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " +
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  labelValue:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or " +
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value', " +
    " or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  configKey:
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. " +
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  portNumber: "must be between 1 and 65535, inclusive",
  negative: "must be greater than or equal to 0",
  ip: "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
  cidr: "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
  mode: "must be a number between 0 and 0777 (octal), both inclusive",
} as const;
