import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodRejection } from "./admission.js";
import { allContainers } from "./pod-runtime.js";

/** What a host offers beyond what every pod may have. */
export interface HostFeatures {
  /** Sysctls besides the safe ones, or the beginnings of their names: `net.core.somaxconn`, `kernel.msg*`. */
  readonly allowedUnsafeSysctls: readonly string[];
  /** The kernel enforces AppArmor profiles. */
  readonly appArmor: boolean;
}

/** Those that harm neither the node nor other pods ("Using sysctls in a Kubernetes Cluster"). */
const SAFE_SYSCTLS: readonly string[] = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
];
/** Sysctls that a pod has for itself, by the beginning of their names. */
const NAMESPACES: readonly (readonly [prefix: string, namespace: "IPC" | "Net"])[] = [
  ["kernel.shm", "IPC"],
  ["kernel.msg", "IPC"],
  ["kernel.sem", "IPC"],
  ["fs.mqueue.", "IPC"],
  ["net.", "Net"],
];

/**
 * Whether the host can give the pod what it asks of its kernel; null: yes. Reasons and messages are
 * the kubelet's.
 */
export function planHostAdmission(pod: Pod, features: HostFeatures): PodRejection | null {
  return forbiddenSysctl(pod, features.allowedUnsafeSysctls) ?? missingAppArmor(pod, features);
}

/** With dots between its parts, however it was written: `net/ipv4/conf/eth0.1/x` is one too. */
export function sysctlName(name: string): string {
  const first = /[./]/u.exec(name)?.[0];
  if (first !== "/") return name;
  return name.replaceAll(/[./]/gu, (sign) => (sign === "/" ? "." : "/"));
}

/** What is wrong with a name or pattern of allowedUnsafeSysctls; null: nothing. */
export function unsafeSysctlProblem(pattern: string): string | null {
  const name = sysctlName(pattern.endsWith("*") ? pattern.slice(0, -1) : pattern);
  if (!/^[a-z0-9]([-_a-z0-9./]*)$/u.test(name)) return "is no name of a sysctl";
  return namespaceOf(name) === null ? "is no sysctl that a pod has for itself" : null;
}

function forbiddenSysctl(pod: Pod, allowed: readonly string[]): PodRejection | null {
  const { securityContext, hostNetwork, hostIPC } = pod.spec;
  const shared = { IPC: hostIPC === true, Net: hostNetwork === true };
  for (const sysctl of securityContext?.sysctls ?? []) {
    const name = sysctlName(sysctl.name);
    const quoted = JSON.stringify(name);
    const isAllowed = SAFE_SYSCTLS.includes(name) || allowed.some((it) => covers(it, name));
    const namespace = namespaceOf(name);
    if (!isAllowed || namespace === null) return forbidden(`${quoted} not allowlisted`);
    if (shared[namespace]) return forbidden(`${quoted} not allowed with host ${namespace} enabled`);
  }
  return null;
}

function forbidden(what: string): PodRejection {
  return { reason: "SysctlForbidden", message: `forbidden sysctl: ${what}` };
}

function covers(pattern: string, name: string): boolean {
  if (!pattern.endsWith("*")) return sysctlName(pattern) === name;
  return name.startsWith(sysctlName(pattern.slice(0, -1)));
}

function namespaceOf(name: string): "IPC" | "Net" | null {
  return NAMESPACES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? null;
}

function missingAppArmor(pod: Pod, { appArmor }: HostFeatures): PodRejection | null {
  if (appArmor) return null;
  const asked = [pod.spec.securityContext, ...allContainers(pod).map((it) => it.securityContext)];
  const isNeeded = asked.some((it) => (it?.appArmorProfile?.type ?? "Unconfined") !== "Unconfined");
  if (!isNeeded) return null;
  const message = "Cannot enforce AppArmor: AppArmor is not enabled on the host";
  return { reason: "AppArmor", message };
}
