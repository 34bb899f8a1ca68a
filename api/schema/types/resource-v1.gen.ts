// Generated from ../groups by `npm run generate`. Do not edit.
import type { JsonValue, Quantity, StoredMeta } from "../wire-types.js";
import type { NodeSelector } from "./core-v1.gen.js";
import type { Condition, ObjectMeta } from "./meta-v1.gen.js";

/** Reports on one device that a claim got, in the words of its driver. */
export interface AllocatedDeviceStatus {
  /** Lists what the driver says of the device. */
  readonly conditions?: readonly Condition[];
  /** Holds what else the driver says. */
  readonly data?: JsonValue;
  /** Names the device in its pool. */
  readonly device: string;
  /** Names the driver. */
  readonly driver: string;
  /** Says how a network device is reached. */
  readonly networkData?: NetworkDeviceData;
  /** Names the pool of the device. */
  readonly pool: string;
  /** Tells shares of one device apart. */
  readonly shareID?: string;
}

/** Says what a claim got. */
export interface AllocationResult {
  /** Is when the devices were allocated. */
  readonly allocationTimestamp?: string;
  /** Lists the devices. */
  readonly devices?: DeviceAllocationResult;
  /** Chooses the nodes from which the devices can be used; absent means all. */
  readonly nodeSelector?: NodeSelector;
}

/** Chooses devices by an expression. */
export interface CELDeviceSelector {
  /** Is the expression in CEL; it is true for the devices that are wanted. */
  readonly expression: string;
}

/** Says which amounts of a capacity can be asked for; at most one of validValues and validRange is set. */
export interface CapacityRequestPolicy {
  /** Is how much a request gets that does not say. */
  readonly default?: Quantity;
  /** Says between which amounts a request may choose. */
  readonly validRange?: CapacityRequestPolicyRange;
  /** Lists the amounts that can be asked for, the smallest first. */
  readonly validValues?: readonly Quantity[];
}

/** Is a range of amounts. */
export interface CapacityRequestPolicyRange {
  /** Is the largest amount. */
  readonly max?: Quantity;
  /** Is the smallest amount. */
  readonly min: Quantity;
  /** Is what amounts above the smallest are rounded up to multiples of. */
  readonly step?: Quantity;
}

/** Says how much of a device is wanted. */
export interface CapacityRequirements {
  /** Holds the amounts by the names of the capacities. */
  readonly requests?: { readonly [key: string]: Quantity };
}

/** Is an amount of something that devices share. */
export interface Counter {
  /** Is the amount. */
  readonly value: Quantity;
}

/** Is a set of amounts that devices share. */
export interface CounterSet {
  /** Holds the amounts by their names. */
  readonly counters: { readonly [key: string]: Counter };
  /** Names the set. */
  readonly name: string;
}

/** Describes one device. */
export interface Device {
  /** Says that all nodes can use it, where devices of a slice differ in that. */
  readonly allNodes?: boolean;
  /** Says whether several claims can have it at once. */
  readonly allowMultipleAllocations?: boolean;
  /** Holds what can be said of it, by name. */
  readonly attributes?: { readonly [key: string]: DeviceAttribute };
  /** Lists conditions that must hold before a Pod that uses it is bound. */
  readonly bindingConditions?: readonly string[];
  /** Lists conditions which say that binding failed. */
  readonly bindingFailureConditions?: readonly string[];
  /** Says that a claim that gets it is bound to the node that was chosen. */
  readonly bindsToNode?: boolean;
  /** Holds how much it has of what, by name. */
  readonly capacity?: { readonly [key: string]: DeviceCapacity };
  /** Lists what it takes from the shared counters of its pool. */
  readonly consumesCounters?: readonly DeviceCounterConsumption[];
  /** Names the device within its pool, as a DNS label. */
  readonly name: string;
  /** Says which resources of the node it counts as, by their names. */
  readonly nodeAllocatableResourceMappings?: { readonly [key: string]: NodeAllocatableResourceMapping };
  /** Names the node that has it, where devices of a slice differ in that. */
  readonly nodeName?: string;
  /** Chooses the nodes that can use it, where devices of a slice differ in that. */
  readonly nodeSelector?: NodeSelector;
  /** Lists what keeps requests away from it. */
  readonly taints?: readonly DeviceTaint[];
}

/** Is configuration that a device got, and where it came from. */
export interface DeviceAllocationConfiguration {
  /** Is what only the driver understands. */
  readonly opaque?: OpaqueDeviceConfiguration;
  /** Lists the requests it is for; empty means all. */
  readonly requests?: readonly string[];
  /** Says where it came from: FromClass or FromClaim. */
  readonly source: string;
}

/** Lists the devices that a claim got. */
export interface DeviceAllocationResult {
  /** Lists their configuration, that of the class first. */
  readonly config?: readonly DeviceAllocationConfiguration[];
  /** Lists the devices. */
  readonly results?: readonly DeviceRequestAllocationResult[];
}

/** Is one thing that can be said of a device; exactly one field is set. */
export interface DeviceAttribute {
  /** Is a truth value. */
  readonly bool?: boolean;
  /** Is a list of truth values. */
  readonly bools?: readonly boolean[];
  /** Is a number. */
  readonly int?: number;
  /** Is a list of numbers. */
  readonly ints?: readonly number[];
  /** Is a text. */
  readonly string?: string;
  /** Is a list of texts. */
  readonly strings?: readonly string[];
  /** Is a version after semver 2.0.0. */
  readonly version?: string;
  /** Is a list of versions. */
  readonly versions?: readonly string[];
}

/** Says how much a device has of something. */
export interface DeviceCapacity {
  /** Says which part of it can be asked for. */
  readonly requestPolicy?: CapacityRequestPolicy;
  /** Is the amount. */
  readonly value: Quantity;
}

/** Says which devices are wanted. */
export interface DeviceClaim {
  /** Lists configuration for drivers. */
  readonly config?: readonly DeviceClaimConfiguration[];
  /** Lists what the devices must have in common. */
  readonly constraints?: readonly DeviceConstraint[];
  /** Lists the requests; all of them must be met. */
  readonly requests?: readonly DeviceRequest[];
}

/** Is configuration for a driver. */
export interface DeviceClaimConfiguration {
  /** Is what only the driver understands. */
  readonly opaque?: OpaqueDeviceConfiguration;
  /** Lists the requests it is for; empty means all. */
  readonly requests?: readonly string[];
}

/** Describes devices that can be asked for by name. */
export interface DeviceClass {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "resource.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "DeviceClass";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which devices, and how they are configured. */
  readonly spec: DeviceClassSpec;
}

/** Is configuration that every device of a class gets. */
export interface DeviceClassConfiguration {
  /** Is what only the driver understands. */
  readonly opaque?: OpaqueDeviceConfiguration;
}

/** Says which devices belong to a class, and how they are configured. */
export interface DeviceClassSpec {
  /** Lists configuration for drivers. */
  readonly config?: readonly DeviceClassConfiguration[];
  /** Names an extended resource; Pods that ask for it get a device of the class. */
  readonly extendedResourceName?: string;
  /** Lists what a device must fulfil, all of it. */
  readonly selectors?: readonly DeviceSelector[];
}

/** Says what devices must have in common; exactly one of matchAttribute and distinctAttribute is set. */
export interface DeviceConstraint {
  /** Names an attribute that must differ between all devices. */
  readonly distinctAttribute?: string;
  /** Names an attribute that must be the same for all devices. */
  readonly matchAttribute?: string;
  /** Lists the requests it is about; empty means all. */
  readonly requests?: readonly string[];
}

/** Says what a device takes from shared counters. */
export interface DeviceCounterConsumption {
  /** Names the set. */
  readonly counterSet: string;
  /** Holds the amounts by their names. */
  readonly counters: { readonly [key: string]: Counter };
}

/** Asks for devices; exactly one of exactly and firstAvailable is set. */
export interface DeviceRequest {
  /** Says what is wanted. */
  readonly exactly?: ExactDeviceRequest;
  /** Lists what would do, what is wanted most first. */
  readonly firstAvailable?: readonly DeviceSubRequest[];
  /** Names the request, as a DNS label. */
  readonly name: string;
}

/** Is one device that a request got. */
export interface DeviceRequestAllocationResult {
  /** Says that the device is only watched over, and others may have it too. */
  readonly adminAccess?: boolean;
  /** Lists conditions that must hold before the Pod is bound. */
  readonly bindingConditions?: readonly string[];
  /** Lists conditions which say that binding failed. */
  readonly bindingFailureConditions?: readonly string[];
  /** Is how much of the device was taken, by name. */
  readonly consumedCapacity?: { readonly [key: string]: Quantity };
  /** Names the device in its pool. */
  readonly device: string;
  /** Names the driver. */
  readonly driver: string;
  /** Names the pool of the device. */
  readonly pool: string;
  /** Names the request. */
  readonly request: string;
  /** Tells shares of one device apart. */
  readonly shareID?: string;
  /** Lists the taints that are tolerated. */
  readonly tolerations?: readonly DeviceToleration[];
}

/** Chooses devices; exactly one field is set. */
export interface DeviceSelector {
  /** Chooses them by an expression. */
  readonly cel?: CELDeviceSelector;
}

/** Is one way in which a request can be met. */
export interface DeviceSubRequest {
  /** Says how many: ExactCount (the default) or All that fit. */
  readonly allocationMode?: string;
  /** Says how much of a device is wanted. */
  readonly capacity?: CapacityRequirements;
  /** Is how many are wanted; 1 when absent. */
  readonly count?: number;
  /** Names the DeviceClass. */
  readonly deviceClassName: string;
  /** Names it within its request, as a DNS label. */
  readonly name: string;
  /** Lists what a device must fulfil beside what its class says. */
  readonly selectors?: readonly DeviceSelector[];
  /** Lists the taints that are tolerated. */
  readonly tolerations?: readonly DeviceToleration[];
}

/** Keeps requests away from a device that do not tolerate it. */
export interface DeviceTaint {
  /** Says what it does: None, NoSchedule or NoExecute. */
  readonly effect: string;
  /** Is its key. */
  readonly key: string;
  /** Is when it was added; the server fills it in. */
  readonly timeAdded?: string;
  /** Is its value. */
  readonly value?: string;
}

/** Tolerates taints of devices. */
export interface DeviceToleration {
  /** Is the effect of the taint; empty means every effect. */
  readonly effect?: string;
  /** Is the key of the taint; empty means every key. */
  readonly key?: string;
  /** Says how the value is compared: Equal (the default) or Exists. */
  readonly operator?: string;
  /** Is how long NoExecute is tolerated; absent means for ever. */
  readonly tolerationSeconds?: number;
  /** Is the value of the taint. */
  readonly value?: string;
}

/** Says which devices are wanted. */
export interface ExactDeviceRequest {
  /** Asks to watch over devices that others have; only in namespaces that are labelled for it. */
  readonly adminAccess?: boolean;
  /** Says how many: ExactCount (the default) or All that fit. */
  readonly allocationMode?: string;
  /** Says how much of a device is wanted. */
  readonly capacity?: CapacityRequirements;
  /** Is how many are wanted; 1 when absent. */
  readonly count?: number;
  /** Names the DeviceClass. */
  readonly deviceClassName: string;
  /** Lists what a device must fulfil beside what its class says. */
  readonly selectors?: readonly DeviceSelector[];
  /** Lists the taints that are tolerated. */
  readonly tolerations?: readonly DeviceToleration[];
}

/** Says how a network device is reached. */
export interface NetworkDeviceData {
  /** Is its hardware address. */
  readonly hardwareAddress?: string;
  /** Is the name of its interface. */
  readonly interfaceName?: string;
  /** Lists its addresses with their prefixes. */
  readonly ips?: readonly string[];
}

/** Says how much of a node's resource a device counts as. */
export interface NodeAllocatableResourceMapping {
  /** Is what that amount is multiplied with. */
  readonly allocationMultiplier?: Quantity;
  /** Names the capacity of the device whose amount counts. */
  readonly capacityKey?: string;
}

/** Is configuration that only a driver understands. */
export interface OpaqueDeviceConfiguration {
  /** Names the driver. */
  readonly driver: string;
  /** Is the configuration, an object. */
  readonly parameters: JsonValue;
}

/** Asks for devices for Pods. */
export interface ResourceClaim {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "resource.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ResourceClaim";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what is wanted; it never changes. */
  readonly spec: ResourceClaimSpec;
  /** Says what the claim got, and who uses it. */
  readonly status?: ResourceClaimStatus;
}

/** Refers to who uses a claim. */
export interface ResourceClaimConsumerReference {
  /** Is its API group; empty means the core group. */
  readonly apiGroup?: string;
  /** Is its name. */
  readonly name: string;
  /** Is its resource, such as pods. */
  readonly resource: string;
  /** Is its uid. */
  readonly uid: string;
}

/** Says what a claim asks for. */
export interface ResourceClaimSpec {
  /** Says which devices. */
  readonly devices?: DeviceClaim;
}

/** Says how a claim stands. */
export interface ResourceClaimStatus {
  /** Says what the claim got; absent before. */
  readonly allocation?: AllocationResult;
  /** Lists what drivers say of the devices. */
  readonly devices?: readonly AllocatedDeviceStatus[];
  /** Lists who may use the claim now. */
  readonly reservedFor?: readonly ResourceClaimConsumerReference[];
}

/** Is what claims of Pods are made from. */
export interface ResourceClaimTemplate {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "resource.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ResourceClaimTemplate";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds what is copied; it never changes. */
  readonly spec: ResourceClaimTemplateSpec;
}

/** Holds what is copied into a claim. */
export interface ResourceClaimTemplateSpec {
  /** Holds labels and annotations that are copied. */
  readonly metadata?: ObjectMeta;
  /** Holds the spec that is copied. */
  readonly spec: ResourceClaimSpec;
}

/** Says which pool of devices a slice is part of. */
export interface ResourcePool {
  /** Counts the changes of the pool; slices of an older one no longer count. */
  readonly generation: number;
  /** Names the pool. */
  readonly name: string;
  /** Is how many slices the pool has in this generation. */
  readonly resourceSliceCount: number;
}

/** Describes some of the devices of a driver. */
export interface ResourceSlice {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "resource.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ResourceSlice";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds the devices. */
  readonly spec: ResourceSliceSpec;
}

/** Holds some of the devices of a pool; exactly one of nodeName, nodeSelector, allNodes and perDeviceNodeSelection is set. */
export interface ResourceSliceSpec {
  /** Says that all nodes can use the devices. */
  readonly allNodes?: boolean;
  /** Lists the devices. */
  readonly devices?: readonly Device[];
  /** Names the driver; it never changes. */
  readonly driver: string;
  /** Names the node that has the devices; it never changes. */
  readonly nodeName?: string;
  /** Chooses the nodes that can use the devices. */
  readonly nodeSelector?: NodeSelector;
  /** Says that each device names its nodes itself. */
  readonly perDeviceNodeSelection?: boolean;
  /** Says which pool. */
  readonly pool: ResourcePool;
  /** Lists counters that devices share. */
  readonly sharedCounters?: readonly CounterSet[];
}
