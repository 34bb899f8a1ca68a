import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
} from "../../../api/machinery/field-errors.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import type { ContainerStatus, Pod } from "../../../api/schema/types/core-v1.gen.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { parseIp } from "../common/ip-address.js";
import { validateIp } from "../common/ip-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";

const SYSTEM_CONDITIONS: readonly string[] = ["PodScheduled", "Ready", "Initialized"];
const STATUS_LISTS = [
  "containerStatuses",
  "initContainerStatuses",
  "ephemeralContainerStatuses",
] as const;

/** Checks a status reported by a node: what has ended for good stays ended. */
export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const status = pod.status ?? {};
  const before = old.status ?? {};
  const errors: FieldError[] = [];
  for (const [index, { type }] of (status.conditions ?? []).entries()) {
    if (SYSTEM_CONDITIONS.includes(type)) continue;
    const path = `metadata.conditions[${index}].Type`; // The path that Kubernetes answers.
    errors.push(...invalidEach(path, type, validateQualifiedName(type)));
  }
  const { nominatedNodeName: nominated = "" } = status;
  if (nominated !== "" && nominated !== before.nominatedNodeName) {
    const texts = nameIsDnsSubdomain(nominated, false);
    errors.push(...invalidEach("status.nominatedNodeName", nominated, texts));
  }
  if ((status.qosClass ?? "") !== (before.qosClass ?? ""))
    errors.push(invalid("status.qosClass", status.qosClass ?? "", IMMUTABLE));
  for (const list of STATUS_LISTS)
    errors.push(...validateTransitions(status[list] ?? [], before[list] ?? [], { list, old }));
  errors.push(
    ...validateIps(
      (status.podIPs ?? []).map(({ ip }) => ip),
      "status.podIPs",
    ),
  );
  const hostIps = (status.hostIPs ?? []).map(({ ip }) => ip);
  if (hostIps.length > 0 && hostIps[0] !== status.hostIP)
    errors.push(invalid("status.hostIPs[0].ip", hostIps[0], "must be equal to `hostIP`"));
  return [...errors, ...validateIps(hostIps, "status.hostIPs")];
}

function validateTransitions(
  statuses: readonly ContainerStatus[],
  before: readonly ContainerStatus[],
  { list, old }: { list: (typeof STATUS_LISTS)[number]; old: Pod },
): FieldError[] {
  const ephemeral = list === "ephemeralContainerStatuses";
  const podPolicy = ephemeral ? "Never" : (old.spec.restartPolicy ?? "Always");
  const containers = [...old.spec.containers, ...(old.spec.initContainers ?? [])];
  return before.flatMap((status, index) => {
    const ended = status.state?.terminated;
    if (ended === undefined) return [];
    const container = containers.find(({ name }) => name === status.name);
    const policy = container?.restartPolicy ?? podPolicy;
    const ruled = (container?.restartPolicyRules ?? []).length > 0;
    if (policy === "Always" || ruled || (policy === "OnFailure" && ended.exitCode !== 0)) return [];
    const next = statuses.find(({ name }) => name === status.name);
    if (next === undefined || next.state?.terminated !== undefined) return [];
    const text = "may not be transitioned to non-terminated state";
    return [forbidden(`status.${list}[${index}].state`, text)];
  });
}

function validateIps(ips: readonly string[], path: string): FieldError[] {
  const errors = ips.flatMap((ip, index) => validateIp(ip, `${path}[${index}]`));
  if (ips.length < 2) return errors;
  const families = new Set(ips.map((ip) => parseIp(ip)?.family));
  if (families.size < 2 || ips.length > 2) {
    const text = "may specify no more than one IP for each IP family";
    errors.push(
      invalid(
        path,
        ips.map((ip) => ({ ip })),
        text,
      ),
    );
  }
  for (const [index, ip] of ips.entries())
    if (ips.indexOf(ip) < index) errors.push(duplicate(`${path}[${index}]`, { ip }));
  return errors;
}
