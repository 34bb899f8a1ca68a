import type { EventRecorder } from "../../api/client/event-recorder.js";
import type { Lister } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { NODES } from "../../api/client/resource-types.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import type { Logger } from "../../base/logger.js";
import type { NodePatches } from "../common/node-patches.js";
import {
  type LoopContext,
  type LoopFactory,
  newQueue,
  queueLoop,
  type Reconciler,
  type Result,
} from "../controller.js";
import { PodCidrPool } from "./plan.js";

/** How often a node without a range is looked at again when all ranges are given out. */
const EXHAUSTED_RETRY_MS = 30_000;

/** Which range the nodes' ranges are cut from. */
export interface NodeIpamConfig {
  /** Such as 10.244.0.0/16. */
  readonly clusterCidr: string;
  /** Default 24. */
  readonly nodePrefix?: number;
}

/** Makes the loop that gives every Node its spec.podCIDR. */
export function nodeIpamLoop(config: NodeIpamConfig): LoopFactory {
  return (context: LoopContext) => {
    const queue = newQueue(context, "node-ipam");
    const pool = new PodCidrPool(config.clusterCidr, config.nodePrefix ?? 24);
    const informer = context.informers.informer(NODES);
    const logger = context.logger.with({ controller: "node-ipam" });
    const takeIn = (node: Node): void => {
      const { podCIDR } = node.spec;
      if (podCIDR === undefined || podCIDR === "") return queue.add(keyOf(node));
      if (!pool.occupy(node.metadata.name, podCIDR))
        logger.warn("a node has a pod range that is taken or not of this cluster", {
          node: node.metadata.name,
          podCIDR,
        });
    };
    informer.addHandler({
      added: takeIn,
      updated: (node, old) => {
        if (node.spec.podCIDR !== old.spec.podCIDR) takeIn(node);
      },
      deleted: (node) => pool.release(node.metadata.name),
    });
    const reconciler = new NodeIpamReconciler({
      pool,
      nodes: informer.lister,
      patches: context.nodePatches,
      events: context.events.recorder({ component: "node-ipam-controller" }),
      logger,
    });
    return queueLoop(context, { name: "node-ipam", queue, reconciler });
  };
}

interface NodeIpamDeps {
  readonly pool: PodCidrPool;
  readonly nodes: Lister<Node>;
  readonly patches: NodePatches;
  readonly events: EventRecorder;
  readonly logger: Logger;
}

class NodeIpamReconciler implements Reconciler {
  private readonly deps: NodeIpamDeps;

  constructor(deps: NodeIpamDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { pool, nodes, patches, events, logger } = this.deps;
    const node = nodes.get(key);
    if (node === undefined || (node.spec.podCIDR ?? "") !== "") return {};
    const { name } = node.metadata;
    // The pool remembers what it gave: a second try after a failure gets the same range.
    const podCIDR = pool.allocate(name);
    if (podCIDR === null) {
      const message = `Node ${name} status is now: CIDRNotAvailable`;
      events.event(node, "Normal", { reason: "CIDRNotAvailable", message });
      return { requeueAfterMs: EXHAUSTED_RETRY_MS };
    }
    await patches.patch(node, { spec: { podCIDR, podCIDRs: [podCIDR] } }, signal);
    logger.info("gave a node its pod range", { node: name, podCIDR });
    return {};
  }
}
