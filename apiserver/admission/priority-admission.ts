import { forbidden } from "../../api/machinery/status.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PriorityClass } from "../../api/schema/types/scheduling-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { SYSTEM_PRIORITY_CLASSES } from "../registry/scheduling/system-priority-classes.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const PRIORITY_CLASSES = { group: "scheduling.k8s.io", resource: "priorityclasses" };
const PODS = { group: "", resource: "pods" };
const PREEMPT = "PreemptLowerPriority";

/** What a pod gets from the class it names, or from the default. */
interface Priority {
  readonly className: string;
  readonly value: number;
  readonly preemptionPolicy: string;
}

/**
 * Turns the name of a PriorityClass into the number that the scheduler goes by. A pod cannot choose
 * the number itself, there is one default class at most, and the system's classes stay.
 */
export class PriorityAdmission implements AdmissionPlugin {
  readonly name = "Priority";
  private readonly cached: ObjectReader;
  private readonly newest: ObjectReader;
  private readonly cache: WatchCache;

  constructor(deps: { cached: ObjectReader; newest: ObjectReader; cache: WatchCache }) {
    this.cached = deps.cached;
    this.newest = deps.newest;
    this.cache = deps.cache;
  }

  async mutate(
    object: KubernetesObject,
    { kind, operation, subresource, oldObject }: AdmissionAttributes,
  ): Promise<KubernetesObject> {
    if (kind.kind !== "Pod" || subresource !== "") return object;
    const pod = object as Pod;
    if (operation === "UPDATE") return withOldPriority(pod, oldObject as Pod);
    if (operation !== "CREATE") return object;
    const priority = await this.priorityOf(pod);
    checkStated(pod, priority);
    const { className, value, preemptionPolicy } = priority;
    const named = className === "" ? {} : { priorityClassName: className };
    const spec = { ...pod.spec, ...named, priority: value, preemptionPolicy };
    return { ...pod, spec } as Pod;
  }

  validate({ kind, operation, name, object }: AdmissionAttributes): void {
    if (kind.kind !== "PriorityClass") return;
    const isSystem = SYSTEM_PRIORITY_CLASSES.some((known) => known.name === name);
    if (operation === "DELETE" && isSystem) {
      const text = "this is a system priority class and cannot be deleted";
      throw new ApiFailure(forbidden(PRIORITY_CLASSES, name, text));
    }
    if ((object as PriorityClass | null)?.globalDefault !== true) return;
    const other = this.defaultClass();
    if (other === null || other.metadata.name === name) return;
    const text =
      `PriorityClass ${other.metadata.name} is already marked as default. ` +
      "Only one default can exist";
    throw new ApiFailure(forbidden(PRIORITY_CLASSES, name, text));
  }

  private async priorityOf(pod: Pod): Promise<Priority> {
    const { priorityClassName: className = "" } = pod.spec;
    if (className === "") {
      const found = this.defaultClass();
      return found === null ? { className: "", value: 0, preemptionPolicy: PREEMPT } : of(found);
    }
    const at = { namespace: "", name: className };
    const found =
      (await this.cached.get(PRIORITY_CLASSES, at)) ??
      (await this.newest.get(PRIORITY_CLASSES, at));
    if (found !== null) return of(found as PriorityClass);
    const text = `no PriorityClass with name ${className} was found`;
    throw new ApiFailure(forbidden(PODS, pod.metadata.name, text));
  }

  /** Of several, which can be left by a race, the least important one. */
  private defaultClass(): PriorityClass | null {
    let least: PriorityClass | null = null;
    const classes = this.cache.of(PRIORITY_CLASSES).list({ namespace: "", indexed: null });
    for (const { value } of classes) {
      const candidate = JSON.parse(value.toString()) as PriorityClass;
      if (candidate.globalDefault !== true) continue;
      if (least === null || (candidate.value ?? 0) < (least.value ?? 0)) least = candidate;
    }
    return least;
  }
}

function of({ metadata, value = 0, preemptionPolicy = PREEMPT }: PriorityClass): Priority {
  return { className: metadata.name, value, preemptionPolicy };
}

function withOldPriority(pod: Pod, old: Pod): Pod {
  const { priority, preemptionPolicy } = old.spec;
  const missing = {
    ...(pod.spec.priority === undefined && priority !== undefined ? { priority } : {}),
    ...(pod.spec.preemptionPolicy === undefined && preemptionPolicy !== undefined
      ? { preemptionPolicy }
      : {}),
  };
  return Object.keys(missing).length === 0 ? pod : { ...pod, spec: { ...pod.spec, ...missing } };
}

/** A pod may repeat what its class says, and may not contradict it. */
function checkStated(pod: Pod, { value, preemptionPolicy }: Priority): void {
  const { priority, preemptionPolicy: policy } = pod.spec;
  const refuse = (what: string, stated: number | string, computed: number | string): never => {
    const text =
      `${what} (${stated}) must not be provided in pod spec; priority admission controller ` +
      `computed ${computed} from the given PriorityClass name`;
    throw new ApiFailure(forbidden(PODS, pod.metadata.name, text));
  };
  if (priority !== undefined && priority !== value)
    refuse("the integer value of priority", priority, value);
  if (policy !== undefined && policy !== preemptionPolicy)
    refuse("the string value of PreemptionPolicy", policy, preemptionPolicy);
}
