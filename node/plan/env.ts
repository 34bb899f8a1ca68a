import type {
  ConfigMap,
  Container,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  Pod,
  Secret,
  Service,
} from "../../api/schema/types/core-v1.gen.js";
import { expandReferences } from "./expansion.js";
import { fieldPathValue, type PodAddresses } from "./field-path.js";
import { serviceEnvironment } from "./service-environment.js";

/** What a container's environment is made from. */
export interface EnvironmentContext extends PodAddresses {
  /** Null: there is none. */
  readonly configMap: (name: string) => ConfigMap | null;
  readonly secret: (name: string) => Secret | null;
  /** Those the pod may know of, the API's own Service among them. */
  readonly services: readonly Service[];
  /**
   * The value of a container's resource, such as limits.cpu; null when there is no such resource.
   */
  readonly resourceValue: (
    containerName: string,
    resource: string,
    divisor: string | undefined,
  ) => string | null;
}

/** The variables in order, or the sentence that says why the container cannot be created. */
export type EnvironmentResult =
  | { readonly ok: true; readonly env: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly message: string };

/** The environment of a container: Services, then envFrom, then env; a later one wins. */
export function computeEnvironment(
  pod: Pod,
  container: Container,
  context: EnvironmentContext,
): EnvironmentResult {
  const services = serviceEnvironment(context.services);
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const failure = addFrom(result, source, context);
    if (failure !== null) return { ok: false, message: failure };
  }
  const known = (name: string): string | undefined => result.get(name) ?? services.get(name);
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, known, { pod, container, context });
    if (!value.ok) return value;
    if (value.value !== null) result.set(variable.name, value.value);
  }
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value);
  return { ok: true, env: result };
}

/** Null: done; otherwise why not. */
function addFrom(
  result: Map<string, string>,
  source: EnvFromSource,
  context: EnvironmentContext,
): string | null {
  const prefix = source.prefix ?? "";
  if (source.configMapRef !== undefined) {
    const { name = "", optional } = source.configMapRef;
    const map = context.configMap(name);
    if (map === null) return optional === true ? null : `configmap "${name}" not found`;
    for (const [key, value] of Object.entries(map.data ?? {})) result.set(prefix + key, value);
  }
  if (source.secretRef !== undefined) {
    const { name = "", optional } = source.secretRef;
    const secret = context.secret(name);
    if (secret === null) return optional === true ? null : `secret "${name}" not found`;
    for (const [key, value] of Object.entries(secret.data ?? {}))
      result.set(prefix + key, decodeBase64(value));
  }
  return null;
}

type Value =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly message: string };

interface Subject {
  readonly pod: Pod;
  readonly container: Container;
  readonly context: EnvironmentContext;
}

function valueOf(
  variable: EnvVar,
  known: (name: string) => string | undefined,
  subject: Subject,
): Value {
  const { valueFrom } = variable;
  if (valueFrom === undefined)
    return { ok: true, value: expandReferences(variable.value ?? "", known) };
  return referencedValue(valueFrom, subject);
}

function referencedValue(source: EnvVarSource, { pod, container, context }: Subject): Value {
  if (source.fieldRef !== undefined) {
    const value = fieldPathValue(pod, source.fieldRef.fieldPath, context);
    if (value !== null) return { ok: true, value };
    return failure(`unsupported fieldPath: ${source.fieldRef.fieldPath}`);
  }
  if (source.resourceFieldRef !== undefined) {
    const { resource, divisor, containerName = container.name } = source.resourceFieldRef;
    const value = context.resourceValue(containerName, resource, divisor);
    return value === null
      ? failure(`unsupported container resource : ${resource}`)
      : { ok: true, value };
  }
  const namespace = pod.metadata.namespace ?? "";
  if (source.configMapKeyRef !== undefined) {
    const reference = source.configMapKeyRef;
    const { name = "" } = reference;
    const found = context.configMap(name);
    const data = found === null ? null : (found.data ?? {});
    return keyed(data, reference, {
      missing: `configmap "${name}" not found`,
      noKey: `couldn't find key ${reference.key} in ConfigMap ${namespace}/${name}`,
    });
  }
  if (source.secretKeyRef !== undefined) {
    const reference = source.secretKeyRef;
    const { name = "" } = reference;
    const found = context.secret(name);
    const data = found === null ? null : decodeAll(found.data ?? {});
    return keyed(data, reference, {
      missing: `secret "${name}" not found`,
      noKey: `couldn't find key ${reference.key} in Secret ${namespace}/${name}`,
    });
  }
  return failure("this source of a variable's value is not supported");
}

/** An optional reference that leads nowhere leaves the variable out. */
function keyed(
  data: Readonly<Record<string, string>> | null,
  reference: { readonly key: string; readonly optional?: boolean },
  messages: { readonly missing: string; readonly noKey: string },
): Value {
  const value = data?.[reference.key];
  if (value !== undefined) return { ok: true, value };
  if (reference.optional === true) return { ok: true, value: null };
  return failure(data === null ? messages.missing : messages.noKey);
}

function failure(message: string): Value {
  return { ok: false, message };
}

function decodeAll(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, decodeBase64(text)]));
}

function decodeBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}
