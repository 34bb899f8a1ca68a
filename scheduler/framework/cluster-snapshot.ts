import { assert } from "../../base/assert.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";
import { Nominations } from "./nominations.js";
import { MutableNodeInfo, type NodeInfo } from "./node-info.js";
import { isTerminal, type PodInfo, podInfoOf } from "./pod-info.js";
import type { StorageView } from "./storage-view.js";

/**
 * What plugins see of the cluster. It does not change while a scheduling cycle runs: cycles are
 * synchronous.
 */
export interface ClusterView {
  /** In the order in which nodes are tried: zones take turns. */
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** Nodes on which some pod has a term of (anti-)affinity. */
  readonly nodesWithAffinity: ReadonlySet<NodeInfo>;
  /** How many nodes have this image. */
  imageSpread(image: string): number;
  namespaceLabels(namespace: string): { readonly [key: string]: string } | undefined;
  /** Every PodDisruptionBudget. */
  budgets(): Iterable<PodDisruptionBudget>;
  readonly storage: StorageView;
  /** Pods for which room is being made on this node. */
  nominatedOn(nodeName: string): readonly PodInfo[];
  /** The node on which room is being made for a pod; undefined: nowhere. */
  nominationOf(uid: string): string | undefined;
}

/** What the snapshot asks for when it is asked. */
export interface SnapshotSources {
  readonly namespaceLabels: ClusterView["namespaceLabels"];
  readonly budgets: ClusterView["budgets"];
  readonly storage: StorageView;
}

interface Placed {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Decided here and not yet seen from the server. */
  readonly assumed: boolean;
}

const ZONE_LABEL = "topology.kubernetes.io/zone";

/**
 * Nodes and placed pods, kept up to date change by change: the cost of a change does not depend on
 * the size of the cluster, except that a node that comes or goes has the order of nodes worked out
 * anew.
 */
export class ClusterSnapshot implements ClusterView {
  readonly nodesWithAffinity = new Set<MutableNodeInfo>();
  private readonly byName = new Map<string, MutableNodeInfo>();
  private readonly placed = new Map<string, Placed>();
  /** Pods of nodes that are unknown (yet, or no longer). */
  private readonly homeless = new Map<string, Map<string, PodInfo>>();
  private readonly imageCounts = new Map<string, number>();
  private readonly sources: SnapshotSources;
  private readonly nominations = new Nominations();
  private ordered: readonly MutableNodeInfo[] | null = [];

  constructor(sources: SnapshotSources) {
    this.sources = sources;
  }

  get nodes(): readonly NodeInfo[] {
    this.ordered ??= interleaveZones([...this.byName.values()]);
    return this.ordered;
  }

  node(name: string): NodeInfo | undefined {
    return this.byName.get(name);
  }

  imageSpread(image: string): number {
    return this.imageCounts.get(image) ?? 0;
  }

  namespaceLabels(namespace: string): { readonly [key: string]: string } | undefined {
    return this.sources.namespaceLabels(namespace);
  }

  budgets(): Iterable<PodDisruptionBudget> {
    return this.sources.budgets();
  }

  get storage(): StorageView {
    return this.sources.storage;
  }

  nominatedOn(nodeName: string): readonly PodInfo[] {
    return this.nominations.on(nodeName);
  }

  nominationOf(uid: string): string | undefined {
    return this.nominations.of(uid);
  }

  /** Room is made for a pod on this node; null: nowhere, or no longer. */
  nominate(info: PodInfo, nodeName: string | null): void {
    if (nodeName === null) this.nominations.delete(info.uid);
    else this.nominations.set(info, nodeName);
  }

  /** The pod waits no longer: it is gone, or has a node. */
  denominate(uid: string): void {
    this.nominations.delete(uid);
  }

  setNode(node: Node): void {
    const { name } = node.metadata;
    const known = this.byName.get(name);
    if (known === undefined) {
      const info = new MutableNodeInfo(node);
      this.byName.set(name, info);
      this.ordered = null;
      for (const pod of this.homeless.get(name)?.values() ?? []) info.addPod(pod);
      this.homeless.delete(name);
      this.countImages(info, 1);
      this.noteAffinity(info);
      return;
    }
    if (known.node.metadata.labels?.[ZONE_LABEL] !== node.metadata.labels?.[ZONE_LABEL])
      this.ordered = null;
    const { imageBytes } = known;
    known.setNode(node);
    if (known.imageBytes !== imageBytes) {
      for (const image of imageBytes.keys()) this.countImage(image, -1);
      this.countImages(known, 1);
    }
  }

  removeNode(name: string): void {
    const info = this.byName.get(name);
    if (info === undefined) return;
    this.byName.delete(name);
    this.ordered = null;
    this.countImages(info, -1);
    this.nodesWithAffinity.delete(info);
    if (info.pods.size > 0) this.homeless.set(name, new Map(info.pods));
  }

  /**
   * A pod seen from the server with a node. Confirms what was assumed. One that has ended is taken
   * off its node.
   */
  setPod(pod: Pod): void {
    const { uid } = pod.metadata;
    this.remove(uid);
    const nodeName = pod.spec.nodeName ?? "";
    if (nodeName === "" || isTerminal(pod)) return;
    this.place(podInfoOf(pod), { nodeName, assumed: false });
  }

  /** The pod is gone from the server. */
  removePod(uid: string): void {
    this.remove(uid);
  }

  /** Counts a pod as running where it was decided to, before the server knows. */
  assume(info: PodInfo, nodeName: string): void {
    assert(!this.placed.has(info.uid), `pod ${info.key} assumed twice`);
    this.place(info, { nodeName, assumed: true });
  }

  /** Undoes assume(), if the server has not confirmed it meanwhile. */
  forget(info: PodInfo): void {
    if (this.placed.get(info.uid)?.assumed === true) this.remove(info.uid);
  }

  /** True when the pod was decided here and the server has not shown it yet. */
  isAssumed(uid: string): boolean {
    return this.placed.get(uid)?.assumed ?? false;
  }

  private place(
    info: PodInfo,
    { nodeName, assumed }: { nodeName: string; assumed: boolean },
  ): void {
    this.placed.set(info.uid, { info, nodeName, assumed });
    const node = this.byName.get(nodeName);
    if (node !== undefined) {
      node.addPod(info);
      this.noteAffinity(node);
      return;
    }
    const waiting = this.homeless.get(nodeName) ?? new Map<string, PodInfo>();
    waiting.set(info.uid, info);
    this.homeless.set(nodeName, waiting);
  }

  private remove(uid: string): void {
    const placed = this.placed.get(uid);
    if (placed === undefined) return;
    this.placed.delete(uid);
    const node = this.byName.get(placed.nodeName);
    if (node === undefined) {
      const waiting = this.homeless.get(placed.nodeName);
      waiting?.delete(uid);
      if (waiting?.size === 0) this.homeless.delete(placed.nodeName);
      return;
    }
    node.removePod(placed.info);
    this.noteAffinity(node);
  }

  private noteAffinity(node: MutableNodeInfo): void {
    if (node.podsWithAffinity.size > 0) this.nodesWithAffinity.add(node);
    else this.nodesWithAffinity.delete(node);
  }

  private countImages(node: NodeInfo, by: 1 | -1): void {
    for (const image of node.imageBytes.keys()) this.countImage(image, by);
  }

  private countImage(image: string, by: 1 | -1): void {
    const count = (this.imageCounts.get(image) ?? 0) + by;
    if (count === 0) this.imageCounts.delete(image);
    else this.imageCounts.set(image, count);
  }
}

/** Zones take turns, so that a sample of the nodes has some of every zone. */
function interleaveZones(nodes: readonly MutableNodeInfo[]): readonly MutableNodeInfo[] {
  const zones = new Map<string, MutableNodeInfo[]>();
  for (const info of nodes) {
    const zone = info.node.metadata.labels?.[ZONE_LABEL] ?? "";
    const list = zones.get(zone);
    if (list === undefined) zones.set(zone, [info]);
    else list.push(info);
  }
  const lists = [...zones.values()];
  if (lists.length === 1) return nodes;
  const ordered: MutableNodeInfo[] = [];
  for (let i = 0; ordered.length < nodes.length; i += 1) {
    for (const list of lists) {
      const info = list[i];
      if (info !== undefined) ordered.push(info);
    }
  }
  return ordered;
}
