import type { Pod } from "../../api/schema/types/core-v1.gen.js";

const HOSTNAME_MAX = 63;

/**
 * The name a pod knows itself by: spec.hostnameOverride, else spec.hostname, else its own name,
 * cut to what a host name may be.
 */
export function podHostname({ spec, metadata }: Pod): string {
  const name = spec.hostnameOverride || spec.hostname || metadata.name;
  return name.slice(0, HOSTNAME_MAX).replace(/[-.]+$/, "");
}

/**
 * The pod's name in the cluster's DNS, or null when it has no subdomain, or a name of its own that
 * has nothing to do with the DNS.
 */
export function podFqdn(pod: Pod, domain: string): string | null {
  const { subdomain, hostnameOverride = "" } = pod.spec;
  if (subdomain === undefined || subdomain === "" || hostnameOverride !== "") return null;
  return `${podHostname(pod)}.${subdomain}.${pod.metadata.namespace ?? ""}.svc.${domain}`;
}

/** The /etc/hosts of a pod with an address of its own. */
export function renderHostsFile(
  pod: Pod,
  options: { readonly ips: readonly string[]; readonly domain: string },
): string {
  const hostname = podHostname(pod);
  const fqdn = podFqdn(pod, options.domain);
  const names = fqdn === null ? hostname : `${fqdn}\t${hostname}`;
  return `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
${options.ips.map((ip) => `${ip}\t${names}\n`).join("")}${renderHostAliases(pod)}`;
}

/** The /etc/hosts of a pod in the host's network: the host's own, and the pod's aliases. */
export function renderHostNetworkHostsFile(pod: Pod, hostFile: string): string {
  return `# Kubernetes-managed hosts file (host network).\n${hostFile}${renderHostAliases(pod)}`;
}

function renderHostAliases(pod: Pod): string {
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length === 0) return "";
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join("\t")}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join("")}`;
}
