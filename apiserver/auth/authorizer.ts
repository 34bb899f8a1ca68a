import type { Identity } from "../server/http-types.js";

/** What somebody wants to do, as rules speak of it. */
export type Attributes =
  | {
      readonly type: "resource";
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      /** Of a list, watch or deletecollection, as the query has it; absent: none. */
      readonly fieldSelector?: string;
    }
  | { readonly type: "path"; readonly verb: string; readonly path: string };

export interface Decision {
  readonly allowed: boolean;
  /** Why, for `kubectl auth can-i` and the audit; "" when there is nothing to say. */
  readonly reason: string;
}

/** A rule as SelfSubjectRulesReview reports it. */
export interface ReportedRules {
  readonly resourceRules: readonly {
    readonly verbs: readonly string[];
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly nonResourceRules: readonly {
    readonly verbs: readonly string[];
    readonly nonResourceURLs: readonly string[];
  }[];
  /** Why there may be more than these; absent: there is not. */
  readonly evaluationError?: string;
}

/** Decides who may do what. Pure and synchronous: what it needs it holds in memory. */
export interface Authorizer {
  authorize(identity: Identity, attributes: Attributes): Decision;
  /** What `identity` may do in `namespace`. */
  rulesFor(identity: Identity, namespace: string): ReportedRules;
}

/** Kubernetes' sentence for a refusal, without the "… is forbidden: " in front of it. */
export function refusalText(identity: Identity, attributes: Attributes): string {
  const user = `User ${JSON.stringify(identity.name)} cannot ${attributes.verb}`;
  if (attributes.type === "path") return `${user} path ${JSON.stringify(attributes.path)}`;
  const { resource, subresource, group, namespace } = attributes;
  const qualified = subresource === "" ? resource : `${resource}/${subresource}`;
  const what =
    `${user} resource ${JSON.stringify(qualified)} in API group ` + `${JSON.stringify(group)}`;
  return namespace === ""
    ? `${what} at the cluster scope`
    : `${what} in the namespace ${JSON.stringify(namespace)}`;
}
