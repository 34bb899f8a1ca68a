import type { ClusterView } from "./cluster-snapshot.js";
import { MutableNodeInfo, type NodeInfo } from "./node-info.js";
import type { PodInfo } from "./pod-info.js";

/** A cluster that differs in one node, to ask plugins what they would say. */
export interface WhatIf {
  readonly view: ClusterView;
  readonly node: NodeInfo;
}

/** The cluster as it would be if exactly these pods stood on that node. */
export function withPodsOn(view: ClusterView, node: NodeInfo, pods: Iterable<PodInfo>): WhatIf {
  const changed = new MutableNodeInfo(node.node);
  for (const pod of pods) changed.addPod(pod);
  return { node: changed, view: new ChangedView(view, node, changed) };
}

/** Lists are made when somebody asks for them: most plugins look at the one node alone. */
class ChangedView implements ClusterView {
  private readonly view: ClusterView;
  private readonly original: NodeInfo;
  private readonly changed: NodeInfo;

  constructor(view: ClusterView, original: NodeInfo, changed: NodeInfo) {
    this.view = view;
    this.original = original;
    this.changed = changed;
  }

  get nodes(): readonly NodeInfo[] {
    return this.view.nodes.map((node) => (node === this.original ? this.changed : node));
  }

  get nodesWithAffinity(): ReadonlySet<NodeInfo> {
    const { changed, original, view } = this;
    const has = changed.podsWithAffinity.size > 0;
    if (!has && !view.nodesWithAffinity.has(original)) return view.nodesWithAffinity;
    const nodes = new Set(view.nodesWithAffinity);
    nodes.delete(original);
    if (has) nodes.add(changed);
    return nodes;
  }

  get storage(): ClusterView["storage"] {
    return this.view.storage;
  }

  budgets(): ReturnType<ClusterView["budgets"]> {
    return this.view.budgets();
  }

  nominationOf(uid: string): string | undefined {
    return this.view.nominationOf(uid);
  }

  node(name: string): NodeInfo | undefined {
    return name === this.changed.name ? this.changed : this.view.node(name);
  }

  nominatedOn(name: string): readonly PodInfo[] {
    return this.view.nominatedOn(name);
  }

  imageSpread(image: string): number {
    return this.view.imageSpread(image);
  }

  namespaceLabels(namespace: string): { readonly [key: string]: string } | undefined {
    return this.view.namespaceLabels(namespace);
  }
}
