import type { Pod } from "../../api/schema/types/core-v1.gen.js";

/** What of a pod is known only to its node. */
export interface PodAddresses {
  readonly podIps: readonly string[];
  readonly hostIp: string;
}

const SUBSCRIPT = /^metadata\.(labels|annotations)\['(.+)'\]$/;

/**
 * The value of a downward API field path as text; null when the path names nothing that is
 * offered.
 */
export function fieldPathValue(pod: Pod, path: string, addresses: PodAddresses): string | null {
  const subscript = SUBSCRIPT.exec(path);
  if (subscript !== null) {
    const [, map, key] = subscript;
    return pod.metadata[map === "labels" ? "labels" : "annotations"]?.[key ?? ""] ?? "";
  }
  switch (path) {
    case "metadata.name":
      return pod.metadata.name;
    case "metadata.namespace":
      return pod.metadata.namespace ?? "";
    case "metadata.uid":
      return pod.metadata.uid;
    case "metadata.labels":
      return formatMap(pod.metadata.labels ?? {});
    case "metadata.annotations":
      return formatMap(pod.metadata.annotations ?? {});
    case "spec.nodeName":
      return pod.spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "";
    case "status.hostIP":
    case "status.hostIPs":
      return addresses.hostIp;
    case "status.podIP":
      return addresses.podIps[0] ?? "";
    case "status.podIPs":
      return addresses.podIps.join(",");
    default:
      return null;
  }
}

/** One key="value" a line, sorted, as the downward API writes labels and annotations. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join("\n");
}
