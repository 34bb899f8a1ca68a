import { LOCAL_PATH_PROVISIONER } from "../../api/schema/storage/storage-names.js";
import type { SystemPriorityClass } from "../registry/scheduling/system-priority-classes.js";
import type { AddressRange } from "../storage/address-range.js";
import { formatAddress } from "../storage/address-range.js";

/** What every cluster has from its first moment. Pure. */
export const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** The address of `kubernetes.default`: the first of the block. */
export function apiServiceAddress(range: AddressRange): string {
  return formatAddress(range.base + 1);
}

export function systemNamespace(name: string): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** A PriorityClass for the pods that keep a cluster alive. */
export function systemPriorityClass({ name, value, description }: SystemPriorityClass): object {
  const apiVersion = "scheduling.k8s.io/v1";
  return { apiVersion, kind: "PriorityClass", metadata: { name }, value, description };
}

/**
 * The class that claims get that name none: folders on the node of the first pod that uses them.
 * Folders have no size that could be too small for a claim that grows.
 */
export function localPathClass(): object {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: "local-path",
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: LOCAL_PATH_PROVISIONER,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  };
}

/** The range that Services get addresses from when nobody adds another, under Kubernetes' name. */
export function defaultServiceCidr({ cidr }: AddressRange): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: "kubernetes" },
    spec: { cidrs: [cidr] },
  };
}

const LABELS = { component: "apiserver", provider: "kubernetes" };

/** The Service through which pods reach the API. */
export function apiService(clusterIp: string, targetPort: number): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels: LABELS },
    spec: {
      type: "ClusterIP",
      clusterIP: clusterIp,
      sessionAffinity: "None",
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort }],
    },
  };
}

/** The servers that serve at one port. */
export interface PortAddresses {
  readonly port: number;
  readonly addresses: readonly string[];
}

/** Its Endpoints: the servers, by port, in the order of their addresses. */
export function apiEndpoints(servers: readonly PortAddresses[]): object {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { "endpointslice.kubernetes.io/skip-mirror": "true" },
    },
    subsets: servers.filter(({ addresses }) => addresses.length > 0).map(subset),
  };
}

function subset({ addresses, port }: PortAddresses): object {
  const ports = [{ name: "https", port, protocol: "TCP" }];
  return { addresses: addresses.map((ip) => ({ ip })), ports };
}

/** True for an address that means another machine to everybody else: no endpoint may have it. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

/** By which the slices of the API's Service are found. */
export const API_SLICE_LABELS = { "kubernetes.io/service-name": "kubernetes" } as const;

/** The same as an EndpointSlice, which is what proxies read. */
export function apiEndpointSlice(name: string, { addresses, port }: PortAddresses): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "default", labels: API_SLICE_LABELS },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: "https", port, protocol: "TCP" }],
  };
}
