import {
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  STORAGE_CLASSES,
} from "../../../api/client/resource-types.js";
import { SELECTED_NODE, STORAGE_PROVISIONER } from "../../../api/schema/storage/storage-names.js";
import { barePod, create, merge, type Scenario } from "./scenario.js";
import type { World } from "./world.js";

const modes = { accessModes: ["ReadWriteOnce"] };
const volume = (world: World, name: string, spec: object = {}) =>
  create(world, PERSISTENT_VOLUMES, {
    name,
    spec: {
      ...modes,
      capacity: { storage: "1Gi" },
      hostPath: { path: `/none/${name}` },
      storageClassName: world.name,
      ...spec,
    },
  });
const claim = (world: World, name: string, spec: object = {}) =>
  create(world, PERSISTENT_VOLUME_CLAIMS, {
    name,
    spec: {
      ...modes,
      resources: { requests: { storage: "1Gi" } },
      storageClassName: world.name,
      ...spec,
    },
  });
const drop = (world: World, name: string) =>
  world.admin.resource(PERSISTENT_VOLUME_CLAIMS).delete(name, { namespace: world.name });
const phases = (world: World, phase: string): number =>
  [...world.of(PERSISTENT_VOLUMES), ...world.of(PERSISTENT_VOLUME_CLAIMS)].filter(
    ({ status }) => status?.phase === phase,
  ).length;

const binder: Scenario = {
  events: ["Warning ProvisioningFailed", "Warning ClaimLost"],
  others: ["persistentvolumeclaim-protection-controller", "persistentvolume-protection-controller"],
  kinds: [PERSISTENT_VOLUMES, PERSISTENT_VOLUME_CLAIMS],
  writesMin: 15,
  steps: [
    {
      act: async (world) => {
        await volume(world, "small");
        await volume(world, "large", {
          capacity: { storage: "5Gi" },
          persistentVolumeReclaimPolicy: "Delete",
        });
      },
      reached: (world) => phases(world, "Available") === 2,
    },
    {
      act: async (world) => {
        await claim(world, "much", { resources: { requests: { storage: "2Gi" } } });
        await claim(world, "little");
        await claim(world, "late", { accessModes: ["ReadWriteMany"] });
      },
      reached: (world) => phases(world, "Bound") === 4,
    },
    {
      act: async (world) => {
        await drop(world, "much");
        await merge(world, PERSISTENT_VOLUMES, {
          name: "small",
          patch: { spec: { claimRef: null } },
        });
      },
      reached: (world) => phases(world, "Failed") === 1 && phases(world, "Bound") === 2,
    },
    {
      act: async (world) => {
        const { admin, name } = world;
        await admin.resource(PERSISTENT_VOLUMES).delete(`${name}-small`);
        const patch = { metadata: { finalizers: null }, spec: { claimRef: null } };
        await merge(world, PERSISTENT_VOLUMES, { name: "small", patch });
      },
      reached: (world) => phases(world, "Lost") === 1 && world.of(PERSISTENT_VOLUMES).length === 1,
    },
  ],
};

const volumeProtection: Scenario = {
  kinds: [PERSISTENT_VOLUMES],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        for (const name of ["one", "two"]) {
          const { metadata } = await volume(world, name);
          await world.admin.resource(PERSISTENT_VOLUMES).delete(metadata.name);
        }
      },
      reached: (world) => world.of(PERSISTENT_VOLUMES).length === 0,
    },
  ],
};

const claimProtection: Scenario = {
  kinds: [PERSISTENT_VOLUME_CLAIMS, PODS],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        for (const name of ["free", "used"]) await claim(world, name);
        const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "used" } }];
        const nodeName = `${world.name}-none`;
        await world.admin.resource(PODS).create(barePod(world, "p1", { volumes, nodeName }));
        for (const name of ["free", "used"]) await drop(world, name);
      },
      reached: (world) => world.of(PERSISTENT_VOLUME_CLAIMS).length === 1,
    },
    {
      act: (world) =>
        world.admin.resource(PODS).delete("p1", { namespace: world.name, gracePeriodSeconds: 0 }),
      reached: (world) => world.objects().length === 0,
    },
  ],
};

const localClass = (world: World) =>
  world.admin.resource(STORAGE_CLASSES).create({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: world.name },
    provisioner: "raftsman.dev/local-path",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  });
const host = (world: World) =>
  create(world, NODES, {
    name: "a",
    metadata: {
      labels: { "kubernetes.io/hostname": `${world.name}-a` },
      annotations: { "raftsman.dev/local-volumes": "/none" },
    },
    spec: {},
  });
/** What the scheduler does when a pod that uses the claim gets its node. */
const place = (world: World, name: string, node: string) => {
  const annotations = { [SELECTED_NODE]: `${world.name}-${node}` };
  return merge(world, PERSISTENT_VOLUME_CLAIMS, { name, patch: { metadata: { annotations } } });
};

const provisioner: Scenario = {
  events: ["Normal ProvisioningSucceeded"],
  others: [
    "persistentvolume-binder-controller",
    "persistentvolumeclaim-protection-controller",
    "persistentvolume-protection-controller",
  ],
  kinds: [PERSISTENT_VOLUMES, PERSISTENT_VOLUME_CLAIMS],
  writesMin: 5,
  steps: [
    {
      act: async (world) => {
        await localClass(world);
        await host(world);
        for (const name of ["one", "two"]) {
          await claim(world, name);
          await place(world, name, name === "one" ? "a" : "none");
        }
      },
      reached: (world) =>
        phases(world, "Bound") === 2 &&
        world
          .of(PERSISTENT_VOLUME_CLAIMS)
          .some(
            ({ metadata: { annotations } }) =>
              annotations?.[STORAGE_PROVISIONER] !== undefined &&
              annotations[SELECTED_NODE] === undefined,
          ),
    },
    {
      // A node that is gone took its folders along: nobody needs to be asked to remove them.
      act: async (world) => {
        await world.admin.resource(NODES).delete(`${world.name}-a`);
        await drop(world, "one");
      },
      reached: (world) => world.of(PERSISTENT_VOLUMES).length === 0,
    },
  ],
};

const expander: Scenario = {
  events: ["Normal VolumeResizeSuccessful"],
  others: ["persistentvolume-binder-controller"],
  kinds: [PERSISTENT_VOLUMES, PERSISTENT_VOLUME_CLAIMS],
  writesMin: 4,
  steps: [
    {
      act: async (world) => {
        await localClass(world);
        for (const name of ["one", "two"]) {
          const annotations = { "pv.kubernetes.io/provisioned-by": "raftsman.dev/local-path" };
          await create(world, PERSISTENT_VOLUMES, {
            name,
            metadata: { annotations },
            spec: {
              ...modes,
              capacity: { storage: "1Gi" },
              hostPath: { path: `/none/${name}` },
              storageClassName: world.name,
              claimRef: { namespace: world.name, name },
            },
          });
          await claim(world, name);
        }
      },
      reached: (world) => phases(world, "Bound") === 4,
    },
    {
      act: async (world) => {
        const patch = { spec: { resources: { requests: { storage: "2Gi" } } } };
        for (const name of ["one", "two"])
          await merge(world, PERSISTENT_VOLUME_CLAIMS, { name, patch });
      },
      reached: (world) =>
        world
          .of(PERSISTENT_VOLUME_CLAIMS)
          .every(({ status }) => status?.capacity?.["storage"] === "2Gi"),
    },
  ],
};

const ephemeralVolume: Scenario = {
  kinds: [PERSISTENT_VOLUME_CLAIMS],
  writesMin: 3,
  steps: [
    {
      act: async (world) => {
        const spec = { ...modes, resources: { requests: { storage: "1Gi" } } };
        const volumes = ["a", "b"].map((name) => ({
          name,
          ephemeral: { volumeClaimTemplate: { spec } },
        }));
        await world.admin.resource(PODS).create(barePod(world, "p1", { volumes }));
        await world.admin
          .resource(PODS)
          .create(barePod(world, "p2", { volumes: volumes.slice(0, 1) }));
      },
      reached: (world) => world.of(PERSISTENT_VOLUME_CLAIMS).length === 3,
    },
  ],
};

/** Loops that look after volumes. */
export const storageScenarios = {
  "persistentvolume-binder-controller": binder,
  "persistentvolume-expander-controller": expander,
  "ephemeral-volume-controller": ephemeralVolume,
  "local-path-provisioner": provisioner,
  "persistentvolumeclaim-protection-controller": claimProtection,
  "persistentvolume-protection-controller": volumeProtection,
} as const;
