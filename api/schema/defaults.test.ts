import t from "tap";
import { present } from "../../base/assert.js";
import { decodeValue } from "./decode.js";
import { applyDefaults } from "./defaults.js";
import { SERVED_KINDS } from "./kinds.js";
import { validateStructure } from "./structural-validation.js";
import type { JsonObject, JsonValue } from "./wire-types.js";

function defaulted(kind: string, value: JsonObject): JsonObject {
  const info = present(
    SERVED_KINDS.find((candidate) => candidate.kind === kind),
    kind,
  );
  const { object } = decodeValue(value, info.typeName);
  const before = JSON.stringify(object);
  const out = applyDefaults(info, object);
  if (JSON.stringify(object) !== before) throw new Error("the object was changed");
  if (JSON.stringify(applyDefaults(info, out)) !== JSON.stringify(out))
    throw new Error("applied twice is not the same as once");
  return out;
}

function podWith(spec: JsonObject): JsonObject {
  return defaulted("Pod", { spec }).spec as JsonObject;
}

function firstContainer(container: JsonObject, spec: JsonObject = {}): JsonObject {
  const containers = podWith({ ...spec, containers: [container] }).containers;
  return (containers as readonly JsonObject[])[0] ?? {};
}

t.test("a Deployment", (t) => {
  t.strictSame(
    defaulted("Deployment", {
      spec: { selector: {}, template: { spec: { containers: [{ name: "a", image: "nginx:1" }] } } },
    }),
    {
      metadata: {},
      spec: {
        replicas: 1,
        selector: {},
        template: {
          metadata: {},
          spec: {
            containers: [
              {
                name: "a",
                image: "nginx:1",
                imagePullPolicy: "IfNotPresent",
                resources: {},
                terminationMessagePath: "/dev/termination-log",
                terminationMessagePolicy: "File",
              },
            ],
            dnsPolicy: "ClusterFirst",
            restartPolicy: "Always",
            schedulerName: "default-scheduler",
            securityContext: {},
            terminationGracePeriodSeconds: 30,
          },
        },
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
        },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {},
    },
  );
  const recreate = defaulted("Deployment", { spec: { strategy: { type: "Recreate" } } });
  t.match(recreate.spec, { strategy: { type: "Recreate" } });
  t.notMatch(recreate.spec, { strategy: { rollingUpdate: {} } });
  const half = defaulted("Deployment", { spec: { strategy: { rollingUpdate: { maxSurge: 0 } } } });
  t.match(half.spec, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "25%" } } });
  t.end();
});

t.test("the pull policy follows the tag", (t) => {
  const digest = `sha256:${"0".repeat(64)}`;
  const table: readonly (readonly [string, string])[] = [
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["nginx:1.7.9", "IfNotPresent"],
    ["registry.local:5000/a/b", "Always"],
    ["registry.local:5000/a/b:1", "IfNotPresent"],
    [`nginx@${digest}`, "IfNotPresent"],
    [`nginx:latest@${digest}`, "Always"],
    ["Not An Image", "IfNotPresent"],
    ["", "IfNotPresent"],
  ];
  for (const [image, expected] of table)
    t.equal(firstContainer({ image }).imagePullPolicy, expected, image);
  t.equal(firstContainer({ image: "x", imagePullPolicy: "Never" }).imagePullPolicy, "Never");
  t.end();
});

t.test("a Pod's containers", (t) => {
  const limits = { cpu: "1", memory: "64Mi" };
  t.match(firstContainer({ resources: { limits, requests: { cpu: "500m" } } }), {
    resources: { limits, requests: { cpu: "500m", memory: "64Mi" } },
  });
  t.match(firstContainer({ resources: { requests: { cpu: "0.0001" } } }), {
    resources: { requests: { cpu: "1m" } },
  });
  t.match(firstContainer({ ports: [{ containerPort: 80 }] }, { hostNetwork: true }), {
    ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }],
  });
  t.notMatch(firstContainer({ ports: [{ containerPort: 80 }] }), { ports: [{ hostPort: 80 }] });
  t.match(firstContainer({ livenessProbe: { httpGet: { port: 80 } } }), {
    livenessProbe: {
      httpGet: { path: "/", port: 80, scheme: "HTTP" },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
  });
  t.match(firstContainer({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "x" } } }] }), {
    env: [{ valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "x" } } }],
  });
  t.end();
});

t.test("a Pod", (t) => {
  t.match(podWith({ serviceAccount: "a" }), { serviceAccount: "a", serviceAccountName: "a" });
  t.match(podWith({ serviceAccount: "a", serviceAccountName: "b" }), { serviceAccount: "b" });
  t.equal(podWith({}).enableServiceLinks, true);
  t.equal(podWith({ enableServiceLinks: false }).enableServiceLinks, false);
  const volumes: readonly (readonly [JsonObject, JsonValue])[] = [
    [{ name: "v" }, { emptyDir: {} }],
    [{ name: "v", configMap: { name: "c" } }, { configMap: { name: "c", defaultMode: 420 } }],
    [{ name: "v", secret: { secretName: "c" } }, { secret: { defaultMode: 420 } }],
    [{ name: "v", hostPath: { path: "/a" } }, { hostPath: { path: "/a", type: "" } }],
    [
      { name: "v", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
      {
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { expirationSeconds: 3600 } }],
        },
      },
    ],
  ];
  for (const [volume, expected] of volumes)
    t.match((podWith({ volumes: [volume] }).volumes as readonly JsonValue[])[0], expected);
  t.end();
});

t.test("a Service", (t) => {
  const spec = (value: JsonObject) => defaulted("Service", { spec: value }).spec;
  t.strictSame(spec({ ports: [{ port: 80 }] }), {
    ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    sessionAffinity: "None",
    type: "ClusterIP",
    internalTrafficPolicy: "Cluster",
    ipFamilyPolicy: "SingleStack",
  });
  t.match(spec({ type: "NodePort" }), { externalTrafficPolicy: "Cluster" });
  t.match(spec({ externalIPs: ["1.2.3.4"] }), { externalTrafficPolicy: "Cluster" });
  t.match(spec({ type: "LoadBalancer" }), { allocateLoadBalancerNodePorts: true });
  t.match(spec({ sessionAffinity: "ClientIP" }), {
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
  });
  t.strictSame(spec({ type: "ExternalName", externalName: "a.b" }), {
    type: "ExternalName",
    externalName: "a.b",
    sessionAffinity: "None",
  });
  const balancer = defaulted("Service", {
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }, { hostname: "a" }] } },
  });
  t.strictSame(balancer.status, {
    loadBalancer: { ingress: [{ ip: "1.2.3.4", ipMode: "VIP" }, { hostname: "a" }] },
  });
  t.end();
});

t.test("other kinds", (t) => {
  t.match(defaulted("Namespace", { metadata: { name: "a" } }), {
    metadata: { labels: { "kubernetes.io/metadata.name": "a" } },
    status: { phase: "Active" },
  });
  t.strictSame(defaulted("Namespace", {}).metadata, {}, "a name that is still to be made");
  t.match(defaulted("Secret", {}), { type: "Opaque" });
  t.match(defaulted("Node", { status: { capacity: { cpu: "2" } } }), {
    status: { allocatable: { cpu: "2" } },
  });
  t.match(defaulted("EndpointSlice", { ports: [{ port: 80 }] }), {
    ports: [{ name: "", port: 80, protocol: "TCP" }],
  });
  t.match(defaulted("Endpoints", { subsets: [{ ports: [{ port: 80 }] }] }), {
    subsets: [{ ports: [{ protocol: "TCP" }] }],
  });
  t.match(defaulted("ReplicaSet", {}), { spec: { replicas: 1 }, status: { replicas: 0 } });
  t.strictSame(defaulted("Lease", {}), { metadata: {}, spec: {} });
  t.end();
});

t.test("required fields are there, or reported", (t) => {
  const errors = (kind: string, value: JsonObject) => {
    const info = present(
      SERVED_KINDS.find((candidate) => candidate.kind === kind),
      kind,
    );
    return validateStructure(info.typeName, defaulted(kind, value));
  };
  t.match(errors("Deployment", {}), [{ type: "FieldValueRequired", field: "spec.selector" }]);
  t.strictSame(errors("Deployment", { spec: { selector: {} } }), []);
  t.strictSame(errors("Pod", {}), []);
  t.match(podWith({ volumes: [{ name: "v", scaleIO: {} }] }), {
    volumes: [{ scaleIO: { gateway: "", system: "" } }],
  });
  t.match(errors("Pod", { spec: { volumes: [{ name: "v", scaleIO: {} }] } }), [
    { field: "spec.volumes[0].scaleIO.secretRef" },
  ]);
  t.match(firstContainer({ env: [{}], ports: [{}] }), {
    name: "",
    env: [{ name: "" }],
    ports: [{ containerPort: 0 }],
  });
  t.end();
});
