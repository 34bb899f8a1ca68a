import t from "tap";
import type { ClusterRole, PolicyRule } from "../../api/schema/types/rbac-v1.gen.js";
import { planAggregation } from "./plan.js";

const PODS: PolicyRule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const SECRETS: PolicyRule = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };

function role(
  name: string,
  labels: Readonly<Record<string, string>>,
  rest: Partial<ClusterRole> = {},
): ClusterRole {
  const metadata = { name, uid: name, resourceVersion: "1", creationTimestamp: "", labels };
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, ...rest };
}

const aggregate = (rules: readonly PolicyRule[]): ClusterRole =>
  role(
    "sum",
    { part: "true" },
    {
      rules,
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: "true" } }] },
    },
  );

void t.test("an aggregating role gets the rules of those it selects", (t) => {
  const parts = [
    role("b", { part: "true" }, { rules: [SECRETS, PODS] }),
    role("a", { part: "true" }, { rules: [PODS] }),
    role("c", { part: "false" }, { rules: [{ verbs: ["*"] }] }),
  ];
  const sum = aggregate([]);
  t.same(planAggregation(sum, [...parts, sum]), [PODS, SECRETS], "by name, each once, not itself");
  t.equal(planAggregation(aggregate([PODS, SECRETS]), parts), null, "nothing to do");
  t.same(planAggregation(aggregate([PODS, SECRETS]), []), [], "what nobody has any more goes");
  t.equal(planAggregation(parts[0], parts), null, "a role with rules of its own");
  t.equal(planAggregation(undefined, parts), null);
  t.end();
});
