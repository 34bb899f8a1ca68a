import t from "tap";
import { SELECTED_NODE } from "../../api/schema/storage/storage-names.js";
import { onHost, testClaim, testClass, testVolume } from "../../api/schema/storage/test-volumes.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import { SeededRandom } from "../../base/random.js";
import { explain } from "../diagnosis.js";
import { Framework } from "../framework/framework.js";
import type { Binder, VolumeDecision } from "../framework/interfaces.js";
import { podInfoOf } from "../framework/pod-info.js";
import type { StorageView } from "../framework/storage-view.js";
import { PodPlacer } from "../schedule-one.js";
import { testNode, testPod, testSnapshot } from "../test-objects.js";
import { defaultPlugins } from "./default-plugins.js";

interface Parts {
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
}
interface Case extends Parts {
  readonly name: string;
  readonly pod?: Pod;
  readonly running?: readonly Pod[];
  /** Of n1 and n2; absent: they are in none. */
  readonly zones?: readonly [string, string];
  /** The node, or what is said of none. */
  readonly result: string;
}

const waits = testClass("disks", { volumeBindingMode: "WaitForFirstConsumer" });
const using = (name: string, ...claimNames: readonly string[]): Pod =>
  testPod(name, {
    spec: {
      volumes: claimNames.map((claimName, i) => ({
        name: `v${i}`,
        persistentVolumeClaim: { claimName },
      })),
    },
  });
const bound = (name: string, volumeName: string, more: object = {}): PersistentVolumeClaim =>
  testClaim(name, {
    meta: { annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
    spec: { volumeName, ...more },
    status: { phase: "Bound" },
  });
const ZONE = "topology.kubernetes.io/zone";
const inZone = (label: string, zone: string): PersistentVolume =>
  testVolume("v", { meta: { labels: { [label]: zone } } });
const none = (text: string) => `0/2 nodes are available: ${text}.`;
const ephemeral = testPod("p", {
  spec: { volumes: [{ name: "scratch", ephemeral: { volumeClaimTemplate: { spec: {} } } }] },
});

const CASES: readonly Case[] = [
  {
    name: "a claim that is not there",
    result: none('persistentvolumeclaim "c" not found'),
  },
  {
    name: "a claim that is being deleted",
    claims: [testClaim("c", { meta: { deletionTimestamp: "2026-01-01T00:00:00Z" } })],
    result: none('persistentvolumeclaim "c" is being deleted'),
  },
  {
    name: "a claim that lost its volume",
    claims: [testClaim("c", { spec: { volumeName: "v" }, status: { phase: "Lost" } })],
    result: none('persistentvolumeclaim "c" bound to non-existent persistentvolume "v"'),
  },
  {
    name: "a claim of a class that binds at once is not bound yet",
    claims: [testClaim("c")],
    classes: [testClass("disks")],
    result: none("pod has unbound immediate PersistentVolumeClaims"),
  },
  {
    name: "the claim of an ephemeral volume is still to be made",
    pod: ephemeral,
    result: none(
      "waiting for ephemeral volume controller to create the persistentvolumeclaim " +
        '"p-scratch"',
    ),
  },
  {
    name: "or somebody else's",
    pod: ephemeral,
    claims: [testClaim("p-scratch")],
    result: none("PVC default/p-scratch was not created for pod default/p (pod is not owner)"),
  },
  {
    name: "a bound volume is reachable from anywhere",
    claims: [bound("c", "v")],
    volumes: [testVolume("v")],
    result: "n1 or n2",
  },
  {
    name: "a bound volume of one node",
    claims: [bound("c", "v")],
    volumes: [testVolume("v", { spec: onHost("n2") })],
    result: "n2",
  },
  {
    name: "of a node that is gone",
    claims: [bound("c", "v")],
    volumes: [testVolume("v", { spec: onHost("n3") })],
    result:
      none("2 node(s) didn't match PersistentVolume's node affinity") +
      " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  },
  {
    name: "the first consumer goes where a volume is",
    claims: [testClaim("c")],
    volumes: [testVolume("v", { spec: onHost("n2") })],
    classes: [{ ...waits, provisioner: "kubernetes.io/no-provisioner" }],
    result: "n2",
  },
  {
    name: "no volume anywhere, and nobody makes one",
    claims: [testClaim("c")],
    classes: [{ ...waits, provisioner: "kubernetes.io/no-provisioner" }],
    result:
      none("2 node(s) didn't find available persistent volumes to bind") +
      " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  },
  {
    name: "one can be made anywhere",
    claims: [testClaim("c")],
    classes: [waits],
    result: "n1 or n2",
  },
  {
    name: "only where the class allows",
    claims: [testClaim("c")],
    classes: [
      {
        ...waits,
        allowedTopologies: [
          { matchLabelExpressions: [{ key: "kubernetes.io/hostname", values: ["n1"] }] },
        ],
      },
    ],
    result: "n1",
  },
  {
    name: "it is being made for another pod",
    claims: [testClaim("c", { meta: { annotations: { [SELECTED_NODE]: "n2" } } })],
    classes: [waits],
    result: "n2",
  },
  {
    name: "two claims need two volumes of the same node",
    pod: using("p", "c", "d"),
    claims: [testClaim("c"), testClaim("d")],
    volumes: [
      testVolume("v1", { spec: onHost("n1") }),
      testVolume("v2", { spec: onHost("n2") }),
      testVolume("v3", { spec: onHost("n2") }),
    ],
    classes: [{ ...waits, provisioner: "kubernetes.io/no-provisioner" }],
    result: "n2",
  },
  {
    name: "a bound volume of one zone",
    claims: [bound("c", "v")],
    volumes: [inZone(ZONE, "b")],
    zones: ["a", "b"],
    result: "n2",
  },
  {
    name: "of several zones, by the label of old",
    claims: [bound("c", "v")],
    volumes: [inZone("failure-domain.beta.kubernetes.io/zone", "x__b")],
    zones: ["a", "b"],
    result: "n2",
  },
  {
    name: "of a zone that has no node",
    claims: [bound("c", "v")],
    volumes: [inZone(ZONE, "c")],
    zones: ["a", "b"],
    result:
      none("2 node(s) had no available volume zone") +
      " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  },
  {
    name: "nodes of no zone take volumes of any",
    claims: [bound("c", "v")],
    volumes: [inZone(ZONE, "c")],
    result: "n1 or n2",
  },
  {
    name: "ReadWriteOncePod: one pod across the whole cluster",
    claims: [bound("c", "v", { accessModes: ["ReadWriteOncePod"] })],
    volumes: [testVolume("v")],
    running: [{ ...using("other", "c"), spec: { ...using("other", "c").spec, nodeName: "n1" } }],
    result:
      none(
        "2 node has pod using PersistentVolumeClaim with the same name and " +
          "ReadWriteOncePod access mode",
      ) + " preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
  },
];

function storageOf({ claims = [], volumes = [], classes = [] }: Parts): StorageView {
  return {
    claim: (_namespace, name) => claims.find(({ metadata }) => metadata.name === name),
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    volumes: () => volumes,
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
  };
}

function clusterOf(parts: Parts, running: readonly Pod[] = [], zones: readonly string[] = []) {
  const nodes = ["n1", "n2"].map((name, i) => {
    const zone = zones[i];
    return testNode(name, zone === undefined ? {} : { labels: { [ZONE]: zone } });
  });
  return testSnapshot(nodes, running, [], storageOf(parts));
}

void t.test("where pods with claims may go", (t) => {
  for (const { name, pod = using("p", "c"), running, zones, result, ...parts } of CASES) {
    const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
    const placed = placer.place(podInfoOf(pod), clusterOf(parts, running, zones));
    const found = placed.type === "scheduled" ? placed.nodeName : explain(placed.diagnosis);
    const isRight = result === "n1 or n2" ? /^n[12]$/u.test(found) : found === result;
    t.ok(isRight, name, { found, result });
  }
  t.end();
});

void t.test("what was decided counts before the server shows it", async (t) => {
  const framework = new Framework(defaultPlugins());
  const placer = new PodPlacer(framework, new SeededRandom(1));
  const view = clusterOf({
    claims: [
      testClaim("c"),
      testClaim("d"),
      testClaim("e", { spec: { storageClassName: "made" } }),
    ],
    volumes: [testVolume("v", { spec: onHost("n2") })],
    classes: [
      { ...waits, provisioner: "kubernetes.io/no-provisioner" },
      testClass("made", { volumeBindingMode: "WaitForFirstConsumer" }),
    ],
  });
  const place = (pod: Pod) => {
    const info = podInfoOf(pod);
    const result = placer.place(info, view);
    if (result.type === "scheduled") framework.runReserve(result.state, info, result.nodeName);
    return { info, result };
  };
  const first = place(using("first", "c"));
  t.match(first.result, { type: "scheduled", nodeName: "n2" });
  t.match(place(using("second", "d")).result, { type: "unschedulable" }, "the volume is taken");
  t.match(place(using("sharing", "c")).result, { nodeName: "n2" }, "by this claim");

  const made = place(using("maker", "e"));
  const { nodeName = "" } = made.result as { nodeName?: string };
  for (let i = 0; i < 4; i += 1)
    t.match(place(using(`user-${i}`, "e")).result, { nodeName }, "where it is being made");

  let seen: VolumeDecision | null = null;
  const binder: Binder = {
    bind: async () => {},
    bindVolumes: async (_pod, decision) => {
      seen = decision;
    },
  };
  if (first.result.type !== "scheduled") return;
  const context = { nodeName: "n2", binder, signal: new AbortController().signal };
  await framework.runBind(first.result.state, first.info, context);
  t.match(seen, {
    bind: [{ volume: { metadata: { name: "v" } }, claim: { metadata: { name: "c" } } }],
    provision: [],
  });
});
