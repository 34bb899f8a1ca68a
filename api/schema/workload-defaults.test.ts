import t from "tap";
import { applyDefaults } from "./defaults.js";
import type { JsonObject } from "./wire-types.js";

const labels = { app: "web" };
const template = { metadata: { labels }, spec: { containers: [] } };
const cpu = (value: string): JsonObject => ({ cpu: value });

/** What is written, and what must come of it. */
const CASES: readonly (readonly [
  name: string,
  typeName: string,
  spec: JsonObject,
  expected: JsonObject,
])[] = [
  [
    "a job runs once",
    "batch/v1.Job",
    { template },
    {
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: "TerminatingOrFailed",
    },
  ],
  [
    "a work queue has no completions",
    "batch/v1.Job",
    { parallelism: 3 },
    { completions: undefined },
  ],
  [
    "a limit per index stands for itself",
    "batch/v1.Job",
    { completions: 2, completionMode: "Indexed", backoffLimitPerIndex: 1 },
    { backoffLimit: 2_147_483_647, parallelism: 1 },
  ],
  [
    "a failure policy waits for the end of a pod",
    "batch/v1.Job",
    { podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "x" }] }] } },
    {
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "x", status: "True" }] }],
      },
    },
  ],
  [
    "a CronJob keeps three successes and one failure, and leaves its template alone",
    "batch/v1.CronJob",
    { schedule: "@daily", jobTemplate: { spec: { template } } },
    {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { backoffLimit: undefined } },
    },
  ],
  [
    "a StatefulSet rolls",
    "apps/v1.StatefulSet",
    { volumeClaimTemplates: [{ metadata: { name: "data" } }] },
    {
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      revisionHistoryLimit: 10,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      volumeClaimTemplates: [
        { apiVersion: "v1", kind: "PersistentVolumeClaim", status: { phase: "Pending" } },
      ],
    },
  ],
  [
    "a StatefulSet that says how it updates keeps to it",
    "apps/v1.StatefulSet",
    { updateStrategy: { type: "RollingUpdate" } },
    { updateStrategy: { rollingUpdate: undefined } },
  ],
  [
    "a DaemonSet takes one node at a time",
    "apps/v1.DaemonSet",
    {},
    {
      revisionHistoryLimit: 10,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    },
  ],
  [
    "a ReplicationController selects what it makes",
    "core/v1.ReplicationController",
    { template },
    { replicas: 1, selector: labels },
  ],
  [
    "an autoscaler watches the CPU",
    "autoscaling/v2.HorizontalPodAutoscaler",
    { maxReplicas: 3 },
    {
      minReplicas: 1,
      behavior: undefined,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
    },
  ],
  [
    "stated behavior is completed",
    "autoscaling/v2.HorizontalPodAutoscaler",
    { maxReplicas: 3, behavior: { scaleUp: { selectPolicy: "Min" } } },
    {
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: "Min",
          policies: [
            { type: "Pods", value: 4, periodSeconds: 15 },
            { type: "Percent", value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: undefined,
          selectPolicy: "Max",
          policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
        },
      },
    },
  ],
  [
    "limits of containers follow from their bounds",
    "core/v1.LimitRange",
    { limits: [{ type: "Container", max: cpu("2"), min: { cpu: "1", memory: "1Mi" } }] },
    {
      limits: [{ default: cpu("2"), defaultRequest: { cpu: "2", memory: "1Mi" } }],
    },
  ],
  [
    "limits of pods do not",
    "core/v1.LimitRange",
    { limits: [{ type: "Pod", max: cpu("2") }] },
    { limits: [{ default: undefined }] },
  ],
  [
    "a policy is about what comes in",
    "networking/v1.NetworkPolicy",
    { ingress: [{ ports: [{ port: 80 }] }] },
    { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ ports: [{ protocol: "TCP" }] }] },
  ],
  [
    "and about what goes out when it says so",
    "networking/v1.NetworkPolicy",
    { egress: [{}] },
    { policyTypes: ["Ingress", "Egress"] },
  ],
];

void t.test("conditional defaults", (t) => {
  for (const [name, typeName, spec, expected] of CASES) {
    const once = applyDefaults({ typeName }, { metadata: {}, spec });
    t.match(once, { spec: expected }, name);
    t.same(applyDefaults({ typeName }, once), once, `${name}: twice is once`);
  }
  t.end();
});

void t.test("an object without labels gets those of its pods", (t) => {
  for (const typeName of ["batch/v1.Job", "core/v1.ReplicationController"]) {
    const labelled = applyDefaults({ typeName }, { metadata: {}, spec: { template } });
    t.match(labelled, { metadata: { labels } });
    const own = { labels: { mine: "1" } };
    t.same(applyDefaults({ typeName }, { metadata: own, spec: { template } }).metadata, own);
  }
  t.end();
});
