import t from "tap";
import type { NodeStatus } from "../../api/schema/types/core-v1.gen.js";
import {
  newNode,
  type NodeDescription,
  nodeResources,
  nodeStatus,
  sameNodeStatus,
} from "./node-object.js";

const condition = (status: string, lastHeartbeatTime: string) => ({
  type: "Ready",
  status,
  reason: "KubeletReady",
  message: "kubelet is posting ready status",
  lastHeartbeatTime,
});
const status = (more: object): NodeStatus => ({ capacity: { pods: "110" }, ...more }) as NodeStatus;

t.test("what the server has already is not written again", async (t) => {
  const present = status({ conditions: [condition("True", "2026-11-29T10:00:00Z")] });
  const same = status({ conditions: [condition("True", "2026-11-29T10:00:10Z")] });
  t.ok(sameNodeStatus(same, present), "heartbeat times do not count");
  t.ok(sameNodeStatus({ ...same, images: [] }, present), "a list of nothing is not stored");
  t.ok(sameNodeStatus(same, { ...present, phase: "Running" }), "others say more");

  t.notOk(sameNodeStatus(same, undefined));
  t.notOk(sameNodeStatus({ ...same, images: [{ names: ["a:1"] }] }, present));
  t.notOk(sameNodeStatus({ ...same, images: [] }, { ...present, images: [{ names: ["a:1"] }] }));
  t.notOk(sameNodeStatus(status({ conditions: [condition("False", "")] }), present));
});

const DESCRIPTION: NodeDescription = {
  name: "n",
  address: "10.0.0.1",
  port: 10250,
  labels: {},
  taints: [],
  facts: {
    cpuMilli: 2000,
    memoryBytes: 1 << 30,
    ephemeralStorageBytes: 1 << 30,
    architecture: "amd64",
    operatingSystem: "linux",
    kernelVersion: "6",
    osImage: "Debian",
    machineId: "m",
    systemUuid: "s",
    bootId: "b",
  },
  version: "v1.36.3",
  runtimeVersion: "hollow://1",
  simulated: false,
  localVolumesDir: "/data",
  podsMax: 110,
  reserved: { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0 },
};

t.test("amounts are said as the server keeps them", async (t) => {
  const present = {
    cpu: "2",
    memory: "1Gi",
    "ephemeral-storage": "1Gi",
    pods: "110",
  };
  t.same(
    nodeResources(DESCRIPTION, undefined).capacity,
    present,
    "or they would never be the same",
  );
  const odd = { ...DESCRIPTION, facts: { ...DESCRIPTION.facts, memoryBytes: 24_683_656 * 1024 } };
  t.equal(nodeResources(odd, undefined).capacity["memory"], "24683656Ki");
});

t.test("a new node says at once how it is", async (t) => {
  const notReady = { reason: "KubeletNotReady", message: "no network" };
  const statusOf = (health: { notReady: typeof notReady | null }): NodeStatus =>
    nodeStatus(DESCRIPTION, { pressure: new Set(), ...health }, { before: undefined, now: "now" });
  const unready = statusOf({ notReady });
  const own = { key: "dedicated", effect: "NoSchedule" };
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  t.same(newNode(DESCRIPTION, unready).status, unready);
  t.same(newNode(DESCRIPTION, unready).spec, { taints: [taint] });
  t.same(newNode({ ...DESCRIPTION, taints: [own] }, unready).spec, { taints: [taint, own] });
  t.same(newNode({ ...DESCRIPTION, taints: [taint] }, unready).spec, { taints: [taint] });
  t.same(newNode(DESCRIPTION, statusOf({ notReady: null })).spec, {}, "one that is made again");
  t.same(newNode(DESCRIPTION).spec, {});
  t.notOk("status" in newNode(DESCRIPTION));
});
