import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from "../../api/schema/types/apps-v1.gen.js";
import { sameJson } from "../common/same-json.js";
import {
  currentAnnotations,
  DESIRED_REPLICAS,
  maxRevision,
  numberIn,
  REVISION,
  revisionOf,
  sizeAnnotations,
} from "./annotations.js";
import {
  conditionOf,
  deadlineInMs,
  isComplete,
  progressDeadlineMs,
  REASON,
  withCondition,
} from "./conditions.js";
import {
  type Bounds,
  boundsOf,
  type DeploymentWorld,
  type Draft,
  draftOf,
} from "./rollout-state.js";
import { allToZero, newReplicaSetSize, scaleAll, type Sizes, stepNew, stepOld } from "./scaling.js";
import { countStatus, rolloutStatus, type StatusWorld } from "./status.js";
import { findNewReplicaSet, olderFirst, POD_TEMPLATE_HASH, templateHash } from "./template-hash.js";

/**
 * What brings the ReplicaSets in line with the Deployment: a step of the roll-out, not the whole of
 * it.
 */
export interface DeploymentPlan {
  /** To be created first; null: none. */
  readonly create: NewReplicaSet | null;
  readonly updates: readonly ReplicaSetUpdate[];
  readonly remove: readonly ReplicaSet[];
  /** The revision to note on the Deployment; null: it is there. */
  readonly revision: string | null;
  /** To be written last; null: it is as stored. */
  readonly status: DeploymentStatus | null;
  /** When a deadline has to be looked at; null: none. */
  readonly requeueAfterMs: number | null;
}

/** The ReplicaSet for a template that has none. */
export interface NewReplicaSet {
  readonly name: string;
  readonly hash: string;
  readonly replicas: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A change of a ReplicaSet. */
export interface ReplicaSetUpdate {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly minReadySeconds: number;
}

interface Stage {
  readonly deployment: Deployment;
  readonly bounds: Bounds;
  readonly newDraft: Draft | null;
  /** Oldest first. */
  readonly old: readonly Draft[];
  readonly create: NewReplicaSet | null;
  readonly conditions: readonly DeploymentCondition[];
}

/** Pure: the same arguments give the same plan. */
export function planDeployment(world: DeploymentWorld): DeploymentPlan {
  const { deployment } = world;
  const { spec, metadata } = deployment;
  if (metadata.deletionTimestamp !== undefined) return statusOnly(world);
  const conditions = pausedConditions(world);
  const found = takeStock(world, conditions);
  if (spec.paused === true || isScalingEvent(deployment, found))
    return finish(world, scaledStage(found), { count: true, cleanUp: spec.paused === true });
  const current =
    found.newDraft === null && mayCreate(world) ? withNewReplicaSet(world, found) : found;
  if (current.newDraft === null) return recreateOld(world, current);
  return spec.strategy?.type === "Recreate" ? recreate(world, current) : roll(world, current);
}

/** A Deployment that is going only reports. */
function statusOnly(world: DeploymentWorld): DeploymentPlan {
  const status = countStatus(statusWorld(world, world.deployment.status?.conditions ?? []));
  return { ...NO_PLAN, status: changed(world.deployment, status) };
}

const NO_PLAN: DeploymentPlan = {
  create: null,
  updates: [],
  remove: [],
  revision: null,
  status: null,
  requeueAfterMs: null,
};

/**
 * Time spent paused must not count against the deadline: the condition's reason says so and its
 * time is set anew.
 */
function pausedConditions({ deployment, nowMs }: DeploymentWorld): readonly DeploymentCondition[] {
  const conditions = deployment.status?.conditions ?? [];
  if (progressDeadlineMs(deployment) === null) return conditions;
  const current = conditionOf(deployment.status, "Progressing");
  if (current?.reason === REASON.timedOut) return conditions;
  const type = "Progressing";
  if (deployment.spec.paused === true && current?.reason !== REASON.paused) {
    const message = "Deployment is paused";
    const facts = { type, status: "Unknown", reason: REASON.paused, message } as const;
    return withCondition(conditions, facts, nowMs);
  }
  if (deployment.spec.paused !== true && current?.reason === REASON.paused) {
    const message = "Deployment is resumed";
    const facts = { type, status: "Unknown", reason: REASON.resumed, message } as const;
    return withCondition(conditions, facts, nowMs);
  }
  return conditions;
}

/** Tells the new ReplicaSet from the old ones and gives it the highest revision. */
function takeStock(world: DeploymentWorld, conditions: readonly DeploymentCondition[]): Stage {
  const { deployment, nowMs } = world;
  const newest = findNewReplicaSet(deployment, world.replicaSets);
  const others = world.replicaSets.filter((rs) => rs !== newest);
  const old = [...others].sort(olderFirst).map(draftOf);
  const bounds = boundsOf(deployment);
  const stage: Stage = { deployment, bounds, newDraft: null, old, create: null, conditions };
  if (newest === undefined) return stage;
  const draft = draftOf(newest);
  const revision = maxRevision(others) + 1n;
  const replicaSet = { annotations: draft.annotations, isNew: false };
  const newDraft: Draft = {
    ...draft,
    annotations: currentAnnotations(deployment, replicaSet, revision),
    minReadySeconds: deployment.spec.minReadySeconds ?? 0,
  };
  const isKnown = conditions.some((condition) => condition.type === "Progressing");
  if (isKnown || progressDeadlineMs(deployment) === null) return { ...stage, newDraft };
  const message = `Found new replica set "${draft.name}"`;
  const facts = { type: "Progressing", status: "True", reason: REASON.foundReplicaSet } as const;
  return {
    ...stage,
    newDraft,
    conditions: withCondition(conditions, { ...facts, message }, nowMs),
  };
}

function allDrafts({ newDraft, old }: Stage): readonly Draft[] {
  return newDraft === null ? old : [...old, newDraft];
}

/** spec.replicas changed since a ReplicaSet with pods was last scaled. */
function isScalingEvent(deployment: Deployment, stage: Stage): boolean {
  return allDrafts(stage).some((draft) => {
    const noted = numberIn(draft.annotations, DESIRED_REPLICAS);
    return draft.replicas > 0 && noted !== null && noted !== (deployment.spec.replicas ?? 1);
  });
}

function scaledStage(stage: Stage): Stage {
  const { deployment, bounds } = stage;
  const rolling = deployment.spec.strategy?.type !== "Recreate";
  const statusReplicas = deployment.status?.replicas ?? 0;
  const sizes = scaleAll(bounds, stage, { rolling, statusReplicas });
  const resized = resize(stage, sizes);
  // Also those whose size is right take note of the new one, or they would look unscaled for ever.
  return {
    ...resized,
    newDraft: resized.newDraft === null ? null : noteSize(resized.newDraft, bounds),
    old: resized.old.map((draft) => noteSize(draft, bounds)),
  };
}

function noteSize(draft: Draft, { desired, surge }: Bounds): Draft {
  if (draft.replicas === 0) return draft;
  return { ...draft, annotations: sizeAnnotations(draft.annotations, desired, surge) };
}

function resize(stage: Stage, sizes: Sizes): Stage {
  const { bounds } = stage;
  const apply = (draft: Draft): Draft => {
    const replicas = sizes.get(draft.name);
    if (replicas === undefined || replicas === draft.replicas) return draft;
    const annotations = sizeAnnotations(draft.annotations, bounds.desired, bounds.surge);
    return { ...draft, replicas, annotations };
  };
  return {
    ...stage,
    newDraft: stage.newDraft === null ? null : apply(stage.newDraft),
    old: stage.old.map(apply),
  };
}

/** Recreate makes the new ReplicaSet only when the old pods are gone. */
function mayCreate(world: DeploymentWorld): boolean {
  if (world.deployment.spec.strategy?.type !== "Recreate") return true;
  return !world.replicaSets.some((rs) => (rs.spec.replicas ?? 1) > 0) && !world.oldPodsRunning();
}

function withNewReplicaSet(world: DeploymentWorld, stage: Stage): Stage {
  const { deployment, nowMs } = world;
  const { bounds, old } = stage;
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
  const name = `${deployment.metadata.name}-${hash}`;
  const rolling = deployment.spec.strategy?.type !== "Recreate";
  const replicas = rolling ? newReplicaSetSize(bounds, old, 0) : bounds.desired;
  const revision = maxRevision(world.replicaSets) + 1n;
  const copied = currentAnnotations(deployment, { annotations: {}, isNew: true }, revision);
  const annotations = sizeAnnotations(copied, bounds.desired, bounds.surge);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const facts = { original: null, name, replicas, annotations, minReadySeconds };
  const newDraft: Draft = { ...facts, availableReplicas: 0, presentReplicas: replicas };
  const create = { name, hash, replicas, annotations };
  const message = `Created new replica set "${name}"`;
  const condition = { type: "Progressing", status: "True", reason: REASON.newReplicaSet } as const;
  const conditions =
    progressDeadlineMs(deployment) === null
      ? stage.conditions
      : withCondition(stage.conditions, { ...condition, message }, nowMs);
  return { ...stage, newDraft, create, conditions };
}

function roll(world: DeploymentWorld, stage: Stage): DeploymentPlan {
  const { bounds, newDraft, old } = stage;
  // What was just made is looked at again once it is in the cache.
  if (newDraft === null || stage.create !== null) return finish(world, stage, {});
  const up = stepNew(bounds, newDraft, old);
  const sizes = up.size > 0 ? up : stepOld(bounds, newDraft, old);
  return finish(world, resize(stage, sizes), { cleanUp: sizes.size === 0 });
}

/**
 * Recreate before there is a new ReplicaSet: the old ones go to zero, and their pods are waited
 * for.
 */
function recreateOld(world: DeploymentWorld, stage: Stage): DeploymentPlan {
  return finish(world, resize(stage, allToZero(stage.old)), {});
}

function recreate(world: DeploymentWorld, stage: Stage): DeploymentPlan {
  const down = allToZero(stage.old);
  if (down.size > 0 || stage.newDraft === null || stage.create !== null)
    return finish(world, resize(stage, down), {});
  if (world.oldPodsRunning()) return finish(world, stage, {});
  const { name, replicas } = stage.newDraft;
  const { desired } = stage.bounds;
  const up: Sizes = replicas === desired ? new Map() : new Map([[name, desired]]);
  return finish(world, resize(stage, up), { cleanUp: up.size === 0 });
}

function statusWorld(
  world: DeploymentWorld,
  conditions: readonly DeploymentCondition[],
): StatusWorld {
  const { deployment, replicaSets, nowMs } = world;
  const newReplicaSet = findNewReplicaSet(deployment, replicaSets);
  return { deployment, replicaSets, newReplicaSet, conditions, nowMs };
}

/**
 * Turns a stage into writes. `count`: the status says nothing new about progress; `cleanUp`: old
 * ones may go.
 */
function finish(
  world: DeploymentWorld,
  stage: Stage,
  { count = false, cleanUp = false }: { count?: boolean; cleanUp?: boolean },
): DeploymentPlan {
  const { deployment, nowMs } = world;
  const view = statusWorld(world, stage.conditions);
  const status = count ? countStatus(view) : rolloutStatus(view);
  const revision = stage.newDraft?.annotations[REVISION] ?? null;
  const mayClean = cleanUp && (count || isComplete(deployment, status));
  const deadlineMs =
    count || isComplete(deployment, status) ? null : deadlineInMs(deployment, status, nowMs);
  return {
    create: stage.create,
    updates: allDrafts(stage).flatMap(updateOf),
    remove: mayClean ? beyondHistory(world, stage) : [],
    revision: deployment.metadata.annotations?.[REVISION] === revision ? null : revision,
    status: changed(deployment, status),
    // A second more, because times are kept in whole seconds.
    requeueAfterMs: deadlineMs === null || deadlineMs === 0 ? null : deadlineMs + 1000,
  };
}

function updateOf(draft: Draft): ReplicaSetUpdate[] {
  const { original: replicaSet, replicas, annotations, minReadySeconds } = draft;
  if (replicaSet === null) return [];
  const before = draftOf(replicaSet);
  const same =
    replicas === before.replicas &&
    minReadySeconds === before.minReadySeconds &&
    sameJson(annotations, before.annotations);
  return same ? [] : [{ replicaSet, replicas, annotations, minReadySeconds }];
}

/** Old ReplicaSets without pods beyond revisionHistoryLimit, the lowest revisions first. */
function beyondHistory(world: DeploymentWorld, stage: Stage): readonly ReplicaSet[] {
  const { revisionHistoryLimit } = world.deployment.spec;
  if (revisionHistoryLimit === undefined) return [];
  const old = stage.old.flatMap(({ original }) => (original === null ? [] : [original]));
  const alive = old.filter((rs) => rs.metadata.deletionTimestamp === undefined);
  const excess = alive.length - revisionHistoryLimit;
  if (excess <= 0) return [];
  const byRevision = alive.sort(
    (a, b) => lowerFirst(revisionOf(a), revisionOf(b)) || olderFirst(a, b),
  );
  return byRevision.slice(0, excess).filter(isIdle);
}

function lowerFirst(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isIdle({ metadata, spec, status }: ReplicaSet): boolean {
  return (
    (status?.replicas ?? 0) === 0 &&
    (spec.replicas ?? 1) === 0 &&
    (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)
  );
}

const ZEROS = {
  observedGeneration: 0,
  replicas: 0,
  updatedReplicas: 0,
  readyReplicas: 0,
  availableReplicas: 0,
  unavailableReplicas: 0,
  terminatingReplicas: 0,
  conditions: [],
};

/** Null when the stored status says the same; an absent number is zero. */
function changed(deployment: Deployment, status: DeploymentStatus): DeploymentStatus | null {
  const stored = deployment.status;
  return stored !== undefined && sameJson({ ...ZEROS, ...stored }, { ...ZEROS, ...status })
    ? null
    : status;
}

/** The labels that a ReplicaSet of this hash adds to the Deployment's template and selector. */
export function hashLabel(hash: string): { readonly [POD_TEMPLATE_HASH]: string } {
  return { [POD_TEMPLATE_HASH]: hash };
}
