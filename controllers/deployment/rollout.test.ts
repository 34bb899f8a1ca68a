import t from "tap";
import { SeededRandom } from "../../base/random.js";
import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import { deployment, meta, NOW_MS } from "../common/test-objects.js";
import { type DeploymentPlan, hashLabel, planDeployment } from "./plan.js";
import { boundsOf } from "./rollout-state.js";

/** A cluster of numbers: pods of a ReplicaSet appear, become available and go, by lot. */
class World {
  deployment: Deployment;
  sets: ReplicaSet[] = [];
  private readonly random: SeededRandom;
  private born = 0;

  constructor(d: Deployment, random: SeededRandom) {
    this.deployment = d;
    this.random = random;
  }

  /** One reconciliation; true when it changed something. */
  reconcile(): boolean {
    const plan = planDeployment({
      deployment: this.deployment,
      replicaSets: this.sets,
      oldPodsRunning: () => this.sets.some((rs) => (rs.status?.replicas ?? 0) > 0),
      nowMs: NOW_MS,
    });
    this.apply(plan);
    return (
      plan.create !== null || plan.updates.length + plan.remove.length > 0 || plan.status !== null
    );
  }

  /** One pod of one ReplicaSet takes one step in its life; false when none has any to take. */
  live(): boolean {
    const movable = this.sets.filter(({ spec, status }) => {
      const { replicas = 0, availableReplicas = 0 } = status ?? {};
      return replicas !== spec.replicas || availableReplicas < replicas;
    });
    const set = movable[this.random.below(Math.max(1, movable.length))];
    if (set === undefined) return false;
    const wanted = set.spec.replicas ?? 0;
    let { replicas = 0, availableReplicas = 0 } = set.status ?? {};
    if (replicas < wanted) replicas += 1;
    else if (replicas > wanted) {
      replicas -= 1; // What is not available goes first, as planReplicaSet has it.
      availableReplicas = Math.min(availableReplicas, replicas);
    } else availableReplicas += 1;
    const counts = { replicas, availableReplicas, readyReplicas: availableReplicas };
    this.replace(set, { ...set, status: { ...counts, observedGeneration: 1 } });
    return true;
  }

  available(): number {
    return this.sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
  }
  pods(): number {
    return this.sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0);
  }

  private apply({ create, updates, remove, status }: DeploymentPlan): void {
    if (create !== null) {
      this.born += 1;
      const { template } = this.deployment.spec;
      const labels = { ...template.metadata?.labels, ...hashLabel(create.hash) };
      const creationTimestamp = `2026-01-01T00:00:${String(this.born).padStart(2, "0")}Z`;
      this.sets.push({
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: meta(create.name, { labels, annotations: create.annotations, creationTimestamp }),
        spec: {
          replicas: create.replicas,
          selector: { matchLabels: labels },
          template: { ...template, metadata: { labels } },
        },
        status: { replicas: 0 },
      });
    }
    for (const { replicaSet, replicas, annotations } of updates)
      this.replace(replicaSet, {
        ...replicaSet,
        metadata: { ...replicaSet.metadata, annotations },
        spec: { ...replicaSet.spec, replicas },
      });
    this.sets = this.sets.filter((rs) => !remove.includes(rs));
    if (status !== null) this.deployment = { ...this.deployment, status };
  }

  private replace(old: ReplicaSet, set: ReplicaSet): void {
    this.sets = this.sets.map((rs) => (rs === old ? set : rs));
  }
}

function edit(d: Deployment, image: string, replicas: number): Deployment {
  const { template } = deployment(1, { image }).spec;
  return { ...d, spec: { ...d.spec, template, replicas } };
}

/** Runs until nothing moves any more; checks after every step. */
function settle(world: World, random: SeededRandom, check: () => void): boolean {
  for (let i = 0; i < 5000; i += 1) {
    const moved = random.oneIn(2) ? world.reconcile() : world.live();
    check();
    if (!moved && !world.reconcile() && !world.live()) return true;
    check();
  }
  return false;
}

void t.test("in 300 random roll-outs the bounds hold at every step, and all end", (t) => {
  let steps = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new SeededRandom(seed);
    const desired = 1 + random.below(12);
    const maxSurge = random.oneIn(2) ? random.below(4) : `${random.below(60)}%`;
    const maxUnavailable = random.oneIn(2) ? random.below(3) : `${random.below(60)}%`;
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
    const world = new World(deployment(desired, { spec: { strategy } }), random);
    const { surge, unavailable } = boundsOf(world.deployment);
    const name = `seed=${seed} desired=${desired} surge=${surge} unavailable=${unavailable}`;
    if (!settle(world, random, () => {})) t.fail(`${name}: never came up`);
    for (let image = 2; image <= 4; image += 1) {
      // Sometimes the next edit comes while the roll-out is under way.
      world.deployment = edit(world.deployment, `v${image}`, desired);
      const check = (): void => {
        steps += 1;
        if (world.pods() > desired + surge) t.fail(`${name}: ${world.pods()} pods`);
        if (world.available() < desired - unavailable)
          t.fail(`${name}: ${world.available()} available`);
      };
      if (random.oneIn(3)) {
        for (let i = random.below(30); i > 0; i -= 1) {
          if (random.oneIn(2)) world.reconcile();
          else world.live();
          check();
        }
        continue;
      }
      if (!settle(world, random, check)) t.fail(`${name}: did not end`);
    }
    settle(world, random, () => {});
    const { status } = world.deployment;
    if (status?.updatedReplicas !== desired || status.availableReplicas !== desired)
      t.fail(`${name}: ended with ${JSON.stringify(status)}`);
  }
  t.ok(steps > 10_000, `${steps} steps were checked`);
  t.end();
});
