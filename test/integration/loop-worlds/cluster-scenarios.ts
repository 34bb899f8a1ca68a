import {
  CLUSTER_ROLES,
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  NAMESPACES,
  NODES,
  PODS,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from "../../../api/client/resource-types.js";
import { ROOT_CA_NAME } from "../../../controllers/root-ca/root-ca-loop.js";
import { TTL } from "../../../controllers/ttl/ttl-loop.js";
import { CERTIFICATE_SCENARIOS } from "./certificate-scenarios.js";
import { barePod, create, hastyClock, merge, type Scenario } from "./scenario.js";
import type { World } from "./world.js";

const taint = { key: "maintenance", effect: "NoExecute" };
const nodeNamed = (world: World) => `${world.name}-a`;
const podOnNode = (world: World, name: string) =>
  world.admin.resource(PODS).create(barePod(world, name, { nodeName: nodeNamed(world) }));

const resourceQuota: Scenario = {
  kinds: [RESOURCE_QUOTAS],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        for (const name of ["one", "two"]) await create(world, CONFIG_MAPS, { name });
        await create(world, RESOURCE_QUOTAS, { name: "few", spec: { hard: { configmaps: "4" } } });
      },
      reached: (world) => world.of(RESOURCE_QUOTAS)[0]?.status?.used?.["configmaps"] === "2",
    },
    {
      act: (world) => world.admin.resource(CONFIG_MAPS).delete("one", { namespace: world.name }),
      reached: (world) => world.of(RESOURCE_QUOTAS)[0]?.status?.used?.["configmaps"] === "1",
    },
  ],
};

const webService = async (world: World): Promise<void> => {
  await create(world, SERVICES, {
    name: "web",
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  });
  for (const name of ["p1", "p2"]) await world.admin.resource(PODS).create(barePod(world, name));
};
const lessOne = (world: World) =>
  world.admin.resource(PODS).delete("p1", { namespace: world.name });

const endpointSlice: Scenario = {
  kinds: [ENDPOINT_SLICES],
  writesMin: 2,
  steps: [
    { act: webService, reached: (world) => readyInSlices(world) === 2 },
    { act: lessOne, reached: (world) => readyInSlices(world) === 1 && inSlices(world) === 1 },
  ],
};
const inSlices = (world: World): number =>
  world.of(ENDPOINT_SLICES).flatMap(({ endpoints }) => endpoints ?? []).length;
const readyInSlices = (world: World): number =>
  world
    .of(ENDPOINT_SLICES)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready === true).length;

const mirrored = (world: World, ips: readonly string[]): boolean => {
  const seen = world
    .of(ENDPOINT_SLICES)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ addresses }) => addresses);
  return seen.length === ips.length && ips.every((ip) => seen.includes(ip));
};
const subsets = (...all: readonly { readonly ip: string; readonly port: number }[]) =>
  all.map(({ ip, port }) => ({ addresses: [{ ip }], ports: [{ port }] }));
const endpointSliceMirroring: Scenario = {
  kinds: [ENDPOINT_SLICES],
  writesMin: 4,
  steps: [
    {
      act: async (world) => {
        await create(world, SERVICES, { name: "outside", spec: { ports: [{ port: 80 }] } });
        await create(world, ENDPOINTS, {
          name: "outside",
          subsets: subsets({ ip: "192.0.2.1", port: 80 }, { ip: "192.0.2.2", port: 81 }),
        });
      },
      reached: (world) => mirrored(world, ["192.0.2.1", "192.0.2.2"]),
    },
    {
      act: (world) =>
        merge(world, ENDPOINTS, {
          name: "outside",
          patch: { subsets: subsets({ ip: "192.0.2.3", port: 80 }) },
        }),
      reached: (world) => mirrored(world, ["192.0.2.3"]),
    },
  ],
};

const endpoints: Scenario = {
  kinds: [ENDPOINTS],
  writesMin: 2,
  steps: [
    { act: webService, reached: (world) => addresses(world) === 2 },
    { act: lessOne, reached: (world) => addresses(world) === 1 },
  ],
};
const addresses = (world: World): number => {
  const subsets = world.of(ENDPOINTS)[0]?.subsets ?? [];
  if (subsets.some(({ notReadyAddresses = [] }) => notReadyAddresses.length > 0)) return -1;
  return subsets.flatMap((subset) => subset.addresses ?? []).length;
};

const namespace: Scenario = {
  kinds: [NAMESPACES, CONFIG_MAPS, PODS],
  writesMin: 4,
  steps: [
    {
      act: async (world) => {
        await create(world, CONFIG_MAPS, { name: "one" });
        await world.admin.resource(PODS).create(barePod(world, "p1"));
        await world.admin.resource(NAMESPACES).delete(world.name);
      },
      reached: (world) => world.objects().length === 0,
    },
  ],
};

const serviceAccount: Scenario = {
  kinds: [SERVICE_ACCOUNTS],
  writesMin: 2,
  steps: [
    { act: async () => {}, reached: (world) => world.of(SERVICE_ACCOUNTS).length === 1 },
    {
      act: async (world) => {
        const [account] = world.of(SERVICE_ACCOUNTS);
        await world.admin
          .resource(SERVICE_ACCOUNTS)
          .delete("default", { namespace: world.name, uid: account?.metadata.uid ?? "" });
        const { uid } = account?.metadata ?? {};
        await world.until(
          () => world.of(SERVICE_ACCOUNTS).every(({ metadata }) => metadata.uid !== uid),
          5_000,
        );
      },
      reached: (world) => world.of(SERVICE_ACCOUNTS).length === 1,
    },
  ],
};

const tokenSecrets = (world: World) =>
  world.of(SECRETS).filter(({ data }) => data?.["token"] !== undefined);
const serviceAccountToken: Scenario = {
  kinds: [SECRETS, SERVICE_ACCOUNTS],
  writesMin: 3,
  steps: [
    {
      act: async (world) => {
        for (const name of ["builder", "other"]) await create(world, SERVICE_ACCOUNTS, { name });
        for (const name of ["builder", "other"])
          await create(world, SECRETS, {
            name,
            type: "kubernetes.io/service-account-token",
            metadata: { annotations: { "kubernetes.io/service-account.name": name } },
          });
      },
      reached: (world) => tokenSecrets(world).length === 2,
    },
    {
      act: (world) =>
        world.admin.resource(SERVICE_ACCOUNTS).delete("other", { namespace: world.name }),
      reached: (world) => world.of(SECRETS).length === 1,
    },
  ],
};

const roleAggregation: Scenario = {
  kinds: [CLUSTER_ROLES],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        const labels = { part: world.name };
        const clusterRoleSelectors = [{ matchLabels: labels }];
        await create(world, CLUSTER_ROLES, {
          name: "all",
          rules: [],
          aggregationRule: { clusterRoleSelectors },
        });
        await create(world, CLUSTER_ROLES, { name: "part", metadata: { labels }, rules });
      },
      reached: (world) => aggregated(world) === 1,
    },
    {
      act: (world) =>
        merge(world, CLUSTER_ROLES, { name: "part", patch: { rules: [...rules, ...rules2] } }),
      reached: (world) => aggregated(world) === 2,
    },
  ],
};
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const rules2 = [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }];
const aggregated = (world: World): number =>
  world.of(CLUSTER_ROLES).find(({ aggregationRule }) => aggregationRule !== undefined)?.rules
    ?.length ?? 0;

const rootCa: Scenario = {
  kinds: [CONFIG_MAPS],
  writesMin: 2,
  steps: [
    { act: async () => {}, reached: (world) => hasRootCa(world) },
    {
      act: (world) =>
        merge(world, CONFIG_MAPS, { name: ROOT_CA_NAME, patch: { data: { "ca.crt": "none" } } }),
      reached: (world) => hasRootCa(world),
    },
  ],
};
const hasRootCa = (world: World): boolean =>
  world
    .of(CONFIG_MAPS)
    .some(({ metadata, data }) => metadata.name === ROOT_CA_NAME && data?.["ca.crt"] !== "none");

const podGc: Scenario = {
  kinds: [PODS],
  clock: hastyClock,
  writesMin: 3,
  steps: [
    {
      act: async (world) => {
        await create(world, NODES, { name: "a", spec: {} });
        for (const name of ["p1", "p2"]) await podOnNode(world, name);
        await world.admin.resource(NODES).delete(nodeNamed(world));
      },
      reached: (world) => world.of(PODS).length === 0,
    },
  ],
};

const taintEviction: Scenario = {
  events: ["Normal TaintManagerEviction"],
  kinds: [PODS],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        await create(world, NODES, { name: "a", spec: {} });
        for (const name of ["p1", "p2"]) await podOnNode(world, name);
        await world.until(
          () => world.of(PODS).filter(({ status }) => status?.phase === "Running").length === 2,
          5_000,
        );
        await merge(world, NODES, { name: "a", patch: { spec: { taints: [taint] } } });
      },
      reached: (world) => world.of(PODS).length === 0,
    },
  ],
};

const nodeLifecycle: Scenario = {
  events: ["Warning NodeNotReady"],
  kinds: [NODES, PODS],
  clock: hastyClock,
  writesMin: 4,
  steps: [
    {
      act: async (world) => {
        await create(world, NODES, { name: "a", spec: {} });
        const { metadata, ...rest } = barePod(world, "p1", { nodeName: nodeNamed(world) });
        const labels = { left: "alone" };
        await world.admin.resource(PODS).create({ ...rest, metadata: { ...metadata, labels } });
      },
      reached: (world) => {
        const [node] = world.of(NODES);
        const ready = world.of(PODS)[0]?.status?.conditions?.find(({ type }) => type === "Ready");
        return (
          ready?.status === "False" &&
          (node?.spec.taints ?? []).length === 1 &&
          (node?.status?.conditions ?? []).length === 4
        );
      },
    },
  ],
};

const ttl: Scenario = {
  kinds: [NODES],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        for (const name of ["a", "b"]) await create(world, NODES, { name, spec: {} });
      },
      reached: (world) =>
        world.of(NODES).length === 2 &&
        world.of(NODES).every(({ metadata }) => metadata.annotations?.[TTL] === "0"),
    },
  ],
};

const nodeIpam: Scenario = {
  kinds: [NODES],
  writesMin: 2,
  steps: [
    {
      act: (world) => create(world, NODES, { name: "a", spec: {} }),
      reached: (world) => world.of(NODES).every(({ spec }) => spec.podCIDR !== undefined),
    },
    {
      act: (world) => create(world, NODES, { name: "b", spec: {} }),
      reached: (world) =>
        world.of(NODES).length === 2 &&
        world.of(NODES).every(({ spec }) => spec.podCIDR !== undefined),
    },
  ],
};

const ownedBy = async (world: World, name: string, owner: string): Promise<void> => {
  const { metadata } = await world.admin
    .resource(CONFIG_MAPS)
    .get(owner, { namespace: world.name });
  const { uid } = metadata;
  const reference = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: owner,
    uid,
    blockOwnerDeletion: true,
  };
  await create(world, CONFIG_MAPS, { name, metadata: { ownerReferences: [reference] } });
};
const remove = (
  world: World,
  name: string,
  propagationPolicy: "Foreground" | "Background" | "Orphan",
): Promise<void> =>
  world.admin.resource(CONFIG_MAPS).delete(name, { namespace: world.name, propagationPolicy });

const garbageCollector: Scenario = {
  kinds: [CONFIG_MAPS],
  writesMin: 8,
  steps: [
    {
      act: async (world) => {
        for (const owner of ["kept", "awaited", "lost"]) {
          await create(world, CONFIG_MAPS, { name: owner });
          for (const child of ["a", "b"]) await ownedBy(world, `${child}-of-${owner}`, owner);
        }
        await remove(world, "kept", "Orphan");
        await remove(world, "awaited", "Foreground");
        await remove(world, "lost", "Background");
      },
      reached: (world) => {
        const left = world.of(CONFIG_MAPS);
        return (
          left.length === 2 &&
          left.every(
            ({ metadata: { name, ownerReferences = [] } }) =>
              name.endsWith("-of-kept") && ownerReferences.length === 0,
          )
        );
      },
    },
  ],
};

/** The kind of the world's own definition. */
const gadgets = (world: World) => ({
  group: "example.com",
  version: "v1",
  kind: "Gadget",
  plural: `${world.name}-gadgets`,
  namespaced: true,
});

const customResourceFinalizer: Scenario = {
  kinds: [CUSTOM_RESOURCE_DEFINITIONS],
  writesMin: 4,
  steps: [
    {
      act: async (world) => {
        const { admin, name } = world;
        const schema = { openAPIV3Schema: { type: "object" } };
        await admin.resource(CUSTOM_RESOURCE_DEFINITIONS).create({
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: `${name}-gadgets.example.com` },
          spec: {
            group: "example.com",
            names: { plural: `${name}-gadgets`, kind: "Gadget" },
            scope: "Namespaced",
            versions: [{ name: "v1", served: true, storage: true, schema }],
          },
        });
        for (const one of ["a", "b"]) await create(world, gadgets(world), { name: one });
      },
      reached: (world) => world.of(CUSTOM_RESOURCE_DEFINITIONS).length === 1,
    },
    {
      act: ({ admin, name }) =>
        admin.resource(CUSTOM_RESOURCE_DEFINITIONS).delete(`${name}-gadgets.example.com`),
      reached: (world) => world.of(CUSTOM_RESOURCE_DEFINITIONS).length === 0,
    },
  ],
};

/** Loops that look after the cluster. */
export const clusterScenarios = {
  "resourcequota-controller": resourceQuota,
  "endpointslice-controller": endpointSlice,
  "endpointslice-mirroring-controller": endpointSliceMirroring,
  "endpoints-controller": endpoints,
  "namespace-controller": namespace,
  "serviceaccount-controller": serviceAccount,
  "serviceaccount-token-controller": serviceAccountToken,
  "clusterrole-aggregation-controller": roleAggregation,
  "root-ca-certificate-publisher-controller": rootCa,
  "pod-garbage-collector-controller": podGc,
  "taint-eviction-controller": taintEviction,
  "node-lifecycle-controller": nodeLifecycle,
  ...CERTIFICATE_SCENARIOS,
  "ttl-controller": ttl,
  "node-ipam-controller": nodeIpam,
  "custom-resource-finalizer": customResourceFinalizer,
  "garbage-collector-controller": garbageCollector,
} as const;
