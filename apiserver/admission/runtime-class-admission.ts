import { forbidden } from "../../api/machinery/status.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { RuntimeClass } from "../../api/schema/types/node-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { compareAmounts } from "../registry/common/amounts.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";
import { mergeTolerations } from "./merge-tolerations.js";

const RUNTIME_CLASSES = { group: "node.k8s.io", resource: "runtimeclasses" };
const PODS = { group: "", resource: "pods" };
const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
const UNFOUNDED =
  "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";

type Amounts = NonNullable<Pod["spec"]["overhead"]>;

/**
 * Gives a new pod what its RuntimeClass says (KEP-585, KEP-688): its overhead, and where it can
 * run. A pod may repeat that, and may not contradict it. Every rule is the RuntimeClass plugin's.
 */
export class RuntimeClassAdmission implements AdmissionPlugin {
  readonly name = "RuntimeClass";
  private readonly cached: ObjectReader;
  private readonly newest: ObjectReader;

  constructor(deps: { cached: ObjectReader; newest: ObjectReader }) {
    this.cached = deps.cached;
    this.newest = deps.newest;
  }

  async mutate(
    object: KubernetesObject,
    attributes: AdmissionAttributes,
  ): Promise<KubernetesObject> {
    if (!isNewPod(attributes)) return object;
    const pod = object as Pod;
    const runtimeClass = await this.classOf(pod);
    if (runtimeClass === null) return object;
    return withScheduling(withOverhead(pod, runtimeClass), runtimeClass);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isNewPod(attributes) || attributes.object === null) return;
    const pod = attributes.object as Pod;
    const { overhead } = pod.spec;
    const wanted = (await this.classOf(pod))?.overhead;
    if (wanted === undefined) {
      if (overhead !== undefined) refuse(pod, UNFOUNDED);
    } else if (!sameAmounts(wanted.podFixed ?? {}, overhead ?? {})) refuse(pod, MISMATCH);
  }

  private async classOf(pod: Pod): Promise<RuntimeClass | null> {
    const { runtimeClassName: name } = pod.spec;
    if (name === undefined) return null;
    const at = { namespace: "", name };
    const found =
      (await this.cached.get(RUNTIME_CLASSES, at)) ?? (await this.newest.get(RUNTIME_CLASSES, at));
    if (found !== null) return found as RuntimeClass;
    return refuse(pod, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  }
}

function isNewPod({ kind, operation, subresource }: AdmissionAttributes): boolean {
  return kind.kind === "Pod" && operation === "CREATE" && subresource === "";
}

function refuse(pod: Pod, text: string): never {
  throw new ApiFailure(forbidden(PODS, pod.metadata.name, text));
}

function withOverhead(pod: Pod, { overhead }: RuntimeClass): Pod {
  if (overhead === undefined) return pod;
  const { podFixed = {} } = overhead;
  const stated = pod.spec.overhead;
  if (stated !== undefined && !sameAmounts(podFixed, stated)) return refuse(pod, MISMATCH);
  return { ...pod, spec: { ...pod.spec, overhead: podFixed } };
}

function withScheduling(pod: Pod, { scheduling }: RuntimeClass): Pod {
  if (scheduling === undefined) return pod;
  const { nodeSelector: own = {}, tolerations = [] } = pod.spec;
  const wanted = scheduling.nodeSelector ?? {};
  for (const [key, value] of Object.entries(wanted)) {
    const stated = own[key];
    if (stated === undefined || stated === value) continue;
    const text =
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; ` +
      `pod.spec.nodeSelector[${key}] = ${stated}`;
    return refuse(pod, text);
  }
  const nodeSelector = { ...own, ...wanted };
  const merged = mergeTolerations(tolerations, scheduling.tolerations ?? []);
  const spec = {
    ...pod.spec,
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(merged.length === 0 ? {} : { tolerations: merged }),
  };
  return { ...pod, spec };
}

function sameAmounts(a: Amounts, b: Amounts): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => {
    const [left, right] = [a[name], b[name]];
    return left !== undefined && right !== undefined && compareAmounts(left, right) === 0;
  });
}
