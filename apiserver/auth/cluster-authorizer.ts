import type { Identity } from "../server/http-types.js";
import type { Attributes, Authorizer, Decision, ReportedRules } from "./authorizer.js";
import { GROUP_MASTERS, nodeNameOf } from "./identity.js";
import { type NodeAuthorizer, NODE_RULES } from "./node-authorizer.js";
import type { RbacPolicy } from "./rbac.js";

const ALLOWED: Decision = { allowed: true, reason: "" };
const NO_NODE_RULES = "node authorizer does not support user rule resolution";

/**
 * Who may do what: system:masters everything, a node what its pods need, and everybody what roles
 * and bindings say.
 */
export class ClusterAuthorizer implements Authorizer {
  private readonly nodes: NodeAuthorizer;
  private readonly rbac: RbacPolicy;

  constructor(parts: { readonly nodes: NodeAuthorizer; readonly rbac: RbacPolicy }) {
    this.nodes = parts.nodes;
    this.rbac = parts.rbac;
  }

  authorize(identity: Identity, attributes: Attributes): Decision {
    if (identity.groups.includes(GROUP_MASTERS)) return ALLOWED;
    const nodeName = nodeNameOf(identity);
    if (nodeName === null) return this.rbac.authorize(identity, attributes);
    const decision = this.nodes.authorize(nodeName, attributes);
    if (decision.allowed) return decision;
    const byRole = this.rbac.authorize(identity, attributes);
    return byRole.allowed || byRole.reason !== "" ? byRole : decision;
  }

  rulesFor(identity: Identity, namespace: string): ReportedRules {
    const reported = this.rbac.reportedRules(identity, namespace);
    if (nodeNameOf(identity) === null) return reported;
    const resourceRules = NODE_RULES.flatMap(({ verbs, apiGroups = [], resources }) =>
      resources === undefined ? [] : [{ verbs, apiGroups, resources }],
    );
    return {
      ...reported,
      resourceRules: [...resourceRules, ...reported.resourceRules],
      evaluationError: NO_NODE_RULES,
    };
  }
}
