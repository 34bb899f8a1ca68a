import t from "tap";
import { fieldErrorBody } from "../../../api/machinery/field-errors.js";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { JsonObject } from "../../../api/schema/wire-types.js";
import { identified, TEST_CONTEXT } from "../test-objects.js";
import type { Subresource } from "../strategy.js";
import { podStrategy } from "./pod-strategy.js";
import { qosClassOf } from "./qos-class.js";

function pod(spec: JsonObject = {}, container: JsonObject = {}): Pod {
  const manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { containers: [{ name: "c", image: "a", ...container }], ...spec },
  };
  return podStrategy.prepareForCreate(identified<Pod>(manifest), TEST_CONTEXT);
}

/** What is wrong with the change, as `field: message`, the first line of each. */
function faults(next: Pod, old: Pod, subresource: Subresource = ""): readonly string[] {
  const prepared = podStrategy.prepareForUpdate(next, old, subresource, TEST_CONTEXT);
  return podStrategy
    .validateUpdate(prepared, old, subresource)
    .map((error) => `${error.field}: ${fieldErrorBody(error).split("\n")[0] ?? ""}`);
}

void t.test("a new pod is Pending and has its QoS class", (t) => {
  const created = pod({ schedulingGates: [{ name: "g" }] });
  t.equal(created.metadata.generation, 1);
  t.equal(created.status?.phase, "Pending");
  t.equal(created.status?.qosClass, "BestEffort");
  t.match(created.status?.conditions, [{ type: "PodScheduled", reason: "SchedulingGated" }]);
  t.end();
});

void t.test("QoS classes", (t) => {
  const both = { cpu: "100m", memory: "1Gi" };
  t.equal(qosClassOf(pod({}, { resources: { limits: both } }).spec), "Guaranteed");
  const equal = { limits: both, requests: { cpu: "0.1", memory: "1024Mi" } };
  t.equal(qosClassOf(pod({}, { resources: equal }).spec), "Guaranteed");
  t.equal(qosClassOf(pod({}, { resources: { limits: { cpu: "1" } } }).spec), "Burstable");
  t.equal(qosClassOf(pod({}, { resources: { requests: { memory: "1" } } }).spec), "Burstable");
  t.equal(qosClassOf(pod().spec), "BestEffort");
  t.end();
});

void t.test("images, deadlines and tolerations may change, and the generation grows", (t) => {
  const old = pod();
  const [container] = old.spec.containers;
  const next: Pod = {
    ...old,
    spec: {
      ...old.spec,
      containers: [{ ...container, name: "c", image: "b" }],
      activeDeadlineSeconds: 60,
      tolerations: [{ key: "k", operator: "Exists" }],
    },
  };
  t.same(faults(next, old), []);
  const prepared = podStrategy.prepareForUpdate(next, old, "", TEST_CONTEXT);
  t.equal(prepared.metadata.generation, 2);
  t.end();
});

void t.test("nothing else may", (t) => {
  const old = pod({ nodeName: "n1" });
  const long =
    "spec: Forbidden: pod updates may not change fields other than " +
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
    "`spec.tolerations` (only additions to existing tolerations)," +
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
  t.same(faults({ ...old, spec: { ...old.spec, nodeName: "n2" } }, old), [long]);
  const env = [{ name: "A", value: "b" }];
  t.same(faults(pod({ nodeName: "n1" }, { env }), old), [long]);
  const more = { ...old.spec, containers: [...old.spec.containers, ...old.spec.containers] };
  t.ok(
    faults({ ...old, spec: more }, old).includes(
      "spec.containers: Forbidden: pod updates may not add or remove containers",
    ),
  );
  t.end();
});

void t.test("a client that drops zero values changes nothing", (t) => {
  const old = pod({ hostNetwork: false, nodeSelector: {}, volumes: [] });
  const { hostNetwork: _a, nodeSelector: _b, volumes: _c, ...spec } = old.spec;
  t.same(faults({ ...old, spec }, old), []);
  t.equal(
    podStrategy.prepareForUpdate({ ...old, spec }, old, "", TEST_CONTEXT).metadata.generation,
    1,
  );
  t.end();
});

void t.test("status keeps the spec, and what has ended stays ended", (t) => {
  const before = pod({ restartPolicy: "Never" });
  const ended = {
    name: "c",
    image: "a",
    imageID: "",
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode: 0 } },
  };
  const old: Pod = { ...before, status: { ...before.status, containerStatuses: [ended] } };
  const revived = { ...ended, state: { running: {} } };
  const next: Pod = {
    ...old,
    spec: { ...old.spec, nodeName: "elsewhere" },
    status: { phase: "Running", containerStatuses: [revived] },
  };
  const prepared = podStrategy.prepareForUpdate(next, old, "status", TEST_CONTEXT);
  t.same(prepared.spec, old.spec);
  t.equal(prepared.status?.qosClass, "BestEffort");
  t.same(faults(next, old, "status"), [
    "status.containerStatuses[0].state: Forbidden: " +
      "may not be transitioned to non-terminated state",
  ]);
  t.end();
});

void t.test("debugging containers come through their own path", (t) => {
  const old = pod();
  const debug = {
    name: "debug",
    image: "busybox",
    imagePullPolicy: "Always",
    terminationMessagePolicy: "File",
  };
  const next: Pod = {
    ...old,
    spec: { ...old.spec, nodeName: "ignored", ephemeralContainers: [debug] },
  };
  const prepared = podStrategy.prepareForUpdate(next, old, "ephemeralcontainers", TEST_CONTEXT);
  t.equal(prepared.spec.nodeName, undefined);
  t.same(prepared.spec.ephemeralContainers, [debug]);
  t.same(faults(next, old, "ephemeralcontainers"), []);
  t.same(faults(old, prepared, "ephemeralcontainers"), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed',
  ]);
  t.end();
});

void t.test("resources change through resize", (t) => {
  const old = pod({}, { resources: { requests: { cpu: "100m" } } });
  const wanted = (requests: { [name: string]: string }): Pod =>
    pod({}, { resources: { requests } });
  t.same(faults(wanted({ cpu: "200m" }), old, "resize"), []);
  t.ok(
    faults(wanted({}), old, "resize").includes(
      "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
    ),
  );
  const limited = (memory: string | undefined): Pod => {
    const requests = { memory: "16Mi" };
    const limits = memory === undefined ? {} : { limits: { memory } };
    return pod({}, { resources: { requests, ...limits } });
  };
  t.same(faults(limited("32Mi"), limited("64Mi"), "resize"), [], "the node looks what is used");
  t.same(faults(limited("32Mi"), limited(undefined), "resize"), []);
  t.ok(
    faults(limited(undefined), limited("32Mi"), "resize").includes(
      "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
    ),
  );
  t.end();
});

void t.test("resources of init containers change through resize too", (t) => {
  const withInit = (cpu: string, more: JsonObject = {}, extra: JsonObject = {}): Pod =>
    pod({
      initContainers: [
        { name: "i", image: "a", resources: { requests: { cpu, ...extra } }, ...more },
      ],
    });
  for (const more of [{}, { restartPolicy: "Always" }]) {
    t.same(faults(withInit("200m", more), withInit("100m", more), "resize"), []);
    const disk = { "ephemeral-storage": "1Gi" };
    t.match(faults(withInit("100m", more, disk), withInit("100m", more), "resize"), [
      "spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar " +
        "containers are mutable",
    ]);
  }
  const resizePolicy = [{ resourceName: "cpu", restartPolicy: "RestartContainer" }];
  const anew = (cpu: string, more: JsonObject = {}) => withInit(cpu, { resizePolicy, ...more });
  t.same(faults(anew("200m"), anew("100m"), "resize"), [
    "spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of " +
      "RestartContainer cannot be resized",
  ]);
  t.same(faults(anew("100m"), anew("100m"), "resize"), []);
  const sidecar = { restartPolicy: "Always" };
  t.same(faults(anew("200m", sidecar), anew("100m", sidecar), "resize"), []);
  t.end();
});

void t.test("grace periods", (t) => {
  const running = pod({ nodeName: "n1" });
  const grace = (object: Pod, requested: number | null) =>
    podStrategy.deletionGraceSeconds?.(object, requested);
  t.equal(grace(running, null), 30);
  t.equal(grace(running, 5), 5);
  t.equal(grace(running, 0), 0);
  t.equal(grace(pod(), null), 0, "no node runs it");
  t.equal(grace({ ...running, status: { phase: "Failed" } }, null), 0);
  const negative = pod({ terminationGracePeriodSeconds: -1 });
  const stored = podStrategy.prepareForCreate(negative, TEST_CONTEXT);
  t.equal(stored.spec.terminationGracePeriodSeconds, 1);
  const again = podStrategy.prepareForUpdate(negative, stored, "", TEST_CONTEXT);
  t.equal(again.spec.terminationGracePeriodSeconds, 1);
  t.same(faults(again, stored), [], "the same manifest can be applied again");
  t.end();
});

void t.test("warnings", (t) => {
  const old = pod(
    { nodeSelector: { "beta.kubernetes.io/os": "linux" }, imagePullSecrets: [{ name: "" }] },
    {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    },
  );
  t.same(podStrategy.warnings?.(old), [
    "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; " +
      'use "kubernetes.io/os" instead',
    'spec.imagePullSecrets[0].name: invalid empty name ""',
    'spec.containers[0].env[1]: hides previous definition of "A", ' +
      "which may be dropped when using apply",
  ]);
  t.end();
});

void t.test("label keys of affinity terms become part of their selectors", (t) => {
  const manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", labels: { release: "7" } },
    spec: {
      containers: [{ name: "c", image: "a" }],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              labelSelector: { matchLabels: { app: "web" } },
              matchLabelKeys: ["release", "absent"],
              topologyKey: "zone",
            },
          ],
        },
      },
    },
  };
  const created = podStrategy.prepareForCreate(identified<Pod>(manifest), TEST_CONTEXT);
  const terms = created.spec.affinity?.podAntiAffinity;
  t.same(terms?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector, {
    matchLabels: { app: "web" },
    matchExpressions: [{ key: "release", operator: "In", values: ["7"] }],
  });
  t.same(podStrategy.validate(created), []);
  t.end();
});
