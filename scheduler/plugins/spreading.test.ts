import t from "tap";
import type { Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { SeededRandom } from "../../base/random.js";
import { explain } from "../diagnosis.js";
import { Framework } from "../framework/framework.js";
import { podInfoOf } from "../framework/pod-info.js";
import { PodPlacer } from "../schedule-one.js";
import { testNode, testPod, testSnapshot } from "../test-objects.js";
import { defaultPlugins } from "./default-plugins.js";

type Spec = Partial<PodSpec>;

const WEB = { matchLabels: { app: "web" } };
const near = (topologyKey: string, extra: object = {}): Spec => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey, labelSelector: WEB, ...extra },
      ],
    },
  },
});
const away = (topologyKey: string, extra: object = {}): Spec => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey, labelSelector: WEB, ...extra },
      ],
    },
  },
});
const liking = (kind: "podAffinity" | "podAntiAffinity"): Spec => ({
  affinity: {
    [kind]: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { topologyKey: "zone", labelSelector: WEB } },
      ],
    },
  },
});
const spread = (whenUnsatisfiable: string, extra: object = {}): Spec => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable, labelSelector: WEB, ...extra },
  ],
});

/**
 * Two zones of one node each; `placed` gives the pods on them as [node, labels, spec, namespace].
 */
function place(placed: readonly (readonly [string, string, Spec?, string?])[], pod: Pod): string {
  const nodes = ["a", "b"].map((name) => testNode(name, { labels: { zone: name } }));
  const running = placed.map(([nodeName, app, spec = {}, namespace = "default"], i) =>
    testPod(`running-${i}`, { labels: { app }, namespace, spec: { ...spec, nodeName } }),
  );
  const snapshot = testSnapshot(nodes, running);
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(7));
  const result = placer.place(podInfoOf(pod), snapshot);
  return result.type === "scheduled" ? result.nodeName : explain(result.diagnosis);
}

t.test("where pods go because of other pods", (t) => {
  const web = (spec: Spec): Pod => testPod("p", { labels: { app: "web" }, spec });
  const other = (spec: Spec): Pod => testPod("p", { labels: { app: "other" }, spec });
  const teamB = { namespaceSelector: { matchLabels: { team: "b" } } };
  const cases: readonly [string, Parameters<typeof place>[0], Pod, string | RegExp][] = [
    ["near its friend", [["b", "web"]], other(near("zone")), "b"],
    [
      "no friend anywhere",
      [["b", "x"]],
      other(near("zone")),
      /2 node\(s\) didn't match pod affinity rules/,
    ],
    ["the first of its kind", [["b", "x"]], web(near("zone")), /^[ab]$/],
    [
      "a key that no node has",
      [["b", "web"]],
      web(near("rack")),
      /didn't match pod affinity rules/,
    ],
    [
      "a friend in another namespace does not count",
      [["b", "web", {}, "b"]],
      other(near("zone")),
      /affinity rules/,
    ],
    [
      "unless it is named",
      [["b", "web", {}, "b"]],
      other(near("zone", { namespaces: ["b"] })),
      "b",
    ],
    ["or selected", [["b", "web", {}, "b"]], other(near("zone", teamB)), "b"],
    ["away from its enemy", [["a", "web"]], other(away("zone")), "b"],
    [
      "enemies everywhere",
      [
        ["a", "web"],
        ["b", "web"],
      ],
      other(away("zone")),
      /2 node\(s\) didn't match pod anti-affinity rules/,
    ],
    ["an enemy who is there keeps it out", [["a", "x", away("zone")]], web({}), "b"],
    [
      "on every node",
      [
        ["a", "x", away("zone")],
        ["b", "x", away("zone")],
      ],
      web({}),
      /2 node\(s\) didn't satisfy existing pods anti-affinity rules/,
    ],
    ["would rather be near", [["b", "web"]], other(liking("podAffinity")), "b"],
    ["would rather be away", [["b", "web"]], other(liking("podAntiAffinity")), "a"],
    ["who is there would like it near", [["b", "x", liking("podAffinity")]], web({}), "b"],
    ["evenly", [["a", "web"]], web(spread("DoNotSchedule")), "b"],
    [
      "as even as allowed",
      [
        ["a", "web"],
        ["b", "web"],
      ],
      web(spread("DoNotSchedule")),
      /^[ab]$/,
    ],
    [
      "others do not count",
      [
        ["a", "x"],
        ["a", "web", {}, "b"],
      ],
      web(spread("DoNotSchedule")),
      /^[ab]$/,
    ],
    [
      "too few domains",
      [
        ["a", "web"],
        ["b", "web"],
      ],
      web(spread("DoNotSchedule", { minDomains: 3 })),
      /2 node\(s\) didn't match pod topology spread constraints/,
    ],
    [
      "no node has the label",
      [],
      web(spread("DoNotSchedule", { topologyKey: "rack" })),
      /2 node\(s\) didn't match pod topology spread constraints \(missing required label\)/,
    ],
    [
      "would rather be even",
      [
        ["a", "web"],
        ["a", "web"],
      ],
      web(spread("ScheduleAnyway")),
      "b",
    ],
    [
      "only like pods of the same revision count",
      [
        ["a", "web"],
        ["a", "web"],
      ],
      testPod("p", {
        labels: { app: "web", hash: "2" },
        spec: spread("DoNotSchedule", { matchLabelKeys: ["hash"] }),
      }),
      /^[ab]$/,
    ],
  ];
  for (const [what, placed, pod, wanted] of cases) {
    const where = place(placed, pod);
    if (typeof wanted === "string") t.equal(where, wanted, what);
    else t.match(where, wanted, what);
  }
  t.end();
});

t.test("pods go where their image is", (t) => {
  const images = [{ names: ["app:latest"], sizeBytes: 900 * 1024 * 1024 }];
  const nodes = [testNode("a"), testNode("b", { images }), testNode("c")];
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(7));
  const result = placer.place(podInfoOf(testPod("p")), testSnapshot(nodes));
  t.equal(result.type === "scheduled" && result.nodeName, "b");
  t.end();
});
