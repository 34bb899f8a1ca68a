import { isAlreadyExists, isNamespaceTerminating } from "../../api/client/api-error.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { CONFIG_MAPS, NAMESPACES } from "../../api/client/resource-types.js";
import type { ConfigMap, Namespace } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";

const NAME = "root_ca_cert_publisher";
/** The ConfigMap by which pods know the API server. */
export const ROOT_CA_NAME = "kube-root-ca.crt";
const DESCRIPTION = {
  "kubernetes.io/description":
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal " +
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is " +
    "guaranteed across distributions of Kubernetes clusters.",
};

/** What to write so that a namespace knows the CA; both null: it does, or it is going. */
export function planRootCa(
  namespace: Namespace | undefined,
  { current, caPem }: { current: ConfigMap | undefined; caPem: string },
): { readonly create: NewObject<ConfigMap> | null; readonly update: ConfigMap | null } {
  const nothing = { create: null, update: null };
  if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return nothing;
  const data = { "ca.crt": caPem };
  if (current === undefined) {
    const { name } = namespace.metadata;
    const metadata = { name: ROOT_CA_NAME, namespace: name, annotations: DESCRIPTION };
    return { create: { apiVersion: "v1", kind: "ConfigMap", metadata, data }, update: null };
  }
  const annotations = { ...current.metadata.annotations, ...DESCRIPTION };
  const same =
    sameJson(current.data, data) && sameJson(annotations, current.metadata.annotations ?? {});
  if (same) return nothing;
  return {
    create: null,
    update: { ...current, metadata: { ...current.metadata, annotations }, data },
  };
}

/** The loop that publishes the cluster's CA in every namespace. */
export function rootCaLoop(caPem: string): LoopFactory {
  return (context) => {
    const namespaces = context.informers.informer(NAMESPACES);
    const configMaps = context.informers.informer(CONFIG_MAPS, {
      fieldSelector: `metadata.name=${ROOT_CA_NAME}`,
    });
    const queue = newQueue(context, NAME);
    const enqueue = ({ metadata }: Namespace): void =>
      queue.add(objectKey(undefined, metadata.name));
    namespaces.addHandler({ added: enqueue, updated: enqueue });
    const enqueueOf = ({ metadata }: ConfigMap): void => {
      if (metadata.name === ROOT_CA_NAME) queue.add(objectKey(undefined, metadata.namespace ?? ""));
    };
    configMaps.addHandler({ updated: enqueueOf, deleted: enqueueOf });
    const client = context.client.resource(CONFIG_MAPS);
    const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
      const current = configMaps.lister.get(objectKey(key, ROOT_CA_NAME));
      const { create, update } = planRootCa(namespaces.lister.get(key), { current, caPem });
      try {
        if (create !== null) await client.create(create, { signal });
        if (update !== null) await client.update(update, { signal });
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
      }
      return {};
    };
    return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
  };
}
