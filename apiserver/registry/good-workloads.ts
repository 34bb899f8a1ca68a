import { utf8ToBase64 } from "./common/base64.js";
import type { JsonObject } from "../../api/schema/wire-types.js";

const container = { name: "c", image: "busybox" };
const template = { metadata: { labels: { app: "web" } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: "web" } };
const onceSpec = { template: { spec: { restartPolicy: "Never", containers: [container] } } };
const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const utilization = { type: "Utilization", averageUtilization: 50 };
const REQUEST = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
const uid = "batch.kubernetes.io/controller-uid=u-0";

/** Good objects of the kinds that run, scale and limit others, each with its row. */
export const GOOD_WORKLOADS: readonly (readonly [manifest: JsonObject, row: readonly unknown[]])[] =
  [
    [
      { apiVersion: "batch/v1", kind: "Job", spec: onceSpec },
      ["x", "Running", "0/1", "", "10m", "c", "busybox", uid],
    ],
    [
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        spec: {
          schedule: "*/5 * * * *",
          timeZone: "Europe/Berlin",
          jobTemplate: { spec: onceSpec },
        },
      },
      ["x", "*/5 * * * *", "Europe/Berlin", "False", 0, "<none>", "10m", "c", "busybox", "<none>"],
    ],
    [
      { apiVersion: "apps/v1", kind: "StatefulSet", spec: { selector, template } },
      ["x", "0/1", "10m", "c", "busybox"],
    ],
    [
      { apiVersion: "apps/v1", kind: "DaemonSet", spec: { selector, template } },
      ["x", 0, 0, 0, 0, 0, "<none>", "10m", "c", "busybox", "app=web"],
    ],
    [
      { apiVersion: "apps/v1", kind: "ControllerRevision", data: { a: 1 }, revision: 3 },
      ["x", "<none>", 3, "10m"],
    ],
    [
      { apiVersion: "v1", kind: "ReplicationController", spec: { template } },
      ["x", 1, 0, 0, "10m", "c", "busybox", "app=web"],
    ],
    [
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
      ["x", "Pending", "", "", "", "", "<unset>", "10m", "Filesystem"],
    ],
    [
      {
        apiVersion: "v1",
        kind: "PersistentVolume",
        spec: {
          capacity: { storage: "1Gi" },
          accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
          hostPath: { path: "/data" },
          storageClassName: "slow",
          claimRef: { kind: "PersistentVolumeClaim", namespace: "default", name: "data" },
        },
      },
      [
        "x",
        "1Gi",
        "RWO,ROX",
        "Retain",
        "Pending",
        "default/data",
        "slow",
        "<unset>",
        "",
        "10m",
        "Filesystem",
      ],
    ],
    [
      { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", provisioner: "example.com/disks" },
      ["x", "example.com/disks", "Delete", "Immediate", false, "10m"],
    ],
    [{ apiVersion: "v1", kind: "PodTemplate", template }, ["x", "c", "busybox", "app=web"]],
    [
      { apiVersion: "v1", kind: "ResourceQuota", spec: { hard: { pods: "2", "limits.cpu": "1" } } },
      ["x", "", "", "10m"],
    ],
    [
      {
        apiVersion: "v1",
        kind: "LimitRange",
        spec: { limits: [{ type: "Container", max: { cpu: "2" }, min: { cpu: "100m" } }] },
      },
      ["x", "2026-01-01T00:00:00Z"],
    ],
    [
      {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        spec: {
          scaleTargetRef,
          maxReplicas: 5,
          metrics: [{ type: "Resource", resource: { name: "memory", target: utilization } }],
        },
      },
      ["x", "Deployment/web", "memory: <unknown>/50%", "1", "5", 0, "10m"],
    ],
    [
      {
        apiVersion: "autoscaling/v1",
        kind: "HorizontalPodAutoscaler",
        spec: { scaleTargetRef, maxReplicas: 5 },
      },
      ["x", "Deployment/web", "cpu: <unknown>/80%", "1", "5", 0, "10m"],
    ],
    [
      {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        spec: { minAvailable: "50%", selector },
      },
      ["x", "50%", "N/A", 0, "10m"],
    ],
    [
      { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", value: 7 },
      ["x", 7, false, "10m", "PreemptLowerPriority"],
    ],
    [
      {
        apiVersion: "certificates.k8s.io/v1",
        kind: "CertificateSigningRequest",
        spec: {
          request: utf8ToBase64(REQUEST),
          signerName: "example.com/signer",
          usages: ["client auth"],
          expirationSeconds: 3600,
        },
      },
      ["x", "10m", "example.com/signer", "test", "60m", "Pending"],
    ],
    [
      {
        apiVersion: "settings.k8s.io/v1alpha1",
        kind: "PodPreset",
        spec: { env: [{ name: "A", value: "1" }] },
      },
      ["x", "2026-01-01T00:00:00Z"],
    ],
    [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        spec: {
          ingressClassName: "nginx",
          tls: [{ hosts: ["a.example.com"], secretName: "s" }],
          rules: ["a", "b", "c", "d"].map((name) => ({ host: `${name}.example.com` })),
        },
      },
      ["x", "nginx", "a.example.com,b.example.com,c.example.com + 1 more...", "", "80, 443", "10m"],
    ],
    [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        spec: {
          controller: "example.com/x",
          parameters: { apiGroup: "example.com", kind: "P", name: "p" },
        },
      },
      ["x", "example.com/x", "P.example.com/p", "10m"],
    ],
    [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        spec: { podSelector: selector, egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] },
      },
      ["x", "app=web", "10m"],
    ],
  ];
