import type { ApiClient, ResourceType, WatchEvent } from "../../api/client/client-types.js";
import { DEPLOYMENTS, PODS, REPLICA_SETS } from "../../api/client/resource-types.js";
import { systemClock } from "../../api/client/system-clock.js";
import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

/** One event of a watch, and when it came. */
export interface Seen {
  readonly revision: number;
  readonly seenMs: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Pod | Deployment | ReplicaSet;
}

/** What there is in the namespace that is watched. */
export interface Watched {
  readonly pods: readonly Pod[];
  readonly sets: readonly ReplicaSet[];
  readonly deployment: Deployment | null;
}

/**
 * Watches a namespace with one Deployment and judges what it saw: it knows the rules of roll-outs
 * from Kubernetes' documentation and nothing of the controller.
 */
export class RolloutObserver {
  private readonly events: Seen[] = [];
  private readonly objects = new Map<string, Seen["object"]>();
  private readonly stopping = new AbortController();
  private readonly watches: Promise<void>[] = [];
  private failure: unknown = null;
  private look: () => void = () => {};

  /** Watches from now on. The caller stops it. */
  static async start(client: ApiClient, namespace: string): Promise<RolloutObserver> {
    const observer = new RolloutObserver();
    for (const type of [PODS, REPLICA_SETS, DEPLOYMENTS]) {
      const resource = type as ResourceType<Pod | Deployment | ReplicaSet>;
      const { metadata } = await client.resource(resource).list({ namespace });
      const from = { namespace, resourceVersion: metadata.resourceVersion };
      const watch = client.resource(resource).watch({ ...from, signal: observer.stopping.signal });
      observer.watches.push(
        observer.follow(watch).catch((error: unknown) => {
          if (observer.stopping.signal.aborted) return;
          observer.failure = error;
          observer.look();
        }),
      );
    }
    return observer;
  }

  /** Resolves when what there is satisfies `holds`; rejects after the limit with what there was. */
  async until(holds: (watched: Watched) => boolean, limitMs = 60_000): Promise<Watched> {
    let late = false;
    const cancel = systemClock.schedule(limitMs, () => {
      late = true;
      this.look();
    });
    try {
      for (;;) {
        if (this.failure !== null) throw this.failure;
        const watched = this.watched();
        if (holds(watched)) return watched;
        if (late) throw new Error(`not so after ${limitMs} ms: ${JSON.stringify(watched)}`);
        await new Promise<void>((resolve) => {
          this.look = resolve;
        });
      }
    } finally {
      cancel();
    }
  }

  /** What broke a rule, in the order of revisions. */
  verdict(): readonly string[] {
    return judge(this.events);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.watches);
  }

  private watched(): Watched {
    const all = [...this.objects.values()];
    const pods = all.filter(isPod);
    const sets = all.filter((object): object is ReplicaSet => object.kind === "ReplicaSet");
    return { pods, sets, deployment: all.find(isDeployment) ?? null };
  }

  private async follow(watch: AsyncIterable<WatchEvent<Seen["object"]>>): Promise<void> {
    for await (const event of watch) {
      if (event.type === "BOOKMARK") continue;
      const { type, object } = event;
      const { uid, resourceVersion } = object.metadata;
      if (type === "DELETED") this.objects.delete(uid);
      else this.objects.set(uid, object);
      this.events.push({ revision: Number(resourceVersion), seenMs: Date.now(), type, object });
      this.look();
    }
  }
}

interface Bounds {
  readonly podsMax: number;
  readonly availableMin: number;
}

/**
 * Replays events in the order of revisions. After each of them at most `replicas + maxSurge` pods
 * live and, from the first complete state on, at least `replicas - maxUnavailable` are available;
 * while the number of replicas changes, both numbers count. Under Recreate no two templates have
 * pods at once. A pod that is being deleted is neither.
 */
export function judge(events: readonly Seen[]): readonly string[] {
  const pods = new Map<string, Pod>();
  const problems: string[] = [];
  let deployment: Deployment | null = null;
  let bounds: Bounds[] = [];
  let wasComplete = false;
  for (const { object, type, revision, seenMs } of [...events].sort(byRevision)) {
    if (isDeployment(object)) {
      deployment = object;
      bounds = isComplete(object) ? [boundsOf(object)] : [...bounds, boundsOf(object)];
      wasComplete ||= isComplete(object);
    }
    if (!isPod(object) || deployment === null) continue;
    if (type === "DELETED") pods.delete(object.metadata.uid);
    else pods.set(object.metadata.uid, object);
    const live = [...pods.values()].filter(isLive);
    const wait = deployment.spec.minReadySeconds ?? 0;
    const available = live.filter((pod) => isAvailable(pod, wait, seenMs)).length;
    const most = Math.max(...bounds.map(({ podsMax }) => podsMax));
    const least = wasComplete ? Math.min(...bounds.map(({ availableMin }) => availableMin)) : 0;
    const at = `revision ${revision}: `;
    if (live.length > most) problems.push(`${at}${live.length} pods, at most ${most}`);
    if (available < least) problems.push(`${at}${available} available, at least ${least}`);
    if (isRecreate(deployment) && hashesOf([...pods.values()]).size > 1) {
      problems.push(`${at}pods of two templates at once`);
    }
  }
  return problems;
}

function byRevision(a: Seen, b: Seen): number {
  return a.revision - b.revision;
}

function boundsOf({ spec }: Deployment): Bounds {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === "Recreate") return { podsMax: replicas, availableMin: 0 };
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const surge = amount(maxSurge, replicas, Math.ceil);
  const floor = amount(maxUnavailable, replicas, Math.floor);
  // Neither more nor fewer would never get anywhere.
  const unavailable = surge === 0 && floor === 0 ? 1 : floor;
  return { podsMax: replicas + surge, availableMin: replicas - unavailable };
}

function amount(value: number | string, of: number, round: (x: number) => number): number {
  return typeof value === "number" ? value : round((Number(value.replace("%", "")) * of) / 100);
}

function isRecreate({ spec }: Deployment): boolean {
  return spec.strategy?.type === "Recreate";
}

/** The Deployment says that everything is as its spec wants it. */
export function isComplete(deployment: Deployment | null): boolean {
  const { status, spec, metadata } = deployment ?? {};
  const counts = [status?.updatedReplicas, status?.availableReplicas, status?.replicas];
  return (
    spec !== undefined &&
    status?.observedGeneration === metadata?.generation &&
    counts.every((count) => (count ?? 0) === spec.replicas)
  );
}

function isLive({ metadata, status }: Pod): boolean {
  const over = status?.phase === "Failed" || status?.phase === "Succeeded";
  return metadata.deletionTimestamp === undefined && !over;
}

function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") return false;
  return Date.parse(ready.lastTransitionTime ?? "") + minReadySeconds * 1_000 <= nowMs;
}

function hashesOf(pods: readonly Pod[]): Set<string> {
  return new Set(pods.map(({ metadata }) => metadata.labels?.["pod-template-hash"] ?? ""));
}

function isPod(object: KubernetesObject): object is Pod {
  return object.kind === "Pod";
}

function isDeployment(object: KubernetesObject): object is Deployment {
  return object.kind === "Deployment";
}
