import type { ResourceQuota } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateResourceQuota, validateResourceQuotaUpdate } from "./resource-quota-validation.js";

const table: TableDefinition<ResourceQuota> = {
  columns: [
    NAME_COLUMN,
    column("Request", "What is requested and counted, of what may be."),
    column("Limit", "What is limited, of what may be."),
    AGE_COLUMN,
  ],
  cells: (quota, nowMs) => [
    quota.metadata.name,
    usage(quota, (name) => !name.startsWith("limits.")),
    usage(quota, (name) => name.startsWith("limits.")),
    ageOf(quota.metadata.creationTimestamp, nowMs),
  ],
};

/** ResourceQuotas. */
export const resourceQuotaStrategy: Strategy<ResourceQuota> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (quota) => ({ ...quota, status: {} }),
  prepareForUpdate: (quota, old, subresource) =>
    subresource === "status" ? withSpecOf(quota, old) : withStatusOf(quota, old),
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  table,
};

function usage({ status }: ResourceQuota, shown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  return Object.keys(hard)
    .filter(shown)
    .sort()
    .map((name) => `${name}: ${used[name] ?? "0"}/${hard[name] ?? "0"}`)
    .join(", ");
}
