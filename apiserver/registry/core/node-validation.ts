import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateLabelValue } from "../../../api/machinery/names.js";
import type { Node, Taint } from "../../../api/schema/types/core-v1.gen.js";
import { ipFamilyOfCidr, validateCidr } from "../common/ip-validation.js";
import { validateLabelKey } from "../common/label-validation.js";
import { validateResourceQuantity } from "../pod/resource-validation.js";
import type { Subresource } from "../strategy.js";

/** What a taint can do to pods that do not tolerate it. */
const TAINT_EFFECTS: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Checks a new node. */
export function validateNode(node: Node): readonly FieldError[] {
  const errors = validateTaints(node.spec.taints ?? []);
  errors.push(...validateNodeResources(node), ...validatePodCidrs(node.spec.podCIDRs ?? []));
  return errors;
}

/** Checks a change: pod CIDRs and the provider's id are given once. */
export function validateNodeUpdate(
  node: Node,
  old: Node,
  _subresource: Subresource,
): readonly FieldError[] {
  const errors = validateNodeResources(node);
  const seen = new Set<string>();
  for (const [index, address] of (node.status?.addresses ?? []).entries()) {
    const key = `${address.type} ${address.address}`;
    if (seen.has(key)) errors.push(duplicate(`status.addresses[${index}]`, address));
    seen.add(key);
  }
  const before = old.spec.podCIDRs ?? [];
  const after = node.spec.podCIDRs ?? [];
  const same = before.length === after.length && before.every((cidr, i) => cidr === after[i]);
  if (before.length > 0 && !same) {
    const text = 'node updates may not change podCIDR except from "" to valid';
    errors.push(forbidden("spec.podCIDRs", text));
  } else if (before.length === 0) errors.push(...validatePodCidrs(after));
  const { providerID = "" } = old.spec;
  if (providerID !== "" && providerID !== node.spec.providerID) {
    const text = 'node updates may not change providerID except from "" to valid';
    errors.push(forbidden("spec.providerID", text));
  }
  if ((node.spec.externalID ?? "") !== (old.spec.externalID ?? ""))
    errors.push(forbidden("spec.externalID", "may not be updated"));
  errors.push(...validateTaints(node.spec.taints ?? []));
  return errors;
}

/** Checks an effect; an empty one is an error only where it must be given. */
export function validateTaintEffect(effect: string, path: string): FieldError[] {
  if (effect === "") return [required(path)];
  return TAINT_EFFECTS.includes(effect) ? [] : [notSupported(path, effect, TAINT_EFFECTS)];
}

function validateTaints(taints: readonly Taint[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const path = `metadata.taints[${index}]`; // The path that Kubernetes answers.
    const { key, value = "", effect } = taint;
    errors.push(...validateLabelKey(key, `${path}.key`));
    const problems = validateLabelValue(value);
    if (problems.length > 0) errors.push(invalid(`${path}.value`, value, problems.join(";")));
    errors.push(...validateTaintEffect(effect, `${path}.effect`));
    const identity = `${effect} ${key}`;
    if (seen.has(identity)) {
      const detail = "taints must be unique by key and effect pair";
      errors.push({ ...duplicate(path, taint), detail });
    }
    seen.add(identity);
  }
  return errors;
}

function validateNodeResources(node: Node): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ["capacity", "allocatable"] as const)
    for (const [name, quantity] of Object.entries(node.status?.[list] ?? {}))
      errors.push(...validateResourceQuantity(name, quantity, `status.${list}.${name}`));
  return errors;
}

function validatePodCidrs(cidrs: readonly string[]): FieldError[] {
  const path = "spec.podCIDRs";
  const errors = cidrs.flatMap((cidr, index) => validateCidr(cidr, `${path}[${index}]`));
  if (cidrs.length < 2) return errors;
  const families = new Set(cidrs.map(ipFamilyOfCidr));
  if (families.size !== 2 || cidrs.length > 2) {
    const text = "may specify no more than one CIDR for each IP family";
    errors.push(invalid(path, cidrs, text));
  }
  for (const [index, cidr] of cidrs.entries())
    if (cidrs.indexOf(cidr) < index) errors.push(duplicate(`${path}[${index}]`, cidr));
  return errors;
}
