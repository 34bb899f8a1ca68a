import type { PolicyRule } from "../../api/schema/types/rbac-v1.gen.js";
import type { Attributes } from "./authorizer.js";

/** Whether one rule of a role allows what is asked. */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!hasOrAll(rule.verbs, asked.verb)) return false;
  if (asked.type === "path") return coversPath(rule.nonResourceURLs ?? [], asked.path);
  const { resourceNames = [] } = rule;
  return (
    hasOrAll(rule.apiGroups ?? [], asked.group) &&
    coversResource(rule.resources ?? [], asked.resource, asked.subresource) &&
    (resourceNames.length === 0 || resourceNames.includes(asked.name))
  );
}

/**
 * The rights of `wanted` that `held` does not give, cut into the smallest pieces; an empty list
 * when it gives all.
 */
export function missingRules(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): PolicyRule[] {
  return wanted
    .flatMap(breakDown)
    .filter((piece) => !held.some((rule) => coversPiece(rule, piece)));
}

/** Puts pieces about the same resource together: their verbs become those of one rule. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const byResource = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    if (!isPlainPiece(rule)) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources]);
    const known = byResource.get(key);
    const verbs = [...(known?.verbs ?? []), ...rule.verbs];
    byResource.set(key, { ...rule, verbs });
  }
  return [...byResource.values(), ...others];
}

/** A rule in the words of Kubernetes' refusals: `{APIGroups:[""], Resources:["pods"], …}`. */
export function describeRule(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["ResourceNames", rule.resourceNames],
    ["Verbs", rule.verbs],
  ];
  const shown = parts
    .filter(([, values]) => values !== undefined && values.length > 0)
    .map(([name, values]) => `${name}:${quotedList(values ?? [])}`);
  return `{${shown.join(", ")}}`;
}

/** `["a" "b"]`. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}

function isPlainPiece(rule: PolicyRule): boolean {
  return (
    rule.resources?.length === 1 &&
    rule.apiGroups?.length === 1 &&
    (rule.resourceNames ?? []).length === 0 &&
    (rule.nonResourceURLs ?? []).length === 0
  );
}

/** One piece for every verb on every resource, name or path. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const pieces: PolicyRule[] = [];
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  for (const verb of rule.verbs) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        const piece = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) pieces.push(piece);
        for (const name of resourceNames) pieces.push({ ...piece, resourceNames: [name] });
      }
    }
    for (const url of nonResourceURLs) pieces.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return pieces;
}

function coversPiece(rule: PolicyRule, piece: PolicyRule): boolean {
  if (!piece.verbs.every((verb) => hasOrAll(rule.verbs, verb))) return false;
  const { nonResourceURLs } = piece;
  if (nonResourceURLs !== undefined)
    return nonResourceURLs.every((url) => coversPath(rule.nonResourceURLs ?? [], url));
  const { resourceNames: heldNames = [] } = rule;
  const { resourceNames: names = [] } = piece;
  const nameCovered =
    heldNames.length === 0 || (names.length > 0 && names.every((name) => heldNames.includes(name)));
  return (
    nameCovered &&
    (piece.apiGroups ?? []).every((group) => hasOrAll(rule.apiGroups ?? [], group)) &&
    (piece.resources ?? []).every((path) => {
      const [resource = "", subresource = ""] = path.split("/");
      return coversResource(rule.resources ?? [], resource, subresource);
    })
  );
}

function hasOrAll(values: readonly string[], value: string): boolean {
  return values.includes(value) || values.includes("*");
}

function coversResource(values: readonly string[], resource: string, subresource: string): boolean {
  if (subresource === "") return hasOrAll(values, resource);
  const path = `${resource}/${subresource}`;
  return values.some((value) => value === "*" || value === path || value === `*/${subresource}`);
}

function coversPath(values: readonly string[], path: string): boolean {
  return values.some(
    (value) => value === path || (value.endsWith("*") && path.startsWith(value.slice(0, -1))),
  );
}
