import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
} from "../types/core-v1.gen.js";

/** True when the node has every label of the nodeSelector and meets the required affinity. */
export function fitsNodeAffinity(spec: PodSpec, node: Node): boolean {
  const { nodeSelector } = spec;
  const labels = node.metadata.labels ?? {};
  for (const key in nodeSelector) if (labels[key] !== nodeSelector[key]) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** True when a node meets one of the terms. A term without any condition matches nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** True when a node meets every condition of the term. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((condition) => holds(condition, labels[condition.key])) &&
    matchFields.every((condition) => holds(condition, fieldOf(node, condition.key)))
  );
}

/** The only field that can be selected by. */
function fieldOf(node: Node, field: string): string | undefined {
  return field === "metadata.name" ? node.metadata.name : undefined;
}

function holds(condition: NodeSelectorRequirement, value: string | undefined): boolean {
  const { operator, values = [] } = condition;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt":
      return compareIntegers(operator, value, values[0]);
    default:
      return false; // Refused by the server; a node must not be chosen by mistake.
  }
}

function compareIntegers(
  operator: "Gt" | "Lt",
  value: string | undefined,
  bound: string | undefined,
): boolean {
  if (value === undefined || bound === undefined) return false;
  if (!INTEGER.test(value) || !INTEGER.test(bound)) return false;
  return operator === "Gt" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

const INTEGER = /^[+-]?\d{1,19}$/;
