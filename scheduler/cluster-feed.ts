import type { Informer } from "../api/client/informer.js";
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../api/schema/types/storage-v1.gen.js";
import type { Clock } from "../base/clock.js";
import type { ClusterSnapshot } from "./framework/cluster-snapshot.js";
import { podInfoOf } from "./framework/pod-info.js";
import { roleOf } from "./pod-role.js";
import type { SchedulingQueue } from "./scheduling-queue.js";

/** Where the feed puts what it hears. */
export interface FeedTargets {
  readonly snapshot: ClusterSnapshot;
  readonly queue: SchedulingQueue;
  readonly clock: Clock;
  readonly schedulerName: string;
  /** Called after every change: there may be something to schedule. */
  readonly changed: () => void;
}

/** What the feed listens to. */
export interface FeedInformers {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
}

/**
 * Keeps snapshot and queue in step with the pods, nodes and storage of the cluster. Returns what
 * ends it.
 */
export function feedFromInformers(informers: FeedInformers, targets: FeedTargets): () => void {
  const feed = new ClusterFeed(targets);
  const stopNodes = informers.nodes.addHandler({
    added: (node) => feed.nodeAdded(node),
    updated: (node, old) => feed.nodeUpdated(node, old),
    deleted: (node) => feed.nodeDeleted(node),
  });
  const stopPods = informers.pods.addHandler({
    added: (pod) => feed.podChanged(pod, null),
    updated: (pod, old) => feed.podChanged(pod, old),
    deleted: (pod) => feed.podDeleted(pod),
  });
  const claim = (changed: PersistentVolumeClaim): void => feed.claimChanged(changed);
  const volume = (): void => feed.volumeChanged();
  const stopStorage = [
    informers.claims.addHandler({ added: claim, updated: claim }),
    informers.volumes.addHandler({ added: volume, updated: volume }),
    informers.classes.addHandler({ added: volume, updated: volume }),
  ];
  return () => {
    for (const stop of stopStorage) stop();
    stopPods();
    stopNodes();
  };
}

class ClusterFeed {
  private readonly targets: FeedTargets;

  constructor(targets: FeedTargets) {
    this.targets = targets;
  }

  nodeAdded(node: Node): void {
    const { snapshot, queue, clock, changed } = this.targets;
    snapshot.setNode(node);
    queue.onEvent({ type: "NodeAdded", node }, clock.monotonicMs());
    changed();
  }

  nodeUpdated(node: Node, old: Node): void {
    const { snapshot, queue, clock, changed } = this.targets;
    snapshot.setNode(node);
    if (!mattersToPlacement(node, old)) return;
    queue.onEvent({ type: "NodeUpdated", node, old }, clock.monotonicMs());
    changed();
  }

  nodeDeleted(node: Node): void {
    this.targets.snapshot.removeNode(node.metadata.name);
  }

  podChanged(pod: Pod, old: Pod | null): void {
    const { snapshot, queue, clock, schedulerName, changed } = this.targets;
    const nowMs = clock.monotonicMs();
    const role = roleOf(pod, schedulerName);
    const before = old === null ? "ignored" : roleOf(old, schedulerName);
    if (role === "waiting") {
      const nominated = pod.status?.nominatedNodeName ?? "";
      const known = old?.status?.nominatedNodeName ?? "";
      // What was decided here is known before the status says so.
      if (old === null || nominated !== known)
        snapshot.nominate(podInfoOf(pod), nominated === "" ? null : nominated);
      if (old === null || before !== "waiting") queue.add(pod, nowMs);
      else if (samePlacement(pod, old)) return queue.refresh(pod);
      else queue.update(pod, old, nowMs);
      return changed();
    }
    queue.remove(pod.metadata.uid);
    snapshot.denominate(pod.metadata.uid);
    if (role === "assigned") {
      const confirmed = snapshot.isAssumed(pod.metadata.uid);
      snapshot.setPod(pod);
      if (old !== null && before === "assigned")
        queue.onEvent({ type: "AssignedPodUpdated", pod, old }, nowMs);
      // What we placed ourselves is no news: the pods still waiting were refused knowing it.
      else if (!confirmed) queue.onEvent({ type: "AssignedPodAdded", pod }, nowMs);
    } else if (before === "assigned") this.leftNode(pod, nowMs);
    changed();
  }

  podDeleted(pod: Pod): void {
    const { snapshot, queue, clock, changed } = this.targets;
    queue.remove(pod.metadata.uid);
    snapshot.denominate(pod.metadata.uid);
    if ((pod.spec.nodeName ?? "") !== "") this.leftNode(pod, clock.monotonicMs());
    changed();
  }

  claimChanged(claim: PersistentVolumeClaim): void {
    const { queue, clock, changed } = this.targets;
    queue.onEvent({ type: "ClaimChanged", claim }, clock.monotonicMs());
    changed();
  }

  volumeChanged(): void {
    const { queue, clock, changed } = this.targets;
    queue.onEvent({ type: "VolumeChanged" }, clock.monotonicMs());
    changed();
  }

  private leftNode(pod: Pod, nowMs: number): void {
    this.targets.snapshot.removePod(pod.metadata.uid);
    this.targets.queue.onEvent({ type: "AssignedPodDeleted", pod }, nowMs);
  }
}

/** Our own words in the status are no news. */
function samePlacement(pod: Pod, old: Pod): boolean {
  return sameJson(pod.spec, old.spec) && sameJson(pod.metadata.labels, old.metadata.labels);
}

/** A node's conditions and addresses change all the time and place no pod. */
function mattersToPlacement(node: Node, old: Node): boolean {
  return (
    node.spec.unschedulable !== old.spec.unschedulable ||
    !sameJson(node.spec.taints, old.spec.taints) ||
    !sameJson(node.metadata.labels, old.metadata.labels) ||
    !sameJson(node.status?.allocatable, old.status?.allocatable)
  );
}

function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
