import { type FieldError, required } from "../../../api/machinery/field-errors.js";
import type { KubernetesObject } from "../../../api/schema/wire-types.js";
import type { ClusterRole, Role } from "../../../api/schema/types/rbac-v1.gen.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { nameIsPathSegment } from "../common/name-validators.js";
import { column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateRules } from "./rule-validation.js";

const table: TableDefinition<KubernetesObject> = {
  columns: [NAME_COLUMN, column("Created At", "When the role was created, in UTC.")],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
};

/** Roles: each rule says something, and none is about paths. */
export const roleStrategy: Strategy<Role> = {
  validateName: nameIsPathSegment,
  prepareForCreate: (role) => role,
  prepareForUpdate: (role) => role,
  validate: (role) => validateRules(role.rules, true),
  validateUpdate: (role) => validateRules(role.rules, true),
  table,
};

/** ClusterRoles: each rule says something, and an aggregation selects something. */
export const clusterRoleStrategy: Strategy<ClusterRole> = {
  validateName: nameIsPathSegment,
  prepareForCreate: (role) => role,
  prepareForUpdate: (role) => role,
  validate: validateClusterRole,
  validateUpdate: validateClusterRole,
  table,
};

function validateClusterRole(role: ClusterRole): FieldError[] {
  const errors = validateRules(role.rules, false);
  if (role.aggregationRule === undefined) return errors;
  const path = "aggregationRule.clusterRoleSelectors";
  const { clusterRoleSelectors = [] } = role.aggregationRule;
  if (clusterRoleSelectors.length === 0) {
    const text = "at least one clusterRoleSelector required if aggregationRule is non-nil";
    errors.push(required(path, text));
  }
  for (const [index, selector] of clusterRoleSelectors.entries())
    errors.push(...validateLabelSelector(selector, `${path}[${index}]`));
  return errors;
}
