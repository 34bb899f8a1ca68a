import type { PluginEntry } from "../framework/framework.js";
import { DefaultBinder } from "./default-binder.js";
import { DefaultPreemption } from "./default-preemption.js";
import { DynamicResources } from "./dynamic-resources.js";
import { ImageLocality } from "./image-locality.js";
import { InterPodAffinity } from "./inter-pod-affinity.js";
import { NodeAffinity } from "./node-affinity.js";
import { NodeName } from "./node-name.js";
import { NodePorts } from "./node-ports.js";
import { NodeResourcesBalancedAllocation } from "./node-resources-balanced-allocation.js";
import { NodeResourcesFit } from "./node-resources-fit.js";
import { NodeUnschedulable } from "./node-unschedulable.js";
import { PodTopologySpread } from "./pod-topology-spread.js";
import { PrioritySort } from "./priority-sort.js";
import { SchedulingGates } from "./scheduling-gates.js";
import { TaintToleration } from "./taint-toleration.js";
import { VolumeBinding } from "./volume-binding.js";
import { VolumeRestrictions } from "./volume-restrictions.js";
import { VolumeZone } from "./volume-zone.js";

/** The plugins of the default scheduler in kube-scheduler's order and with its weights. */
export function defaultPlugins(): readonly PluginEntry[] {
  return [
    { plugin: new SchedulingGates() },
    { plugin: new PrioritySort() },
    { plugin: new NodeUnschedulable() },
    { plugin: new NodeName() },
    { plugin: new TaintToleration(), weight: 3 },
    { plugin: new NodeAffinity(), weight: 2 },
    { plugin: new NodePorts() },
    { plugin: new NodeResourcesFit(), weight: 1 },
    { plugin: new VolumeRestrictions() },
    { plugin: new VolumeBinding() },
    { plugin: new VolumeZone() },
    { plugin: new DynamicResources() },
    { plugin: new PodTopologySpread(), weight: 2 },
    { plugin: new InterPodAffinity(), weight: 2 },
    { plugin: new DefaultPreemption() },
    { plugin: new NodeResourcesBalancedAllocation(), weight: 1 },
    { plugin: new ImageLocality(), weight: 1 },
    { plugin: new DefaultBinder() },
  ];
}
