import type { JsonObject } from "../../api/schema/wire-types.js";
import { utf8ToBase64 } from "./common/base64.js";
import { AUTHORITY_PEM } from "./test-certificates.js";

const [STORAGE, DEVICES, CERTIFICATES] = [
  "storage.k8s.io/v1",
  "resource.k8s.io/v1",
  "certificates.k8s.io/v1beta1",
];
const request = { name: "r", exactly: { deviceClassName: "gpu.example.com" } };

/** Good objects of the kinds that drivers, runtimes and signers read, each with its row. */
export const GOOD_DRIVERS: readonly (readonly [manifest: JsonObject, row: readonly unknown[]])[] = [
  [
    {
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      handler: "runsc",
      overhead: { podFixed: { memory: "64Mi" } },
      scheduling: { nodeSelector: { sandbox: "yes" }, tolerations: [{ operator: "Exists" }] },
    },
    ["x", "runsc", "10m"],
  ],
  [
    {
      apiVersion: STORAGE,
      kind: "CSIDriver",
      spec: { podInfoOnMount: true, tokenRequests: [{ audience: "vault" }] },
    },
    ["x", true, true, false, "vault", false, "Persistent", "10m"],
  ],
  [
    {
      apiVersion: STORAGE,
      kind: "CSINode",
      spec: { drivers: [{ name: "disk.example.com", nodeID: "n", topologyKeys: ["zone"] }] },
    },
    ["x", 1, "10m"],
  ],
  [
    {
      apiVersion: STORAGE,
      kind: "CSIStorageCapacity",
      storageClassName: "fast",
      capacity: "1024Mi",
      nodeTopology: { matchLabels: { zone: "a" } },
    },
    ["x", "fast", "1Gi"],
  ],
  [
    {
      apiVersion: STORAGE,
      kind: "VolumeAttachment",
      spec: {
        attacher: "disk.example.com",
        nodeName: "n1",
        source: { persistentVolumeName: "pv" },
      },
    },
    ["x", "disk.example.com", "pv", "n1", false, "10m"],
  ],
  [
    {
      apiVersion: STORAGE,
      kind: "VolumeAttributesClass",
      driverName: "disk.example.com",
      parameters: { iops: "100" },
    },
    ["x", "disk.example.com", "10m"],
  ],
  [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "ServiceCIDR",
      spec: { cidrs: ["192.168.0.0/24"] },
    },
    ["x", "192.168.0.0/24", "10m"],
  ],
  [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "IPAddress",
      metadata: { name: "fe80::42:1dff:fe84:f9e2" },
      spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
    },
    ["fe80::42:1dff:fe84:f9e2", "services/default/web", "10m"],
  ],
  [
    {
      apiVersion: CERTIFICATES,
      kind: "ClusterTrustBundle",
      spec: { trustBundle: AUTHORITY_PEM },
    },
    ["x", "<none>"],
  ],
  [
    {
      apiVersion: CERTIFICATES,
      kind: "PodCertificateRequest",
      spec: {
        signerName: "example.com/signer",
        podName: "p",
        podUID: "1",
        serviceAccountName: "default",
        serviceAccountUID: "2",
        nodeName: "n1",
        nodeUID: "3",
        stubPKCS10Request: utf8ToBase64("request"),
      },
    },
    ["x", "p", "default", "n1", "example.com/signer", "Pending", "10m"],
  ],
  [
    {
      apiVersion: "storagemigration.k8s.io/v1beta1",
      kind: "StorageVersionMigration",
      spec: { resource: { group: "example.com", resource: "things" } },
    },
    ["x", "things.example.com", "10m"],
  ],
  [
    {
      apiVersion: DEVICES,
      kind: "DeviceClass",
      spec: {
        selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }],
        extendedResourceName: "example.com/gpu",
      },
    },
    ["x", "10m"],
  ],
  [
    {
      apiVersion: DEVICES,
      kind: "ResourceClaim",
      spec: {
        devices: {
          requests: [request],
          constraints: [{ requests: ["r"], matchAttribute: "example.com/numa" }],
          config: [{ requests: ["r"], opaque: { driver: "gpu.example.com", parameters: {} } }],
        },
      },
    },
    ["x", "pending", "10m"],
  ],
  [
    {
      apiVersion: DEVICES,
      kind: "ResourceClaimTemplate",
      spec: { metadata: { labels: { a: "b" } }, spec: { devices: { requests: [request] } } },
    },
    ["x", "10m"],
  ],
  [
    {
      apiVersion: DEVICES,
      kind: "ResourceSlice",
      spec: {
        driver: "gpu.example.com",
        nodeName: "n1",
        pool: { name: "n1", generation: 1, resourceSliceCount: 1 },
        devices: [
          {
            name: "gpu-0",
            attributes: { model: { string: "a" }, "example.com/driver": { version: "1.2.3" } },
            capacity: { memory: { value: "16Gi" } },
            taints: [{ key: "broken", effect: "NoSchedule" }],
          },
        ],
      },
    },
    ["x", "n1", "gpu.example.com", "n1", "10m"],
  ],
];
