import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateHttpHeaderName } from "../../../api/machinery/names.js";
import type {
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach, notNegative } from "../common/field-error-builders.js";
import { validatePortNumberOrName } from "../common/port-validation.js";
import { validateStopSignal } from "./stop-signals.js";

/** What the rules for handlers must know of the pod. */
export interface HandlerContext {
  /** spec.terminationGracePeriodSeconds; null when it is missing, which is reported elsewhere. */
  readonly graceSeconds: number | null;
  /** spec.os.name, "" when not stated. */
  readonly osName: string;
}

/** Which question a probe answers. */
export type ProbeKind = "livenessProbe" | "readinessProbe" | "startupProbe";

const COUNTERS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;
const SCHEMES: readonly string[] = ["HTTP", "HTTPS"];

/** Checks a probe; `path` is that of the container. */
export function validateProbe(
  probe: Probe | undefined,
  path: string,
  { kind, handler }: { kind: ProbeKind; handler: HandlerContext },
): FieldError[] {
  if (probe === undefined) return [];
  const at = `${path}.${kind}`;
  const errors = validateHandler(probe, at, handler);
  for (const field of COUNTERS) errors.push(...notNegative(`${at}.${field}`, probe[field]));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  if (kind === "readinessProbe") {
    const text = "must not be set for readinessProbes";
    if (grace !== undefined)
      errors.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, text));
  } else if ((probe.successThreshold ?? 1) !== 1)
    errors.push(invalid(`${at}.successThreshold`, probe.successThreshold, "must be 1"));
  return errors;
}

/** Checks what runs after start and before stop. */
export function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  path: string,
  context: HandlerContext,
): FieldError[] {
  if (lifecycle === undefined) return [];
  const errors: FieldError[] = [];
  for (const hook of ["postStart", "preStop"] as const) {
    const handler = lifecycle[hook];
    if (handler !== undefined) errors.push(...validateHandler(handler, `${path}.${hook}`, context));
  }
  if (lifecycle.stopSignal !== undefined)
    errors.push(...validateStopSignal(lifecycle.stopSignal, `${path}.stopSignal`, context.osName));
  return errors;
}

type Handler = Pick<Probe, "exec" | "httpGet" | "tcpSocket" | "grpc"> &
  Pick<LifecycleHandler, "sleep">;
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function validateHandler(handler: Handler, path: string, context: HandlerContext): FieldError[] {
  const given = HANDLERS.filter((name) => handler[name] !== undefined);
  const [first, ...others] = given;
  if (first === undefined) return [required(path, "must specify a handler type")];
  return [
    ...validateAction(handler, `${path}.${first}`, { name: first, context }),
    ...others.map((name) =>
      forbidden(`${path}.${name}`, "may not specify more than 1 handler type"),
    ),
  ];
}

function validateAction(
  handler: Handler,
  path: string,
  { name, context }: { name: (typeof HANDLERS)[number]; context: HandlerContext },
): FieldError[] {
  switch (name) {
    case "exec":
      return (handler.exec?.command ?? []).length === 0 ? [required(`${path}.command`)] : [];
    case "httpGet":
      return handler.httpGet === undefined ? [] : validateHttpGet(handler.httpGet, path);
    case "tcpSocket":
      return validatePortNumberOrName(handler.tcpSocket?.port ?? 0, `${path}.port`);
    case "grpc":
      return validatePortNumberOrName(handler.grpc?.port ?? 0, `${path}.port`);
    case "sleep": {
      const seconds = handler.sleep?.seconds ?? 0;
      const { graceSeconds } = context;
      if (graceSeconds === null || (seconds >= 0 && seconds <= graceSeconds)) return [];
      const limit = `terminationGracePeriodSeconds (${graceSeconds})`;
      const text = `must be non-negative and less than ${limit}`;
      return [invalid(path, seconds, text)];
    }
  }
}

function validateHttpGet(action: HTTPGetAction, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { scheme = "", httpHeaders = [] } = action;
  if ((action.path ?? "") === "") errors.push(required(`${path}.path`));
  errors.push(...validatePortNumberOrName(action.port, `${path}.port`));
  if (!SCHEMES.includes(scheme)) errors.push(notSupported(`${path}.scheme`, scheme, SCHEMES));
  for (const { name } of httpHeaders)
    errors.push(...invalidEach(`${path}.httpHeaders`, name, validateHttpHeaderName(name)));
  return errors;
}
