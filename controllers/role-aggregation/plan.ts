import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ClusterRole, PolicyRule } from "../../api/schema/types/rbac-v1.gen.js";
import { sameJson } from "../common/same-json.js";

/**
 * The rules that an aggregating role should have: those of the roles that it selects, in the order
 * of their names, each once. Null: it has them already, or does not aggregate.
 */
export function planAggregation(
  role: ClusterRole | undefined,
  all: Iterable<ClusterRole>,
): readonly PolicyRule[] | null {
  if (role?.aggregationRule === undefined) return null;
  const selectors = (role.aggregationRule.clusterRoleSelectors ?? []).map(selectorOrNothing);
  const selected = [...all]
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .filter(({ metadata }) => selectors.some((selector) => selector.matches(metadata.labels)))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const rule of selected.flatMap((other) => other.rules ?? []))
    if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
  return sameJson(role.rules ?? [], rules) ? null : rules;
}
