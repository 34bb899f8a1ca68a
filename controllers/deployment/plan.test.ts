import t from "tap";
import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import { ago, deployment, meta, NOW_MS } from "../common/test-objects.js";
import { DESIRED_REPLICAS, MAX_REPLICAS, REVISION, REVISION_HISTORY } from "./annotations.js";
import { type DeploymentPlan, planDeployment } from "./plan.js";

interface RsFacts {
  readonly image: string;
  readonly replicas: number;
  readonly available?: number;
  readonly revision?: number | bigint;
  readonly desired?: number;
  readonly max?: number;
  readonly age?: number;
}

/** A ReplicaSet of the Deployment web, named after its image. */
function rs({
  image,
  replicas,
  available = replicas,
  revision = 1,
  age = 100,
  ...facts
}: RsFacts): ReplicaSet {
  const template = deployment(1, { image }).spec.template;
  const labels = { app: "web", "pod-template-hash": image };
  const annotations = {
    [REVISION]: String(revision),
    [DESIRED_REPLICAS]: String(facts.desired ?? replicas),
    [MAX_REPLICAS]: String(facts.max ?? replicas),
  };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: meta(`web-${image}`, {
      labels,
      annotations,
      generation: 1,
      creationTimestamp: ago(age),
    }),
    spec: {
      replicas,
      minReadySeconds: 0,
      selector: { matchLabels: labels },
      template: { ...template, metadata: { labels } },
    },
    status: {
      replicas,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: 1,
    },
  };
}

function plan(
  d: Deployment,
  replicaSets: readonly ReplicaSet[],
  oldPodsRunning = false,
): DeploymentPlan {
  return planDeployment({
    deployment: d,
    replicaSets,
    oldPodsRunning: () => oldPodsRunning,
    nowMs: NOW_MS,
  });
}
/** Sizes that the plan gives, by image. */
function sizes({ create, updates }: DeploymentPlan): Record<string, number> {
  const result: Record<string, number> = {};
  if (create !== null) result.new = create.replicas;
  for (const { replicaSet, replicas } of updates)
    if (replicas !== replicaSet.spec.replicas)
      result[replicaSet.metadata.name.slice("web-".length)] = replicas;
  return result;
}
const condition = ({ status }: DeploymentPlan, type: string) =>
  status?.conditions?.find((c) => c.type === type);
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
});
const recreate = { strategy: { type: "Recreate" } };

void t.test("a new Deployment gets its ReplicaSet, named by the hash of the template", (t) => {
  const first = plan(deployment(3, { meta: { annotations: { note: "x" } } }), []);
  t.match(first.create?.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  t.equal(first.create?.name, `web-${first.create?.hash}`);
  t.equal(first.create?.replicas, 3);
  t.strictSame(first.create?.annotations, {
    note: "x",
    [REVISION]: "1",
    [DESIRED_REPLICAS]: "3",
    [MAX_REPLICAS]: "4",
  });
  t.equal(first.revision, "1");
  t.match(condition(first, "Progressing"), {
    status: "True",
    reason: "NewReplicaSetCreated",
    message: `Created new replica set "${first.create?.name}"`,
  });
  t.match(condition(first, "Available"), {
    status: "False",
    reason: "MinimumReplicasUnavailable",
    message: "Deployment does not have minimum availability.",
  });
  const again = plan(deployment(3), []);
  t.equal(again.create?.name, first.create?.name, "the same template has the same name");
  const other = plan(deployment(3, { image: "v2" }), []);
  t.not(other.create?.name, first.create?.name);
  const collided = plan(deployment(3, { status: { collisionCount: 1 } }), []);
  t.not(collided.create?.name, first.create?.name, "a collision gives another name");
  t.end();
});

void t.test("when all is done the plan is empty", (t) => {
  const set = rs({ image: "v1", replicas: 3, max: 4 });
  const done = plan(deployment(3, { meta: { annotations: { [REVISION]: "1" } } }), [set]);
  const stored = deployment(3, {
    meta: { annotations: { [REVISION]: "1" } },
    status: done.status ?? {},
  });
  const settled = plan(stored, [set]).status;
  const last = plan(
    deployment(3, {
      meta: { annotations: { [REVISION]: "1" } },
      status: settled ?? done.status ?? {},
    }),
    [set],
  );
  t.strictSame(last, {
    create: null,
    updates: [],
    remove: [],
    revision: null,
    status: null,
    requeueAfterMs: null,
  });
  t.end();
});

// Each line: desired, strategy, ReplicaSets as [image, replicas, available], what the step does. v2
// is the new template.
const steps: readonly [
  string,
  number,
  object,
  [string, number, number][],
  Record<string, number>,
][] = [
  ["the new set starts with the surge", 4, rolling(1, 1), [["v1", 4, 4]], { new: 1 }],
  [
    "percentages: surge up, unavailable down",
    10,
    rolling("25%", "25%"),
    [["v1", 10, 10]],
    { new: 3 },
  ],
  [
    "old ones go as far as availability allows",
    4,
    rolling(1, 1),
    [
      ["v1", 4, 4],
      ["v2", 1, 0],
    ],
    { v1: 3 },
  ],
  [
    "nothing while nothing becomes available",
    4,
    rolling(1, 0),
    [
      ["v1", 4, 4],
      ["v2", 1, 0],
    ],
    {},
  ],
  [
    "each available new one lets an old one go",
    4,
    rolling(1, 0),
    [
      ["v1", 4, 4],
      ["v2", 1, 1],
    ],
    { v1: 3 },
  ],
  [
    "and each one gone lets a new one come",
    4,
    rolling(1, 0),
    [
      ["v1", 3, 3],
      ["v2", 1, 1],
    ],
    { v2: 2 },
  ],
  [
    "unhealthy old pods go first, whatever the bound",
    4,
    rolling(0, 1),
    [
      ["v1", 4, 2],
      ["v2", 0, 0],
    ],
    { v1: 3 },
  ],
  [
    "the last old one goes",
    4,
    rolling(1, 0),
    [
      ["v1", 1, 1],
      ["v2", 4, 4],
    ],
    { v1: 0 },
  ],
  [
    "roll-over: the sets in between are old",
    4,
    rolling(1, 1),
    [
      ["v0", 3, 3],
      ["v1", 1, 0],
    ],
    { new: 1 },
  ],
  ["scaled to zero at once", 0, rolling(1, 1), [["v2", 3, 3]], { v2: 0 }],
  ["Recreate first takes all old pods away", 3, recreate, [["v1", 3, 3]], { v1: 0 }],
];

void t.test("steps of a roll-out", (t) => {
  for (const [why, desired, strategy, sets, expected] of steps) {
    const d = deployment(desired, { image: "v2", spec: strategy });
    const replicaSets = sets.map(([image, replicas, available], i) =>
      rs({ image, replicas, available, desired, revision: i + 1, age: 100 - i }),
    );
    t.strictSame(sizes(plan(d, replicaSets)), expected, why);
  }
  t.end();
});

void t.test("Recreate waits for the old pods to be gone before it makes new ones", (t) => {
  const d = deployment(3, { image: "v2", spec: recreate });
  const old = rs({ image: "v1", replicas: 0, desired: 3 });
  t.strictSame(sizes(plan(d, [old], true)), {});
  t.strictSame(sizes(plan(d, [old], false)), { new: 3 });
  const back = rs({ image: "v2", replicas: 0, desired: 3 });
  t.strictSame(sizes(plan(d, [old, back], true)), {}, "also when the set is there from before");
  t.strictSame(sizes(plan(d, [old, back], false)), { v2: 3 });
  t.end();
});

void t.test("a change of replicas during a roll-out is shared out in proportion", (t) => {
  // The documentation's example: 10 replicas, maxSurge 3, maxUnavailable 2, 8 old and 5 new; scaled
  // to 15.
  const d = deployment(15, { image: "v2", spec: rolling(3, 2) });
  const sets = [
    rs({ image: "v1", replicas: 8, desired: 10, max: 13 }),
    rs({ image: "v2", replicas: 5, available: 0, desired: 10, max: 13, revision: 2, age: 50 }),
  ];
  t.strictSame(sizes(plan(d, sets)), { v1: 11, v2: 7 });
  const down = deployment(5, { image: "v2", spec: rolling(3, 2) });
  const shrunk = sizes(plan(down, sets));
  t.equal((shrunk.v1 ?? 0) + (shrunk.v2 ?? 0), 8, "in sum desired and surge");
  t.end();
});

void t.test("scaling with one active set scales it, and remembers the new size", (t) => {
  const grown = plan(deployment(5), [rs({ image: "v1", replicas: 3, max: 4 })]);
  t.strictSame(sizes(grown), { v1: 5 });
  t.match(grown.updates[0]?.annotations, { [DESIRED_REPLICAS]: "5", [MAX_REPLICAS]: "7" });
  t.end();
});

void t.test("while paused nothing is rolled out, but replicas are scaled", (t) => {
  const spec = { paused: true };
  const edited = plan(deployment(3, { image: "v2", spec }), [rs({ image: "v1", replicas: 3 })]);
  t.equal(edited.create, null, "several edits under pause make one ReplicaSet at resume");
  t.match(condition(edited, "Progressing"), {
    status: "Unknown",
    reason: "DeploymentPaused",
    message: "Deployment is paused",
  });
  t.strictSame(sizes(plan(deployment(5, { spec }), [rs({ image: "v1", replicas: 3 })])), { v1: 5 });
  const resumed = plan(deployment(3, { image: "v2", status: edited.status ?? {} }), [
    rs({ image: "v1", replicas: 3 }),
  ]);
  t.not(resumed.create, null);
  t.end();
});

void t.test("revisions count up, and a rollback remembers the old number", (t) => {
  const sets = [
    rs({ image: "v1", replicas: 0, desired: 3, revision: 1 }),
    rs({ image: "v2", replicas: 3, revision: 2, age: 50 }),
  ];
  const third = plan(deployment(3, { image: "v3" }), sets);
  t.equal(third.create?.annotations[REVISION], "3");
  const undone = plan(deployment(3, { image: "v1" }), sets);
  t.equal(undone.create, null, "the ReplicaSet of that template is used again");
  const update = undone.updates.find(({ replicaSet }) => replicaSet.metadata.name === "web-v1");
  t.match(update?.annotations, { [REVISION]: "3", [REVISION_HISTORY]: "1" });
  t.equal(undone.revision, "3");
  t.end();
});

void t.test("revisions are whole numbers of 64 bits", (t) => {
  const last = 2n ** 63n - 1n;
  const after = (revision: bigint): string | null =>
    plan(deployment(1, { image: "v2" }), [rs({ image: "v1", replicas: 1, revision })]).revision;
  t.equal(after(3546343826724305832n), "3546343826724305833");
  t.equal(after(last - 1n), String(last));
  t.equal(after(last), "1", "none could follow: it is nobody's");
  t.equal(after(last + 1n), "1");
  t.end();
});

void t.test("old ReplicaSets beyond revisionHistoryLimit go, the oldest revisions first", (t) => {
  const d = deployment(1, { image: "v4", spec: { revisionHistoryLimit: 1 } });
  const sets = [
    rs({ image: "v1", replicas: 0, revision: 1 }),
    rs({ image: "v2", replicas: 0, revision: 3, age: 200 }),
    rs({ image: "v3", replicas: 0, revision: 2 }),
    rs({ image: "v4", replicas: 1, revision: 4 }),
  ];
  const names = (p: DeploymentPlan) => p.remove.map(({ metadata }) => metadata.name);
  t.strictSame(names(plan(d, sets)), ["web-v1", "web-v3"]);
  const unfinished = [
    ...sets.slice(0, 3),
    rs({ image: "v4", replicas: 1, available: 0, revision: 4 }),
  ];
  t.strictSame(names(plan(d, unfinished)), [], "not before the roll-out is complete");
  const none = deployment(1, { image: "v4", spec: { revisionHistoryLimit: 0 } });
  t.equal(names(plan(none, sets)).length, 3);
  t.end();
});

void t.test("progress is reported, and its lack after the deadline", (t) => {
  const sets = [rs({ image: "v1", replicas: 3, available: 1 })];
  const some = plan(deployment(3, { status: { replicas: 3, updatedReplicas: 3 } }), sets);
  t.match(condition(some, "Progressing"), {
    status: "True",
    reason: "ReplicaSetUpdated",
    message: 'ReplicaSet "web-v1" is progressing.',
  });
  t.equal(some.requeueAfterMs, 601_000, "looked at again when the deadline passes");
  const since = (seconds: number) => {
    const [lastUpdateTime, lastTransitionTime] = [ago(seconds), ago(seconds)];
    const progressing = {
      type: "Progressing",
      status: "True",
      reason: "ReplicaSetUpdated",
      message: "",
    };
    const { conditions: _replaced, ...counts } = some.status ?? {};
    return { ...counts, conditions: [{ ...progressing, lastUpdateTime, lastTransitionTime }] };
  };
  const stuck = plan(deployment(3, { status: since(600) }), sets);
  t.match(condition(stuck, "Progressing"), {
    status: "False",
    reason: "ProgressDeadlineExceeded",
    message: 'ReplicaSet "web-v1" has timed out progressing.',
  });
  const waiting = plan(deployment(3, { status: since(590) }), sets);
  t.match(condition(waiting, "Progressing"), { status: "True" });
  t.equal(waiting.requeueAfterMs, 11_000);
  const done = plan(deployment(3, { status: since(700) }), [rs({ image: "v1", replicas: 3 })]);
  t.match(condition(done, "Progressing"), {
    status: "True",
    reason: "NewReplicaSetAvailable",
    message: 'ReplicaSet "web-v1" has successfully progressed.',
  });
  t.end();
});

void t.test("without a deadline there is no Progressing condition", (t) => {
  const spec = { progressDeadlineSeconds: 2 ** 31 - 1 };
  t.equal(condition(plan(deployment(3, { spec }), []), "Progressing"), undefined);
  t.end();
});

void t.test("the failure of a ReplicaSet is told on the Deployment", (t) => {
  const set = rs({ image: "v1", replicas: 3, available: 0 });
  const conditions = [
    { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" },
  ];
  const failing = { ...set, status: { replicas: 0, ...set.status, conditions } };
  t.match(condition(plan(deployment(3), [failing]), "ReplicaFailure"), {
    status: "True",
    reason: "FailedCreate",
    message: "quota",
  });
  t.end();
});

void t.test("a Deployment that is being deleted only reports", (t) => {
  const d = deployment(5, { image: "v2", meta: { deletionTimestamp: ago(1) } });
  const last = plan(d, [rs({ image: "v1", replicas: 3 })]);
  t.strictSame([last.create, last.updates, last.remove], [null, [], []]);
  t.end();
});
