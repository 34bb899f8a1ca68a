import type { PolicyRule, RoleRef, Subject } from "../../api/schema/types/rbac-v1.gen.js";
import { missingRules } from "../auth/policy-rules.js";
import { AUTOUPDATE, type DefaultObject } from "./default-policy.js";

/** A role or binding as it is stored. */
export interface StoredPolicy {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly object[] };
  readonly subjects?: readonly Subject[];
  readonly roleRef?: RoleRef;
}

/** What to do about a default object. */
export type Repair =
  | { readonly type: "none" }
  | { readonly type: "update"; readonly object: StoredPolicy }
  /** A binding to another role cannot be changed: it is made anew. */
  | { readonly type: "recreate" };

/**
 * Adds to `current` what `wanted` has and it has not; what somebody added stays. An object whose
 * annotation says so is left alone. Pure.
 */
export function planRepair(current: StoredPolicy, wanted: DefaultObject): Repair {
  if (current.metadata.annotations?.[AUTOUPDATE] === "false") return { type: "none" };
  const { roleRef } = wanted;
  if (roleRef !== undefined && !sameRole(current.roleRef, roleRef)) return { type: "recreate" };
  const { rules = [], subjects = [], metadata } = current;
  const moreRules = missingRules(rules, wanted.rules ?? []);
  const moreSubjects = (wanted.subjects ?? []).filter(
    (subject) => !subjects.some((known) => sameSubject(known, subject)),
  );
  const selectors = current.aggregationRule?.clusterRoleSelectors ?? [];
  const moreSelectors = (wanted.aggregationRule?.clusterRoleSelectors ?? []).filter(
    (selector) => !selectors.some((known) => JSON.stringify(known) === JSON.stringify(selector)),
  );
  const marked =
    hasAll(metadata.labels, wanted.metadata.labels) &&
    hasAll(metadata.annotations, wanted.metadata.annotations);
  if (marked && moreRules.length + moreSubjects.length + moreSelectors.length === 0)
    return { type: "none" };
  const object = {
    ...current,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...wanted.metadata.labels },
      annotations: { ...metadata.annotations, ...wanted.metadata.annotations },
    },
    ...(moreRules.length > 0 ? { rules: [...rules, ...moreRules] } : {}),
    ...(moreSubjects.length > 0 ? { subjects: [...subjects, ...moreSubjects] } : {}),
    ...(moreSelectors.length > 0
      ? { aggregationRule: { clusterRoleSelectors: [...selectors, ...moreSelectors] } }
      : {}),
  };
  return { type: "update", object };
}

function sameRole(
  current: RoleRef | undefined,
  wanted: { readonly kind: string; readonly name: string },
): boolean {
  return current?.kind === wanted.kind && current.name === wanted.name;
}

function sameSubject(one: Subject, other: Subject): boolean {
  return (
    one.kind === other.kind &&
    one.name === other.name &&
    (one.namespace ?? "") === (other.namespace ?? "")
  );
}

function hasAll(
  current: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => current?.[key] === value);
}
