import { isNotFound } from "../../api/client/api-error.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { NODES } from "../../api/client/resource-types.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { nextStep, secondsAt } from "./plan.js";

const NAME = "ttlcontroller";
/** The annotation, in seconds. */
export const TTL = "node.alpha.kubernetes.io/ttl";

/** The loop that tells each node how long its agent may keep ConfigMaps and Secrets. */
export const ttlLoop: LoopFactory = (context) => {
  const nodes = context.informers.informer(NODES);
  const queue = newQueue(context, NAME);
  let step = 0;
  const look = (): void => {
    const next = nextStep(step, nodes.lister.size);
    if (next === step) return;
    step = next;
    for (const key of nodes.lister.keys()) queue.add(key);
  };
  nodes.addHandler({
    added: (node) => {
      look();
      queue.add(keyOf(node));
    },
    updated: (node, old) => {
      if (node.metadata.annotations?.[TTL] !== old.metadata.annotations?.[TTL])
        queue.add(keyOf(node));
    },
    deleted: look,
  });
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    const node = nodes.lister.get(key);
    const seconds = String(secondsAt(step));
    if (node === undefined || node.metadata.annotations?.[TTL] === seconds) return {};
    const change = { metadata: { annotations: { [TTL]: seconds } } };
    try {
      await context.nodePatches.patch(node, change, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};
