import {
  type FieldError,
  forbidden,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1035Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import { SERVED_KINDS, apiVersionOf } from "../../../api/schema/kinds.js";
import type { APIService } from "../../../api/schema/types/apiregistration-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach } from "../common/field-error-builders.js";
import { nameIsPathSegment } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import { USAGE_GROUP } from "../metrics/usage-group.js";
import type { Strategy } from "../strategy.js";

const SERVICE_PORT = 443;
const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1_000;

/**
 * APIServices. Those of versions that the server serves itself are in force when they are stored,
 * and say so in the same write; whether others are is told later, by whoever asks their servers.
 */
export const apiServiceStrategy: Strategy<APIService> = {
  validateName: nameIsPathSegment,
  prepareForCreate(service, { now }) {
    if (service.spec?.service !== undefined) return { ...service, status: {} };
    const condition = {
      type: "Available",
      status: "True",
      lastTransitionTime: now,
      reason: "Local",
      message: "Local APIServices are always available",
    };
    return { ...service, status: { conditions: [condition] } };
  },
  prepareForUpdate: (service, old, subresource) =>
    subresource === "status" ? withSpecOf(service, old) : withStatusOf(service, old),
  validate: validateApiService,
  validateUpdate: validateApiService,
  table: {
    columns: [
      NAME_COLUMN,
      column("Service", "The Service that serves the version; Local: the server itself."),
      column("Available", "Whether the version can be reached."),
      AGE_COLUMN,
    ],
    cells: ({ metadata, spec, status }, nowMs) => [
      metadata.name,
      spec?.service === undefined
        ? "Local"
        : `${spec.service.namespace ?? ""}/${spec.service.name ?? ""}`,
      availabilityOf(status),
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  },
};

function availabilityOf(status: APIService["status"]): string {
  const found = (status?.conditions ?? []).find(({ type }) => type === "Available");
  if (found === undefined) return "Unknown";
  const { reason = "" } = found;
  return found.status === "True" || reason === "" ? found.status : `${found.status} (${reason})`;
}

/** Versions of this server's own that nobody else may say to serve. */
const OWN_VERSIONS: ReadonlySet<string> = new Set(
  SERVED_KINDS.filter(({ group }) => group !== USAGE_GROUP).map(({ apiVersion }) => apiVersion),
);

function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const { group = "", version = "", service, groupPriorityMinimum, versionPriority } = spec ?? {};
  const errors: FieldError[] = [];
  const expected = `${version}.${group}`;
  if (metadata.name !== expected) {
    const text = 'must be `spec.version+"."+spec.group`';
    errors.push(invalid("metadata.name", metadata.name, `${text}: "${expected}"`));
  }
  if (group === "" && version !== "v1")
    errors.push(required("spec.group", "only v1 may have an empty group"));
  if (group !== "")
    errors.push(...invalidEach("spec.group", group, validateDns1123Subdomain(group)));
  if (version === "") errors.push(required("spec.version"));
  else errors.push(...invalidEach("spec.version", version, validateDns1035Label(version)));
  const priorities = [
    ["groupPriorityMinimum", groupPriorityMinimum ?? 0, GROUP_PRIORITY_MAX],
    ["versionPriority", versionPriority ?? 0, VERSION_PRIORITY_MAX],
  ] as const;
  for (const [field, value, max] of priorities) {
    if (value > 0 && value <= max) continue;
    const text = `must be positive and less than ${max}`;
    errors.push(invalid(`spec.${field}`, value, text));
  }
  return [
    ...errors,
    ...(service === undefined ? validateLocal(spec) : validateRemote({ ...spec, service })),
  ];
}

type Spec = NonNullable<APIService["spec"]>;

function validateRemote(spec: Partial<Spec> & Pick<Required<Spec>, "service">): FieldError[] {
  const { group = "", version = "", service, caBundle = "", insecureSkipTLSVerify } = spec;
  const { namespace = "", name = "", port = SERVICE_PORT } = service;
  const errors: FieldError[] = [];
  const apiVersion = apiVersionOf(group, version);
  if (OWN_VERSIONS.has(apiVersion)) {
    const text = `this server serves ${apiVersion} itself`;
    errors.push(forbidden("spec.service", text));
  }
  if (namespace === "") errors.push(required("spec.service.namespace"));
  if (name === "") errors.push(required("spec.service.name"));
  if (port < 1 || port > 65_535) {
    const text = "port is not valid: must be between 1 and 65535, inclusive";
    errors.push(invalid("spec.service.port", port, text));
  }
  if (caBundle !== "" && insecureSkipTLSVerify === true) {
    const text = "may not be true if caBundle is present";
    errors.push(invalid("spec.insecureSkipTLSVerify", true, text));
  }
  return errors;
}

function validateLocal(spec: APIService["spec"]): FieldError[] {
  const errors: FieldError[] = [];
  if (spec?.caBundle !== undefined) {
    const text = "local APIServices may not have a caBundle";
    errors.push(invalid("spec.caBundle", `${spec.caBundle.length} bytes`, text));
  }
  if (spec?.insecureSkipTLSVerify === true) {
    const text = "local APIServices may not have insecureSkipTLSVerify";
    errors.push(invalid("spec.insecureSkipTLSVerify", true, text));
  }
  return errors;
}
