import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import type { PolicyRule } from "../../../api/schema/types/rbac-v1.gen.js";

/** Checks the rules of a role; those of a Role (`namespaced`) cannot be about paths. */
export function validateRules(
  rules: readonly PolicyRule[] | undefined,
  namespaced: boolean,
): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, namespaced));
}

function validateRule(rule: PolicyRule, path: string, namespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if (verbs.length === 0)
    errors.push(required(`${path}.verbs`, "verbs must contain at least one value"));
  if (nonResourceURLs.length > 0) {
    const at = `${path}.nonResourceURLs`;
    if (namespaced)
      errors.push(
        invalid(at, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"),
      );
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const text = "rules cannot apply to both regular resources and non-resource URLs";
      errors.push(invalid(at, nonResourceURLs, text));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    const text = "resource rules must supply at least one api group";
    errors.push(required(`${path}.apiGroups`, text));
  }
  if (resources.length === 0) {
    const text = "resource rules must supply at least one resource";
    errors.push(required(`${path}.resources`, text));
  }
  return errors;
}
