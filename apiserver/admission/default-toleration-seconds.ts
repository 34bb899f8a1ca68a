import type { Pod, Toleration } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const TOLERATION_SECONDS = 300;

/**
 * A pod that says nothing about it stays on a node that went silent for five minutes before it is
 * replaced. Also on updates: who replaces a pod's tolerations takes none of these away.
 */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  mutate(object: KubernetesObject, attributes: AdmissionAttributes): KubernetesObject {
    const { kind, operation, subresource } = attributes;
    if (kind.kind !== "Pod" || subresource !== "") return object;
    if (operation !== "CREATE" && operation !== "UPDATE") return object;
    const pod = object as Pod;
    const { tolerations = [] } = pod.spec;
    const missing = TAINTS.filter((key) => !tolerations.some((own) => covers(own, key)));
    if (missing.length === 0) return object;
    const added = missing.map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: TOLERATION_SECONDS,
    }));
    return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } } as Pod;
  },
};

function covers({ key = "", effect = "" }: Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === "NoExecute" || effect === "");
}
