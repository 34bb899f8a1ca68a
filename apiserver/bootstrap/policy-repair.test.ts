import t from "tap";
import { COMPONENT_ROLES, LOOP_ROLES } from "./component-roles.js";
import { DEFAULT_POLICY, type DefaultObject } from "./default-policy.js";
import { USER_ROLES } from "./default-roles.js";
import { planRepair, type StoredPolicy } from "./policy-repair.js";

function defaultOf(kind: DefaultObject["kind"], name: string): DefaultObject {
  const found = DEFAULT_POLICY.find((it) => it.kind === kind && it.metadata.name === name);
  if (found === undefined) throw new Error(`no default ${kind} ${name}`);
  return found;
}
const VIEW = defaultOf("ClusterRole", "system:aggregate-to-view");
const USERS = defaultOf("ClusterRoleBinding", "system:public-info-viewer");

void t.test("what is whole stays, with what people added", (t) => {
  const stored = VIEW as StoredPolicy;
  t.same(planRepair(stored, VIEW), { type: "none" });
  const more = { apiGroups: ["example.com"], resources: ["things"], verbs: ["get"] };
  t.same(planRepair({ ...stored, rules: [...(VIEW.rules ?? []), more] }, VIEW), { type: "none" });
  t.end();
});

void t.test("what is missing is put back", (t) => {
  const stored = VIEW as StoredPolicy;
  const repair = planRepair({ ...stored, rules: (VIEW.rules ?? []).slice(1) }, VIEW);
  if (repair.type !== "update") return t.fail(repair.type);
  t.same(planRepair(repair.object, VIEW), { type: "none" }, "once is enough");
  const fewer = { ...USERS, subjects: (USERS.subjects ?? []).slice(1) } as StoredPolicy;
  t.match(planRepair(fewer, USERS), {
    type: "update",
    object: { subjects: [{ name: "system:unauthenticated" }, { name: "system:authenticated" }] },
  });
  t.match(planRepair({ ...stored, metadata: {} }, VIEW), {
    type: "update",
    object: { metadata: { labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } } },
  });
  const admin = defaultOf("ClusterRole", "admin");
  t.match(planRepair({ ...(admin as StoredPolicy), aggregationRule: {} }, admin), {
    type: "update",
    object: { aggregationRule: admin.aggregationRule },
  });
  return t.end();
});

void t.test("what was opted out stays as it is; another role means a new binding", (t) => {
  const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "false" };
  t.same(planRepair({ metadata: { annotations }, rules: [] }, VIEW), { type: "none" });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "other" };
  t.same(planRepair({ ...(USERS as StoredPolicy), roleRef }, USERS), { type: "recreate" });
  t.end();
});

void t.test("every default binding refers to a default role, and no name is there twice", (t) => {
  const roles = [...USER_ROLES, ...COMPONENT_ROLES, ...LOOP_ROLES].map(({ name }) => name);
  t.equal(new Set(roles).size, roles.length);
  for (const { kind, metadata, roleRef } of DEFAULT_POLICY) {
    if (roleRef === undefined) continue;
    const role = DEFAULT_POLICY.find(
      (it) => it.kind === roleRef.kind && it.metadata.name === roleRef.name,
    );
    t.equal(role?.metadata.namespace, metadata.namespace, `${kind} ${metadata.name}`);
  }
  t.end();
});
