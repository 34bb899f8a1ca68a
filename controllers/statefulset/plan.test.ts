import t from "tap";
import type { ControllerRevision, StatefulSet } from "../../api/schema/types/apps-v1.gen.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";
import { ago, meta, NOW_MS, pod } from "../common/test-objects.js";
import { planHistory, planRevision, POD_REVISION, templateOf } from "../common/revisions.js";
import { hasClaim, identityLabels } from "./identity.js";
import { planStatefulSet, type StatefulSetPlan, type StatefulSetStep } from "./plan.js";

const CLAIM: PersistentVolumeClaim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: meta("data"),
  spec: { accessModes: ["ReadWriteOnce"] },
};

function web(spec: Partial<StatefulSet["spec"]> = {}, status?: StatefulSet["status"]): StatefulSet {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: meta("web", { generation: 1 }),
    spec: {
      replicas: 3,
      serviceName: "web-svc",
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "c", image: "i" }], volumes: [{ name: "tmp", emptyDir: {} }] },
      },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}
const revision = (name: string, number: number): ControllerRevision => ({
  apiVersion: "apps/v1",
  kind: "ControllerRevision",
  metadata: meta(name),
  data: { spec: { template: { spec: { containers: [{ name: "c", image: name }] } } } },
  revision: number,
});
const [OLD, NEW] = [revision("web-old", 1), revision("web-new", 2)];

/** `web-N` of the new template, ready for a while. */
function of(ordinal: number, facts: Parameters<typeof pod>[1] & { old?: true } = {}): Pod {
  const labels = {
    app: "web",
    ...identityLabels(web(), ordinal),
    [POD_REVISION]: facts.old === true ? "web-old" : "web-new",
  };
  return pod(`web-${ordinal}`, { readyFor: 100, ...facts, meta: { labels, ...facts.meta } });
}
const going = { meta: { deletionTimestamp: ago(1) } };
const unready = (ordinal: number, old?: true): Pod => {
  const { readyFor: _none, ...rest } = { readyFor: 0, ...(old === undefined ? {} : { old }) };
  const { status, ...others } = of(ordinal, rest);
  const conditions = [{ type: "Ready", status: "False" }];
  return { ...others, status: { ...status, conditions } };
};
const terminating = (ordinal: number): Pod => {
  const made = of(ordinal);
  return { ...made, metadata: { ...made.metadata, ...going.meta } };
};

function plan(
  set: StatefulSet,
  pods: readonly Pod[],
  claims: readonly PersistentVolumeClaim[] = [],
): StatefulSetPlan {
  const claim = (name: string) => claims.find(({ metadata }) => metadata.name === name);
  const world = { set, pods, claim, current: OLD, update: NEW, collisionCount: 0 };
  return planStatefulSet({ ...world, nowMs: NOW_MS });
}
const show = (step: StatefulSetStep): string => {
  if (step.kind === "create") return `+${step.pod.metadata.name}`;
  if (step.kind === "delete") return `-${step.pod.metadata.name}`;
  if (step.kind === "wait") return `${step.podName} waits for ${step.claimName}`;
  if (step.kind === "claims")
    return `claims ${step.claims.map(({ metadata }) => metadata.name).join(" ")}`;
  return step.kind === "label"
    ? `label ${step.pod.metadata.name}`
    : `own ${step.claim.metadata.name}`;
};
const steps = (set: StatefulSet, pods: readonly Pod[]): string[] => plan(set, pods).steps.map(show);
const parallel = { podManagementPolicy: "Parallel" };
const update = (rollingUpdate: object) => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate },
});

// Each with the sentence of the documentation that it takes as its case.
const cases: readonly [sentence: string, set: StatefulSet, pods: readonly Pod[], string[]][] = [
  ["pods are created sequentially, in order from {0..N-1}", web(), [], ["+web-0"]],
  ["web-1 will not be deployed before web-0 is Running and Ready", web(), [unready(0)], []],
  ["and then it is", web(), [of(0)], ["+web-1"]],
  [
    "if web-0 should fail, after web-1 is Running and Ready, web-2 will not be launched until it is back",
    web(),
    [unready(0), of(1)],
    [],
  ],
  ["a lost pod comes back under its name", web(), [of(0), of(2)], ["+web-1"]],
  ["a name is not given again while its pod is terminating", web(), [terminating(0)], []],
  [
    "pods are deleted in reverse order, from {N-1..0}",
    web({ replicas: 1 }),
    [0, 1, 2].map((i) => of(i)),
    ["-web-2"],
  ],
  [
    "before a Pod is terminated, all of its successors must be completely shutdown",
    web({ replicas: 1 }),
    [of(0), of(1), terminating(2)],
    [],
  ],
  [
    "web-1 would not be terminated until web-0 is Running and Ready",
    web({ replicas: 1 }),
    [unready(0), of(1)],
    [],
  ],
  ["minReadySeconds: available only then", web({ minReadySeconds: 200 }), [of(0)], []],
  [
    "Parallel: launch or terminate all Pods in parallel",
    web(parallel),
    [],
    ["+web-0", "+web-1", "+web-2"],
  ],
  [
    "Parallel: not wait for Pods to become Running and Ready",
    web({ ...parallel, replicas: 1 }),
    [unready(0), unready(1), of(2)],
    ["-web-2", "-web-1"],
  ],
  ["start: ordinals from .spec.ordinals.start", web({ ordinals: { start: 5 } }), [], ["+web-5"]],
  [
    "start: those below are condemned",
    web({ ordinals: { start: 1 }, replicas: 1 }),
    [of(0), of(1)],
    ["-web-0"],
  ],
  [
    "RollingUpdate: from the largest ordinal to the smallest, one at a time",
    web(),
    [of(0, { old: true }), of(1, { old: true }), of(2, { old: true })],
    ["-web-2"],
  ],
  [
    "it will wait until an updated Pod is Running and Ready before updating its predecessor",
    web(),
    [of(0, { old: true }), of(1, { old: true }), unready(2)],
    [],
  ],
  ["and then go on", web(), [of(0, { old: true }), of(1, { old: true }), of(2)], ["-web-1"]],
  [
    "partition: all Pods with an ordinal that is less than the partition will not be updated",
    web(update({ partition: 2 })),
    [of(0, { old: true }), of(1, { old: true }), of(2)],
    [],
  ],
  [
    "maxUnavailable: so many Pods can be unavailable during the update",
    web({ ...parallel, ...update({ maxUnavailable: 2 }) }),
    [of(0, { old: true }), of(1, { old: true }), of(2, { old: true })],
    ["-web-2", "-web-1"],
  ],
  [
    "maxUnavailable: what is down already counts",
    web({ ...parallel, ...update({ maxUnavailable: "50%" }) }),
    [of(0, { old: true }), of(1, { old: true }), unready(2)],
    ["-web-1"],
  ],
  [
    "a broken pod of an old template is replaced at no cost",
    web(parallel),
    [unready(0, true), of(1), of(2)],
    ["-web-0"],
  ],
  [
    "OnDelete: will not automatically update the Pods",
    web({ updateStrategy: { type: "OnDelete" } }),
    [of(0, { old: true }), of(1, { old: true }), of(2, { old: true })],
    [],
  ],
  ["a failed pod is deleted first", web(), [of(0, { phase: "Failed" })], ["-web-0"]],
  [
    "a pod that lost its identity gets it back",
    web({ replicas: 1 }),
    [of(0, { meta: { labels: { app: "web", [POD_REVISION]: "web-new" } } })],
    ["label web-0"],
  ],
  ["an unchanged world gives an empty plan", web(), [of(0), of(1), of(2)], []],
];

void t.test("which pods are made and removed", (t) => {
  for (const [sentence, set, pods, expected] of cases)
    t.strictSame(steps(set, pods), expected, sentence);
  t.end();
});

void t.test("a pod has its name, host name, subdomain, labels and claims", (t) => {
  const set = web({ volumeClaimTemplates: [CLAIM] });
  const [step] = plan(set, []).steps;
  t.match(step, {
    kind: "create",
    pod: {
      metadata: {
        name: "web-0",
        labels: {
          "statefulset.kubernetes.io/pod-name": "web-0",
          "apps.kubernetes.io/pod-index": "0",
          [POD_REVISION]: "web-new",
        },
      },
      spec: {
        hostname: "web-0",
        subdomain: "web-svc",
        volumes: [
          { name: "data", persistentVolumeClaim: { claimName: "data-web-0" } },
          { name: "tmp" },
        ],
      },
    },
    claims: [{ metadata: { name: "data-web-0", labels: { app: "web" } } }],
  });
  const known = { ...CLAIM, metadata: meta("data-web-0") };
  t.match(plan(set, [], [known]).steps, [{ claims: [] }], "a claim that is there is used again");
  t.end();
});

void t.test("below the partition a lost pod comes back as it was", (t) => {
  const set = web(update({ partition: 1 }));
  t.match(plan(set, []).steps, [
    {
      pod: {
        metadata: { labels: { [POD_REVISION]: "web-old" } },
        spec: { containers: [{ image: "web-old" }] },
      },
    },
  ]);
  t.end();
});

const retention = (whenDeleted: string, whenScaled: string) => ({
  volumeClaimTemplates: [CLAIM],
  persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
});

void t.test("the retention policy says whose end is the end of a claim", (t) => {
  const claim = { ...CLAIM, metadata: meta("data-web-0") };
  const owners = (whenDeleted: string, whenScaled: string, replicas: number): unknown => {
    const set = web({ ...retention(whenDeleted, whenScaled), replicas });
    const step = plan(set, [of(0)], [claim]).steps.find(({ kind }) => kind === "own");
    return step?.kind === "own" ? step.owners.map(({ kind, name }) => `${kind} ${name}`) : null;
  };
  t.strictSame(owners("Retain", "Retain", 1), null);
  t.strictSame(owners("Delete", "Retain", 1), ["StatefulSet web"]);
  t.strictSame(owners("Retain", "Delete", 1), null);
  t.strictSame(owners("Retain", "Delete", 0), ["Pod web-0"]);
  t.strictSame(owners("Delete", "Delete", 0), ["Pod web-0"]);
  t.end();
});

void t.test("a pod and the claims that it needs", (t) => {
  const set = web({ volumeClaimTemplates: [CLAIM] });
  const claim = (more: Partial<Pod["metadata"]> = {}): PersistentVolumeClaim => ({
    ...CLAIM,
    metadata: meta("data-web-0", more),
  });
  const shown = (pods: readonly Pod[], claims: readonly PersistentVolumeClaim[]) =>
    plan(set, pods, claims).steps.map(show);
  t.strictSame(
    shown([], [claim(going.meta)]),
    ["web-0 waits for data-web-0"],
    "a claim that is being deleted: the pod is not made before it is gone",
  );
  t.strictSame(shown([], []), ["+web-0"]);
  const pending = { ...unready(0), status: { phase: "Pending" } };
  t.strictSame(shown([pending], []), ["claims data-web-0"], "a pod that waits gets a new claim");
  t.strictSame(shown([pending], [claim()]), []);
  t.strictSame(shown([unready(0)], []), [], "one that runs does not");
  t.ok(hasClaim(set, "data-web-0"));
  for (const name of ["data-web", "data-web-x", "data-web-0-0", "other-web-0", "data-other-0"])
    t.notOk(hasClaim(set, name), name);
  t.end();
});

void t.test("the status counts, and turns to the new revision when all is done", (t) => {
  const rolling = plan(web(), [of(0, { old: true }), of(1), unready(2)]).status;
  t.match(rolling, {
    replicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    currentReplicas: 1,
    updatedReplicas: 2,
    currentRevision: "web-old",
    updateRevision: "web-new",
    observedGeneration: 1,
  });
  const done = plan(web(), [of(0), of(1), of(2)]).status;
  t.match(done, { currentRevision: "web-new", currentReplicas: 3, updatedReplicas: 3 });
  const again = plan(web({}, done ?? undefined), [of(0), of(1), of(2)]);
  t.equal(again.status, null, "an unchanged world");
  t.end();
});

void t.test("an enormous set costs what is made of it", (t) => {
  t.equal(plan(web({ ...parallel, replicas: 2_000_000_000 }), []).steps.length, 500);
  t.end();
});

void t.test("revisions: made, kept, and renumbered by a rollback", (t) => {
  const set = web();
  const first = planRevision(set, [], 0);
  t.match(first, {
    kind: "create",
    revision: { revision: 1, metadata: { name: /^web-[a-z0-9]+$/ } },
  });
  if (first.kind !== "create") throw new Error(first.kind);
  const known = { ...first.revision, metadata: { ...OLD.metadata, name: "web-1st" } };
  t.strictSame(templateOf(known), set.spec.template, "what went in comes out");
  t.equal(planRevision(set, [known], 0).kind, "keep");
  t.match(planRevision(set, [known, NEW], 0), { kind: "renumber", revision: { revision: 3 } });
  t.not(
    planRevision(set, [], 1).revision.metadata.name ?? "",
    first.revision.metadata.name,
    "a collision gives another name",
  );
  t.end();
});

void t.test("the bytes of a revision are those that clients compare it with", (t) => {
  const template = {
    spec: { restartPolicy: "Always", containers: [{ name: "c", image: "i", args: ["b", "a"] }] },
    metadata: { labels: { b: "2", a: "1" } },
  };
  const { revision } = planRevision(web({ template }), [], 0);
  const wanted =
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"1","b":"2"}},' +
    '"spec":{"containers":[{"args":["b","a"],"image":"i","name":"c"}],"restartPolicy":"Always"}}}}';
  t.equal(JSON.stringify(revision.data), wanted);
  t.end();
});

void t.test("revisionHistoryLimit: idle revisions beyond it go, the oldest first", (t) => {
  const history = [1, 2, 3, 4].map((n) => revision(`r${n}`, n));
  const gone = planHistory(history, new Set(["r1", "r4"]), 1);
  t.strictSame(
    gone.map(({ metadata }) => metadata.name),
    ["r2"],
  );
  t.end();
});
