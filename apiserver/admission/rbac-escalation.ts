import { forbidden, notFound } from "../../api/machinery/status.js";
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
} from "../../api/schema/types/rbac-v1.gen.js";
import type { Authorizer } from "../auth/authorizer.js";
import { GROUP_MASTERS } from "../auth/identity.js";
import { compactRules, describeRule, missingRules, quotedList } from "../auth/policy-rules.js";
import type { RbacPolicy } from "../auth/rbac.js";
import { ApiFailure } from "../server/api-failure.js";
import type { Identity } from "../server/http-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const RBAC_GROUP = "rbac.authorization.k8s.io";
const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
];

/**
 * Nobody gives away rights that they do not have themselves, unless they may `escalate` the role or
 * `bind` to it.
 */
export class RbacEscalation implements AdmissionPlugin {
  readonly name = "RBACEscalation";
  private readonly rbac: RbacPolicy;
  private readonly authorizer: Authorizer;

  constructor(deps: { rbac: RbacPolicy; authorizer: Authorizer }) {
    this.rbac = deps.rbac;
    this.authorizer = deps.authorizer;
  }

  validate(attributes: AdmissionAttributes): void {
    const { kind, object, identity, operation } = attributes;
    if (kind.group !== RBAC_GROUP || object === null || operation === "DELETE") return;
    if (identity.groups.includes(GROUP_MASTERS)) return;
    switch (kind.kind) {
      case "Role":
      case "ClusterRole":
        return this.checkRole(attributes, object as Role | ClusterRole);
      case "RoleBinding":
      case "ClusterRoleBinding":
        return this.checkBinding(attributes, object as RoleBinding | ClusterRoleBinding);
      default:
    }
  }

  private checkRole(attributes: AdmissionAttributes, role: Role | ClusterRole): void {
    const { kind, identity, namespace, name } = attributes;
    const about = { group: RBAC_GROUP, resource: kind.plural, namespace, name };
    if (this.may(identity, "escalate", about)) return;
    this.confirm(attributes, role.rules ?? []);
    const old = attributes.oldObject as ClusterRole | null;
    const aggregates = "aggregationRule" in role || old?.aggregationRule !== undefined;
    if (!aggregates || missingRules(this.rbac.rulesIn(identity, ""), EVERYTHING).length === 0)
      return;
    refuse(attributes, "must have cluster-admin privileges to use the aggregationRule");
  }

  private checkBinding(
    attributes: AdmissionAttributes,
    { roleRef }: RoleBinding | ClusterRoleBinding,
  ): void {
    const { identity, namespace } = attributes;
    const resource = roleRef.kind === "Role" ? "roles" : "clusterroles";
    const about = { group: RBAC_GROUP, resource, namespace, name: roleRef.name };
    if (this.may(identity, "bind", about)) return;
    this.confirm(attributes, this.rulesOf(roleRef, namespace));
  }

  private rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] {
    const rules = this.rbac.rulesOfRole(ref, namespace);
    if (rules !== null) return rules;
    const resource = ref.kind === "Role" ? "roles" : "clusterroles";
    throw new ApiFailure(notFound({ group: RBAC_GROUP, resource }, ref.name));
  }

  /** Throws 403, naming the rights that are missing, when `identity` lacks one of `rules`. */
  private confirm(attributes: AdmissionAttributes, rules: readonly PolicyRule[]): void {
    const { identity, namespace } = attributes;
    const missing = missingRules(this.rbac.rulesIn(identity, namespace), rules);
    if (missing.length === 0) return;
    const described = [...new Set(compactRules(missing).map(describeRule))].sort();
    const who = `user ${JSON.stringify(identity.name)} (groups=${quotedList(identity.groups)})`;
    const what = "is attempting to grant RBAC permissions not currently held:";
    refuse(attributes, `${who} ${what}\n${described.join("\n")}`);
  }

  private may(
    identity: Identity,
    verb: "bind" | "escalate",
    about: { group: string; resource: string; namespace: string; name: string },
  ): boolean {
    const asked = { type: "resource", verb, subresource: "", ...about } as const;
    return this.authorizer.authorize(identity, asked).allowed;
  }
}

function refuse({ kind, name, object }: AdmissionAttributes, text: string): never {
  const of = { group: kind.group, resource: kind.plural };
  throw new ApiFailure(forbidden(of, name === "" ? (object?.metadata.name ?? "") : name, text));
}
