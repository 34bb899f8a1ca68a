/** resource.k8s.io/v1: see ../notation.ts for how to read this. */
export const resourceV1 = `
group resource/v1 resource.k8s.io/v1

kind DeviceClass deviceclasses cluster
kind ResourceClaim resourceclaims namespaced
  sub status ResourceClaim get patch update
kind ResourceClaimTemplate resourceclaimtemplates namespaced
kind ResourceSlice resourceslices cluster

type AllocatedDeviceStatus # Reports on one device that a claim got, in the words of its driver.
  1 driver! string # Names the driver.
  2 pool! string # Names the pool of the device.
  3 device! string # Names the device in its pool.
  4 conditions []meta/v1.Condition list=map(type) # Lists what the driver says of the device.
  5 data RawExtension # Holds what else the driver says.
  6 networkData NetworkDeviceData # Says how a network device is reached.
  7 shareID? string # Tells shares of one device apart.

type AllocationResult # Says what a claim got.
  1 devices DeviceAllocationResult # Lists the devices.
  3 nodeSelector core/v1.NodeSelector # Chooses the nodes from which the devices can be used; absent means all.
  5 allocationTimestamp Time # Is when the devices were allocated.

type CELDeviceSelector # Chooses devices by an expression.
  1 expression! string # Is the expression in CEL; it is true for the devices that are wanted.

type CapacityRequestPolicy # Says which amounts of a capacity can be asked for; at most one of validValues and validRange is set.
  1 default Quantity # Is how much a request gets that does not say.
  3 validValues []Quantity list=atomic # Lists the amounts that can be asked for, the smallest first.
  4 validRange CapacityRequestPolicyRange # Says between which amounts a request may choose.

type CapacityRequestPolicyRange # Is a range of amounts.
  1 min! Quantity # Is the smallest amount.
  2 max Quantity # Is the largest amount.
  3 step Quantity # Is what amounts above the smallest are rounded up to multiples of.

type CapacityRequirements # Says how much of a device is wanted.
  1 requests map[Quantity] # Holds the amounts by the names of the capacities.

type Counter # Is an amount of something that devices share.
  1 value! Quantity # Is the amount.

type CounterSet # Is a set of amounts that devices share.
  1 name! string # Names the set.
  2 counters! map[Counter] # Holds the amounts by their names.

type Device # Describes one device.
  1 name! string # Names the device within its pool, as a DNS label.
  2 attributes map[DeviceAttribute] # Holds what can be said of it, by name.
  3 capacity map[DeviceCapacity] # Holds how much it has of what, by name.
  4 consumesCounters []DeviceCounterConsumption list=atomic # Lists what it takes from the shared counters of its pool.
  5 nodeName? string # Names the node that has it, where devices of a slice differ in that.
  6 nodeSelector core/v1.NodeSelector # Chooses the nodes that can use it, where devices of a slice differ in that.
  7 allNodes? bool # Says that all nodes can use it, where devices of a slice differ in that.
  8 taints []DeviceTaint list=atomic # Lists what keeps requests away from it.
  9 bindsToNode? bool # Says that a claim that gets it is bound to the node that was chosen.
  10 bindingConditions []string list=atomic # Lists conditions that must hold before a Pod that uses it is bound.
  11 bindingFailureConditions []string list=atomic # Lists conditions which say that binding failed.
  12 allowMultipleAllocations? bool # Says whether several claims can have it at once.
  13 nodeAllocatableResourceMappings map[NodeAllocatableResourceMapping] # Says which resources of the node it counts as, by their names.

type DeviceAllocationConfiguration # Is configuration that a device got, and where it came from.
  1 source! string # Says where it came from: FromClass or FromClaim.
  2 requests []string list=atomic # Lists the requests it is for; empty means all.
  3.1 opaque OpaqueDeviceConfiguration # Is what only the driver understands.

type DeviceAllocationResult # Lists the devices that a claim got.
  1 results []DeviceRequestAllocationResult list=atomic # Lists the devices.
  2 config []DeviceAllocationConfiguration list=atomic # Lists their configuration, that of the class first.

type DeviceAttribute # Is one thing that can be said of a device; exactly one field is set.
  2 int? int64 # Is a number.
  3 bool? bool # Is a truth value.
  4 string? string # Is a text.
  5 version? string # Is a version after semver 2.0.0.
  6 ints []int64 list=atomic # Is a list of numbers.
  7 bools []bool list=atomic # Is a list of truth values.
  8 strings []string list=atomic # Is a list of texts.
  9 versions []string list=atomic # Is a list of versions.

type DeviceCapacity # Says how much a device has of something.
  1 value! Quantity # Is the amount.
  2 requestPolicy CapacityRequestPolicy # Says which part of it can be asked for.

type DeviceClaim # Says which devices are wanted.
  1 requests []DeviceRequest list=atomic # Lists the requests; all of them must be met.
  2 constraints []DeviceConstraint list=atomic # Lists what the devices must have in common.
  3 config []DeviceClaimConfiguration list=atomic # Lists configuration for drivers.

type DeviceClaimConfiguration # Is configuration for a driver.
  1 requests []string list=atomic # Lists the requests it is for; empty means all.
  2.1 opaque OpaqueDeviceConfiguration # Is what only the driver understands.

type DeviceClass # Describes devices that can be asked for by name.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! DeviceClassSpec # Says which devices, and how they are configured.

type DeviceClassConfiguration # Is configuration that every device of a class gets.
  1.1 opaque OpaqueDeviceConfiguration # Is what only the driver understands.

type DeviceClassSpec # Says which devices belong to a class, and how they are configured.
  1 selectors []DeviceSelector list=atomic # Lists what a device must fulfil, all of it.
  2 config []DeviceClassConfiguration list=atomic # Lists configuration for drivers.
  4 extendedResourceName? string # Names an extended resource; Pods that ask for it get a device of the class.

type DeviceConstraint # Says what devices must have in common; exactly one of matchAttribute and distinctAttribute is set.
  1 requests []string list=atomic # Lists the requests it is about; empty means all.
  2 matchAttribute? string # Names an attribute that must be the same for all devices.
  3 distinctAttribute? string # Names an attribute that must differ between all devices.

type DeviceCounterConsumption # Says what a device takes from shared counters.
  1 counterSet! string # Names the set.
  2 counters! map[Counter] # Holds the amounts by their names.

type DeviceRequest # Asks for devices; exactly one of exactly and firstAvailable is set.
  1 name! string # Names the request, as a DNS label.
  2 exactly ExactDeviceRequest # Says what is wanted.
  3 firstAvailable []DeviceSubRequest list=atomic # Lists what would do, what is wanted most first.

type DeviceRequestAllocationResult # Is one device that a request got.
  1 request! string # Names the request.
  2 driver! string # Names the driver.
  3 pool! string # Names the pool of the device.
  4 device! string # Names the device in its pool.
  5 adminAccess? bool # Says that the device is only watched over, and others may have it too.
  6 tolerations []DeviceToleration list=atomic # Lists the taints that are tolerated.
  7 bindingConditions []string list=atomic # Lists conditions that must hold before the Pod is bound.
  8 bindingFailureConditions []string list=atomic # Lists conditions which say that binding failed.
  9 shareID? string # Tells shares of one device apart.
  10 consumedCapacity map[Quantity] # Is how much of the device was taken, by name.

type DeviceSelector # Chooses devices; exactly one field is set.
  1 cel CELDeviceSelector # Chooses them by an expression.

type DeviceSubRequest # Is one way in which a request can be met.
  1 name! string # Names it within its request, as a DNS label.
  2 deviceClassName! string # Names the DeviceClass.
  3 selectors []DeviceSelector list=atomic # Lists what a device must fulfil beside what its class says.
  4 allocationMode string # Says how many: ExactCount (the default) or All that fit.
  5 count int64 # Is how many are wanted; 1 when absent.
  6 tolerations []DeviceToleration list=atomic # Lists the taints that are tolerated.
  7 capacity CapacityRequirements # Says how much of a device is wanted.

type DeviceTaint # Keeps requests away from a device that do not tolerate it.
  1 key! string # Is its key.
  2 value string # Is its value.
  3 effect! string # Says what it does: None, NoSchedule or NoExecute.
  4 timeAdded Time # Is when it was added; the server fills it in.

type DeviceToleration # Tolerates taints of devices.
  1 key string # Is the key of the taint; empty means every key.
  2 operator string default="Equal" # Says how the value is compared: Equal (the default) or Exists.
  3 value string # Is the value of the taint.
  4 effect string # Is the effect of the taint; empty means every effect.
  5 tolerationSeconds? int64 # Is how long NoExecute is tolerated; absent means for ever.

type ExactDeviceRequest # Says which devices are wanted.
  1 deviceClassName! string # Names the DeviceClass.
  2 selectors []DeviceSelector list=atomic # Lists what a device must fulfil beside what its class says.
  3 allocationMode string # Says how many: ExactCount (the default) or All that fit.
  4 count int64 # Is how many are wanted; 1 when absent.
  5 adminAccess? bool # Asks to watch over devices that others have; only in namespaces that are labelled for it.
  6 tolerations []DeviceToleration list=atomic # Lists the taints that are tolerated.
  7 capacity CapacityRequirements # Says how much of a device is wanted.

type NetworkDeviceData # Says how a network device is reached.
  1 interfaceName string # Is the name of its interface.
  2 ips []string list=atomic # Lists its addresses with their prefixes.
  3 hardwareAddress string # Is its hardware address.

type NodeAllocatableResourceMapping # Says how much of a node's resource a device counts as.
  1 capacityKey string # Names the capacity of the device whose amount counts.
  2 allocationMultiplier Quantity # Is what that amount is multiplied with.

type OpaqueDeviceConfiguration # Is configuration that only a driver understands.
  1 driver! string # Names the driver.
  2 parameters! RawExtension # Is the configuration, an object.

type ResourceClaim # Asks for devices for Pods.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! ResourceClaimSpec # Says what is wanted; it never changes.
  3 status ResourceClaimStatus default={} # Says what the claim got, and who uses it.

type ResourceClaimConsumerReference # Refers to who uses a claim.
  1 apiGroup string # Is its API group; empty means the core group.
  3 resource! string # Is its resource, such as pods.
  4 name! string # Is its name.
  5 uid! string # Is its uid.

type ResourceClaimSpec # Says what a claim asks for.
  1 devices DeviceClaim # Says which devices.

type ResourceClaimStatus # Says how a claim stands.
  1 allocation AllocationResult # Says what the claim got; absent before.
  2 reservedFor []ResourceClaimConsumerReference list=map(uid) patch=merge(uid) # Lists who may use the claim now.
  4 devices []AllocatedDeviceStatus list=map(driver,device,pool,shareID) # Lists what drivers say of the devices.

type ResourceClaimTemplate # Is what claims of Pods are made from.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! ResourceClaimTemplateSpec # Holds what is copied; it never changes.

type ResourceClaimTemplateSpec # Holds what is copied into a claim.
  1 metadata meta/v1.ObjectMeta # Holds labels and annotations that are copied.
  2 spec! ResourceClaimSpec # Holds the spec that is copied.

type ResourcePool # Says which pool of devices a slice is part of.
  1 name! string # Names the pool.
  2 generation! int64 # Counts the changes of the pool; slices of an older one no longer count.
  3 resourceSliceCount! int64 # Is how many slices the pool has in this generation.

type ResourceSlice # Describes some of the devices of a driver.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! ResourceSliceSpec # Holds the devices.

type ResourceSliceSpec # Holds some of the devices of a pool; exactly one of nodeName, nodeSelector, allNodes and perDeviceNodeSelection is set.
  1 driver! string # Names the driver; it never changes.
  2 pool! ResourcePool # Says which pool.
  3 nodeName? string # Names the node that has the devices; it never changes.
  4 nodeSelector core/v1.NodeSelector # Chooses the nodes that can use the devices.
  5 allNodes? bool # Says that all nodes can use the devices.
  6 devices []Device list=atomic # Lists the devices.
  7 perDeviceNodeSelection? bool # Says that each device names its nodes itself.
  8 sharedCounters []CounterSet list=atomic # Lists counters that devices share.
`;
