import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { DnsConfig, PodSandboxConfig, PortMapping } from "../cri/cri-types.js";
import { sysctlName } from "./host-admission.js";
import { podFqdn, podHostname } from "./pod-identity.js";
import { RUNTIME_KEYS } from "./pod-runtime.js";
import { sandboxSecurity } from "./security.js";

/** What of a sandbox is the node's to say. */
export interface SandboxContext {
  readonly attempt: number;
  readonly logDirectory: string;
  readonly dns: DnsConfig;
  readonly cgroupParent: string;
  readonly clusterDomain: string;
}

/** The sandbox that the pod asks for. */
export function sandboxConfig(pod: Pod, context: SandboxContext): PodSandboxConfig {
  const namespace = pod.metadata.namespace ?? "";
  const { name, uid } = pod.metadata;
  return {
    metadata: { name, uid, namespace, attempt: context.attempt },
    hostname: sandboxHostname(pod, context.clusterDomain),
    logDirectory: context.logDirectory,
    dnsConfig: context.dns,
    portMappings: pod.spec.hostNetwork === true ? [] : portMappings(pod),
    labels: {
      ...pod.metadata.labels,
      [RUNTIME_KEYS.podName]: name,
      [RUNTIME_KEYS.podNamespace]: namespace,
      [RUNTIME_KEYS.podUid]: uid,
    },
    annotations: {
      ...pod.metadata.annotations,
      [RUNTIME_KEYS.graceSeconds]: `${pod.spec.terminationGracePeriodSeconds ?? 30}`,
    },
    linux: {
      cgroupParent: context.cgroupParent,
      securityContext: sandboxSecurity(pod),
      sysctls: Object.fromEntries(
        (pod.spec.securityContext?.sysctls ?? []).map(({ name: each, value }) => [
          sysctlName(each),
          value,
        ]),
      ),
    },
  };
}

/** Where the pod's containers write their output, below the node's folder for logs. */
export function podLogFolder(pod: {
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly uid: string };
}): string {
  const { namespace = "", name, uid } = pod.metadata;
  return `${namespace}_${name}_${uid}`;
}

function sandboxHostname(pod: Pod, domain: string): string {
  if (pod.spec.hostNetwork === true) return "";
  const fqdn = pod.spec.setHostnameAsFQDN === true ? podFqdn(pod, domain) : null;
  return fqdn ?? podHostname(pod);
}

function portMappings(pod: Pod): readonly PortMapping[] {
  return pod.spec.containers.flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map((port) => ({
        protocol: (port.protocol ?? "TCP") as PortMapping["protocol"],
        containerPort: port.containerPort,
        hostPort: port.hostPort ?? 0,
        ...(port.hostIP === undefined ? {} : { hostIp: port.hostIP }),
      })),
  );
}
