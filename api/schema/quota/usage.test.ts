import t from "tap";
import { formatQuantity } from "../../machinery/quantity.js";
import type { Pod, ResourceQuota, Service } from "../types/core-v1.gen.js";
import type { KubernetesObject } from "../wire-types.js";
import { isInScope } from "./scopes.js";
import { countedBy, usageOf } from "./usage.js";

const NOW_MS = Date.parse("2026-01-02T12:00:00Z");
const meta = { name: "x", namespace: "n", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const pod = (spec: object = {}, status: object = {}, more: object = {}): Pod =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...meta, ...more },
    spec: { containers: [{ name: "c" }], ...spec },
    status,
  }) as unknown as Pod;
const used = (resource: string, object: KubernetesObject, group = ""): Record<string, string> => {
  const usage = usageOf({ group, resource }, object, NOW_MS);
  return Object.fromEntries([...usage].map(([name, amount]) => [name, formatQuantity(amount)]));
};
const asking = (requests: object, limits: object = {}): object => ({
  name: "c",
  resources: { requests, limits },
});

void t.test("what a pod takes", (t) => {
  t.strictSame(used("pods", pod()), { "count/pods": "1", pods: "1" });
  const both = pod({
    containers: [asking({ cpu: "100m", memory: "1Gi" }, { cpu: "1" }), asking({ cpu: "200m" })],
    initContainers: [asking({ cpu: "1", "example.com/gpu": "2" })],
    overhead: { cpu: "10m" },
  });
  t.strictSame(used("pods", both), {
    "count/pods": "1",
    pods: "1",
    cpu: "1010m",
    "requests.cpu": "1010m",
    memory: "1Gi",
    "requests.memory": "1Gi",
    "requests.example.com/gpu": "2",
    "limits.cpu": "1010m",
  });
  t.strictSame(used("pods", pod({}, { phase: "Succeeded" })), { "count/pods": "1" });
  const stuck = { deletionTimestamp: "2026-01-02T11:59:00Z" };
  t.strictSame(used("pods", pod({}, {}, stuck)), { "count/pods": "1" }, "its grace is over");
  t.end();
});

void t.test("what services, claims and all others take", (t) => {
  const service = (spec: object): Service =>
    ({ apiVersion: "v1", kind: "Service", metadata: meta, spec }) as unknown as Service;
  const ports = [{ port: 1 }, { port: 2, nodePort: 30_000 }];
  const one = { "count/services": "1", services: "1" };
  t.strictSame(used("services", service({ type: "ClusterIP", ports })), one);
  const node = { ...one, "services.nodeports": "2" };
  t.strictSame(used("services", service({ type: "NodePort", ports })), node);
  const spec = { type: "LoadBalancer", ports, allocateLoadBalancerNodePorts: false };
  const balanced = { ...one, "services.loadbalancers": "1", "services.nodeports": "1" };
  t.strictSame(used("services", service(spec)), balanced);
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: meta,
    spec: { resources: { requests: { storage: "5Gi" } }, storageClassName: "gold" },
  } as KubernetesObject;
  t.strictSame(used("persistentvolumeclaims", claim), {
    "count/persistentvolumeclaims": "1",
    persistentvolumeclaims: "1",
    "requests.storage": "5Gi",
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
    "gold.storageclass.storage.k8s.io/requests.storage": "5Gi",
  });
  const shrunk = { ...claim, status: { allocatedResources: { storage: "9Gi" } } };
  t.equal(used("persistentvolumeclaims", shrunk)["requests.storage"], "9Gi", "set aside for it");
  const old = { "volume.beta.kubernetes.io/storage-class": "old" };
  const annotated = { ...claim, metadata: { ...meta, annotations: old } };
  const name = "old.storageclass.storage.k8s.io/requests.storage";
  t.equal(used("persistentvolumeclaims", annotated)[name], "5Gi");
  t.strictSame(used("deployments", pod(), "apps"), { "count/deployments.apps": "1" });
  t.end();
});

void t.test("whose objects a name counts", (t) => {
  const of = (name: string): string => {
    const { group, resource } = countedBy(name);
    return `${resource}/${group}`;
  };
  t.strictSame(
    ["limits.cpu", "secrets", "services.nodeports", "requests.storage", "count/jobs.batch"].map(of),
    ["pods/", "secrets/", "services/", "persistentvolumeclaims/", "jobs/batch"],
  );
  t.end();
});

const reaching = {
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "k", namespaces: ["o"] }],
    },
  },
};
const SCOPES: readonly [scope: string, inside: Pod, outside: Pod][] = [
  ["Terminating", pod({ activeDeadlineSeconds: 5 }), pod()],
  ["NotTerminating", pod(), pod({ activeDeadlineSeconds: 5 })],
  ["BestEffort", pod({}, { qosClass: "BestEffort" }), pod({}, { qosClass: "Burstable" })],
  ["NotBestEffort", pod({}, { qosClass: "Burstable" }), pod({}, { qosClass: "BestEffort" })],
  ["PriorityClass", pod({ priorityClassName: "high" }), pod()],
  ["CrossNamespacePodAffinity", pod(reaching), pod()],
];

void t.test("scopes", (t) => {
  const quota = (spec: ResourceQuota["spec"]): ResourceQuota => {
    return { apiVersion: "v1", kind: "ResourceQuota", metadata: meta, spec };
  };
  const pods = { group: "", resource: "pods" };
  for (const [scope, inside, outside] of SCOPES) {
    t.ok(isInScope(quota({ scopes: [scope] }), pods, inside), scope);
    t.notOk(isInScope(quota({ scopes: [scope] }), pods, outside), `not ${scope}`);
  }
  const selector = (operator: string, values: string[]) =>
    quota({
      scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, values }] },
    });
  const high = pod({ priorityClassName: "high" });
  t.ok(isInScope(selector("In", ["high"]), pods, high));
  t.notOk(isInScope(selector("NotIn", ["high"]), pods, high));
  t.ok(isInScope(selector("NotIn", ["high"]), pods, pod()));
  t.ok(isInScope(selector("DoesNotExist", []), pods, pod()));
  const secrets = { group: "", resource: "secrets" };
  t.notOk(isInScope(quota({ scopes: ["BestEffort"] }), secrets, pod()), "only pods have scopes");
  t.ok(isInScope(quota({}), secrets, pod()));
  t.end();
});

void t.test("claims are in scope by the class they want, have or are getting", (t) => {
  const claim = (wanted: object, status: object): KubernetesObject =>
    ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: meta,
      spec: wanted,
      status,
    }) as KubernetesObject;
  const wants = { volumeAttributesClassName: "gold" };
  const has = { currentVolumeAttributesClassName: "gold" };
  const gets = {
    modifyVolumeStatus: { status: "InProgress", targetVolumeAttributesClassName: "gold" },
  };
  const silver = { volumeAttributesClassName: "silver" };
  const cases: readonly [operator: string, claim: KubernetesObject, inside: boolean][] = [
    ["Exists", claim({}, {}), false],
    ["Exists", claim(wants, {}), true],
    ["Exists", claim({}, has), true],
    ["DoesNotExist", claim({}, {}), true],
    ["DoesNotExist", claim({}, has), false],
    ["In", claim(wants, {}), true],
    ["In", claim(silver, {}), false],
    ["In", claim(silver, has), true],
    ["In", claim(silver, gets), true],
    ["NotIn", claim({}, {}), true],
    ["NotIn", claim(wants, {}), false],
    ["NotIn", claim(silver, has), true],
  ];
  for (const [operator, of, inside] of cases) {
    const values = operator.endsWith("In") ? ["gold"] : [];
    const requirement = { scopeName: "VolumeAttributesClass", operator, values };
    const spec = { scopeSelector: { matchExpressions: [requirement] } };
    const quota: ResourceQuota = { apiVersion: "v1", kind: "ResourceQuota", metadata: meta, spec };
    const claims = { group: "", resource: "persistentvolumeclaims" };
    t.equal(isInScope(quota, claims, of), inside, `${operator} ${JSON.stringify(of)}`);
    t.notOk(isInScope(quota, { group: "", resource: "pods" }, pod()), "no pod has such a class");
  }
  t.end();
});
