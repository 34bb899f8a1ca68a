import { isConflict, isNotFound } from "../../api/client/api-error.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { CERTIFICATE_SIGNING_REQUESTS } from "../../api/client/resource-types.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { clearedAtMs } from "./signer-rules.js";

const NAME = "csrcleaner";

/** The loop that clears requests for certificates away when nobody needs them any more. */
export const certificateCleanerLoop: LoopFactory = (context) => {
  const requests = context.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
  const queue = newQueue(context, NAME);
  requests.addHandler({
    added: (request) => queue.add(keyOf(request)),
    updated: (request) => queue.add(keyOf(request)),
  });
  const client = context.client.resource(CERTIFICATE_SIGNING_REQUESTS);
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    const request = requests.lister.get(key);
    if (request === undefined) return {};
    const leftMs = clearedAtMs(request) - context.clock.nowMs();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const { name, uid, resourceVersion } = request.metadata;
    try {
      await client.delete(name, { uid, resourceVersion, signal });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};
