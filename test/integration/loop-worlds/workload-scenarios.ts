import {
  CONTROLLER_REVISIONS,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  JOBS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from "../../../api/client/resource-types.js";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import {
  barePod,
  create,
  hastyClock,
  merge,
  newYearsClock,
  type Scenario,
  template,
} from "./scenario.js";
import type { World } from "./world.js";

const labels = { app: "web" };
const selector = { matchLabels: labels };
const next = { spec: { template: template(labels, "v2") } };

const running = (world: World, count: number, image = "v1"): boolean => {
  const pods = world.of(PODS);
  return pods.length === count && pods.every((pod) => isRunning(pod, image));
};
const isRunning = ({ metadata, spec, status }: Pod, image: string): boolean =>
  metadata.deletionTimestamp === undefined &&
  status?.phase === "Running" &&
  spec.containers[0]?.image === image;

const deployment: Scenario = {
  events: ["Normal ScalingReplicaSet"],
  others: ["replicaset-controller"],
  kinds: [DEPLOYMENTS, REPLICA_SETS, PODS],
  writesMin: 8,
  steps: [
    {
      act: (world) =>
        create(world, DEPLOYMENTS, {
          name: "web",
          spec: { replicas: 2, selector, template: template(labels) },
        }),
      reached: (world) => isRolledOut(world, "v1"),
    },
    {
      act: (world) => merge(world, DEPLOYMENTS, { name: "web", patch: next }),
      reached: (world) => isRolledOut(world, "v2"),
    },
  ],
};

function isRolledOut(world: World, image: string): boolean {
  const [web] = world.of(DEPLOYMENTS);
  const { status, metadata } = web ?? {};
  if (status?.observedGeneration !== metadata?.generation) return false;
  const { replicas, updatedReplicas, availableReplicas } = status ?? {};
  const progress = status?.conditions?.find(({ type }) => type === "Progressing");
  if (progress?.reason !== "NewReplicaSetAvailable") return false;
  if (replicas !== 2 || updatedReplicas !== 2 || availableReplicas !== 2) return false;
  const settled = world
    .of(REPLICA_SETS)
    .every(
      ({ metadata: meta, spec, status: now }) =>
        now?.observedGeneration === meta.generation &&
        now?.replicas === spec.replicas &&
        (now?.availableReplicas ?? 0) === spec.replicas,
    );
  return settled && running(world, 2, image);
}

const replicaSet: Scenario = {
  events: ["Normal SuccessfulCreate", "Normal SuccessfulDelete"],
  kinds: [REPLICA_SETS, PODS],
  writesMin: 6,
  steps: [
    {
      act: async (world) => {
        // Looks like those that the loop makes: which of them goes later is drawn by lot.
        const { metadata, spec } = barePod(world, "web-adopted", {
          terminationGracePeriodSeconds: 30,
        });
        const orphan = { ...metadata, generateName: "web-" };
        await world.admin
          .resource(PODS)
          .create({ apiVersion: "v1", kind: "Pod", metadata: orphan, spec });
        await create(world, REPLICA_SETS, {
          name: "web",
          spec: { replicas: 3, selector, template: template(labels) },
        });
      },
      reached: (world) => isScaled(world, REPLICA_SETS, 3),
    },
    {
      act: (world) => merge(world, REPLICA_SETS, { name: "web", patch: { spec: { replicas: 1 } } }),
      reached: (world) => isScaled(world, REPLICA_SETS, 1),
    },
  ],
};

const replicationController: Scenario = {
  events: ["Normal SuccessfulCreate", "Normal SuccessfulDelete"],
  kinds: [REPLICATION_CONTROLLERS, PODS],
  writesMin: 5,
  steps: [
    {
      act: (world) =>
        create(world, REPLICATION_CONTROLLERS, {
          name: "web",
          spec: { replicas: 2, selector: labels, template: template(labels) },
        }),
      reached: (world) => isScaled(world, REPLICATION_CONTROLLERS, 2),
    },
    {
      act: (world) =>
        merge(world, REPLICATION_CONTROLLERS, { name: "web", patch: { spec: { replicas: 0 } } }),
      reached: (world) => isScaled(world, REPLICATION_CONTROLLERS, 0),
    },
  ],
};

function isScaled(
  world: World,
  type: typeof REPLICA_SETS | typeof REPLICATION_CONTROLLERS,
  count: number,
): boolean {
  const [web] =
    type.kind === "ReplicaSet" ? world.of(REPLICA_SETS) : world.of(REPLICATION_CONTROLLERS);
  const { status, metadata } = web ?? {};
  if (status?.observedGeneration !== metadata?.generation) return false;
  const { replicas, availableReplicas = 0 } = status ?? {};
  return replicas === count && availableReplicas === count && running(world, count);
}

const statefulSet: Scenario = {
  events: ["Normal SuccessfulCreate", "Normal SuccessfulDelete"],
  kinds: [STATEFUL_SETS, CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS],
  writesMin: 12,
  steps: [
    {
      act: (world) =>
        create(world, STATEFUL_SETS, {
          name: "web",
          spec: {
            replicas: 2,
            selector,
            serviceName: "web",
            template: template(labels),
            volumeClaimTemplates: [
              {
                metadata: { name: "data" },
                spec: {
                  accessModes: ["ReadWriteOnce"],
                  resources: { requests: { storage: "1Gi" } },
                },
              } as never,
            ],
          },
        }),
      reached: (world) => isSettledSet(world, "v1"),
    },
    {
      act: (world) => merge(world, STATEFUL_SETS, { name: "web", patch: next }),
      reached: (world) => isSettledSet(world, "v2"),
    },
  ],
};

function isSettledSet(world: World, image: string): boolean {
  const [web] = world.of(STATEFUL_SETS);
  const { status, metadata } = web ?? {};
  return (
    status?.observedGeneration === metadata?.generation &&
    status?.availableReplicas === 2 &&
    status?.updatedReplicas === 2 &&
    status.currentReplicas === 2 &&
    status.currentRevision === status.updateRevision &&
    running(world, 2, image)
  );
}

const daemonSet: Scenario = {
  events: ["Normal SuccessfulCreate", "Normal SuccessfulDelete"],
  kinds: [DAEMON_SETS, CONTROLLER_REVISIONS, PODS],
  writesMin: 8,
  steps: [
    {
      act: async (world) => {
        await create(world, NODES, { name: "a", spec: {} });
        await create(world, NODES, { name: "b", spec: {} });
        await create(world, DAEMON_SETS, {
          name: "web",
          spec: { selector, template: template(labels) },
        });
      },
      reached: (world) => isOnEveryNode(world, "v1"),
    },
    {
      act: (world) => merge(world, DAEMON_SETS, { name: "web", patch: next }),
      reached: (world) => isOnEveryNode(world, "v2"),
    },
  ],
};

function isOnEveryNode(world: World, image: string): boolean {
  const [web] = world.of(DAEMON_SETS);
  const { status, metadata } = web ?? {};
  return (
    status?.observedGeneration === metadata?.generation &&
    status?.updatedNumberScheduled === 2 &&
    status.numberAvailable === 2 &&
    running(world, 2, image)
  );
}

const isFinished = (world: World): boolean => {
  const jobs = world.of(JOBS);
  return (
    jobs.length === 1 &&
    jobs.every(({ status }) => status?.conditions?.some(({ type }) => type === "Complete")) &&
    world.of(PODS).every(({ metadata }) => (metadata.finalizers ?? []).length === 0)
  );
};
const ending = template({ ends: "0" });
const endingSpec = { ...ending, spec: { ...ending.spec, restartPolicy: "Never" as const } };

const job: Scenario = {
  events: ["Normal SuccessfulCreate", "Normal Completed"],
  kinds: [JOBS, PODS],
  writesMin: 7,
  steps: [
    {
      act: (world) =>
        create(world, JOBS, {
          name: "sum",
          spec: { completions: 3, parallelism: 2, template: endingSpec as never },
        }),
      reached: isFinished,
    },
  ],
};

const ttlAfterFinished: Scenario = {
  others: ["job-controller", "garbage-collector-controller"],
  kinds: [JOBS, PODS],
  writesMin: 1,
  steps: [
    {
      act: (world) =>
        create(world, JOBS, {
          name: "sum",
          spec: { ttlSecondsAfterFinished: 0, template: endingSpec as never },
        }),
      reached: (world) => world.of(JOBS).length === 0 && world.of(PODS).length === 0,
    },
  ],
};

const cronJob: Scenario = {
  events: ["Normal SuccessfulCreate", "Normal SawCompletedJob", "Normal SuccessfulDelete"],
  others: ["job-controller"],
  clock: newYearsClock,
  kinds: [CRON_JOBS, JOBS],
  writesMin: 4,
  steps: [
    {
      act: (world) =>
        create(world, CRON_JOBS, {
          name: "yearly",
          spec: {
            schedule: "0 0 1 1 *",
            successfulJobsHistoryLimit: 0,
            jobTemplate: { spec: { template: endingSpec as never } },
          },
        }),
      reached: (world) => {
        const [yearly] = world.of(CRON_JOBS);
        return (
          yearly?.status?.lastSuccessfulTime !== undefined &&
          (yearly.status.active ?? []).length === 0 &&
          world.of(JOBS).every(({ metadata }) => metadata.deletionTimestamp !== undefined)
        );
      },
    },
  ],
};

const disruption: Scenario = {
  events: ["Normal NoPods"],
  others: ["replicaset-controller"],
  kinds: [POD_DISRUPTION_BUDGETS],
  writesMin: 2,
  steps: [
    {
      act: (world) =>
        create(world, POD_DISRUPTION_BUDGETS, {
          name: "web",
          spec: { minAvailable: 1, selector },
        }),
      reached: (world) => world.of(POD_DISRUPTION_BUDGETS)[0]?.status?.expectedPods === 0,
    },
    {
      act: (world) =>
        create(world, REPLICA_SETS, {
          name: "web",
          spec: { replicas: 2, selector, template: template(labels) },
        }),
      reached: (world) => world.of(POD_DISRUPTION_BUDGETS)[0]?.status?.currentHealthy === 2,
    },
  ],
};

/** It has this many replicas, and nothing else to say than that nobody measures them. */
const rests = (world: World, replicas: number): boolean => {
  const { status } = world.of(HORIZONTAL_POD_AUTOSCALERS)[0] ?? {};
  const reasons = (status?.conditions ?? []).map(({ reason }) => reason);
  return (
    world.of(REPLICA_SETS)[0]?.spec.replicas === replicas &&
    status?.currentReplicas === replicas &&
    status.desiredReplicas === replicas &&
    reasons.includes("SucceededGetScale") &&
    reasons.includes("FailedGetResourceMetric")
  );
};

/** Scaled by its bounds, twice: whichever of the changes is lost, the other leaves its time. */
const autoscaler: Scenario = {
  clock: hastyClock,
  kinds: [HORIZONTAL_POD_AUTOSCALERS, REPLICA_SETS],
  writesMin: 6,
  steps: [
    {
      act: async (world) => {
        const spec = { replicas: 1, selector, template: template(labels) };
        await create(world, REPLICA_SETS, { name: "web", spec });
        const scaleTargetRef = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web" };
        const bounds = { minReplicas: 2, maxReplicas: 3 };
        await create(world, HORIZONTAL_POD_AUTOSCALERS, {
          name: "web",
          spec: { scaleTargetRef, ...bounds },
        });
      },
      reached: (world) => rests(world, 2),
    },
    {
      act: (world) =>
        merge(world, HORIZONTAL_POD_AUTOSCALERS, {
          name: "web",
          patch: { spec: { minReplicas: 1, maxReplicas: 1 } },
        }),
      reached: (world) => rests(world, 1),
    },
  ],
};

/** Loops that run pods. */
export const workloadScenarios = {
  "deployment-controller": deployment,
  "replicaset-controller": replicaSet,
  "replicationcontroller-controller": replicationController,
  "statefulset-controller": statefulSet,
  "daemonset-controller": daemonSet,
  "job-controller": job,
  "ttl-after-finished-controller": ttlAfterFinished,
  "cronjob-controller": cronJob,
  "disruption-controller": disruption,
  "horizontal-pod-autoscaler-controller": autoscaler,
} as const;
