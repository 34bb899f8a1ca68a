import {
  type FieldError,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  ClusterRoleBinding,
  RoleBinding,
  RoleRef,
  Subject,
} from "../../../api/schema/types/rbac-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach } from "../common/field-error-builders.js";
import { nameIsPathSegment } from "../common/name-validators.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

type AnyBinding = RoleBinding | ClusterRoleBinding;
const RBAC_GROUP = "rbac.authorization.k8s.io";

const table: TableDefinition<AnyBinding> = {
  columns: [
    NAME_COLUMN,
    column("Role", "The role whose rights are given."),
    AGE_COLUMN,
    wideColumn("Users", "The users that get them."),
    wideColumn("Groups", "The groups that get them."),
    wideColumn("ServiceAccounts", "The service accounts that get them."),
  ],
  cells: (binding, nowMs) => [
    binding.metadata.name,
    `${binding.roleRef.kind}/${binding.roleRef.name}`,
    ageOf(binding.metadata.creationTimestamp, nowMs),
    subjectNames(binding, "User"),
    subjectNames(binding, "Group"),
    subjectNames(binding, "ServiceAccount"),
  ],
};

/** RoleBindings: they refer to a Role or a ClusterRole, and never to another one later. */
export const roleBindingStrategy: Strategy<RoleBinding> = bindingStrategy<RoleBinding>({
  roleKinds: ["Role", "ClusterRole"],
  namespaced: true,
});

/** ClusterRoleBindings: they refer to a ClusterRole, and never to another one later. */
export const clusterRoleBindingStrategy: Strategy<ClusterRoleBinding> =
  bindingStrategy<ClusterRoleBinding>({ roleKinds: ["ClusterRole"], namespaced: false });

interface BindingRules {
  readonly roleKinds: readonly string[];
  readonly namespaced: boolean;
}

function bindingStrategy<T extends AnyBinding>(rules: BindingRules): Strategy<T> {
  return {
    validateName: nameIsPathSegment,
    prepareForCreate: (binding) => binding,
    prepareForUpdate: (binding) => binding,
    validate: (binding) => validateBinding(binding, rules),
    validateUpdate: (binding, old) => [
      ...validateBinding(binding, rules),
      ...validateSameRole(binding.roleRef, old.roleRef),
    ],
    table,
  };
}

function subjectNames(binding: AnyBinding, kind: string): string {
  return (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace = "" }) => (kind === "ServiceAccount" ? `${namespace}/${name}` : name))
    .join(", ");
}

function validateBinding(binding: AnyBinding, rules: BindingRules): FieldError[] {
  const { apiGroup = "", kind, name } = binding.roleRef;
  const errors: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP)
    errors.push(notSupported("roleRef.apiGroup", apiGroup, [RBAC_GROUP]));
  if (!rules.roleKinds.includes(kind))
    errors.push(notSupported("roleRef.kind", kind, rules.roleKinds));
  if (name === "") errors.push(required("roleRef.name"));
  else errors.push(...invalidEach("roleRef.name", name, nameIsPathSegment(name, false)));
  for (const [index, subject] of (binding.subjects ?? []).entries())
    errors.push(...validateSubject(subject, `subjects[${index}]`, rules.namespaced));
  return errors;
}

function validateSubject(subject: Subject, path: string, namespaced: boolean): FieldError[] {
  const { kind, name, apiGroup = "", namespace = "" } = subject;
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${path}.name`));
  switch (kind) {
    case "ServiceAccount":
      if (name !== "")
        errors.push(...invalidEach(`${path}.name`, name, validateDns1123Subdomain(name)));
      if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!namespaced && namespace === "") errors.push(required(`${path}.namespace`));
      return errors;
    case "User":
    case "Group":
      if (apiGroup !== RBAC_GROUP)
        errors.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
      return errors;
    default:
      errors.push(notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
      return errors;
  }
}

function validateSameRole(ref: RoleRef, old: RoleRef): FieldError[] {
  const { apiGroup, kind, name } = ref;
  const same = apiGroup === old.apiGroup && kind === old.kind && name === old.name;
  return same ? [] : [invalid("roleRef", ref, "cannot change roleRef")];
}
