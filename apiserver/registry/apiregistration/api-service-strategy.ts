import {
  type FieldError,
  forbidden,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1035Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type { APIService } from "../../../api/schema/types/apiregistration-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach } from "../common/field-error-builders.js";
import { nameIsPathSegment } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";

const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1_000;

/**
 * APIServices: of versions that the server serves itself. They are in force when they are stored,
 * and say so in the same write.
 */
export const apiServiceStrategy: Strategy<APIService> = {
  validateName: nameIsPathSegment,
  prepareForCreate(service, { now }) {
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
      (status?.conditions ?? []).find(({ type }) => type === "Available")?.status ?? "Unknown",
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  },
};

function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const { group = "", version = "", service, groupPriorityMinimum, versionPriority } = spec ?? {};
  const errors: FieldError[] = [];
  const expected = `${version}.${group}`;
  if (metadata.name !== expected) {
    const text = 'must be `spec.version+"."+spec.group`';
    errors.push(invalid("metadata.name", metadata.name, `${text}: "${expected}"`));
  }
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
  if (service !== undefined) {
    const text = "this server does not aggregate other API servers";
    errors.push(forbidden("spec.service", text));
    return errors;
  }
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
