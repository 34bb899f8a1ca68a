import t from "tap";
import type { Test } from "tap";
import { isApiError } from "../../api/client/api-error.js";
import { DEPLOYMENTS, NAMESPACES } from "../../api/client/resource-types.js";
import type { Deployment } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue, NewObject } from "../../api/schema/wire-types.js";
import { ControlPlane } from "./control-plane.js";
import { RolloutObserver, type Seen, isComplete, judge } from "./rollout-observer.js";

/** A server and loops for all; every roll-out has a namespace and an observer of its own. */
const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
plane.node.isHealthy = ({ spec }) => spec.containers[0]?.image !== "bad";
const deployments = plane.client.resource(DEPLOYMENTS);

function web(replicas: number, more: Partial<Deployment["spec"]> = {}): NewObject<Deployment> {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: template("v1"),
      ...more,
    },
  };
}

function template(image: string): Deployment["spec"]["template"] {
  return { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image }] } };
}

interface Rollout {
  readonly observer: RolloutObserver;
  readonly patch: (spec: object) => Promise<unknown>;
  /** Until the Deployment is complete with this image in every pod. */
  readonly complete: (image: string) => Promise<void>;
}

async function rollout(
  t: Test,
  namespace: string,
  deployment: NewObject<Deployment>,
): Promise<Rollout> {
  await plane.client
    .resource(NAMESPACES)
    .create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, spec: {} });
  const observer = await RolloutObserver.start(plane.client, namespace);
  t.teardown(() => observer.stop());
  const { metadata, ...rest } = deployment;
  await deployments.create({ ...rest, metadata: { ...metadata, namespace } });
  const complete = async (image: string): Promise<void> => {
    await observer.until(
      ({ deployment: d, pods }) =>
        isComplete(d) &&
        pods.length === d?.spec.replicas &&
        pods.every(({ spec }) => spec.containers[0]?.image === image),
    );
  };
  await complete("v1");
  const merge = { namespace, type: "merge" } as const;
  return {
    observer,
    complete,
    patch: (spec) => deployments.patch("web", { spec } as unknown as JsonValue, merge),
  };
}

const ROLLING: Readonly<Record<string, Partial<Deployment["spec"]>>> = {
  "25 % and 25 %": {},
  "one more, none fewer": {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  },
  "none more, one fewer": {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  },
  "no percentage that counts": {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: "5%" } },
  },
  "all at once": {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "100%", maxUnavailable: 0 } },
  },
  "ready for a while": { minReadySeconds: 1 },
  Recreate: { strategy: { type: "Recreate" } },
};

for (const [at, [name, more]] of Object.entries(ROLLING).entries()) {
  await t.test(`within its bounds: ${name}`, async (t) => {
    const { observer, patch, complete } = await rollout(t, `rolling-${at}`, web(6, more));
    await patch({ template: template("v2") });
    await complete("v2");
    await patch({ replicas: 9, template: template("v3") });
    await complete("v3");
    await patch({ replicas: 4, template: template("v4") });
    await complete("v4");
    t.same(observer.verdict(), []);
  });
}

await t.test("a roll-over: the newest template wins, within the bounds", async (t) => {
  const { observer, patch, complete } = await rollout(t, "roll-over", web(8));
  for (const image of ["v2", "bad", "v3", "v1", "v4"]) {
    await patch({ template: template(image) });
    await observer.until(({ pods }) =>
      pods.some(({ spec }) => spec.containers[0]?.image === image),
    );
  }
  await complete("v4");
  t.same(observer.verdict(), []);
});

await t.test("a bad image stops the roll-out, and the old pods serve", async (t) => {
  const { observer, patch, complete } = await rollout(
    t,
    "bad-image",
    web(8, { progressDeadlineSeconds: 3 }),
  );
  await patch({ template: template("bad") });
  const { deployment, pods } = await observer.until(({ deployment: d }) =>
    (d?.status?.conditions ?? []).some(({ reason }) => reason === "ProgressDeadlineExceeded"),
  );
  t.match(deployment?.status, { updatedReplicas: 4, availableReplicas: 6, unavailableReplicas: 4 });
  t.equal(pods.filter(({ spec }) => spec.containers[0]?.image === "v1").length, 6);
  const conditions = deployment?.status?.conditions ?? [];
  t.match(
    conditions.find(({ type }) => type === "Progressing"),
    { status: "False" },
  );
  await patch({ template: template("v1") });
  await complete("v1");
  t.same(observer.verdict(), []);
});

await t.test("scaled in mid roll-out, every ReplicaSet gets its share", async (t) => {
  const strategy = {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 3, maxUnavailable: 2 },
  } as const;
  const { observer, patch, complete } = await rollout(t, "proportional", web(10, { strategy }));
  const sizes = (sets: readonly { spec: { replicas?: number } }[]): string =>
    sets
      .map(({ spec }) => spec.replicas ?? 0)
      .sort((a, b) => b - a)
      .join(" ");
  await patch({ template: template("bad") });
  await observer.until(({ sets }) => sizes(sets) === "8 5");
  // The example of Kubernetes' documentation.
  await patch({ replicas: 15 });
  await observer.until(({ sets }) => sizes(sets) === "11 7");
  await patch({ template: template("v2") });
  await complete("v2");
  t.same(observer.verdict(), []);
});

await t.test("revisionHistoryLimit bounds what is kept", async (t) => {
  const made = await rollout(t, "history", web(1, { revisionHistoryLimit: 1 }));
  for (const image of ["v2", "v3", "v4"]) {
    await made.patch({ template: template(image) });
    await made.complete(image);
  }
  const { sets } = await made.observer.until(({ sets: all }) => all.length === 2);
  const images = sets.map(({ spec }) => spec.template?.spec?.containers[0]?.image ?? "");
  t.same(new Set(images), new Set(["v3", "v4"]));
});

await t.test("pods of a Deployment always start again", async (t) => {
  for (const restartPolicy of ["Never", "OnFailure"]) {
    const { metadata, spec } = template("v1");
    const bad = web(1, { template: { metadata, spec: { ...spec, restartPolicy } } as never });
    const error: unknown = await deployments
      .create({ ...bad, metadata: { name: "web", namespace: "default" } })
      .catch((reason: unknown) => reason);
    t.ok(isApiError(error, "Invalid"), restartPolicy);
  }
});

/** Events as the observer sees them, of pods of which some are ready. */
function planted(steps: readonly (readonly [revision: number, object: object])[]): Seen[] {
  return steps.map(([revision, object]) => ({
    revision,
    seenMs: 1_000_000,
    type: "MODIFIED",
    object: object as Seen["object"],
  }));
}

function pod(uid: string, ready: boolean, hash = "a"): object {
  const status = ready ? "True" : "False";
  const lastTransitionTime = new Date(999_500).toISOString();
  const conditions = [{ type: "Ready", status, lastTransitionTime }];
  const metadata = { uid, labels: { "pod-template-hash": hash } } as unknown as Pod["metadata"];
  return { kind: "Pod", metadata, status: { conditions } };
}

function deployed(spec: object): object {
  const counts = { updatedReplicas: 1, availableReplicas: 1, replicas: 1 };
  return { kind: "Deployment", metadata: {}, spec: { replicas: 1, ...spec }, status: counts };
}

await t.test("the observer sees what breaks a rule", async (t) => {
  const none = { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } };
  const tight = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
  const good = planted([
    [1, deployed(tight)],
    [2, pod("x", true)],
    [3, pod("y", false)],
  ]);
  t.same(judge(good), []);
  const surge = planted([...stepsOf(good), [4, pod("z", false)]]);
  t.same(judge(surge), ["revision 4: 3 pods, at most 2"]);
  const gap = planted([...stepsOf(good), [4, pod("x", false)]]);
  t.same(judge(gap), ["revision 4: 0 available, at least 1"]);
  const young = planted([
    [1, deployed({ ...none, minReadySeconds: 1 })],
    [2, deployed({ ...tight, minReadySeconds: 1 })],
    [3, pod("x", true)],
  ]);
  t.same(judge(young), ["revision 3: 0 available, at least 1"]);
  const mixed = planted([
    [1, deployed({ replicas: 2, strategy: { type: "Recreate" } })],
    [2, pod("x", true)],
    [3, pod("y", true, "b")],
  ]);
  t.same(judge(mixed), ["revision 3: pods of two templates at once"]);
});

function stepsOf(events: readonly Seen[]): (readonly [number, object])[] {
  return events.map(({ revision, object }) => [revision, object]);
}
