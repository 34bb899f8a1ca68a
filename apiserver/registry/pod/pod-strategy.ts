import type { Pod, PodCondition } from "../../../api/schema/types/core-v1.gen.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import type { Strategy, StrategyContext } from "../strategy.js";
import { withMatchedLabelKeys } from "./match-label-keys.js";
import { podTable } from "./pod-table.js";
import { qosClassOf } from "./qos-class.js";
import { validatePod } from "./pod-validation.js";
import { validatePodChange } from "./pod-update-validation.js";
import { podWarnings } from "./pod-warnings.js";

/**
 * Pods: born Pending with their QoS class. Afterwards the object's own path may change little of
 * the spec, /ephemeralcontainers only the debugging containers, /resize only resources, /status
 * only the status.
 */
export const podStrategy: Strategy<Pod> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate(pod, context) {
    const gated = schedulingGatedCondition(pod, context);
    return withFirstGeneration({
      ...withMatchedLabelKeys(withGracePeriod(pod)),
      status: {
        phase: "Pending",
        ...(gated === null ? {} : { conditions: [gated] }),
        qosClass: qosClassOf(pod.spec),
      },
    });
  },
  prepareForUpdate(pod, old, subresource) {
    if (subresource === "status") return prepareStatus(pod, old);
    if (subresource === "ephemeralcontainers")
      return withGeneration(withEphemeralContainers(pod, old), old);
    if (subresource === "resize") return withGeneration(withResources(pod, old), old);
    return withGeneration(withStatusOf(withGracePeriod(pod), old), old);
  },
  validate: validatePod,
  validateUpdate: validatePodChange,
  warnings: podWarnings,
  deletionGraceSeconds,
  selectableFields: {
    "spec.nodeName": (pod) => pod.spec.nodeName ?? "",
    "spec.restartPolicy": (pod) => pod.spec.restartPolicy ?? "",
    "spec.schedulerName": (pod) => pod.spec.schedulerName ?? "",
    "spec.serviceAccountName": (pod) => pod.spec.serviceAccountName ?? "",
    "spec.hostNetwork": (pod) => String(pod.spec.hostNetwork ?? false),
    "status.phase": (pod) => pod.status?.phase ?? "",
    "status.podIP": (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? "",
    "status.nominatedNodeName": (pod) => pod.status?.nominatedNodeName ?? "",
  },
  table: podTable,
};

/** A negative grace period counts as one second, and is kept so; not in templates of pods. */
function withGracePeriod(pod: Pod): Pod {
  if ((pod.spec.terminationGracePeriodSeconds ?? 0) >= 0) return pod;
  return { ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 1 } };
}

/** A pod with scheduling gates says from the start why it is not scheduled. */
function schedulingGatedCondition(pod: Pod, context: StrategyContext): PodCondition | null {
  if ((pod.spec.schedulingGates ?? []).length === 0) return null;
  return {
    type: "PodScheduled",
    status: "False",
    reason: "SchedulingGated",
    message: "Scheduling is blocked due to non-empty scheduling gates",
    lastTransitionTime: context.now,
  };
}

function withGeneration(pod: Pod, old: Pod): Pod {
  return withNextGeneration(pod, old, specChanged(pod, old));
}

/** The QoS class is decided once; owners are not the node's to change. */
function prepareStatus(pod: Pod, old: Pod): Pod {
  const { ownerReferences: _dropped, ...metadata } = pod.metadata;
  const { ownerReferences } = old.metadata;
  const kept = ownerReferences === undefined ? metadata : { ...metadata, ownerReferences };
  const qosClass = pod.status?.qosClass ?? old.status?.qosClass;
  const status = { ...pod.status, ...(qosClass === undefined ? {} : { qosClass }) };
  return withSpecOf({ ...pod, metadata: kept, status }, old);
}

function withEphemeralContainers(pod: Pod, old: Pod): Pod {
  const { ephemeralContainers: _dropped, ...spec } = old.spec;
  const { ephemeralContainers } = pod.spec;
  return {
    ...old,
    metadata: { ...old.metadata, ...identityOf(pod) },
    spec: ephemeralContainers === undefined ? spec : { ...spec, ephemeralContainers },
  };
}

/** What a client states about which object it means, and which version of it. */
function identityOf(pod: Pod): Pick<Pod["metadata"], "name" | "uid" | "resourceVersion"> {
  const { name, uid, resourceVersion } = pod.metadata;
  return { name, uid, resourceVersion };
}

/** Old with the resources and resize policies of `pod`, container by container of the same name. */
function withResources(pod: Pod, old: Pod): Pod {
  const merge = (
    wanted: readonly Pod["spec"]["containers"][number][] | undefined,
    current: readonly Pod["spec"]["containers"][number][] | undefined,
  ) => {
    if (wanted === undefined || current === undefined || wanted.length !== current.length)
      return current;
    return current.map((container) => {
      const next = wanted.find(({ name }) => name === container.name);
      if (next === undefined) return container;
      const { resources: _resources, resizePolicy: _policy, ...rest } = container;
      return {
        ...rest,
        ...(next.resources === undefined ? {} : { resources: next.resources }),
        ...(next.resizePolicy === undefined ? {} : { resizePolicy: next.resizePolicy }),
      };
    });
  };
  const initContainers = merge(pod.spec.initContainers, old.spec.initContainers);
  return {
    ...old,
    metadata: { ...old.metadata, ...identityOf(pod) },
    spec: {
      ...old.spec,
      containers: merge(pod.spec.containers, old.spec.containers) ?? old.spec.containers,
      ...(initContainers === undefined ? {} : { initContainers }),
    },
  };
}

/**
 * What the client asks for, else what the pod's spec says; never negative. A pod that no node runs,
 * or that has ended, goes at once.
 */
function deletionGraceSeconds(pod: Pod, requested: number | null): number {
  const unassigned = (pod.spec.nodeName ?? "") === "";
  const phase = pod.status?.phase;
  if (unassigned || phase === "Failed" || phase === "Succeeded") return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}
