/** core/v1: see ../notation.ts for how to read this. */
export const coreV1 = `
group core/v1 v1

kind Namespace namespaces cluster short=ns
  verbs create delete get list patch update watch
  sub status Namespace get patch update
  sub finalize Namespace update
kind Node nodes cluster short=no
  sub proxy NodeProxyOptions create delete get patch update
  sub status Node get patch update
kind Pod pods namespaced short=po categories=all
  sub attach PodAttachOptions create get
  sub binding Binding create
  sub ephemeralcontainers Pod get patch update
  sub eviction policy/v1.Eviction create
  sub exec PodExecOptions create get
  sub log Pod get
  sub portforward PodPortForwardOptions create get
  sub proxy PodProxyOptions create delete get patch update
  sub resize Pod get patch update
  sub status Pod get patch update
kind Service services namespaced short=svc categories=all
  sub proxy ServiceProxyOptions create delete get patch update
  sub status Service get patch update
kind Endpoints endpoints namespaced short=ep
kind ConfigMap configmaps namespaced short=cm
kind Secret secrets namespaced
kind ServiceAccount serviceaccounts namespaced short=sa
  sub token authentication/v1.TokenRequest create
kind Event events namespaced short=ev
kind ReplicationController replicationcontrollers namespaced short=rc categories=all
  sub scale autoscaling/v1.Scale get patch update
  sub status ReplicationController get patch update
kind PersistentVolume persistentvolumes cluster short=pv
  sub status PersistentVolume get patch update
kind PersistentVolumeClaim persistentvolumeclaims namespaced short=pvc
  sub status PersistentVolumeClaim get patch update
kind PodTemplate podtemplates namespaced
kind ResourceQuota resourcequotas namespaced short=quota
  sub status ResourceQuota get patch update
kind LimitRange limitranges namespaced short=limits
kind ComponentStatus componentstatuses cluster short=cs
  verbs get list
kind Binding bindings namespaced
  verbs create

type AWSElasticBlockStoreVolumeSource # Names a disk of AWS (EBS) to mount; new clusters use the CSI driver ebs.csi.aws.com.
  1 volumeID! string # Is the id of the disk, in the zone of the node.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  3 partition int32 # Is the number of the partition to mount; 0 mounts the whole disk.
  4 readOnly bool # Mounts it read-only; false by default.

type Affinity # Draws a Pod to certain nodes or Pods, or keeps it away from them, when it is scheduled.
  1 nodeAffinity NodeAffinity # Chooses nodes by their labels.
  2 podAffinity PodAffinity # Places the Pod near certain other Pods.
  3 podAntiAffinity PodAntiAffinity # Places the Pod away from certain other Pods.

type AppArmorProfile union=type:localhostProfile # Says which AppArmor profile confines a container.
  1 type! string # Is RuntimeDefault (the container runtime's), Unconfined (none) or Localhost (one loaded on the node).
  2 localhostProfile? string # Names the profile on the node; set only with type Localhost, and required then.

type AttachedVolume # Tells that a volume is attached to a node, and where.
  1 name! string # Identifies the volume.
  2 devicePath! string # Is the path of its device on the node.

type AzureDiskVolumeSource # Names a data disk of Azure to mount; new clusters use the CSI driver disk.csi.azure.com.
  1 diskName! string # Is the name of the disk.
  2 diskURI! string # Is the address of the disk.
  3 cachingMode? string default="ReadWrite" # Says how the host caches the disk: None, ReadOnly or ReadWrite (the default).
  4 fsType? string default="ext4" # Names the file system on it; ext4 by default.
  5 readOnly? bool default=false # Mounts it read-only; false by default.
  6 kind? string default="Shared" # Says where the disk lies: Shared (the default), Dedicated or Managed.

type AzureFilePersistentVolumeSource # Names a file share of Azure for claims to bind to; new clusters use the CSI driver file.csi.azure.com.
  1 secretName! string # Names the Secret with the account's name and key.
  2 shareName! string # Is the name of the share.
  3 readOnly bool # Mounts it read-only; false by default.
  4 secretNamespace? string # Names the Secret's namespace; absent takes the Pod's.

type AzureFileVolumeSource # Names a file share of Azure to mount; new clusters use the CSI driver file.csi.azure.com.
  1 secretName! string # Names the Secret with the account's name and key.
  2 shareName! string # Is the name of the share.
  3 readOnly bool # Mounts it read-only; false by default.

type Binding # Assigns a Pod to a node; a scheduler creates it through the Pod's binding subresource.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 target! ObjectReference # Points to the node.

type CSIPersistentVolumeSource # Names a volume that a CSI driver manages.
  1 driver! string # Names the CSI driver, as its CSIDriver object is called.
  2 volumeHandle! string # Is the id that the driver gave the volume; it never changes.
  3 readOnly bool # Is passed to the driver when the volume is attached; false by default.
  4 fsType string # Names the file system to mount; absent leaves it to the driver.
  5 volumeAttributes map[string] # Holds what the driver noted when it made the volume.
  6 controllerPublishSecretRef SecretReference # Names a Secret for attaching and detaching; absent gives none.
  7 nodeStageSecretRef SecretReference # Names a Secret for preparing the volume on a node; absent gives none.
  8 nodePublishSecretRef SecretReference # Names a Secret for mounting it into a Pod; absent gives none.
  9 controllerExpandSecretRef SecretReference # Names a Secret for enlarging it; absent gives none.
  10 nodeExpandSecretRef SecretReference # Names a Secret for enlarging it on a node; absent gives none.

type CSIVolumeSource # Describes a volume that a CSI driver makes for one Pod and removes with it.
  1 driver! string # Names the CSI driver, as its CSIDriver object is called.
  2 readOnly? bool # Mounts the volume read-only; false by default.
  3 fsType? string # Names the file system to mount; absent or empty leaves it to the driver.
  4 volumeAttributes map[string] # Passes settings on to the driver, which defines them.
  5 nodePublishSecretRef LocalObjectReference # Names a Secret of the Pod's namespace that the driver is given; absent gives none.

type Capabilities # Changes the Linux capabilities that a container starts with.
  1 add []string list=atomic # Lists capabilities to give in addition to the runtime's, such as NET_ADMIN, or ALL.
  2 drop []string list=atomic # Lists capabilities to take away from the runtime's, such as CHOWN, or ALL.

type CephFSPersistentVolumeSource # Names a CephFS file system for claims to bind to.
  1 monitors! []string list=atomic # Lists the addresses of Ceph's monitors.
  2 path string # Is the folder in the file system to mount; / when absent.
  3 user string # Names the Ceph user; admin when absent.
  4 secretFile string # Is the path of the user's key ring on the node; /etc/ceph/user.secret when absent.
  5 secretRef SecretReference # Names a Secret with the user's key, which takes precedence over secretFile.
  6 readOnly bool # Mounts it read-only; false by default.

type CephFSVolumeSource # Names a CephFS file system to mount.
  1 monitors! []string list=atomic # Lists the addresses of Ceph's monitors.
  2 path string # Is the folder in the file system to mount; / when absent.
  3 user string # Names the Ceph user; admin when absent.
  4 secretFile string # Is the path of the user's key ring on the node; /etc/ceph/user.secret when absent.
  5 secretRef LocalObjectReference # Names a Secret with the user's key, which takes precedence over secretFile.
  6 readOnly bool # Mounts it read-only; false by default.

type CinderPersistentVolumeSource # Names a disk of OpenStack Cinder for claims to bind to; new clusters use the CSI driver cinder.csi.openstack.org.
  1 volumeID! string # Is the id of the disk.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  3 readOnly bool # Mounts it read-only; false by default.
  4 secretRef SecretReference # Names a Secret with the credentials for OpenStack; absent uses the cluster's.

type CinderVolumeSource # Names a disk of OpenStack Cinder to mount; new clusters use the CSI driver cinder.csi.openstack.org.
  1 volumeID! string # Is the id of the disk.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  3 readOnly bool # Mounts it read-only; false by default.
  4 secretRef LocalObjectReference # Names a Secret with the credentials for OpenStack; absent uses the cluster's.

type ClientIPConfig # Says how long a client sticks to the same backend.
  1 timeoutSeconds? int32 # Is how many seconds after its last connection a client is remembered, 1 to 86400; 10800 by default.

type ClusterTrustBundleProjection # Writes the certificates of ClusterTrustBundles into a file of a volume.
  1 name? string # Names a single bundle; not together with signerName.
  2 signerName? string # Takes all bundles of this signer that labelSelector matches, merged; not together with name.
  3 labelSelector meta/v1.LabelSelector # Narrows the bundles of signerName by their labels; absent matches none and empty matches all.
  4 path! string # Is the file to write, relative to the volume.
  5 optional? bool # Lets the Pod start although there is no such bundle, with an empty file; false by default.

type ComponentCondition # States one aspect of a component's health.
  1 type! string # Names the aspect; Healthy is the only one.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 message string # Describes it for people, as the component answered.
  4 error string # Holds the error of the check, when it failed.

type ComponentStatus # Reports the health of a part of the control plane; deprecated in favour of /readyz.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 conditions []ComponentCondition list=map(type) patch=merge(type) # States what was found, one entry a type.

type ConfigMap # Holds settings that are not secret, for Pods to read as variables, arguments or files; at most 1 MiB.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 data map[string] # Holds texts by key; a key consists of letters, digits, "-", "_" and ".".
  3 binaryData map[bytes] # Holds bytes by key, in base64; a key must not also be in data.
  4 immutable? bool # Forbids every change of the data for good once true, which spares watching it; false by default.

type ConfigMapEnvSource # Takes every key of a ConfigMap as an environment variable.
  1.1 name string # Names the ConfigMap, in the Pod's namespace.
  2 optional? bool # Lets the container start without the ConfigMap; false by default.

type ConfigMapKeySelector map=atomic # Chooses the value of one key of a ConfigMap.
  1.1 name string # Names the ConfigMap, in the Pod's namespace.
  2 key! string # Is the key whose value is taken.
  3 optional? bool # Lets the container start without the ConfigMap or the key; false by default.

type ConfigMapNodeConfigSource # Named a ConfigMap with the settings of a node's agent; it is no longer used.
  1 namespace! string # Is the namespace of the ConfigMap.
  2 name! string # Is the name of the ConfigMap.
  3 uid string # Is the uid of the ConfigMap; set only in a status.
  4 resourceVersion string # Is the version of the ConfigMap; set only in a status.
  5 kubeletConfigKey! string # Is the key of the ConfigMap that holds the settings.

type ConfigMapProjection # Writes keys of a ConfigMap as files into a projected volume.
  1.1 name string # Names the ConfigMap, in the Pod's namespace.
  2 items []KeyToPath list=atomic # Lists the keys to write and where; empty writes each key as a file of its name.
  4 optional? bool # Lets the Pod start without the ConfigMap or some of its keys; false by default.

type ConfigMapVolumeSource # Fills a volume with the keys of a ConfigMap as files, and follows its changes.
  1.1 name string # Names the ConfigMap, in the Pod's namespace.
  2 items []KeyToPath list=atomic # Lists the keys to write and where; empty writes each key as a file of its name.
  3 defaultMode? int32 default=420 # Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default.
  4 optional? bool # Lets the Pod start without the ConfigMap or some of its keys; false by default.

type Container # Describes one container of a Pod: what to run and with what.
  1 name! string # Names the container, once in its Pod; a DNS label. It never changes.
  2 image string # Names the image to run, such as registry.example/web:1.2; it can be changed while the Pod lives.
  3 command []string list=atomic # Replaces the image's entry point; no shell is involved. $(NAME) is replaced by the variable, $$ stands for $.
  4 args []string list=atomic # Replaces the image's arguments. $(NAME) is replaced by the variable, and $$ stands for $.
  5 workingDir string # Is the folder the process starts in; absent takes the image's.
  6 ports []ContainerPort list=map(containerPort,protocol) patch=merge(containerPort) # Lists the ports the container listens on, for information and for hostPort; others can be reached as well.
  7 env []EnvVar list=map(name) patch=merge(name) # Sets environment variables; an entry wins over the same name from envFrom.
  8 resources ResourceRequirements default={} # Says how much CPU, memory and other resources the container asks for and may use.
  9 volumeMounts []VolumeMount list=map(mountPath) patch=merge(mountPath) # Lists the Pod's volumes to mount, and where.
  10 livenessProbe Probe # Restarts the container when it fails; absent means never for that reason.
  11 readinessProbe Probe # Takes the Pod out of its Services while it fails; absent counts as passed.
  12 lifecycle Lifecycle # Says what to do right after the container starts and before it is stopped.
  13 terminationMessagePath string default="/dev/termination-log" # Is the file whose last 4 KiB become the message of the ended container; /dev/termination-log by default.
  14 imagePullPolicy string # Says when to pull: Always (the default for the tag latest, said or implied), IfNotPresent (otherwise) or Never.
  15 securityContext SecurityContext # Sets the rights of the container; its fields win over those of the Pod's securityContext.
  16 stdin bool # Keeps an input open that can be attached to; false by default, when reading finds the end.
  17 stdinOnce bool # Closes the input for good when the first client that attached to it leaves; false by default.
  18 tty bool # Gives the container a terminal; it needs stdin. False by default.
  19 envFrom []EnvFromSource list=atomic # Takes environment variables from whole ConfigMaps and Secrets; of equal names the last wins.
  20 terminationMessagePolicy string default="File" # Is File (the default), or FallbackToLogsOnError: the end of the log if it failed without the file.
  21 volumeDevices []VolumeDevice list=map(devicePath) patch=merge(devicePath) # Lists the Pod's volumes to pass in as raw block devices, and where.
  22 startupProbe Probe # Holds the other probes back until it has passed once; its failing restarts the container. Absent counts as passed.
  23 resizePolicy []ContainerResizePolicy list=atomic # Says for each resource whether a change of its amount restarts the container.
  24 restartPolicy? string # Overrules the Pod's restartPolicy for this container; an init container with Always runs beside the others.
  25 restartPolicyRules []ContainerRestartRule list=atomic # Lists rules on the exit code, of which the first that matches overrules restartPolicy.

type ContainerExtendedResourceRequest # Tells which request of a ResourceClaim serves a container's extended resource.
  1 containerName! string # Names the container.
  2 resourceName! string # Names the resource, such as example.com/gpu.
  3 requestName! string # Names the request in the claim.

type ContainerImage # Tells that a node has an image.
  1 names []string list=atomic # Lists the names of the image, with tags and digests.
  2 sizeBytes int64 # Tells how many bytes the image takes.

type ContainerPort # Describes a port that a container listens on.
  1 name string # Names the port for Services and probes, once in the Pod; at most 15 of a-z, 0-9 and "-".
  2 hostPort int32 # Opens this port of the node and leads it to the container, 1 to 65535; 0 (the default) opens none.
  3 containerPort! int32 # Is the number of the port, 1 to 65535.
  4 protocol string default="TCP" # Is the transport protocol: TCP (the default), UDP or SCTP.
  5 hostIP string # Is the address of the node to open hostPort on; empty means every address.

type ContainerResizePolicy # Says what a change of a resource means for a running container.
  1 resourceName! string # Names the resource: cpu or memory.
  2 restartPolicy! string # Is NotRequired, which changes it in place, or RestartContainer.

type ContainerRestartRule # Says what to do when a container ends in a certain way.
  1 action! string # Is what to do: Restart starts the container again, RestartAllContainers all of the Pod.
  2 exitCodes ContainerRestartRuleOnExitCodes # Chooses the exit codes that the rule is about.

type ContainerRestartRuleOnExitCodes # Chooses exit codes.
  1 operator! string # Is In (one of the values) or NotIn (none of them).
  2 values []int32 list=set # Lists exit codes, at most 255 of them.

type ContainerState # Tells what a container is doing; at most one field is set, and none counts as waiting.
  1 waiting ContainerStateWaiting # Is set while the container is not started yet.
  2 running ContainerStateRunning # Is set while it runs.
  3 terminated ContainerStateTerminated # Is set once it has ended.

type ContainerStateRunning # Tells about a running container.
  1 startedAt Time # Tells when it was last started.

type ContainerStateTerminated # Tells how a container ended.
  1 exitCode! int32 # Is the exit code; 128 and the signal's number if a signal ended it.
  2 signal int32 # Is the number of the signal that ended it; 0 if none is known.
  3 reason string # Gives the cause as one word, such as Completed, Error or OOMKilled.
  4 message string # Is the container's last message: see terminationMessagePath.
  5 startedAt Time # Tells when it was started.
  6 finishedAt Time # Tells when it ended.
  7 containerID string # Identifies the container, as runtime://id.

type ContainerStateWaiting # Tells why a container does not run yet.
  1 reason string # Gives the cause as one word, such as ContainerCreating, ImagePullBackOff or CrashLoopBackOff.
  2 message string # Gives the cause as a text for people.

type ContainerStatus # Reports the state of one container.
  1 name! string # Names the container, as in the spec.
  2 state ContainerState # Tells what it is doing now.
  3 lastState ContainerState # Tells how it ended the time before; empty when it has not been restarted.
  4 ready! bool # Is true while it passes its readiness probe, or runs without one.
  5 restartCount! int32 # Counts its restarts as far as the node knows; it may start over when dead containers are cleaned up.
  6 image! string # Names the image that runs; it may be another name of the one in the spec.
  7 imageID! string # Identifies the image that runs by its digest.
  8 containerID string # Identifies the container, as runtime://id; empty when there is none.
  9 started? bool # Is true once it runs and has passed its startup probe and its postStart hook; absent when unknown.
  10 allocatedResources map[Quantity] # Holds the requests that the node has set aside for it.
  11 resources ResourceRequirements # Holds the requests and limits that are in force.
  12 volumeMounts []VolumeMountStatus list=map(mountPath) patch=merge(mountPath) # Tells how its volumes are mounted.
  13 user ContainerUser # Tells as which user it was started; absent when the runtime does not say.
  14 allocatedResourcesStatus []ResourceStatus list=map(name) patch=merge(name) # Tells about the health of the devices it was given.
  15 stopSignal? string # Names the signal by which it is stopped, such as SIGTERM; absent when not reported.

type ContainerUser # Tells as which user a container was started.
  1 linux LinuxContainerUser # Holds the user on Linux; absent elsewhere.

type DaemonEndpoint # Tells on which port a service of a node listens.
  1 Port! int32 # Is the number of the port.

type DownwardAPIProjection # Writes facts about the Pod as files into a projected volume.
  1 items []DownwardAPIVolumeFile list=atomic # Lists the files.

type DownwardAPIVolumeFile # Writes one fact about the Pod into a file; exactly one of fieldRef and resourceFieldRef is set.
  1 path! string # Is the file, relative to the volume; it must not leave it.
  2 fieldRef ObjectFieldSelector # Takes a field of the Pod: name, namespace, uid, labels or annotations of its metadata.
  3 resourceFieldRef ResourceFieldSelector # Takes a limit or a request of one of its containers.
  4 mode? int32 # Sets the permission bits, 0 to 511 (0777 in octal); absent takes the volume's defaultMode.

type DownwardAPIVolumeSource # Fills a volume with facts about the Pod, and follows their changes.
  1 items []DownwardAPIVolumeFile list=atomic # Lists the files.
  2 defaultMode? int32 default=420 # Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default.

type EmptyDirVolumeSource # Makes an empty folder that lives as long as the Pod and that its containers share.
  1 medium string # Says where: empty (the default) on the node's disk, Memory in RAM, HugePages or HugePages-<size> in huge pages.
  2 sizeLimit? Quantity # Limits its size; a Pod that exceeds it is evicted. Absent or 0 means no limit.

type EndpointAddress map=atomic # Is one backend of a Service.
  1 ip! string # Is the address; loopback, link-local and multicast are not allowed.
  2 targetRef ObjectReference # Points to the object behind it, usually a Pod.
  3 hostname string # Is the host name of the backend for DNS; empty means that it has none of its own.
  4 nodeName? string # Names the node that it runs on; absent when unknown.

type EndpointPort map=atomic # Is a port on which all addresses of a subset can be reached.
  1 name string # Is the name of the Service's port; it may be empty when there is only one.
  2 port! int32 # Is the port's number, 1 to 65535.
  3 protocol string default="TCP" # Is the transport protocol: TCP (the default), UDP or SCTP.
  4 appProtocol? string # Names the protocol above the transport, such as kubernetes.io/h2c; absent when unknown.

type EndpointSubset # Combines addresses and ports: every address has every port.
  1 addresses []EndpointAddress list=atomic # Lists the backends that are ready for traffic.
  2 notReadyAddresses []EndpointAddress list=atomic # Lists the backends that are not ready yet, or no longer.
  3 ports []EndpointPort list=atomic # Lists the ports.

type Endpoints # Lists the backends of the Service of the same name; deprecated in favour of EndpointSlice.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 subsets []EndpointSubset list=atomic # Lists the backends, grouped by their ports.

type EnvFromSource # Takes environment variables from a whole object; exactly one of the two references is set.
  1 prefix string # Is put before every key to make the variable's name; empty by default.
  2 configMapRef ConfigMapEnvSource # Takes the keys of a ConfigMap.
  3 secretRef SecretEnvSource # Takes the keys of a Secret.

type EnvVar # Sets one environment variable.
  1 name! string # Is the variable's name.
  2 value string # Is its value, in which $(NAME) is replaced by an earlier variable and $$ stands for $; empty by default.
  3 valueFrom EnvVarSource # Takes the value from elsewhere; not together with value.

type EnvVarSource # Says where a variable's value comes from; exactly one field is set.
  1 fieldRef ObjectFieldSelector # Takes a field of the Pod, such as metadata.name, spec.nodeName or status.podIP.
  2 resourceFieldRef ResourceFieldSelector # Takes a limit or a request of one of the Pod's containers.
  3 configMapKeyRef ConfigMapKeySelector # Takes a key of a ConfigMap.
  4 secretKeyRef SecretKeySelector # Takes a key of a Secret.
  5 fileKeyRef FileKeySelector # Takes a key from a file of variables in one of the Pod's emptyDir volumes.

type EphemeralContainer # Describes a container that is added to a running Pod to look into it; it is never restarted.
  1.4 args []string list=atomic # Replaces the image's arguments. $(NAME) is replaced by the variable, and $$ stands for $.
  1.3 command []string list=atomic # Replaces the image's entry point; no shell is involved. $(NAME) is replaced by the variable, $$ stands for $.
  1.7 env []EnvVar list=map(name) patch=merge(name) # Sets environment variables; an entry wins over the same name from envFrom.
  1.19 envFrom []EnvFromSource list=atomic # Takes environment variables from whole ConfigMaps and Secrets; of equal names the last wins.
  1.2 image string # Names the image to run, such as busybox:1.36.
  1.14 imagePullPolicy string # Says when to pull: Always (the default for the tag latest, said or implied), IfNotPresent (otherwise) or Never.
  1.12 lifecycle Lifecycle # Must be absent: such a container has no hooks.
  1.10 livenessProbe Probe # Must be absent: such a container has no probes.
  1.1 name! string # Names the container, once among all containers of the Pod; a DNS label.
  1.6 ports []ContainerPort list=map(containerPort,protocol) patch=merge(containerPort) # Must be absent: such a container has no ports of its own.
  1.11 readinessProbe Probe # Must be absent: such a container has no probes.
  1.23 resizePolicy []ContainerResizePolicy list=atomic # Must be absent: such a container has no resources of its own.
  1.8 resources ResourceRequirements default={} # Must be empty: such a container uses what the Pod leaves over.
  1.24 restartPolicy? string # Must be absent: such a container is never restarted.
  1.25 restartPolicyRules []ContainerRestartRule list=atomic # Must be absent: such a container is never restarted.
  1.15 securityContext SecurityContext # Sets the rights of the container; its fields win over those of the Pod's securityContext.
  1.22 startupProbe Probe # Must be absent: such a container has no probes.
  1.16 stdin bool # Keeps an input open that can be attached to; false by default, when reading finds the end.
  1.17 stdinOnce bool # Closes the input for good when the first client that attached to it leaves; false by default.
  1.13 terminationMessagePath string default="/dev/termination-log" # Is the file whose last 4 KiB become the message of the ended container; /dev/termination-log by default.
  1.20 terminationMessagePolicy string default="File" # Is File (the default), or FallbackToLogsOnError: the end of the log if it failed without the file.
  1.18 tty bool # Gives the container a terminal; it needs stdin. False by default.
  1.21 volumeDevices []VolumeDevice list=map(devicePath) patch=merge(devicePath) # Lists the Pod's volumes to pass in as raw block devices, and where.
  1.9 volumeMounts []VolumeMount list=map(mountPath) patch=merge(mountPath) # Lists the Pod's volumes to mount, and where; subPath is not allowed.
  1.5 workingDir string # Is the folder the process starts in; absent takes the image's.
  2 targetContainerName string # Names the container whose processes this one sees; empty means its own only.

type EphemeralVolumeSource # Gives a Pod a PersistentVolumeClaim of its own, which is deleted with it.
  1 volumeClaimTemplate PersistentVolumeClaimTemplate # Is the pattern for the claim, which is called <pod>-<volume>; required.

type Event # Reports, for people, that something happened to an object; it is kept for a while only.
  0 apiVersion string
  0 kind string
  1 metadata! meta/v1.ObjectMeta
  2 involvedObject! ObjectReference # Points to the object that it is about.
  3 reason string # Says why, as one CamelCase word.
  4 message string # Describes it for people.
  5 source EventSource # Tells which program reported it, in the older form.
  6 firstTimestamp Time # Tells when it was first seen, in the older form.
  7 lastTimestamp Time # Tells when it was last seen, in the older form.
  8 count int32 # Counts how often it was seen, in the older form.
  9 type string # Says how it is meant: Normal or Warning.
  10 eventTime MicroTime # Tells when it was first seen, in the newer form.
  11 series EventSeries # Tells how often and until when it was repeated; absent means that it was seen once.
  12 action string # Names what the program did, or failed to do, as one word.
  13 related ObjectReference # Points to a second object that has to do with it, if any.
  14 reportingComponent string # Names the program that reports it, such as kubernetes.io/kubelet.
  15 reportingInstance string # Names the one of several such programs, such as kubelet-node-1.

type EventSeries # Tells about a repeated event.
  1 count int32 # Counts how often it was seen so far.
  2 lastObservedTime MicroTime # Tells when it was last seen.

type EventSource # Tells which program reported an event.
  1 component string # Names the program.
  2 host string # Names the node it runs on; empty when it runs on none.

type ExecAction # Runs a command in the container; exit code 0 means success.
  1 command []string list=atomic # Holds the command and its arguments; no shell is involved, and it starts in /.

type FCVolumeSource # Names a Fibre Channel disk to mount; it needs targetWWNs with lun, or wwids.
  1 targetWWNs []string list=atomic # Lists the worldwide names of the targets.
  2 lun? int32 # Is the number of the unit on the targets; required with targetWWNs.
  3 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  4 readOnly bool # Mounts it read-only; false by default.
  5 wwids []string list=atomic # Lists worldwide identifiers of the disk; not together with targetWWNs and lun.

type FileKeySelector map=atomic # Chooses one variable from a file of variables in an emptyDir volume.
  1 volumeName! string # Names the volume of the Pod.
  2 path! string # Is the file, relative to the volume; it must not leave it.
  3 key! string # Is the name of the variable in the file.
  4 optional? bool # Lets the container start without the file or the variable; false by default.

type FlexPersistentVolumeSource # Describes a volume that a program on the node mounts; deprecated in favour of CSI.
  1 driver! string # Names the program.
  2 fsType string # Names the file system to mount; absent leaves it to the program.
  3 secretRef SecretReference # Names a Secret whose values the program is given; absent gives none.
  4 readOnly bool # Mounts it read-only; false by default.
  5 options map[string] # Passes further settings on to the program.

type FlexVolumeSource # Describes a volume that a program on the node mounts; deprecated in favour of CSI.
  1 driver! string # Names the program.
  2 fsType string # Names the file system to mount; absent leaves it to the program.
  3 secretRef LocalObjectReference # Names a Secret whose values the program is given; absent gives none.
  4 readOnly bool # Mounts it read-only; false by default.
  5 options map[string] # Passes further settings on to the program.

type FlockerVolumeSource # Names a volume of Flocker, which no longer exists; exactly one field is set.
  1 datasetName string # Is the name of the data set.
  2 datasetUUID string # Is the UUID of the data set.

type GCEPersistentDiskVolumeSource # Names a disk of Google Cloud to mount; new clusters use the CSI driver pd.csi.storage.gke.io.
  1 pdName! string # Is the name of the disk, in the zone of the node.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  3 partition int32 # Is the number of the partition to mount; 0 mounts the whole disk.
  4 readOnly bool # Mounts it read-only; false by default.

type GRPCAction # Asks a gRPC server for its health (grpc.health.v1); SERVING means success.
  1 port! int32 # Is the port of the server, 1 to 65535.
  2 service? string default="" # Names the service that is asked about; empty (the default) means the server as a whole.

type GitRepoVolumeSource # Fills a volume from a git repository; deprecated: clone in an init container instead.
  1 repository! string # Is the address of the repository.
  2 revision string # Is the commit to check out; empty takes the default branch.
  3 directory string # Is the folder of the volume to clone into; "." clones into the volume itself, empty into one of the repository's name.

type GlusterfsPersistentVolumeSource # Names a GlusterFS volume for claims to bind to.
  1 endpoints! string # Names the Endpoints object with the addresses of the servers.
  2 path! string # Is the name of the volume.
  3 readOnly bool # Mounts it read-only; false by default.
  4 endpointsNamespace? string # Names the namespace of the Endpoints; absent takes the claim's.

type GlusterfsVolumeSource # Names a GlusterFS volume to mount.
  1 endpoints! string # Names the Endpoints object with the addresses of the servers.
  2 path! string # Is the name of the volume.
  3 readOnly bool # Mounts it read-only; false by default.

type HTTPGetAction # Sends an HTTP GET; a status from 200 to 399 means success.
  1 path string default="/" # Is the path to ask for; / by default.
  2 port! IntOrString # Is the port, as a number from 1 to 65535 or as the name of one of the container's ports.
  3 host string # Is the host to connect to; empty means the Pod's own address.
  4 scheme string default="HTTP" # Is HTTP (the default) or HTTPS, of which the certificate is not checked.
  5 httpHeaders []HTTPHeader list=atomic # Lists further headers to send; a name may come more than once.

type HTTPHeader # Is one header of a request.
  1 name! string # Is the header's name.
  2 value! string # Is its value.

type HostAlias # Adds a line to the hosts file of a Pod.
  1 ip! string # Is the address.
  2 hostnames []string list=atomic # Lists the names that it gets.

type HostIP # Is an address of a node.
  1 ip! string # Is the address.

type HostPathVolumeSource # Mounts a file or folder of the node, which gives the Pod a hold on the node.
  1 path! string # Is the path on the node.
  2 type? string default="" # Says what must be there: empty (the default) anything, or DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice.

type ISCSIPersistentVolumeSource # Names an iSCSI disk for claims to bind to.
  1 targetPortal! string # Is the address of the target, as ip:port; port 3260 when absent.
  2 iqn! string # Is the qualified name of the target.
  3 lun! int32 # Is the number of the unit on the target.
  4 iscsiInterface string default="default" # Names the initiator's interface; default (TCP) by default.
  5 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  6 readOnly bool # Mounts it read-only; false by default.
  7 portals []string list=atomic # Lists further addresses of the target, as ip:port, for several paths to it.
  8 chapAuthDiscovery bool # Uses CHAP to find targets; false by default.
  10 secretRef SecretReference # Names a Secret with the CHAP names and passwords.
  11 chapAuthSession bool # Uses CHAP to log in to the target; false by default.
  12 initiatorName? string # Is the qualified name of the initiator; absent takes the node's.

type ISCSIVolumeSource # Names an iSCSI disk to mount.
  1 targetPortal! string # Is the address of the target, as ip:port; port 3260 when absent.
  2 iqn! string # Is the qualified name of the target.
  3 lun! int32 # Is the number of the unit on the target.
  4 iscsiInterface string default="default" # Names the initiator's interface; default (TCP) by default.
  5 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  6 readOnly bool # Mounts it read-only; false by default.
  7 portals []string list=atomic # Lists further addresses of the target, as ip:port, for several paths to it.
  8 chapAuthDiscovery bool # Uses CHAP to find targets; false by default.
  10 secretRef LocalObjectReference # Names a Secret with the CHAP names and passwords.
  11 chapAuthSession bool # Uses CHAP to log in to the target; false by default.
  12 initiatorName? string # Is the qualified name of the initiator; absent takes the node's.

type ImageVolumeSource # Mounts the files of an image, read-only.
  1 reference string # Names the image; it may be empty only in templates that something else completes.
  2 pullPolicy string # Says when to pull: Always (the default for the tag latest, said or implied), IfNotPresent (otherwise) or Never.

type ImageVolumeStatus # Tells about a mounted image.
  1 imageRef! string # Identifies the image by its digest.

type KeyToPath # Says into which file the value of a key goes.
  1 key! string # Is the key.
  2 path! string # Is the file, relative to the volume; it must not leave it.
  3 mode? int32 # Sets the permission bits, 0 to 511 (0777 in octal); absent takes the volume's defaultMode.

type Lifecycle # Says what to do when a container starts and stops.
  1 postStart LifecycleHandler # Runs right after the start, beside the entry point; when it fails, the container is restarted.
  2 preStop LifecycleHandler # Runs before the container is stopped, within the grace period; what it returns changes nothing.
  3 stopSignal? string # Names the signal that stops it, such as SIGUSR1; absent takes the image's or SIGTERM. It needs spec.os.name.

type LifecycleHandler # Is one thing to do; exactly one field is set.
  1 exec ExecAction # Runs a command in the container.
  2 httpGet HTTPGetAction # Sends an HTTP GET.
  3 tcpSocket TCPSocketAction # Cannot be used as a hook; it is accepted for old objects and fails.
  4 sleep SleepAction # Waits.

type LimitRange # Bounds what each Pod, container or claim of a namespace may ask for.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec LimitRangeSpec # Holds the bounds.

type LimitRangeItem # Bounds the objects of one type.
  1 type! string # Names the type: Pod, Container or PersistentVolumeClaim.
  2 max map[Quantity] # Holds the greatest amounts.
  3 min map[Quantity] # Holds the least amounts.
  4 default map[Quantity] # Holds the limits of containers that state none.
  5 defaultRequest map[Quantity] # Holds the requests of containers that state none.
  6 maxLimitRequestRatio map[Quantity] # Bounds how many times its request a limit may be.

type LimitRangeSpec # Bounds what objects may ask for.
  1 limits! []LimitRangeItem list=atomic # Holds the bounds, one entry a type.

type LinuxContainerUser # Tells as which user and groups a process was started.
  1 uid! int64 # Is the number of the user.
  2 gid! int64 # Is the number of the main group.
  3 supplementalGroups []int64 list=atomic # Lists the numbers of the further groups.

type LoadBalancerIngress # Is one address at which a load balancer takes traffic in.
  1 ip string # Is its IP address; empty when it has a name instead.
  2 hostname string # Is its DNS name; empty when it has an address instead.
  3 ipMode? string # Is VIP (the default) if packets arrive with this address as destination, Proxy if with the node's or Pod's.
  4 ports []PortStatus list=atomic # Tells about each port of the Service; empty when the load balancer does not say.

type LoadBalancerStatus # Tells where a load balancer takes traffic in.
  1 ingress []LoadBalancerIngress list=atomic # Lists its addresses; empty means that there is none yet.

type LocalObjectReference map=atomic # Names an object of the same namespace.
  1 name string # Is the name of the object.

type LocalVolumeSource # Names a folder, disk or partition of one node.
  1 path! string # Is the path on the node, of a folder or of a block device.
  2 fsType? string # Names the file system for a block device; absent takes what is there.

type ModifyVolumeStatus # Reports a change of a volume's attributes.
  1 targetVolumeAttributesClassName string # Names the class that the volume is changed to.
  2 status! string # Says how the change stands: Pending, InProgress or Infeasible.

type NFSVolumeSource # Names an NFS export to mount.
  1 server! string # Is the host name or IP address of the server.
  2 path! string # Is the path that the server exports.
  3 readOnly bool # Mounts it read-only; false by default.

type Namespace # Is a room for names: objects in different namespaces may have the same name.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec NamespaceSpec # Says what must be done before the namespace can go.
  3 status NamespaceStatus default={} # Reports whether the namespace is in use or being emptied.

type NamespaceCondition # States what hinders a namespace from being deleted.
  1 type! string # Names the aspect, such as NamespaceDeletionContentFailure or NamespaceContentRemaining.
  2 status! string # Says whether it holds: True, False or Unknown.
  4 lastTransitionTime Time # Tells when the status last became what it is.
  5 reason string # Gives the cause of the last change as one CamelCase word.
  6 message string # Gives the cause of the last change as a text for people.

type NamespaceSpec # Says what must be done before a namespace can go.
  1 finalizers []string list=atomic # Lists who still has to clean up; kubernetes stands for the deletion of everything in it.

type NamespaceStatus # Reports the state of a namespace.
  1 phase string default="Active" # Is Active, or Terminating while it is being emptied.
  2 conditions []NamespaceCondition list=map(type) patch=merge(type) # States what hinders its deletion, one entry a type.

type Node # Is a machine on which Pods run.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec NodeSpec # Says how the node is to be used.
  3 status NodeStatus default={} # Reports what the node has and how it is doing; the agent on it writes this.

type NodeAddress # Is one address of a node.
  1 type! string # Says of what sort it is: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.
  2 address! string # Is the address or name.

type NodeAffinity # Chooses nodes for a Pod.
  1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector # Admits only nodes that it matches; running Pods stay when labels change. Absent admits all.
  2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm list=atomic # Prefers the nodes with the largest sum of weights of matching terms.

type NodeAllocatableResourceClaimStatus # Tells how much of a node's own resources a ResourceClaim takes.
  1 resourceClaimName! string # Names the claim.
  2 containers []string list=set # Lists the containers that use the claim.
  3 resources! map[Quantity] # Holds the amounts by the resource's name, such as cpu.

type NodeCondition # States one aspect of a node's health.
  1 type! string # Names the aspect: Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastHeartbeatTime Time # Tells when the node last confirmed it.
  4 lastTransitionTime Time # Tells when the status last became what it is.
  5 reason string # Gives the cause of the last change as one CamelCase word.
  6 message string # Gives the cause of the last change as a text for people.

type NodeConfigSource # Named the settings of a node's agent; it is no longer used.
  2 configMap ConfigMapNodeConfigSource # Points to a ConfigMap with the settings.

type NodeConfigStatus # Reported which settings a node's agent used; it is no longer used.
  1 assigned NodeConfigSource # Points to the settings that it was to use.
  2 active NodeConfigSource # Points to the settings that it used.
  3 lastKnownGood NodeConfigSource # Points to the settings that it fell back to.
  4 error string # Says what was wrong with the assigned settings.

type NodeDaemonEndpoints # Tells on which ports the services of a node listen.
  1 kubeletEndpoint DaemonEndpoint # Is the port of the node's agent.

type NodeFeatures # Tells what the container runtime of a node can do.
  1 supplementalGroupsPolicy? bool # Is true if it supports supplementalGroupsPolicy and reports containers' users; absent means no.

type NodeRuntimeHandler # Is one way in which a node's runtime can run containers, for RuntimeClass.
  1 name string # Names the handler; empty is the one used by default.
  2 features NodeRuntimeHandlerFeatures # Tells what the handler can do.

type NodeRuntimeHandlerFeatures # Tells what a runtime handler can do.
  1 recursiveReadOnlyMounts? bool # Is true if it supports recursive read-only mounts; absent means no.
  2 userNamespaces? bool # Is true if it supports user namespaces; absent means no.

type NodeSelector map=atomic # Chooses nodes that at least one of its terms matches.
  1 nodeSelectorTerms! []NodeSelectorTerm list=atomic # Lists the terms, at least one.

type NodeSelectorRequirement # Is one test that a node must pass.
  1 key! string # Names the label, or the field, that is tested.
  2 operator! string # Says how to compare: In, NotIn, Exists, DoesNotExist, Gt or Lt.
  3 values []string list=atomic # Holds what to compare with: some for In and NotIn, one whole number for Gt and Lt, none otherwise.

type NodeSelectorTerm map=atomic # Matches nodes that pass all its tests; a term without tests matches none.
  1 matchExpressions []NodeSelectorRequirement list=atomic # Tests the node's labels.
  2 matchFields []NodeSelectorRequirement list=atomic # Tests the node's fields, of which only metadata.name can be tested.

type NodeSpec # Says how a node is to be used.
  1 podCIDR string # Is the network that the node's Pods get addresses from: the first of podCIDRs.
  2 externalID string # Is no longer used.
  3 providerID string # Identifies the machine with its cloud, as provider://id.
  4 unschedulable bool # Keeps new Pods away from the node; false by default.
  5 taints []Taint list=atomic # Lists the node's taints, which repel Pods that do not tolerate them.
  6 configSource NodeConfigSource # Is no longer used.
  7 podCIDRs []string list=set patch=merge # Lists the networks that the node's Pods get addresses from, at most one of IPv4 and one of IPv6.

type NodeStatus # Reports what a node has and how it is doing.
  1 capacity map[Quantity] # Holds all that the machine has: cpu, memory, pods, ephemeral-storage and others.
  2 allocatable map[Quantity] # Holds what Pods can use of it, after what the system keeps; equal to capacity when absent.
  3 phase string # Is no longer filled in.
  4 conditions []NodeCondition list=map(type) patch=merge(type) # States how the node is doing, one entry a type.
  5 addresses []NodeAddress list=map(type) patch=merge(type) # Lists the addresses of the node.
  6 daemonEndpoints NodeDaemonEndpoints # Tells on which ports the services of the node listen.
  7 nodeInfo NodeSystemInfo # Identifies the machine and the software on it.
  8 images []ContainerImage list=atomic # Lists images that the node has, the largest first.
  9 volumesInUse []string list=atomic # Lists the volumes that the node has mounted, or is about to.
  10 volumesAttached []AttachedVolume list=atomic # Lists the volumes that the control plane has attached to it.
  11 config NodeConfigStatus # Is no longer used.
  12 runtimeHandlers []NodeRuntimeHandler list=atomic # Lists the ways in which the node's runtime can run containers.
  13 features NodeFeatures # Tells what the node's container runtime can do.
  14 declaredFeatures []string list=atomic # Lists features of the node's software by which Pods can be scheduled.

type NodeSwapStatus # Tells about the swap space of a node.
  1 capacity? int64 # Is its size in bytes; absent when unknown.

type NodeSystemInfo # Identifies a machine and the software on it.
  1 machineID! string # Is the id of the system's installation, from /etc/machine-id.
  2 systemUUID! string # Is the UUID of the hardware.
  3 bootID! string # Changes with every boot.
  4 kernelVersion! string # Is the version of the kernel, as uname -r prints it.
  5 osImage! string # Names the operating system's distribution and version.
  6 containerRuntimeVersion! string # Names the container runtime and its version, as containerd://1.7.0.
  7 kubeletVersion! string # Is the version of the node's agent.
  8 kubeProxyVersion! string # Is deprecated and may be empty or outdated.
  9 operatingSystem! string # Is linux or windows.
  10 architecture! string # Names the processor's architecture, such as amd64 or arm64.
  11 swap NodeSwapStatus # Tells about the swap space; absent when unknown.

type ObjectFieldSelector map=atomic # Chooses a field of the Pod.
  1 apiVersion string default="v1" # Is the version in which the field's path is spelled; v1 by default.
  2 fieldPath! string # Is the path of the field, such as metadata.labels['app'].

type ObjectReference map=atomic # Points to an object, or to a part of one.
  1 kind string # Names the kind of the object.
  2 namespace string # Names its namespace; empty for kinds of the whole cluster.
  3 name string # Names the object.
  4 uid string # Holds its uid; empty means whichever object has the name.
  5 apiVersion string # Names the group and version of its kind.
  6 resourceVersion string # Holds the version of the object that is meant; empty means any.
  7 fieldPath string # Points to a part of it, such as spec.containers{web}; empty means all of it.

type PersistentVolume # Is a piece of storage that a claim can be bound to; it outlives Pods and claims.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec PersistentVolumeSpec # Describes the storage, and whose it is.
  3 status PersistentVolumeStatus default={} # Reports whether it is free, bound or released.

type PersistentVolumeClaim # Asks for a volume that outlives Pods.
  0 apiVersion string # Is the version of the claim: v1.
  0 kind string # Is PersistentVolumeClaim.
  1 metadata meta/v1.ObjectMeta # Holds the claim's name, labels and annotations.
  2 spec PersistentVolumeClaimSpec # Describes the volume that is wanted.
  3 status PersistentVolumeClaimStatus default={} # Reports the volume that was found.

type PersistentVolumeClaimCondition # States one aspect of a claim's state.
  1 type! string # Names the aspect.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastProbeTime Time # Tells when the condition was last looked at.
  4 lastTransitionTime Time # Tells when the status last became what it is.
  5 reason string # Gives the cause of the last change as one CamelCase word.
  6 message string # Gives the cause of the last change as a text for people.

type PersistentVolumeClaimSpec # Describes the storage that a claim asks for.
  1 accessModes []string list=atomic # Lists how it is to be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.
  2 resources VolumeResourceRequirements # Says how much storage is needed, as requests.storage.
  3 volumeName string # Names the PersistentVolume that the claim is bound to; empty while it is not.
  4 selector meta/v1.LabelSelector # Narrows the volumes to bind to by their labels; absent means any.
  5 storageClassName? string # Names the StorageClass; absent takes the cluster's default class, empty none.
  6 volumeMode? string default="Filesystem" # Is Filesystem (the default) or Block, which gives a raw device.
  7 dataSource TypedLocalObjectReference # Names a VolumeSnapshot or a claim of the same namespace to fill the volume from; absent leaves it empty.
  8 dataSourceRef TypedObjectReference # Names any object to fill the volume from; it does what dataSource does and more.
  9 volumeAttributesClassName? string # Names the VolumeAttributesClass with settings that can change later; absent means none.

type PersistentVolumeClaimStatus # Reports what became of a claim.
  1 phase string default="Pending" # Is Pending until a volume is found, then Bound, and Lost when the volume is.
  2 accessModes []string list=atomic # Lists how the volume can be mounted.
  3 capacity map[Quantity] # Holds the volume's size.
  4 conditions []PersistentVolumeClaimCondition list=map(type) patch=merge(type) # States how a change of the volume stands, one entry a type.
  5 allocatedResources map[Quantity] # Holds the size that is being made ready.
  7 allocatedResourceStatuses map[string] map=granular # Says for each resource how a change of its size stands.
  8 currentVolumeAttributesClassName? string # Names the class whose attributes the volume has.
  9 modifyVolumeStatus ModifyVolumeStatus # Reports a change of the volume's attributes.

type PersistentVolumeClaimTemplate # Is the pattern for a PersistentVolumeClaim.
  1 metadata meta/v1.ObjectMeta # Holds labels and annotations for the claim; nothing else may be set.
  2 spec! PersistentVolumeClaimSpec # Describes the storage; it becomes the claim's spec.

type PersistentVolumeClaimVolumeSource # Mounts the volume that a PersistentVolumeClaim is bound to.
  1 claimName! string # Names the claim, in the Pod's namespace.
  2 readOnly bool # Mounts it read-only in every container; false by default.

type PersistentVolumeSpec # Describes a piece of storage; exactly one source is set.
  2.2 awsElasticBlockStore AWSElasticBlockStoreVolumeSource # Is a disk of AWS; deprecated in favour of csi.
  2.16 azureDisk AzureDiskVolumeSource # Is a data disk of Azure; deprecated in favour of csi.
  2.13 azureFile AzureFilePersistentVolumeSource # Is a file share of Azure; deprecated in favour of csi.
  2.9 cephfs CephFSPersistentVolumeSource # Is a CephFS file system; deprecated.
  2.8 cinder CinderPersistentVolumeSource # Is a disk of OpenStack; deprecated in favour of csi.
  2.22 csi CSIPersistentVolumeSource # Is a volume that a CSI driver manages.
  2.10 fc FCVolumeSource # Is a Fibre Channel disk.
  2.12 flexVolume FlexPersistentVolumeSource # Is a volume that a program on the node mounts; deprecated in favour of csi.
  2.11 flocker FlockerVolumeSource # Was a volume of Flocker; deprecated.
  2.1 gcePersistentDisk GCEPersistentDiskVolumeSource # Is a disk of Google Cloud; deprecated in favour of csi.
  2.4 glusterfs GlusterfsPersistentVolumeSource # Is a GlusterFS volume; deprecated.
  2.3 hostPath HostPathVolumeSource # Is a folder of a node, for tests with one node only.
  2.7 iscsi ISCSIPersistentVolumeSource # Is an iSCSI disk.
  2.20 local LocalVolumeSource # Is a folder, disk or partition of the node that nodeAffinity names.
  2.5 nfs NFSVolumeSource # Is an NFS export.
  2.17 photonPersistentDisk PhotonPersistentDiskVolumeSource # Was a disk of Photon Controller; deprecated.
  2.18 portworxVolume PortworxVolumeSource # Is a volume of Portworx; deprecated in favour of csi.
  2.15 quobyte QuobyteVolumeSource # Is a volume of Quobyte; deprecated.
  2.6 rbd RBDPersistentVolumeSource # Is a block device of Ceph; deprecated.
  2.19 scaleIO ScaleIOPersistentVolumeSource # Is a volume of ScaleIO; deprecated.
  2.21 storageos StorageOSPersistentVolumeSource # Is a volume of StorageOS; deprecated.
  2.14 vsphereVolume VsphereVirtualDiskVolumeSource # Is a disk of vSphere; deprecated in favour of csi.
  1 capacity map[Quantity] # Holds its size, as storage.
  3 accessModes []string list=atomic # Lists how it can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.
  4 claimRef ObjectReference map=granular # Points to the claim that it is bound to, or is kept for.
  5 persistentVolumeReclaimPolicy string default="Retain" # Says what happens when its claim goes: Retain (the default), Delete or Recycle.
  6 storageClassName string # Names its StorageClass; empty means that it has none.
  7 mountOptions []string list=atomic # Lists options for mount, such as ro or soft; they are not checked.
  8 volumeMode? string default="Filesystem" # Is Filesystem (the default) or Block, which gives a raw device.
  9 nodeAffinity VolumeNodeAffinity # Says which nodes reach it; absent means all.
  10 volumeAttributesClassName? string # Names the VolumeAttributesClass with settings that can change later; absent means none.

type PersistentVolumeStatus # Reports what became of a volume.
  1 phase string default="Pending" # Is Pending at first, then Available, Bound, Released, or Failed.
  2 message string # Gives the cause of the phase as a text for people.
  3 reason string # Gives the cause of a failure as one CamelCase word.
  4 lastPhaseTransitionTime Time # Tells when the phase last became what it is.

type PhotonPersistentDiskVolumeSource # Names a disk of Photon Controller, which no longer exists.
  1 pdID! string # Is the id of the disk.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).

type Pod # Runs some containers together on one node, with one network address and shared volumes.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec PodSpec # Describes the containers and what they need.
  3 status PodStatus default={} # Reports what has become of the Pod; the agent of its node writes this.

type PodAffinity # Places a Pod near other Pods.
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm list=atomic # Admits only nodes near Pods that match every term; running Pods stay when labels change.
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm list=atomic # Prefers the nodes with the largest sum of weights of matching terms.

type PodAffinityTerm # Chooses Pods, and says what near them means.
  1 labelSelector meta/v1.LabelSelector # Chooses Pods by their labels; absent matches none.
  2 namespaces []string list=atomic # Lists the namespaces of those Pods; empty means the Pod's own unless namespaceSelector is set.
  3 topologyKey! string # Names a node label: nodes with the same value of it are near each other.
  4 namespaceSelector meta/v1.LabelSelector # Adds namespaces by their labels; an empty selector means all, absent adds none.
  5 matchLabelKeys []string list=atomic # Lists labels that those Pods must share with the Pod in question, such as pod-template-hash.
  6 mismatchLabelKeys []string list=atomic # Lists labels in which those Pods must differ from the Pod in question.

type PodAntiAffinity # Keeps a Pod away from other Pods.
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm list=atomic # Rules out nodes near Pods that match any term; running Pods stay when labels change.
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm list=atomic # Avoids the nodes with the largest sum of weights of matching terms.

type PodCertificateProjection # Writes a key and a certificate for the Pod into a volume, and renews them.
  1 signerName! string # Names the signer of the certificate.
  2 keyType! string # Is the kind of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519.
  3 maxExpirationSeconds? int32 # Is the longest life of the certificate in seconds, 3600 to 7862400; absent means 86400.
  4 credentialBundlePath string # Is the file for key and certificates together, as PEM.
  5 keyPath string # Is the file for the key alone, as PEM.
  6 certificateChainPath string # Is the file for the certificates alone, as PEM.
  7 userAnnotations map[string] # Passes settings on to the signer, which defines them.

type PodCondition # States one aspect of a Pod's life.
  1 type! string # Names the aspect, such as PodScheduled, Initialized, ContainersReady, Ready or DisruptionTarget.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastProbeTime Time # Tells when it was last looked at; absent when not recorded.
  4 lastTransitionTime Time # Tells when the status last became what it is.
  5 reason string # Gives the cause of the last change as one CamelCase word.
  6 message string # Gives the cause of the last change as a text for people.
  7 observedGeneration int64 # Holds the metadata.generation that it takes into account.

type PodDNSConfig # Adds to the DNS settings that dnsPolicy makes for a Pod.
  1 nameservers []string list=atomic # Lists addresses of further name servers, at most 3 in all; at least one with dnsPolicy None.
  2 searches []string list=atomic # Lists further domains to complete short names with, at most 32 in all.
  3 options []PodDNSConfigOption list=atomic # Lists further settings of the resolver; they win over others of the same name.

type PodDNSConfigOption # Is one setting of the resolver, as in resolv.conf.
  1 name string # Is its name, such as ndots; required.
  2 value? string # Is its value; absent when it needs none.

type PodExtendedResourceClaimStatus # Tells which ResourceClaim was made for a Pod's extended resources.
  1 requestMappings! []ContainerExtendedResourceRequest list=atomic # Tells for each container and resource which request of the claim serves it.
  2 resourceClaimName! string # Names the claim, in the Pod's namespace.

type PodIP # Is an address of a Pod.
  1 ip! string # Is the address.

type PodOS # Says for which operating system a Pod is made.
  1 name! string # Is linux or windows.

type PodReadinessGate # Names a condition that must be True for a Pod to be ready.
  1 conditionType! string # Is the type of the condition, which something outside sets in the Pod's status.

type PodResourceClaim # Gives a Pod access to devices through a ResourceClaim; exactly one of the two sources is set.
  1 name! string # Is the name by which containers refer to it, once in the Pod.
  3 resourceClaimName? string # Names a claim of the Pod's namespace.
  4 resourceClaimTemplateName? string # Names a ResourceClaimTemplate from which a claim is made for this Pod alone.

type PodResourceClaimStatus # Tells which ResourceClaim stands behind a name.
  1 name! string # Is the name in spec.resourceClaims.
  2 resourceClaimName? string # Names the claim that was made; absent if none was needed.

type PodSchedulingGate # Holds back the scheduling of a Pod.
  1 name! string # Is the name of the gate; whoever set it takes it away.

type PodSchedulingGroup union=:podGroupName # Says together with which Pods a Pod is scheduled.
  1 podGroupName? string # Names the PodGroup, in the Pod's namespace.

type PodSecurityContext # Sets the rights of all containers of a Pod, and of its volumes.
  1 seLinuxOptions SELinuxOptions # Sets the SELinux label of the containers; absent leaves it to the runtime.
  2 runAsUser? int64 # Is the number of the user to run as; absent takes the image's.
  3 runAsNonRoot? bool # Refuses to start containers that would run as user 0; false by default.
  4 supplementalGroups []int64 list=atomic # Lists further groups of each container's process, by number.
  5 fsGroup? int64 # Is a group that volumes are given to and that each process is in; absent leaves volumes as they are.
  6 runAsGroup? int64 # Is the number of the main group to run as; absent takes the runtime's choice.
  7 sysctls []Sysctl list=atomic # Lists kernel parameters to set for the Pod.
  8 windowsOptions WindowsSecurityContextOptions # Holds settings for Windows; not allowed when spec.os.name is linux.
  9 fsGroupChangePolicy? string # Says when fsGroup changes a volume's owner: Always (also when absent) or OnRootMismatch.
  10 seccompProfile SeccompProfile # Says which system calls the containers may make.
  11 appArmorProfile AppArmorProfile # Says which AppArmor profile confines the containers.
  12 supplementalGroupsPolicy? string # Is Merge (also when absent), which adds the image's groups of the user, or Strict, which does not.
  13 seLinuxChangePolicy? string # Says how volumes are labelled: MountOption (also when absent) or Recursive.

type PodSpec # Describes the containers of a Pod and what they need.
  1 volumes []Volume list=map(name) patch=merge,retainKeys(name) # Lists the volumes that containers can mount.
  2 containers! []Container list=map(name) patch=merge(name) # Lists the containers, at least one; none can be added or taken away later.
  3 restartPolicy string default="Always" # Says which ended containers are restarted: Always (the default), OnFailure or Never.
  4 terminationGracePeriodSeconds? int64 default=30 # Gives the containers this many seconds to end when the Pod is deleted; 30 by default, 0 kills at once.
  5 activeDeadlineSeconds? int64 # Ends the Pod as failed this many seconds after its start; absent means never.
  6 dnsPolicy string default="ClusterFirst" # Is ClusterFirst (the default), ClusterFirstWithHostNet, Default (as the node) or None (dnsConfig alone).
  7 nodeSelector map[string] map=atomic # Admits only nodes that have all these labels; empty admits all.
  8 serviceAccountName string # Names the ServiceAccount that the Pod acts as; default when absent.
  9 serviceAccount string # Is the old name of serviceAccountName and always equals it.
  10 nodeName string # Names the node that the Pod is assigned to; empty until it is scheduled.
  11 hostNetwork bool # Uses the node's own network in place of one for the Pod; false by default.
  12 hostPID bool # Shows the containers the processes of the node; false by default.
  13 hostIPC bool # Shares the node's System V IPC and message queues; false by default.
  14 securityContext PodSecurityContext default={} # Sets the rights of all containers; a container can overrule most of them.
  15 imagePullSecrets []LocalObjectReference list=map(name) patch=merge(name) # Lists the Secrets with credentials for registries, in the Pod's namespace.
  16 hostname string # Is the Pod's host name; absent takes its name.
  17 subdomain string # Makes the full name <hostname>.<subdomain>.<namespace>.svc.<cluster domain>; absent means no domain.
  18 affinity Affinity # Draws the Pod to certain nodes or Pods, or keeps it away from them.
  19 schedulerName string default="default-scheduler" # Names the scheduler that places the Pod; default-scheduler by default.
  20 initContainers []Container list=map(name) patch=merge(name) # Lists containers that run one after the other, each to its end, before the others start.
  21 automountServiceAccountToken? bool # Mounts a token of the ServiceAccount in each container; absent takes its setting, else true.
  22 tolerations []Toleration list=atomic # Lists taints of nodes that do not repel the Pod.
  23 hostAliases []HostAlias list=map(ip) patch=merge(ip) # Lists lines to add to the hosts file of the containers.
  24 priorityClassName string # Names the PriorityClass; absent takes the cluster's default, else priority 0.
  25 priority? int32 # Is the Pod's priority, the higher the sooner; set from the PriorityClass.
  26 dnsConfig PodDNSConfig # Adds to the DNS settings that dnsPolicy makes.
  27 shareProcessNamespace? bool # Lets the containers see each other's processes; false by default, not together with hostPID.
  28 readinessGates []PodReadinessGate list=atomic # Lists conditions that must be True, besides ready containers, for the Pod to be ready.
  29 runtimeClassName? string # Names the RuntimeClass to run the Pod with; absent uses the runtime's default.
  30 enableServiceLinks? bool # Sets environment variables for each Service of the namespace; true by default.
  31 preemptionPolicy? string # Is PreemptLowerPriority (the default) or Never, which does not push out other Pods.
  32 overhead map[Quantity] # Is what the Pod itself costs beyond its containers; set from the RuntimeClass.
  33 topologySpreadConstraints []TopologySpreadConstraint list=map(topologyKey,whenUnsatisfiable) patch=merge(topologyKey) # Says how evenly Pods like this one are spread over the cluster; all must be kept.
  34 ephemeralContainers []EphemeralContainer list=map(name) patch=merge(name) # Lists containers that were added to look into the running Pod; set through a subresource.
  35 setHostnameAsFQDN? bool # Makes the full name the host name that the kernel knows; false by default.
  36 os PodOS # Says for which operating system the Pod is made; absent fits any.
  37 hostUsers? bool # Uses the node's user ids; false gives the Pod a user namespace. True by default.
  38 schedulingGates []PodSchedulingGate list=map(name) patch=merge(name) # Lists what holds back the scheduling; set only when the Pod is created, and taken away later.
  39 resourceClaims []PodResourceClaim list=map(name) patch=merge,retainKeys(name) # Lists the ResourceClaims whose devices containers can use.
  40 resources ResourceRequirements # Says how much cpu, memory and huge pages all containers together ask for and may use.
  41 hostnameOverride? string # Is the host name that the kernel knows, in place of all else; absent changes nothing.
  43 schedulingGroup PodSchedulingGroup # Says together with which Pods this one is scheduled; absent means alone.

type PodStatus # Reports what has become of a Pod.
  1 phase string # Is Pending, Running, Succeeded, Failed or Unknown.
  2 conditions []PodCondition list=map(type) patch=merge(type) # States the steps of its life, one entry a type.
  3 message string # Says for people why it is in this state.
  4 reason string # Says so as one CamelCase word, such as Evicted.
  5 hostIP string # Is the address of its node; empty until it is scheduled.
  6 podIP string # Is its address: the first of podIPs; empty until it has one.
  7 startTime? Time # Tells when the node's agent took it on, before images were pulled.
  8 containerStatuses []ContainerStatus list=atomic # Tells about each of its containers.
  9 qosClass string # Is Guaranteed, Burstable or BestEffort, after its requests and limits.
  10 initContainerStatuses []ContainerStatus list=atomic # Tells about each init container; the one that ran last has the most to tell.
  11 nominatedNodeName string # Names a node on which the scheduler is making room for it; it may still go elsewhere.
  12 podIPs []PodIP list=map(ip) patch=merge(ip) # Lists its addresses, at most one of IPv4 and one of IPv6.
  13 ephemeralContainerStatuses []ContainerStatus list=atomic # Tells about each ephemeral container.
  14 resize string # Is deprecated: the state of a change of resources is now told by conditions.
  15 resourceClaimStatuses []PodResourceClaimStatus list=map(name) patch=merge,retainKeys(name) # Tells which ResourceClaims stand behind spec.resourceClaims.
  16 hostIPs []HostIP list=atomic patch=merge(ip) # Lists the addresses of its node; the first equals hostIP.
  17 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  18 extendedResourceClaimStatus PodExtendedResourceClaimStatus # Tells which ResourceClaim was made for its extended resources; absent if none.
  19 allocatedResources map[Quantity] # Holds the requests that the node has set aside for the Pod as a whole.
  20 resources ResourceRequirements # Holds the requests and limits in force for the Pod as a whole.
  21 nodeAllocatableResourceClaimStatuses []NodeAllocatableResourceClaimStatus list=atomic # Tells how much of the node's own resources its ResourceClaims take.

type PodTemplate # Stores a pattern for Pods as an object of its own.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 template PodTemplateSpec default={} # Is the pattern.

type PodTemplateSpec # Is a pattern that Pods are made from.
  1 metadata meta/v1.ObjectMeta default={} # Holds labels and annotations of the Pods.
  2 spec PodSpec default={} # Becomes the spec of the Pods.

type PortStatus # Tells how a load balancer is doing with one port.
  1 port! int32 # Is the number of the Service's port.
  2 protocol! string # Is its transport protocol: TCP, UDP or SCTP.
  3 error? string # Names what is wrong as one CamelCase word; absent when nothing is.

type PortworxVolumeSource # Names a volume of Portworx to mount; new clusters use the CSI driver pxd.portworx.com.
  1 volumeID! string # Is the id of the volume.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  3 readOnly bool # Mounts it read-only; false by default.

type PreferredSchedulingTerm # Gives a weight to nodes that a term matches.
  1 weight! int32 # Is the weight, 1 to 100.
  2 preference! NodeSelectorTerm # Chooses the nodes; one without tests matches none.

type Probe # Checks a container again and again; exactly one of exec, grpc, httpGet and tcpSocket is set.
  1.1 exec ExecAction # Runs a command in the container.
  1.4 grpc GRPCAction # Asks a gRPC server for its health.
  1.2 httpGet HTTPGetAction # Sends an HTTP GET.
  1.3 tcpSocket TCPSocketAction # Opens a TCP connection.
  2 initialDelaySeconds int32 # Waits this many seconds after the container's start before the first check; 0 by default.
  3 timeoutSeconds int32 default=1 # Lets a check fail when it takes longer than this many seconds; 1 by default, at least 1.
  4 periodSeconds int32 default=10 # Is how many seconds lie between two checks; 10 by default, at least 1.
  5 successThreshold int32 default=1 # Is how many checks must pass in a row after a failure; 1 by default, and always for liveness and startup.
  6 failureThreshold int32 default=3 # Is how many checks must fail in a row to count as failed; 3 by default, at least 1.
  7 terminationGracePeriodSeconds? int64 # Gives the container this many seconds to end when the probe fails; absent takes the Pod's. Not for readiness.

type ProjectedVolumeSource # Fills one volume from several sources, and follows their changes.
  1 sources []VolumeProjection list=atomic # Lists the sources.
  2 defaultMode? int32 default=420 # Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default.

type QuobyteVolumeSource # Names a volume of Quobyte to mount.
  1 registry! string # Lists the addresses of the registry, as host:port, separated by commas.
  2 volume! string # Is the name of the volume.
  3 readOnly bool # Mounts it read-only; false by default.
  4 user string # Is the user to access it as; absent takes the owner of the service.
  5 group string # Is the group to access it as; absent means none.
  6 tenant string # Names the tenant that owns the volume; set by the provisioner.

type RBDPersistentVolumeSource # Names a block device of Ceph for claims to bind to.
  1 monitors! []string list=atomic # Lists the addresses of Ceph's monitors.
  2 image! string # Is the name of the device's image.
  3 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  4 pool string default="rbd" # Names the pool that it is in; rbd by default.
  5 user string default="admin" # Names the Ceph user; admin by default.
  6 keyring string default="/etc/ceph/keyring" # Is the path of the user's key ring on the node; /etc/ceph/keyring by default.
  7 secretRef SecretReference # Names a Secret with the user's key, which takes precedence over keyring.
  8 readOnly bool # Mounts it read-only; false by default.

type RBDVolumeSource # Names a block device of Ceph to mount.
  1 monitors! []string list=atomic # Lists the addresses of Ceph's monitors.
  2 image! string # Is the name of the device's image.
  3 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  4 pool string default="rbd" # Names the pool that it is in; rbd by default.
  5 user string default="admin" # Names the Ceph user; admin by default.
  6 keyring string default="/etc/ceph/keyring" # Is the path of the user's key ring on the node; /etc/ceph/keyring by default.
  7 secretRef LocalObjectReference # Names a Secret with the user's key, which takes precedence over keyring.
  8 readOnly bool # Mounts it read-only; false by default.

type ReplicationController # Keeps a number of Pods running; ReplicaSets have taken its place.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ReplicationControllerSpec # Describes how many Pods are wanted and of what kind.
  3 status ReplicationControllerStatus default={"replicas":0} # Reports how many Pods there are; its controller writes it.

type ReplicationControllerCondition # States one aspect of a ReplicationController's state.
  1 type! string # Names the aspect.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastTransitionTime Time # Tells when the status last became what it is.
  4 reason string # Gives the cause of the last change as one CamelCase word.
  5 message string # Gives the cause of the last change as a text for people.

type ReplicationControllerSpec # Describes what a ReplicationController is to achieve.
  1 replicas? int32 default=1 # Says how many Pods are wanted; 1 by default.
  2 selector map[string] map=atomic # Chooses the Pods by their labels; by default those of the template.
  3 template PodTemplateSpec # Is the pattern for new Pods; its restartPolicy can only be Always.
  4 minReadySeconds int32 # Lets a Pod count as available once it has been ready for this many seconds; 0 by default.

type ReplicationControllerStatus # Reports how many Pods a ReplicationController has.
  1 replicas! int32 # Counts the Pods.
  2 fullyLabeledReplicas int32 # Counts those that have all labels of the template.
  3 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  4 readyReplicas int32 # Counts those that are ready.
  5 availableReplicas int32 # Counts those that have been ready for minReadySeconds.
  6 conditions []ReplicationControllerCondition list=map(type) patch=merge(type) # States how the controller stands, one entry a type.

type ResourceClaim # Gives a container the devices of one of the Pod's resourceClaims.
  1 name! string # Is the name of the entry in spec.resourceClaims.
  2 request string # Names the one request of the claim to use; empty uses all.

type ResourceFieldSelector map=atomic # Chooses a limit or a request of a container.
  1 containerName string # Names the container; required in volumes, and the container itself in environment variables.
  2 resource! string # Names the amount, such as limits.cpu or requests.memory.
  3 divisor Quantity default="0" # Is the unit to give it in, such as 1Mi; 0, the default, means 1.

type ResourceHealth # Tells how a device is doing.
  1 resourceID! string # Identifies the device on its node.
  2 health string # Is Healthy, Unhealthy or Unknown.
  6 message string # Says more about it for people; it may be empty.

type ResourceQuota # Bounds what all objects of a namespace may use together.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ResourceQuotaSpec # Holds the bounds.
  3 status ResourceQuotaStatus default={} # Reports what is used; its controller writes it.

type ResourceQuotaSpec # Bounds what a namespace may use.
  1 hard map[Quantity] # Holds the greatest total amount of each resource.
  2 scopes []string list=atomic # Counts only Pods of these scopes, such as Terminating or BestEffort; it never changes.
  3 scopeSelector ScopeSelector # Counts only Pods that match these scopes.

type ResourceQuotaStatus # Reports what a namespace uses.
  1 hard map[Quantity] # Holds the bounds that are in force.
  2 used map[Quantity] # Holds the amounts in use.

type ResourceRequirements # Says how much of each resource is asked for and may be used.
  1 limits map[Quantity] # Holds the most that may be used, by the resource's name, such as cpu or memory; absent means no limit.
  2 requests map[Quantity] # Holds what is set aside, by the resource's name; absent takes the limit, where there is one, else nothing.
  3 claims []ResourceClaim list=map(name) # Lists the Pod's resourceClaims whose devices the container uses.

type ResourceStatus # Tells how the devices of one resource are doing.
  1 name! string # Names the resource, such as example.com/gpu, or claim:<claim>/<request>.
  2 resources []ResourceHealth list=map(resourceID) # Lists the devices.

type SELinuxOptions # Is an SELinux label; parts that are absent are chosen by the runtime.
  1 user string # Is the user part of the label.
  2 role string # Is the role part of the label.
  3 type string # Is the type part of the label.
  4 level string # Is the level part of the label.

type ScaleIOPersistentVolumeSource # Names a volume of ScaleIO for claims to bind to.
  1 gateway! string # Is the address of the gateway's API.
  2 system! string # Is the name of the storage system.
  3 secretRef!? SecretReference # Names the Secret with user and password; required.
  4 sslEnabled bool # Talks TLS to the gateway; false by default.
  5 protectionDomain string # Names the protection domain.
  6 storagePool string # Names the storage pool in the domain.
  7 storageMode string default="ThinProvisioned" # Is ThinProvisioned (the default) or ThickProvisioned.
  8 volumeName string # Is the name of a volume that exists already.
  9 fsType string default="xfs" # Names the file system on it; xfs by default.
  10 readOnly bool # Mounts it read-only; false by default.

type ScaleIOVolumeSource # Names a volume of ScaleIO to mount.
  1 gateway! string # Is the address of the gateway's API.
  2 system! string # Is the name of the storage system.
  3 secretRef!? LocalObjectReference # Names the Secret with user and password; required.
  4 sslEnabled bool # Talks TLS to the gateway; false by default.
  5 protectionDomain string # Names the protection domain.
  6 storagePool string # Names the storage pool in the domain.
  7 storageMode string default="ThinProvisioned" # Is ThinProvisioned (the default) or ThickProvisioned.
  8 volumeName string # Is the name of a volume that exists already.
  9 fsType string default="xfs" # Names the file system on it; xfs by default.
  10 readOnly bool # Mounts it read-only; false by default.

type ScopeSelector map=atomic # Chooses Pods by scope.
  1 matchExpressions []ScopedResourceSelectorRequirement list=atomic # Lists what must hold, all of it.

type ScopedResourceSelectorRequirement # Demands something of a scope.
  1 scopeName! string # Names the scope, such as PriorityClass.
  2 operator! string # Relates scope and values: In, NotIn, Exists or DoesNotExist.
  3 values []string list=atomic # Lists the values for In and NotIn.

type SeccompProfile union=type:localhostProfile # Says which system calls a container may make.
  1 type! string # Is RuntimeDefault (the container runtime's list), Unconfined (all calls) or Localhost (a file on the node).
  2 localhostProfile? string # Is the file's path below the node's folder of profiles; set only with type Localhost, and required then.

type Secret # Holds passwords, keys and the like for Pods and controllers; at most 1 MiB.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 data map[bytes] # Holds bytes by key, in base64; a key consists of letters, digits, "-", "_" and ".".
  3 type string default="Opaque" # Says what it is for, such as kubernetes.io/tls, which requires certain keys; Opaque by default. It never changes.
  4 stringData map[string] # Holds texts by key, which a write moves into data; it is never returned.
  5 immutable? bool # Forbids every change of the data for good once true, which spares watching it; false by default.

type SecretEnvSource # Takes every key of a Secret as an environment variable.
  1.1 name string # Names the Secret, in the Pod's namespace.
  2 optional? bool # Lets the container start without the Secret; false by default.

type SecretKeySelector map=atomic # Chooses the value of one key of a Secret.
  1.1 name string # Names the Secret, in the Pod's namespace.
  2 key! string # Is the key whose value is taken.
  3 optional? bool # Lets the container start without the Secret or the key; false by default.

type SecretProjection # Writes keys of a Secret as files into a projected volume.
  1.1 name string # Names the Secret, in the Pod's namespace.
  2 items []KeyToPath list=atomic # Lists the keys to write and where; empty writes each key as a file of its name.
  4 optional? bool # Lets the Pod start without the Secret or some of its keys; false by default.

type SecretReference map=atomic # Names a Secret of any namespace.
  1 name string # Is the name of the Secret.
  2 namespace string # Is its namespace.

type SecretVolumeSource # Fills a volume with the keys of a Secret as files, and follows its changes.
  1 secretName string # Names the Secret, in the Pod's namespace.
  2 items []KeyToPath list=atomic # Lists the keys to write and where; empty writes each key as a file of its name.
  3 defaultMode? int32 default=420 # Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default.
  4 optional? bool # Lets the Pod start without the Secret or some of its keys; false by default.

type SecurityContext # Sets the rights of one container; what is set here wins over the Pod's securityContext.
  1 capabilities Capabilities # Changes the Linux capabilities that it starts with; absent leaves the runtime's.
  2 privileged? bool # Gives it nearly all rights that root has on the node; false by default.
  3 seLinuxOptions SELinuxOptions # Sets its SELinux label; absent takes the Pod's setting, else the runtime's choice.
  4 runAsUser? int64 # Is the number of the user to run as; absent takes the Pod's setting, else the image's user.
  5 runAsNonRoot? bool # Refuses to start it as user 0; absent takes the Pod's setting, else false.
  6 readOnlyRootFilesystem? bool # Makes its root file system read-only; false by default.
  7 allowPrivilegeEscalation? bool # Lets a process gain more rights than its parent; true by default, and always when privileged.
  8 runAsGroup? int64 # Is the number of the main group to run as; absent takes the Pod's setting, else the runtime's choice.
  9 procMount? string # Is Default (also when absent), which hides parts of /proc, or Unmasked, which needs hostUsers false.
  10 windowsOptions WindowsSecurityContextOptions # Holds settings for Windows; not allowed when spec.os.name is linux.
  11 seccompProfile SeccompProfile # Says which system calls it may make; absent takes the Pod's setting.
  12 appArmorProfile AppArmorProfile # Says which AppArmor profile confines it; absent takes the Pod's setting.

type Service # Gives a set of Pods one name and one address, and spreads traffic over them.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ServiceSpec # Describes the address, the ports and the Pods behind them.
  3 status ServiceStatus default={} # Reports where a load balancer takes traffic in.

type ServiceAccount # Is an identity for programs that run in Pods.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 secrets []ObjectReference list=map(name) patch=merge(name) # Lists Secrets with tokens of the account; only for old tools, tokens are now made on request.
  3 imagePullSecrets []LocalObjectReference list=atomic # Lists the Secrets for registries that Pods of the account get, unless they name some themselves.
  4 automountServiceAccountToken? bool # Says whether its Pods get a token mounted, unless they say so themselves; true when absent.

type ServiceAccountTokenProjection # Writes a token of the Pod's ServiceAccount into a file, and renews it.
  1 audience string # Names who is to accept the token; absent means the API server.
  2 expirationSeconds? int64 default=3600 # Is the life of the token in seconds, at least 600; 3600 by default.
  3 path! string # Is the file, relative to the volume.

type ServicePort # Is one port of a Service.
  1 name string # Is its name, once in the Service; required when there are several ports.
  2 protocol string default="TCP" # Is the transport protocol: TCP (the default), UDP or SCTP.
  3 port! int32 # Is the number of the port at the Service's address, 1 to 65535.
  4 targetPort IntOrString # Is the port of the Pods, as a number or as the name of a container port; the same as port by default.
  5 nodePort int32 # Is the port on every node, for the types NodePort and LoadBalancer; the server picks one when 0.
  6 appProtocol? string # Names the protocol above the transport, such as kubernetes.io/h2c; absent when unknown.

type ServiceSpec # Describes a Service.
  1 ports []ServicePort list=map(port,protocol) patch=merge(port) # Lists the ports; required unless the Service is headless or of type ExternalName.
  2 selector map[string] map=atomic # Chooses the Pods by their labels; without it, something else must write the EndpointSlices.
  3 clusterIP string # Is the address inside the cluster; the server picks one when empty, and None makes the Service headless.
  4 type string default="ClusterIP" # Is ClusterIP (the default), NodePort (also a port of every node), LoadBalancer (also a balancer outside) or ExternalName.
  5 externalIPs []string list=atomic # Lists further addresses at which nodes take traffic for the Service; the network around must route it to them.
  7 sessionAffinity string default="None" # Is None (the default) or ClientIP, which sends a client to the same Pod again.
  8 loadBalancerIP string # Asks the load balancer for this address; deprecated, as not every one can do so.
  9 loadBalancerSourceRanges []string list=atomic # Lists the networks of clients that a load balancer lets in; empty means all.
  10 externalName string # Is the DNS name that a Service of type ExternalName stands for.
  11 externalTrafficPolicy string # Is Cluster (the default) or Local, which uses Pods of the receiving node only and keeps the client's address.
  12 healthCheckNodePort int32 # Is the port on which nodes tell a load balancer if they have Pods; only with externalTrafficPolicy Local.
  13 publishNotReadyAddresses bool # Makes DNS and traffic treat Pods as ready even if they are not; false by default.
  14 sessionAffinityConfig SessionAffinityConfig # Sets how long sessionAffinity ClientIP lasts.
  17 ipFamilyPolicy? string # Is SingleStack (the default), PreferDualStack or RequireDualStack.
  18 clusterIPs []string list=atomic # Lists the addresses inside the cluster, at most one a family; the first equals clusterIP.
  19 ipFamilies []string list=atomic # Lists the families of the addresses in order: IPv4, IPv6; the server chooses when absent.
  20 allocateLoadBalancerNodePorts? bool # Gives a Service of type LoadBalancer ports of the nodes as well; true by default.
  21 loadBalancerClass? string # Names the implementation that is to serve it, for type LoadBalancer; absent takes the cluster's.
  22 internalTrafficPolicy? string # Is Cluster (the default) or Local, which sends traffic from a node to Pods of that node only.
  23 trafficDistribution? string # Prefers near Pods: PreferSameZone (also called PreferClose) or PreferSameNode; absent has no preference.

type ServiceStatus # Reports what has become of a Service.
  1 loadBalancer LoadBalancerStatus default={} # Tells where the load balancer takes traffic in, if there is one.
  2 conditions []meta/v1.Condition list=map(type) patch=merge(type) # States aspects of the Service, one entry a type.

type SessionAffinityConfig # Sets how a client is remembered.
  1 clientIP ClientIPConfig # Sets it for sessionAffinity ClientIP.

type SleepAction # Waits.
  1 seconds! int64 # Is how many seconds to wait.

type StorageOSPersistentVolumeSource # Names a volume of StorageOS for claims to bind to.
  1 volumeName string # Is the name of the volume, once in its namespace.
  2 volumeNamespace string # Is its namespace in StorageOS; absent takes the Pod's.
  3 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  4 readOnly bool # Mounts it read-only; false by default.
  5 secretRef ObjectReference # Names a Secret with the credentials for StorageOS; absent uses its defaults.

type StorageOSVolumeSource # Names a volume of StorageOS to mount.
  1 volumeName string # Is the name of the volume, once in its namespace.
  2 volumeNamespace string # Is its namespace in StorageOS; absent takes the Pod's.
  3 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  4 readOnly bool # Mounts it read-only; false by default.
  5 secretRef LocalObjectReference # Names a Secret with the credentials for StorageOS; absent uses its defaults.

type Sysctl # Is one parameter of the kernel.
  1 name! string # Is its name, such as net.core.somaxconn.
  2 value! string # Is its value.

type TCPSocketAction # Opens a TCP connection; being connected means success.
  1 port! IntOrString # Is the port, as a number from 1 to 65535 or as the name of one of the container's ports.
  2 host string # Is the host to connect to; empty means the Pod's own address.

type Taint # Makes a node repel the Pods that do not tolerate it.
  1 key! string # Is the key that tolerations are compared with.
  2 value string # Is the value that they are compared with; empty by default.
  3 effect! string # Is NoSchedule, PreferNoSchedule (avoid if possible) or NoExecute, which also drives running Pods away.
  4 timeAdded? Time # Tells when it was added; set for NoExecute.

type Toleration # Lets a Pod go to, or stay on, nodes with certain taints.
  1 key string # Is the key of the taint; empty, together with operator Exists, means every key.
  2 operator string # Is Equal (also when absent), Exists, which takes any value, or Lt or Gt, which compare whole numbers.
  3 value string # Is the value of the taint; it must be empty with operator Exists.
  4 effect string # Is the effect of the taint; empty means every effect.
  5 tolerationSeconds? int64 # Is how many seconds the Pod stays despite a NoExecute taint; absent means for ever, 0 or less not at all.

type TopologySelectorLabelRequirement # Asks for certain values of one node label.
  1 key! string # Names the label.
  2 values! []string list=atomic # Lists the values, one of which the label must have.

type TopologySelectorTerm map=atomic # Chooses parts of the cluster by the labels of their nodes.
  1 matchLabelExpressions []TopologySelectorLabelRequirement list=atomic # Lists what the labels must be; all of it must hold.

type TopologySpreadConstraint # Says how evenly Pods are spread over parts of the cluster.
  1 maxSkew! int32 # Is by how many Pods a part may exceed the emptiest one, at least 1.
  2 topologyKey! string # Names a node label: nodes with the same value of it are one part.
  3 whenUnsatisfiable! string # Is DoNotSchedule, which lets the Pod wait, or ScheduleAnyway, which only prefers.
  4 labelSelector meta/v1.LabelSelector # Chooses the Pods that are counted, in the Pod's namespace; absent counts none.
  5 minDomains? int32 # Counts the emptiest part as 0 while there are fewer parts than this; absent means 1. With DoNotSchedule only.
  6 nodeAffinityPolicy? string # Is Honor (also when absent), which leaves out nodes the Pod's affinity rules out, or Ignore.
  7 nodeTaintsPolicy? string # Is Ignore (also when absent), or Honor, which leaves out nodes with taints the Pod does not tolerate.
  8 matchLabelKeys []string list=atomic # Lists labels that counted Pods must share with the Pod in question, such as pod-template-hash.

type TypedLocalObjectReference map=atomic # Names an object of some kind in the same namespace.
  1 apiGroup? string # Names the group of the kind; absent means the core group.
  2 kind! string # Names the kind of the object.
  3 name! string # Is the name of the object.

type TypedObjectReference # Names an object of some kind, perhaps in another namespace.
  1 apiGroup? string # Names the group of the kind; absent means the core group.
  2 kind! string # Names the kind of the object.
  3 name! string # Is the name of the object.
  4 namespace? string # Names its namespace, which must permit the reference by a ReferenceGrant; absent means the same one.

type Volume # Is a folder, or a device, that the containers of a Pod can mount; one source is set, an emptyDir if none.
  2.4 awsElasticBlockStore AWSElasticBlockStoreVolumeSource # Mounts a disk of AWS; deprecated in favour of csi.
  2.22 azureDisk AzureDiskVolumeSource # Mounts a data disk of Azure; deprecated in favour of csi.
  2.18 azureFile AzureFileVolumeSource # Mounts a file share of Azure; deprecated in favour of csi.
  2.14 cephfs CephFSVolumeSource # Mounts a CephFS file system; deprecated.
  2.13 cinder CinderVolumeSource # Mounts a disk of OpenStack; deprecated in favour of csi.
  2.19 configMap ConfigMapVolumeSource # Holds the keys of a ConfigMap as files.
  2.28 csi CSIVolumeSource # Lets a CSI driver make the volume for this Pod alone.
  2.16 downwardAPI DownwardAPIVolumeSource # Holds facts about the Pod as files.
  2.2 emptyDir EmptyDirVolumeSource # Is an empty folder at first and lives as long as the Pod.
  2.29 ephemeral EphemeralVolumeSource # Makes a PersistentVolumeClaim for this Pod alone.
  2.17 fc FCVolumeSource # Mounts a Fibre Channel disk.
  2.12 flexVolume FlexVolumeSource # Lets a program on the node mount the volume; deprecated in favour of csi.
  2.15 flocker FlockerVolumeSource # Named a volume of Flocker; deprecated.
  2.3 gcePersistentDisk GCEPersistentDiskVolumeSource # Mounts a disk of Google Cloud; deprecated in favour of csi.
  2.5 gitRepo GitRepoVolumeSource # Holds a git repository; deprecated.
  2.9 glusterfs GlusterfsVolumeSource # Mounts a GlusterFS volume; deprecated.
  2.1 hostPath HostPathVolumeSource # Mounts a file or folder of the node.
  2.30 image ImageVolumeSource # Mounts the files of an image, read-only.
  2.8 iscsi ISCSIVolumeSource # Mounts an iSCSI disk.
  2.7 nfs NFSVolumeSource # Mounts an NFS export.
  2.10 persistentVolumeClaim PersistentVolumeClaimVolumeSource # Mounts the volume that a PersistentVolumeClaim is bound to.
  2.23 photonPersistentDisk PhotonPersistentDiskVolumeSource # Named a disk of Photon Controller; deprecated.
  2.24 portworxVolume PortworxVolumeSource # Mounts a volume of Portworx; deprecated in favour of csi.
  2.26 projected ProjectedVolumeSource # Is filled from several sources: Secrets, ConfigMaps, facts about the Pod, tokens.
  2.21 quobyte QuobyteVolumeSource # Mounts a volume of Quobyte; deprecated.
  2.11 rbd RBDVolumeSource # Mounts a block device of Ceph; deprecated.
  2.25 scaleIO ScaleIOVolumeSource # Mounts a volume of ScaleIO; deprecated.
  2.6 secret SecretVolumeSource # Holds the keys of a Secret as files.
  2.27 storageos StorageOSVolumeSource # Mounts a volume of StorageOS; deprecated.
  2.20 vsphereVolume VsphereVirtualDiskVolumeSource # Mounts a disk of vSphere; deprecated in favour of csi.
  1 name! string # Names the volume, once in its Pod; a DNS label.

type VolumeDevice # Passes a volume into a container as a raw block device.
  1 name! string # Names the volume, which must be a persistentVolumeClaim or ephemeral.
  2 devicePath! string # Is the path of the device in the container.

type VolumeMount # Mounts a volume into a container.
  1 name! string # Names the volume, as in spec.volumes.
  2 readOnly bool # Mounts it read-only; false by default.
  3 mountPath! string # Is where it appears in the container; it must not contain ":".
  4 subPath string # Is the file or folder of the volume to mount; empty mounts all of it.
  5 mountPropagation? string # Says how later mounts pass between node and container: None (also when absent), HostToContainer or Bidirectional.
  6 subPathExpr string # Is like subPath, with $(NAME) replaced by environment variables; only one of the two may be set.
  7 recursiveReadOnly? string # Makes mounts below it read-only too: Disabled (also when absent), IfPossible or Enabled.

type VolumeMountStatus # Tells how a volume is mounted.
  1 name! string # Names the volume, as in spec.volumes.
  2 mountPath! string # Is where it appears in the container.
  3 readOnly bool # Is true when it is read-only.
  4 recursiveReadOnly? string # Is Enabled or Disabled, as it turned out; absent when it is not read-only.
  5 volumeStatus VolumeStatus # Tells more about some types of volumes.

type VolumeNodeAffinity # Says which nodes reach a volume.
  1 required NodeSelector # Chooses the nodes.

type VolumeProjection # Is one source of a projected volume; exactly one field is set.
  1 secret SecretProjection # Adds keys of a Secret.
  2 downwardAPI DownwardAPIProjection # Adds facts about the Pod.
  3 configMap ConfigMapProjection # Adds keys of a ConfigMap.
  4 serviceAccountToken ServiceAccountTokenProjection # Adds a token of the Pod's ServiceAccount.
  5 clusterTrustBundle ClusterTrustBundleProjection # Adds certificates of ClusterTrustBundles.
  6 podCertificate PodCertificateProjection # Adds a key and a certificate for the Pod.

type VolumeResourceRequirements # Says how much storage a claim asks for.
  1 limits map[Quantity] # Holds the most that may be given; absent means no limit.
  2 requests map[Quantity] # Holds the least that is needed, as storage.

type VolumeStatus # Tells more about a mounted volume, by its type.
  1 image ImageVolumeStatus # Tells about a mounted image.

type VsphereVirtualDiskVolumeSource # Names a disk of vSphere to mount; new clusters use the CSI driver csi.vsphere.vmware.com.
  1 volumePath! string # Is the path of the disk's file in its datastore.
  2 fsType string # Names the file system on it, such as ext4 (assumed when absent).
  3 storagePolicyName string # Is the name of the storage policy.
  4 storagePolicyID string # Is the id of the storage policy.

type WeightedPodAffinityTerm # Gives a weight to nodes near Pods that a term chooses.
  1 weight! int32 # Is the weight, 1 to 100.
  2 podAffinityTerm! PodAffinityTerm # Chooses the Pods, and says what near them means.

type WindowsSecurityContextOptions # Sets the rights of containers on Windows.
  1 gmsaCredentialSpecName? string # Names the GMSA credential spec to use.
  2 gmsaCredentialSpec? string # Holds the text of the GMSA credential spec, which an admission webhook fills in.
  3 runAsUserName? string # Is the name of the user to run as; absent takes the image's.
  4 hostProcess? bool # Runs the containers as processes of the host; all or none in a Pod, and only with hostNetwork.
`;
