import { isAlreadyExists, isNotFound } from "../api/client/api-error.js";
import type { ApiClient, ResourceClient } from "../api/client/client-types.js";
import type { EventRecorder } from "../api/client/event-recorder.js";
import { NODES } from "../api/client/resource-types.js";
import { jitteredBackoffMs, waitMs } from "../api/client/waiting.js";
import { formatTime } from "../api/machinery/time.js";
import type { Node, NodeStatus } from "../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../api/schema/wire-types.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import { nodeStatusEvents } from "./plan/node-events.js";
import {
  newNode,
  nodeAnnotations,
  type NodeDescription,
  type NodeHealth,
  nodeLabels,
  nodeResources,
  nodeStatus,
  sameNodeStatus,
} from "./plan/node-object.js";

const RETRY = { firstMs: 200, maxMs: 5000 };

/**
 * Keeps this node's Node object: creates it, and writes its status when something in it has
 * changed. Heartbeats are none of its business.
 */
export class NodeRegistration {
  private readonly nodes: ResourceClient<Node>;
  private readonly description: NodeDescription;
  private readonly deps: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly recorder: EventRecorder;
    readonly signal: AbortSignal;
  };
  private present: Node | null = null;
  private health: NodeHealth;
  private running: Promise<void> | null = null;
  private again = false;
  /** Nothing is written before the node's health was looked at by this agent. */
  private paused = false;
  /** A server hears this agent: until then the Node object rightly says that it is silent. */
  private isHeard = false;

  constructor(
    client: ApiClient,
    config: { readonly description: NodeDescription; readonly health: NodeHealth },
    deps: NodeRegistration["deps"],
  ) {
    this.nodes = client.resource(NODES);
    this.description = config.description;
    this.health = config.health;
    this.deps = deps;
  }

  /** This node as last heard of, with what it can give. */
  node(): Node {
    const { metadata, ...rest } = this.present ?? newNode(this.description);
    const { name } = this.description;
    const status = this.present?.status;
    const { allocatable } = nodeResources(this.description, status);
    return {
      ...rest,
      metadata: { uid: "", resourceVersion: "", creationTimestamp: "", ...metadata, name },
      status: { ...status, allocatable: { ...status?.allocatable, ...allocatable } },
    };
  }

  /** Resolves once the Node object is there; rejects when the signal aborts. */
  async register(): Promise<Node> {
    const { signal } = this.deps;
    for (let failures = 0; ; failures += 1) {
      try {
        const { node, isNew } = await this.createOrAdopt();
        this.present = node;
        this.tell(node, { reason: "Starting", message: "Starting kubelet." });
        if (isNew) this.tellTurns(node, undefined);
        // What an earlier agent said holds until this one knows better: a restart is no failure.
        this.paused = !isNew && node.status?.conditions !== undefined;
        this.sync();
        return node;
      } catch (error) {
        signal.throwIfAborted();
        this.deps.logger.warn("node not registered yet", { error });
        await waitMs(this.deps.clock, jitteredBackoffMs(failures, RETRY, this.deps.random), signal);
        signal.throwIfAborted();
      }
    }
  }

  /** The node's state has changed. */
  setHealth(health: NodeHealth): void {
    this.health = health;
    this.paused = false;
    this.sync();
  }

  /**
   * What the server has: what somebody else changed of our part is put right, a deleted Node is
   * made again. While no server hears this agent, it does not contradict at once who calls the node
   * silent: he would say so again, for as long as that lasts. Its looks say enough.
   */
  observe(node: Node | null): void {
    this.present = node;
    if (this.isHeard || node === null) this.sync();
  }

  /** A server hears this agent now, or no longer. */
  setHeard(isHeard: boolean): void {
    this.isHeard = isHeard;
    if (isHeard && this.present !== null) this.sync();
  }

  /** Resolves once what was last set has been written, or the signal has aborted. */
  async settled(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private sync(): void {
    if (this.paused) return;
    this.again = true;
    this.running ??= this.loop().finally(() => {
      this.running = null;
      if (this.again && !this.deps.signal.aborted) this.sync();
    });
  }

  private async loop(): Promise<void> {
    const { clock, random, logger, signal } = this.deps;
    let failures = 0;
    while (this.again && !signal.aborted) {
      this.again = false;
      try {
        await this.writeStatus();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn("node status not written yet", { error });
        await waitMs(clock, jitteredBackoffMs(failures, RETRY, random), signal);
        failures += 1;
        this.again = true;
      }
    }
  }

  /**
   * Kubelets name their node by its name where other events have a uid; old clients look only
   * there.
   */
  private tell(node: Node, event: { readonly reason: string; readonly message: string }): void {
    const named = { ...node, metadata: { ...node.metadata, uid: node.metadata.name } };
    this.deps.recorder.event(named, "Normal", event);
  }

  /** Tells of the conditions that the node's status turned; `before` is what they were. */
  private tellTurns(node: Node, before: NodeStatus | undefined): void {
    const { status, metadata } = node;
    if (status === undefined) return;
    for (const event of nodeStatusEvents(metadata.name, before, status)) this.tell(node, event);
  }

  private statusAfter(before: NodeStatus | undefined): NodeStatus {
    const now = formatTime(this.deps.clock.nowMs());
    return nodeStatus(this.description, this.health, { before, now });
  }

  private async writeStatus(): Promise<void> {
    const { signal } = this.deps;
    if (this.present === null) {
      const { node, isNew } = await this.createOrAdopt();
      this.present = node;
      if (isNew) this.tellTurns(node, undefined);
    }
    const before = this.present.status;
    const status = this.statusAfter(before);
    if (sameNodeStatus(status, before)) return;
    const { name, uid } = this.present.metadata;
    // The list of addresses is merged by type: it is given whole.
    const addresses = [{ $patch: "replace" }, ...(status.addresses ?? [])];
    const patch = { metadata: { uid }, status: { ...status, addresses } } as unknown as JsonValue;
    try {
      const options = { type: "strategic", subresource: "status", signal } as const;
      this.present = await this.nodes.patch(name, patch, options);
      this.tellTurns({ ...this.present, status }, before);
    } catch (error) {
      if (isNotFound(error)) this.present = null;
      throw error;
    }
  }

  private async createOrAdopt(): Promise<{ readonly node: Node; readonly isNew: boolean }> {
    const { signal } = this.deps;
    try {
      const node = newNode(this.description, this.statusAfter(undefined));
      return { node: await this.nodes.create(node, { signal }), isNew: true };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const { name } = this.description;
    const present = await this.nodes.get(name, { signal });
    const labels = nodeLabels(this.description);
    const annotations = nodeAnnotations(this.description);
    const lacks = (has: Readonly<Record<string, string>> = {}, wanted: typeof labels): boolean =>
      Object.entries(wanted).some(([key, value]) => has[key] !== value);
    const { metadata } = present;
    if (!lacks(metadata.labels, labels) && !lacks(metadata.annotations, annotations))
      return { node: present, isNew: false };
    const patch = { metadata: { labels, annotations } };
    const node = await this.nodes.patch(name, patch, { type: "strategic", signal });
    return { node, isNew: false };
  }
}
