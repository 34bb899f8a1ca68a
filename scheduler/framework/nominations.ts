import type { PodInfo } from "./pod-info.js";

/** Which pods wait for room that was made for them, and where. */
export class Nominations {
  private readonly nodeOf = new Map<string, string>();
  private readonly byNode = new Map<string, Map<string, PodInfo>>();

  /** Room is being made for the pod on this node. */
  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid);
    this.nodeOf.set(pod.uid, nodeName);
    const pods = this.byNode.get(nodeName) ?? new Map<string, PodInfo>();
    pods.set(pod.uid, pod);
    this.byNode.set(nodeName, pods);
  }

  /** The pod waits for no room, or no longer. */
  delete(uid: string): void {
    const nodeName = this.nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.nodeOf.delete(uid);
    const pods = this.byNode.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.byNode.delete(nodeName);
  }

  /** The pods that wait for room on this node. */
  on(nodeName: string): readonly PodInfo[] {
    const pods = this.byNode.get(nodeName);
    return pods === undefined ? [] : [...pods.values()];
  }

  /** The node where room is made for a pod; undefined: nowhere. */
  of(uid: string): string | undefined {
    return this.nodeOf.get(uid);
  }
}
