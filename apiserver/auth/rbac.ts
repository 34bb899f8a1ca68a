import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from "../../api/schema/types/rbac-v1.gen.js";
import type { Identity } from "../server/http-types.js";
import type { Attributes, Decision, ReportedRules } from "./authorizer.js";
import { ruleAllows } from "./policy-rules.js";

type AnyBinding = RoleBinding | ClusterRoleBinding;

/** One binding as one of its subjects sees it. */
interface Grant {
  readonly binding: AnyBinding;
  readonly subject: Subject;
}

/** The rules that a binding refers to; null: the role does not exist. */
interface FoundRules {
  readonly grant: Grant;
  readonly rules: readonly PolicyRule[] | null;
}

/** What was found out about one identity, good while nothing changes. */
interface Known {
  readonly generation: number;
  readonly decisions: Map<string, Decision>;
  /** By namespace. */
  readonly rules: Map<string, readonly FoundRules[]>;
}

/** So many different questions of one identity are remembered. */
const DECISIONS_MAX = 1_024;
/** The rules of one identity are remembered for so many namespaces. */
const NAMESPACES_MAX = 256;
const NO_RULES: readonly PolicyRule[] = [];

/**
 * Roles and bindings, found by subject: a request looks at the bindings of its own sender and no
 * others. Pure; whoever owns it tells it of every change, in any order.
 */
export class RbacPolicy {
  private readonly roles = new Map<string, Role>();
  private readonly clusterRoles = new Map<string, ClusterRole>();
  private readonly bindings = new Map<string, AnyBinding>();
  /** Namespace ("" for ClusterRoleBindings) and subject → binding → how it names the subject. */
  private readonly grants = new Map<string, Map<string, Grant>>();
  private readonly aggregated = new Map<string, readonly PolicyRule[]>();
  private readonly known = new WeakMap<Identity, Known>();
  private generation = 0;

  /** `object` null: it is gone. */
  setRole(namespace: string, name: string, object: Role | null): void {
    put(this.roles, `${namespace}/${name}`, object);
    this.generation += 1;
  }

  /** `object` null: it is gone. */
  setClusterRole(name: string, object: ClusterRole | null): void {
    put(this.clusterRoles, name, object);
    this.aggregated.clear();
    this.generation += 1;
  }

  /** `namespace` is "" for a ClusterRoleBinding; `object` null: it is gone. */
  setBinding(namespace: string, name: string, object: AnyBinding | null): void {
    const key = `${namespace}/${name}`;
    const old = this.bindings.get(key);
    for (const subject of old?.subjects ?? []) {
      const at = grantKey(namespace, subjectKey(subject, namespace));
      const grants = this.grants.get(at);
      grants?.delete(key);
      if (grants?.size === 0) this.grants.delete(at);
    }
    put(this.bindings, key, object);
    for (const subject of object?.subjects ?? []) {
      const at = grantKey(namespace, subjectKey(subject, namespace));
      const grants = this.grants.get(at) ?? new Map<string, Grant>();
      if (object !== null) grants.set(key, { binding: object, subject });
      this.grants.set(at, grants);
    }
    this.generation += 1;
  }

  /** Forgets everything. */
  clear(): void {
    for (const map of [this.roles, this.clusterRoles, this.bindings, this.grants, this.aggregated])
      map.clear();
    this.generation += 1;
  }

  authorize(identity: Identity, asked: Attributes): Decision {
    const { decisions } = this.knownOf(identity);
    const key = keyOf(asked);
    const decided = decisions.get(key);
    if (decided !== undefined) return decided;
    const decision = this.decide(identity, asked);
    if (decisions.size >= DECISIONS_MAX) decisions.clear();
    decisions.set(key, decision);
    return decision;
  }

  /** Every rule that `identity` has in `namespace`; "" for the whole cluster alone. */
  rulesIn(identity: Identity, namespace: string): PolicyRule[] {
    return this.rulesOf(identity, namespace).flatMap(({ rules }) => rules ?? NO_RULES);
  }

  /** The same as SelfSubjectRulesReview reports it. */
  reportedRules(identity: Identity, namespace: string): ReportedRules {
    const all = this.rulesIn(identity, namespace);
    const resourceRules = all
      .filter(({ resources = [] }) => resources.length > 0)
      .map(({ verbs, apiGroups = [], resources = [], resourceNames = [] }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length === 0 ? {} : { resourceNames }),
      }));
    const nonResourceRules = all
      .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs = [] }) => ({ verbs, nonResourceURLs }));
    return { resourceRules, nonResourceRules };
  }

  /** What a binding in `namespace` ("": of the cluster) would give; null: no such role. */
  rulesOfRole(ref: RoleRef, namespace: string): readonly PolicyRule[] | null {
    if (ref.kind === "ClusterRole") {
      const role = this.clusterRoles.get(ref.name);
      return role === undefined ? null : this.rulesOfClusterRole(role, new Set());
    }
    const role = this.roles.get(`${namespace}/${ref.name}`);
    return role === undefined ? null : (role.rules ?? NO_RULES);
  }

  /** An aggregating role has the rules of those it selects, whatever it has itself. */
  private rulesOfClusterRole(role: ClusterRole, above: Set<string>): readonly PolicyRule[] {
    const { aggregationRule, metadata, rules } = role;
    if (aggregationRule === undefined) return rules ?? NO_RULES;
    const known = this.aggregated.get(metadata.name);
    if (known !== undefined) return known;
    above.add(metadata.name);
    const selectors = (aggregationRule.clusterRoleSelectors ?? []).map(selectorOrNothing);
    const found = [...this.clusterRoles.values()]
      .filter((other) => !above.has(other.metadata.name))
      .filter((other) => selectors.some((selector) => selector.matches(other.metadata.labels)))
      .flatMap((other) => this.rulesOfClusterRole(other, above));
    above.delete(metadata.name);
    // Below another role, a circle may have been cut: only a whole answer is kept.
    if (above.size === 0) this.aggregated.set(metadata.name, found);
    return found;
  }

  private knownOf(identity: Identity): Known {
    const known = this.known.get(identity);
    if (known?.generation === this.generation) return known;
    const fresh = { generation: this.generation, decisions: new Map(), rules: new Map() };
    this.known.set(identity, fresh);
    return fresh;
  }

  private decide(identity: Identity, asked: Attributes): Decision {
    const namespace = asked.type === "resource" ? asked.namespace : "";
    const missing = new Set<string>();
    for (const { grant, rules } of this.rulesOf(identity, namespace)) {
      if (rules === null) missing.add(missingRole(grant.binding.roleRef));
      else if (rules.some((rule) => ruleAllows(rule, asked)))
        return { allowed: true, reason: `RBAC: allowed by ${describeGrant(grant)}` };
    }
    const errors = [...missing];
    if (errors.length === 0) return NOT_ALLOWED;
    const text = errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`;
    return { allowed: false, reason: `RBAC: ${text}` };
  }

  private rulesOf(identity: Identity, namespace: string): readonly FoundRules[] {
    const { rules } = this.knownOf(identity);
    const known = rules.get(namespace);
    if (known !== undefined) return known;
    const found = [...this.rulesBoundIn("", identity)];
    if (namespace !== "") found.push(...this.rulesBoundIn(namespace, identity));
    if (rules.size >= NAMESPACES_MAX) rules.clear();
    rules.set(namespace, found);
    return found;
  }

  private *rulesBoundIn(namespace: string, identity: Identity): Iterable<FoundRules> {
    const subjects = [`u:${identity.name}`, ...identity.groups.map((group) => `g:${group}`)];
    for (const subject of subjects) {
      for (const grant of this.grants.get(grantKey(namespace, subject))?.values() ?? []) {
        yield { grant, rules: this.rulesOfRole(grant.binding.roleRef, namespace) };
      }
    }
  }
}

const NOT_ALLOWED: Decision = { allowed: false, reason: "" };

function put<T>(map: Map<string, T>, key: string, object: T | null): void {
  if (object === null) map.delete(key);
  else map.set(key, object);
}

function grantKey(namespace: string, subject: string): string {
  return `${namespace}/${subject}`;
}

/** A service account is the user that its tokens name. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind === "Group") return `g:${name}`;
  if (kind === "User") return `u:${name}`;
  const home = namespace === undefined || namespace === "" ? bindingNamespace : namespace;
  return `u:system:serviceaccount:${home}:${name}`;
}

function keyOf(asked: Attributes): string {
  if (asked.type === "path") return `${asked.verb}\n${asked.path}`;
  const { verb, group, resource, subresource, namespace, name } = asked;
  return `${verb}\n${group}\n${resource}\n${subresource}\n${namespace}\n${name}`;
}

function missingRole({ kind, name }: RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}

/** `ClusterRoleBinding "viewers" of ClusterRole "view" to Group "dev"`. */
function describeGrant({ binding, subject }: Grant): string {
  const { name, namespace = "" } = binding.metadata;
  const full = binding.kind === "RoleBinding" ? `${name}/${namespace}` : name;
  const { kind, name: role } = binding.roleRef;
  const who =
    subject.kind === "ServiceAccount"
      ? `${subject.name}/${subject.namespace ?? namespace}`
      : subject.name;
  return (
    `${binding.kind} ${JSON.stringify(full)} of ${kind} ${JSON.stringify(role)} ` +
    `to ${subject.kind} ${JSON.stringify(who)}`
  );
}
