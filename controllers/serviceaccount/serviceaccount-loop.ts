import { isAlreadyExists, isNamespaceTerminating } from "../../api/client/api-error.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { NAMESPACES, SERVICE_ACCOUNTS } from "../../api/client/resource-types.js";
import type { Namespace, ServiceAccount } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";

const NAME = "serviceaccount";
const DEFAULT_NAME = "default";

/** The ServiceAccount that a namespace lacks; null: it has it, or it is going. */
export function planDefaultAccount(
  namespace: Namespace | undefined,
  account: ServiceAccount | undefined,
): NewObject<ServiceAccount> | null {
  if (namespace === undefined || account !== undefined) return null;
  if (namespace.metadata.deletionTimestamp !== undefined) return null;
  if (namespace.status?.phase === "Terminating") return null;
  const metadata = { name: DEFAULT_NAME, namespace: namespace.metadata.name };
  return { apiVersion: "v1", kind: "ServiceAccount", metadata };
}

/** The loop that gives every namespace its `default` ServiceAccount. */
export const serviceAccountLoop: LoopFactory = (context) => {
  const namespaces = context.informers.informer(NAMESPACES);
  const accounts = context.informers.informer(SERVICE_ACCOUNTS);
  const queue = newQueue(context, NAME);
  const enqueue = ({ metadata }: Namespace): void => queue.add(objectKey(undefined, metadata.name));
  namespaces.addHandler({ added: enqueue, updated: enqueue });
  accounts.addHandler({
    deleted: ({ metadata: { name, namespace = "" } }) => {
      if (name === DEFAULT_NAME) queue.add(objectKey(undefined, namespace));
    },
  });
  const client = context.client.resource(SERVICE_ACCOUNTS);
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Record<string, never>> => {
    const account = accounts.lister.get(objectKey(key, DEFAULT_NAME));
    const wanted = planDefaultAccount(namespaces.lister.get(key), account);
    try {
      if (wanted !== null) await client.create(wanted, { signal });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
    }
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};
