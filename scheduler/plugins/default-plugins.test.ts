import t from "tap";
import { SeededRandom } from "../../base/random.js";
import { explain } from "../diagnosis.js";
import { Framework } from "../framework/framework.js";
import { podInfoOf } from "../framework/pod-info.js";
import { PodPlacer } from "../schedule-one.js";
import { testNode, testPod, testSnapshot } from "../test-objects.js";
import { defaultPlugins } from "./default-plugins.js";

type NodeOptions = Parameters<typeof testNode>[1];
type PodOptions = Parameters<typeof testPod>[1];

interface Case {
  readonly what: string;
  readonly node?: NodeOptions;
  readonly pod?: PodOptions;
  /** Pods that run on the node. */
  readonly running?: readonly PodOptions[];
  /** Null: the pod is placed. */
  readonly refusal: string | null;
}

const affinity = (operator: string, values?: readonly string[], key = "disk"): PodOptions => ({
  spec: {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }] },
          ],
        },
      },
    },
  },
});
const taint = (effect: string): NodeOptions => ({
  spec: { taints: [{ key: "gpu", value: "a", effect }] },
});
const tolerating = (toleration: object): PodOptions => ({ spec: { tolerations: [toleration] } });
const hostPort = (port: number, hostIP?: string, protocol?: string): PodOptions => ({
  spec: {
    containers: [
      {
        name: "c",
        ports: [
          {
            containerPort: 80,
            hostPort: port,
            ...(hostIP === undefined ? {} : { hostIP }),
            ...(protocol === undefined ? {} : { protocol }),
          },
        ],
      },
    ],
  },
});
const AFFINITY = "node(s) didn't match Pod's node affinity/selector";
const TAINT = "node(s) had untolerated taint(s)";
const PORTS = "node(s) didn't have free ports for the requested pod ports";
const NAME = "node(s) didn't match the requested node name";
const CORDON = "node(s) were unschedulable";
const disk = { labels: { disk: "ssd", size: "10" } };

const CASES: readonly Case[] = [
  { what: "nothing asked", refusal: null },
  { what: "fits exactly", pod: { requests: { cpu: "4", memory: "8Gi" } }, refusal: null },
  { what: "too much cpu", pod: { requests: { cpu: "4001m" } }, refusal: "Insufficient cpu" },
  {
    what: "every shortage is named",
    pod: { requests: { cpu: "5", memory: "9Gi", "ephemeral-storage": "1", "x.io/gpu": "1" } },
    refusal:
      "1 Insufficient cpu, 1 Insufficient ephemeral-storage, 1 Insufficient memory, 1 Insufficient x.io/gpu",
  },
  {
    what: "what others asked for is taken",
    running: [{ requests: { cpu: "3" } }],
    pod: { requests: { cpu: "1001m" } },
    refusal: "Insufficient cpu",
  },
  {
    what: "what others leave is free",
    running: [{ requests: { cpu: "3" } }],
    pod: { requests: { cpu: "1" } },
    refusal: null,
  },
  {
    what: "a pod that asks for nothing fits where too much is taken",
    running: [{ requests: { cpu: "9" } }],
    refusal: null,
  },
  {
    what: "extended resource",
    node: { allocatable: { "x.io/gpu": "1" } },
    pod: { requests: { "x.io/gpu": "1" } },
    refusal: null,
  },
  {
    what: "pods are counted",
    node: { allocatable: { pods: "1" } },
    running: [{}],
    refusal: "Too many pods",
  },
  {
    what: "an init container counts by its peak",
    pod: {
      requests: { cpu: "1" },
      spec: {
        containers: [{ name: "c", resources: { requests: { cpu: "1" } } }],
        initContainers: [{ name: "i", resources: { requests: { cpu: "5" } } }],
      },
    },
    refusal: "Insufficient cpu",
  },
  {
    what: "a sidecar adds to the containers",
    pod: {
      spec: {
        containers: [{ name: "c", resources: { requests: { cpu: "3" } } }],
        initContainers: [
          { name: "s", restartPolicy: "Always", resources: { requests: { cpu: "1001m" } } },
        ],
      },
    },
    refusal: "Insufficient cpu",
  },
  {
    what: "overhead is added",
    pod: { requests: { cpu: "4" }, spec: { overhead: { cpu: "1m" } } },
    refusal: "Insufficient cpu",
  },
  { what: "cordoned", node: { spec: { unschedulable: true } }, refusal: CORDON },
  {
    what: "cordoned but tolerated",
    node: { spec: { unschedulable: true } },
    pod: tolerating({ key: "node.kubernetes.io/unschedulable", operator: "Exists" }),
    refusal: null,
  },
  { what: "tainted NoSchedule", node: taint("NoSchedule"), refusal: TAINT },
  { what: "tainted NoExecute", node: taint("NoExecute"), refusal: TAINT },
  { what: "tainted PreferNoSchedule", node: taint("PreferNoSchedule"), refusal: null },
  {
    what: "tolerates all",
    node: taint("NoSchedule"),
    pod: tolerating({ operator: "Exists" }),
    refusal: null,
  },
  {
    what: "tolerates key",
    node: taint("NoSchedule"),
    pod: tolerating({ key: "gpu", operator: "Exists" }),
    refusal: null,
  },
  {
    what: "tolerates value",
    node: taint("NoSchedule"),
    pod: tolerating({ key: "gpu", value: "a" }),
    refusal: null,
  },
  {
    what: "another value",
    node: taint("NoSchedule"),
    pod: tolerating({ key: "gpu", value: "b" }),
    refusal: TAINT,
  },
  {
    what: "another effect",
    node: taint("NoExecute"),
    pod: tolerating({ key: "gpu", value: "a", effect: "NoSchedule" }),
    refusal: TAINT,
  },
  { what: "wanted by name", pod: { spec: { nodeName: "n1" } }, refusal: null },
  { what: "another wanted by name", pod: { spec: { nodeName: "n2" } }, refusal: NAME },
  {
    what: "nodeSelector met",
    node: disk,
    pod: { spec: { nodeSelector: { disk: "ssd" } } },
    refusal: null,
  },
  {
    what: "nodeSelector not met",
    node: disk,
    pod: { spec: { nodeSelector: { disk: "hdd" } } },
    refusal: AFFINITY,
  },
  { what: "In", node: disk, pod: affinity("In", ["hdd", "ssd"]), refusal: null },
  { what: "not In", node: disk, pod: affinity("In", ["hdd"]), refusal: AFFINITY },
  { what: "NotIn", node: disk, pod: affinity("NotIn", ["ssd"]), refusal: AFFINITY },
  { what: "NotIn without the label", pod: affinity("NotIn", ["ssd"]), refusal: null },
  { what: "Exists", node: disk, pod: affinity("Exists"), refusal: null },
  { what: "DoesNotExist", node: disk, pod: affinity("DoesNotExist"), refusal: AFFINITY },
  { what: "Gt", node: disk, pod: affinity("Gt", ["9"], "size"), refusal: null },
  {
    what: "Gt compares numbers",
    node: disk,
    pod: affinity("Gt", ["10"], "size"),
    refusal: AFFINITY,
  },
  { what: "Lt of a word", node: disk, pod: affinity("Lt", ["9"]), refusal: AFFINITY },
  {
    what: "a term without conditions matches nothing",
    pod: {
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] },
          },
        },
      },
    },
    refusal: AFFINITY,
  },
  { what: "host port free", running: [hostPort(81)], pod: hostPort(80), refusal: null },
  { what: "host port taken", running: [hostPort(80)], pod: hostPort(80), refusal: PORTS },
  { what: "other protocol", running: [hostPort(80, "", "UDP")], pod: hostPort(80), refusal: null },
  {
    what: "other address",
    running: [hostPort(80, "10.0.0.1")],
    pod: hostPort(80, "10.0.0.2"),
    refusal: null,
  },
  {
    what: "any address",
    running: [hostPort(80, "0.0.0.0")],
    pod: hostPort(80, "10.0.0.2"),
    refusal: PORTS,
  },
];
t.test("each filter, by what a pod's event would say", (t) => {
  for (const { what, node, pod, running = [], refusal } of CASES) {
    const placed = running.map((options, i) => {
      const base = testPod(`running-${i}`, options);
      return { ...base, spec: { ...base.spec, nodeName: "n1" } };
    });
    const snapshot = testSnapshot([testNode("n1", node)], placed);
    const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
    const result = placer.place(podInfoOf(testPod("p", pod)), snapshot);
    const said = result.type === "scheduled" ? null : explain(result.diagnosis);
    const [reasons] = (said ?? "").replace("0/1 nodes are available: ", "").split(". ");
    const wanted = refusal === null ? "" : /^\d/.test(refusal) ? refusal : `1 ${refusal}`;
    t.equal((reasons ?? "").replace(/\.$/, ""), wanted, what);
  }
  t.end();
});

t.test("the best node wins", (t) => {
  const prefer = (key: string): PodOptions => ({
    requests: { cpu: "1", memory: "1Gi" },
    spec: {
      containers: [
        { name: "c", image: "app", resources: { requests: { cpu: "1", memory: "1Gi" } } },
      ],
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 10, preference: { matchExpressions: [{ key, operator: "Exists" }] } },
          ],
        },
      },
    },
  });
  const plain = { requests: { cpu: "1", memory: "1Gi" } };
  const cases: readonly [string, NodeOptions, PodOptions][] = [
    ["the emptier", { allocatable: { cpu: "8", memory: "16Gi" } }, plain],
    ["the balanced", { allocatable: { cpu: "4", memory: "4Gi" } }, plain],
    ["the preferred", { labels: { nice: "1" } }, prefer("nice")],
  ];
  const others: readonly NodeOptions[] = [{}, { allocatable: { cpu: "2", memory: "6Gi" } }, {}];
  for (const [i, [what, good, pod]] of cases.entries()) {
    const snapshot = testSnapshot([testNode("other", others[i]), testNode("good", good)]);
    const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
    const result = placer.place(podInfoOf(testPod("p", pod)), snapshot);
    t.equal(result.type === "scheduled" && result.nodeName, "good", what);
  }
  const tainted = { spec: { taints: [{ key: "k", effect: "PreferNoSchedule" }] } };
  const snapshot = testSnapshot([testNode("shunned", tainted), testNode("good")]);
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
  const result = placer.place(podInfoOf(testPod("p")), snapshot);
  t.equal(result.type === "scheduled" && result.nodeName, "good", "not the shunned");
  t.end();
});

void t.test("a pod that asks for devices waits, and says why", (t) => {
  const spec = { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] };
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
  const snapshot = testSnapshot([testNode("n1")]);
  const result = placer.place(podInfoOf(testPod("p", { spec })), snapshot);
  t.match(JSON.stringify(result), /devices of resource claims cannot be allocated/u);
  t.end();
});
