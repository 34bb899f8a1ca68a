import t from "tap";
import { podRequests } from "../../api/schema/placement/resources.js";
import type { Container, Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { planResizeRoom } from "./admission.js";
import { EMPTY_RUNTIME, type ContainerRecord } from "./pod-runtime.js";
import {
  planContainerResizes,
  recalledActual,
  recalledAllocation,
  sameAllocation,
  sameResources,
  wantedAllocation,
  withAllocation,
} from "./resize.js";

const asking = (cpu: string, memory = "1Gi") => ({ requests: { cpu, memory } });
const metadata = { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const pod = (resources: object, more: Partial<Container> = {}, status: object = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata,
  spec: { containers: [{ name: "c", image: "i", resources, ...more } as Container] },
  status,
});
const record = { id: "1", name: "c", state: "running" } as ContainerRecord;
const runtime = { ...EMPTY_RUNTIME, containers: [record] };

void t.test("what counts as a change", (t) => {
  t.ok(sameResources(asking("1"), asking("1000m")), "however it is written");
  t.notOk(sameResources(asking("1"), asking("2")));
  t.notOk(sameResources(asking("1"), { ...asking("1"), limits: { cpu: "1" } }));
  t.end();
});

void t.test("what an earlier agent has set aside is read from the status", (t) => {
  const status = {
    name: "c",
    containerID: "containerd://1",
    allocatedResources: asking("2").requests,
    resources: asking("1"),
  };
  const grown = pod(asking("3"), {}, { containerStatuses: [status] });
  t.same(recalledAllocation(grown).get("c"), asking("2"));
  t.same(recalledActual(grown).get("1"), asking("1"));
  t.ok(sameAllocation(recalledAllocation(pod(asking("3"))), wantedAllocation(pod(asking("3")))));
  const dressed = withAllocation(grown, recalledAllocation(grown));
  t.same(dressed.spec.containers[0]?.resources, asking("2"));
  t.equal(withAllocation(grown, wantedAllocation(grown)), grown);
  t.end();
});

void t.test("which containers have to change, and how", (t) => {
  const actual = new Map([["1", asking("1")]]);
  const plan = (resources: object, policies: object[] = []) =>
    planContainerResizes(
      pod(resources, { resizePolicy: policies as Container["resizePolicy"] & object }),
      runtime,
      actual,
    ).map(({ container, restart }) => [container.name, restart]);
  const restartFor = (resourceName: string) => ({
    resourceName,
    restartPolicy: "RestartContainer",
  });
  t.same(plan(asking("1")), []);
  t.same(plan(asking("2")), [["c", false]]);
  t.same(plan(asking("2"), [restartFor("memory")]), [["c", false]]);
  t.same(plan(asking("2"), [restartFor("cpu")]), [["c", true]]);
  t.same(planContainerResizes(pod(asking("2")), EMPTY_RUNTIME, actual), []);
  t.end();
});

void t.test("init containers change while they run", (t) => {
  const inits = (cpu: string): Pod => {
    const initContainers = ["first", "side"].map(
      (name): Container =>
        ({
          name,
          image: "i",
          resources: asking(cpu),
          ...(name === "side" ? { restartPolicy: "Always" } : {}),
        }) as Container,
    );
    return { ...pod(asking("1")), spec: { ...pod(asking("1")).spec, initContainers } };
  };
  const actual = new Map(["first", "side"].map((id) => [id, asking("1")]));
  const resized = (states: Readonly<Record<string, string>>) => {
    const containers = Object.entries(states).map(
      ([name, state]) => ({ id: name, name, state }) as ContainerRecord,
    );
    const plan = planContainerResizes(inits("2"), { ...EMPTY_RUNTIME, containers }, actual);
    return plan.map(({ container }) => container.name);
  };
  t.same(resized({ first: "running" }), ["first"]);
  t.same(resized({ first: "exited", side: "running" }), ["side"], "what has ended needs nothing");
  t.notOk(sameAllocation(wantedAllocation(inits("1")), wantedAllocation(inits("2"))));
  const dressed = withAllocation(inits("2"), wantedAllocation(inits("1")));
  t.same(dressed.spec.initContainers?.[0]?.resources, asking("1"));
  t.end();
});

void t.test("what a pod is counted with meanwhile", (t) => {
  const statuses = { containerStatuses: [{ name: "c", allocatedResources: asking("2").requests }] };
  const cpu = (resources: object, status: object): number =>
    podRequests(pod(resources, {}, status)).milliCpu;
  t.equal(cpu(asking("3"), statuses), 3000, "it may be given what it asks for at any moment");
  t.equal(cpu(asking("1"), statuses), 2000, "it still has what it had");
  const never = { conditions: [{ type: "PodResizePending", reason: "Infeasible" }] };
  t.equal(cpu(asking("3"), { ...statuses, ...never }), 2000, "it will not get it here");
  const withInit = (status: object): Pod => {
    const one = pod(asking("1"), {}, status);
    const init = { name: "first", image: "i", resources: asking("2") } as Container;
    return { ...one, spec: { ...one.spec, initContainers: [init] } };
  };
  const initContainerStatuses = [{ name: "first", allocatedResources: asking("5").requests }];
  t.equal(podRequests(withInit({})).milliCpu, 2000);
  t.equal(podRequests(withInit({ initContainerStatuses })).milliCpu, 5000, "init containers too");
  t.end();
});

void t.test("whether there is room", (t) => {
  const allocatable = { cpu: "4", memory: "8Gi", pods: "1" };
  const node = { metadata, spec: {}, status: { allocatable } } as unknown as Node;
  t.equal(planResizeRoom(pod(asking("4")), node, []), null);
  t.same(planResizeRoom(pod(asking("5")), node, []), {
    reason: "Infeasible",
    message: "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
  });
  const told = { conditions: [{ type: "PodResizePending", reason: "Infeasible" }] };
  const statuses = [{ name: "c", allocatedResources: asking("1").requests }];
  const again = pod(asking("5"), {}, { ...told, containerStatuses: statuses });
  t.equal(planResizeRoom(again, node, [])?.reason, "Infeasible", "also when it was told so");
  const roomy = { ...node, status: { allocatable: { ...allocatable, pods: "9" } } };
  t.same(planResizeRoom(pod(asking("3")), roomy, [pod(asking("2"))]), {
    reason: "Deferred",
    message: "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000",
  });
  t.end();
});
