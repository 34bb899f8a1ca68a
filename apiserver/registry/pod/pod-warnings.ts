import { milliValue, parseQuantity } from "../../../api/machinery/quantity.js";
import type {
  Container,
  EnvVar,
  Pod,
  PodSpec,
  PodTemplateSpec,
} from "../../../api/schema/types/core-v1.gen.js";
import type { ObjectMeta } from "../../../api/schema/types/meta-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { showAmount } from "../common/amounts.js";
import { containersOf } from "./windows-validation.js";

const BYTE_RESOURCES: readonly string[] = ["memory", "ephemeral-storage"];

const OLD_NODE_LABELS: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ["beta.kubernetes.io/os", 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  [
    "failure-domain.beta.kubernetes.io/region",
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  ],
  [
    "failure-domain.beta.kubernetes.io/zone",
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ],
  [
    "beta.kubernetes.io/instance-type",
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  ],
]);

const OLD_ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  [
    "scheduler.alpha.kubernetes.io/critical-pod",
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  [
    "security.alpha.kubernetes.io/sysctls",
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
  [
    "security.alpha.kubernetes.io/unsafe-sysctls",
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
]);

const OLD_VOLUMES = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
} as const;
/** Two types are spelled differently in their warnings. */
const VOLUME_NAMES: ReadonlyMap<string, string> = new Map([["storageos", "storageOS"]]);

/** What is allowed in a pod, but is likely a mistake or does nothing any more. */
export function podWarnings(pod: Pod): readonly string[] {
  return warningsFor(pod.spec, pod.metadata, "");
}

/** As podWarnings, for the template at `path`. */
export function podTemplateWarnings(
  template: PodTemplateSpec | undefined,
  path: string,
): readonly string[] {
  if (template?.spec === undefined) return [];
  return warningsFor(template.spec, template.metadata ?? {}, `${path}.`);
}

function warningsFor(spec: PodSpec, meta: ObjectMeta, prefix: string): readonly string[] {
  const path = `${prefix}spec`;
  const warnings = nodeLabelWarnings(spec, path);
  for (const [key, text] of OLD_ANNOTATIONS)
    if (meta.annotations?.[key] !== undefined)
      warnings.push(`${prefix}metadata.annotations[${key}]: ${text}`);
  for (const [index, volume] of (spec.volumes ?? []).entries())
    for (const type of Object.keys(OLD_VOLUMES) as (keyof typeof OLD_VOLUMES)[])
      if (volume[type] !== undefined) {
        const name = VOLUME_NAMES.get(type) ?? type;
        warnings.push(`${path}.volumes[${index}].${name}: ${OLD_VOLUMES[type]}`);
      }
  warnings.push(...repetitionWarnings(spec, path));
  warnings.push(...fractionWarnings(spec.overhead, `${path}.overhead`));
  for (const [container, at] of containersOf(spec, path)) {
    for (const list of ["limits", "requests"] as const)
      warnings.push(...fractionWarnings(container.resources?.[list], `${at}.resources.${list}`));
    warnings.push(...envWarnings(container.env ?? [], `${at}.env`));
  }
  warnings.push(...portWarnings(spec, path));
  const grace = spec.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0)
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; ` +
        "negative values are invalid and will be treated as 1",
    );
  warnings.push(...affinityWarnings(spec, `${path}.affinity`));
  return warnings;
}

function nodeLabelWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const text = OLD_NODE_LABELS.get(key);
    if (text !== undefined) warnings.push(`${path}.nodeSelector[${key}]: ${text}`);
  }
  const { nodeAffinity } = spec.affinity ?? {};
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const at = `${path}.affinity.nodeAffinity`;
  const terms = [
    ...(required?.nodeSelectorTerms ?? []).map((term, i) => ({
      term,
      where: `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`,
    })),
    ...preferred.map(({ preference: term }, i) => ({
      term,
      where: `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`,
    })),
  ];
  for (const { term, where } of terms)
    for (const [index, { key }] of (term.matchExpressions ?? []).entries()) {
      const text = OLD_NODE_LABELS.get(key);
      if (text !== undefined)
        warnings.push(`${where}.matchExpressions[${index}].key: ${key} is ${text}`);
    }
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const where = `${path}.topologySpreadConstraints[${index}]`;
    const text = OLD_NODE_LABELS.get(constraint.topologyKey);
    if (text !== undefined)
      warnings.push(`${where}.topologyKey: ${constraint.topologyKey} is ${text}`);
    if (constraint.labelSelector === undefined)
      warnings.push(`${where}.labelSelector: a null labelSelector results in matching no pod`);
  }
  return warnings;
}

function repetitionWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const ips = (spec.hostAliases ?? []).map(({ ip }) => ip);
  for (const [index, ip] of ips.entries())
    if (ips.indexOf(ip) < index)
      warnings.push(`${path}.hostAliases[${index}].ip: duplicate ip "${ip}"`);
  const secrets = (spec.imagePullSecrets ?? []).map(({ name = "" }) => name);
  for (const [index, name] of secrets.entries()) {
    const at = `${path}.imagePullSecrets[${index}].name`;
    if (secrets.indexOf(name) < index) warnings.push(`${at}: duplicate name "${name}"`);
    if (name === "") warnings.push(`${at}: invalid empty name "${name}"`);
  }
  return warnings;
}

function fractionWarnings(
  amounts: { readonly [name: string]: Quantity } | undefined,
  path: string,
): string[] {
  return BYTE_RESOURCES.flatMap((name) => {
    const amount = amounts?.[name];
    const parsed = amount === undefined ? null : parseQuantity(amount);
    if (amount === undefined || parsed === null || milliValue(parsed) % 1000n === 0n) return [];
    const shown = showAmount(amount);
    return [`${path}[${name}]: fractional byte value "${shown}" is invalid, must be an integer`];
  });
}

function envWarnings(variables: readonly EnvVar[], path: string): string[] {
  const seen = new Set<string>();
  const warnings: string[] = [];
  for (const [index, { name, value = "", valueFrom }] of variables.entries()) {
    const reference = `$(${name})`;
    // X="abc" and then X="$(X)123" builds on the first; everything else hides it.
    const extendsIt = valueFrom === undefined && value !== reference && value.includes(reference);
    if (seen.has(name) && !extendsIt)
      warnings.push(
        `${path}[${index}]: hides previous definition of "${name}", ` +
          "which may be dropped when using apply",
      );
    seen.add(name);
  }
  return warnings;
}

function portWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const seen: { port: NonNullable<Container["ports"]>[number]; at: string }[] = [];
  for (const [container, where] of containersOf(spec, path))
    for (const [index, port] of (container.ports ?? []).entries()) {
      const at = `${where}.ports[${index}]`;
      for (const other of seen) {
        const same =
          other.port.containerPort === port.containerPort && other.port.protocol === port.protocol;
        if (!same) continue;
        const [a, b] = [other.port.hostPort ?? 0, port.hostPort ?? 0];
        const sameIp = (other.port.hostIP ?? "") === (port.hostIP ?? "");
        if (a === b && sameIp) warnings.push(`${at}: duplicate port definition with ${other.at}`);
        else if (a === 0 || b === 0)
          warnings.push(`${at}: overlapping port definition with ${other.at}`);
      }
      seen.push({ port, at });
    }
  return warnings;
}

/** A term without a selector is no wildcard, as one might think. */
function affinityWarnings(spec: PodSpec, path: string): string[] {
  const text = "a null labelSelector results in matching no pod";
  return (["podAffinity", "podAntiAffinity"] as const).flatMap((kind) => {
    const affinity = spec.affinity?.[kind];
    const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const fields = [
      ...required.map((term, i) => ({ term, at: `${kind}.requiredDuring${REST}[${i}]` })),
      ...preferred.map(({ podAffinityTerm: term }, i) => ({
        term,
        at: `${kind}.preferredDuring${REST}[${i}].podAffinityTerm`,
      })),
    ];
    return fields
      .filter(({ term }) => term.labelSelector === undefined)
      .map(({ at }) => `${path}.${at}.labelSelector: ${text}`);
  });
}

const REST = "SchedulingIgnoredDuringExecution";
