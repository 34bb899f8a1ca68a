// Generated from ../groups by `npm run generate`. Do not edit.
import type { IntOrString, Quantity, StoredMeta } from "../wire-types.js";
import type { Condition, LabelSelector, ObjectMeta } from "./meta-v1.gen.js";

/** Names a disk of AWS (EBS) to mount; new clusters use the CSI driver ebs.csi.aws.com. */
export interface AWSElasticBlockStoreVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the number of the partition to mount; 0 mounts the whole disk. */
  readonly partition?: number;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Is the id of the disk, in the zone of the node. */
  readonly volumeID: string;
}

/** Draws a Pod to certain nodes or Pods, or keeps it away from them, when it is scheduled. */
export interface Affinity {
  /** Chooses nodes by their labels. */
  readonly nodeAffinity?: NodeAffinity;
  /** Places the Pod near certain other Pods. */
  readonly podAffinity?: PodAffinity;
  /** Places the Pod away from certain other Pods. */
  readonly podAntiAffinity?: PodAntiAffinity;
}

/** Says which AppArmor profile confines a container. */
export interface AppArmorProfile {
  /** Names the profile on the node; set only with type Localhost, and required then. */
  readonly localhostProfile?: string;
  /** Is RuntimeDefault (the container runtime's), Unconfined (none) or Localhost (one loaded on the node). */
  readonly type: string;
}

/** Tells that a volume is attached to a node, and where. */
export interface AttachedVolume {
  /** Is the path of its device on the node. */
  readonly devicePath: string;
  /** Identifies the volume. */
  readonly name: string;
}

/** Names a data disk of Azure to mount; new clusters use the CSI driver disk.csi.azure.com. */
export interface AzureDiskVolumeSource {
  /** Says how the host caches the disk: None, ReadOnly or ReadWrite (the default). */
  readonly cachingMode?: string;
  /** Is the name of the disk. */
  readonly diskName: string;
  /** Is the address of the disk. */
  readonly diskURI: string;
  /** Names the file system on it; ext4 by default. */
  readonly fsType?: string;
  /** Says where the disk lies: Shared (the default), Dedicated or Managed. */
  readonly kind?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
}

/** Names a file share of Azure for claims to bind to; new clusters use the CSI driver file.csi.azure.com. */
export interface AzureFilePersistentVolumeSource {
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names the Secret with the account's name and key. */
  readonly secretName: string;
  /** Names the Secret's namespace; absent takes the Pod's. */
  readonly secretNamespace?: string;
  /** Is the name of the share. */
  readonly shareName: string;
}

/** Names a file share of Azure to mount; new clusters use the CSI driver file.csi.azure.com. */
export interface AzureFileVolumeSource {
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names the Secret with the account's name and key. */
  readonly secretName: string;
  /** Is the name of the share. */
  readonly shareName: string;
}

/** Assigns a Pod to a node; a scheduler creates it through the Pod's binding subresource. */
export interface Binding {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Binding";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Points to the node. */
  readonly target: ObjectReference;
}

/** Names a volume that a CSI driver manages. */
export interface CSIPersistentVolumeSource {
  /** Names a Secret for enlarging it; absent gives none. */
  readonly controllerExpandSecretRef?: SecretReference;
  /** Names a Secret for attaching and detaching; absent gives none. */
  readonly controllerPublishSecretRef?: SecretReference;
  /** Names the CSI driver, as its CSIDriver object is called. */
  readonly driver: string;
  /** Names the file system to mount; absent leaves it to the driver. */
  readonly fsType?: string;
  /** Names a Secret for enlarging it on a node; absent gives none. */
  readonly nodeExpandSecretRef?: SecretReference;
  /** Names a Secret for mounting it into a Pod; absent gives none. */
  readonly nodePublishSecretRef?: SecretReference;
  /** Names a Secret for preparing the volume on a node; absent gives none. */
  readonly nodeStageSecretRef?: SecretReference;
  /** Is passed to the driver when the volume is attached; false by default. */
  readonly readOnly?: boolean;
  /** Holds what the driver noted when it made the volume. */
  readonly volumeAttributes?: { readonly [key: string]: string };
  /** Is the id that the driver gave the volume; it never changes. */
  readonly volumeHandle: string;
}

/** Describes a volume that a CSI driver makes for one Pod and removes with it. */
export interface CSIVolumeSource {
  /** Names the CSI driver, as its CSIDriver object is called. */
  readonly driver: string;
  /** Names the file system to mount; absent or empty leaves it to the driver. */
  readonly fsType?: string;
  /** Names a Secret of the Pod's namespace that the driver is given; absent gives none. */
  readonly nodePublishSecretRef?: LocalObjectReference;
  /** Mounts the volume read-only; false by default. */
  readonly readOnly?: boolean;
  /** Passes settings on to the driver, which defines them. */
  readonly volumeAttributes?: { readonly [key: string]: string };
}

/** Changes the Linux capabilities that a container starts with. */
export interface Capabilities {
  /** Lists capabilities to give in addition to the runtime's, such as NET_ADMIN, or ALL. */
  readonly add?: readonly string[];
  /** Lists capabilities to take away from the runtime's, such as CHOWN, or ALL. */
  readonly drop?: readonly string[];
}

/** Names a CephFS file system for claims to bind to. */
export interface CephFSPersistentVolumeSource {
  /** Lists the addresses of Ceph's monitors. */
  readonly monitors: readonly string[];
  /** Is the folder in the file system to mount; / when absent. */
  readonly path?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Is the path of the user's key ring on the node; /etc/ceph/user.secret when absent. */
  readonly secretFile?: string;
  /** Names a Secret with the user's key, which takes precedence over secretFile. */
  readonly secretRef?: SecretReference;
  /** Names the Ceph user; admin when absent. */
  readonly user?: string;
}

/** Names a CephFS file system to mount. */
export interface CephFSVolumeSource {
  /** Lists the addresses of Ceph's monitors. */
  readonly monitors: readonly string[];
  /** Is the folder in the file system to mount; / when absent. */
  readonly path?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Is the path of the user's key ring on the node; /etc/ceph/user.secret when absent. */
  readonly secretFile?: string;
  /** Names a Secret with the user's key, which takes precedence over secretFile. */
  readonly secretRef?: LocalObjectReference;
  /** Names the Ceph user; admin when absent. */
  readonly user?: string;
}

/** Names a disk of OpenStack Cinder for claims to bind to; new clusters use the CSI driver cinder.csi.openstack.org. */
export interface CinderPersistentVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the credentials for OpenStack; absent uses the cluster's. */
  readonly secretRef?: SecretReference;
  /** Is the id of the disk. */
  readonly volumeID: string;
}

/** Names a disk of OpenStack Cinder to mount; new clusters use the CSI driver cinder.csi.openstack.org. */
export interface CinderVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the credentials for OpenStack; absent uses the cluster's. */
  readonly secretRef?: LocalObjectReference;
  /** Is the id of the disk. */
  readonly volumeID: string;
}

/** Says how long a client sticks to the same backend. */
export interface ClientIPConfig {
  /** Is how many seconds after its last connection a client is remembered, 1 to 86400; 10800 by default. */
  readonly timeoutSeconds?: number;
}

/** Writes the certificates of ClusterTrustBundles into a file of a volume. */
export interface ClusterTrustBundleProjection {
  /** Narrows the bundles of signerName by their labels; absent matches none and empty matches all. */
  readonly labelSelector?: LabelSelector;
  /** Names a single bundle; not together with signerName. */
  readonly name?: string;
  /** Lets the Pod start although there is no such bundle, with an empty file; false by default. */
  readonly optional?: boolean;
  /** Is the file to write, relative to the volume. */
  readonly path: string;
  /** Takes all bundles of this signer that labelSelector matches, merged; not together with name. */
  readonly signerName?: string;
}

/** States one aspect of a component's health. */
export interface ComponentCondition {
  /** Holds the error of the check, when it failed. */
  readonly error?: string;
  /** Describes it for people, as the component answered. */
  readonly message?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect; Healthy is the only one. */
  readonly type: string;
}

/** Reports the health of a part of the control plane; deprecated in favour of /readyz. */
export interface ComponentStatus {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** States what was found, one entry a type. */
  readonly conditions?: readonly ComponentCondition[];
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ComponentStatus";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
}

/** Holds settings that are not secret, for Pods to read as variables, arguments or files; at most 1 MiB. */
export interface ConfigMap {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Holds bytes by key, in base64; a key must not also be in data. */
  readonly binaryData?: { readonly [key: string]: string };
  /** Holds texts by key; a key consists of letters, digits, "-", "_" and ".". */
  readonly data?: { readonly [key: string]: string };
  /** Forbids every change of the data for good once true, which spares watching it; false by default. */
  readonly immutable?: boolean;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ConfigMap";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
}

/** Takes every key of a ConfigMap as an environment variable. */
export interface ConfigMapEnvSource {
  /** Names the ConfigMap, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the container start without the ConfigMap; false by default. */
  readonly optional?: boolean;
}

/** Chooses the value of one key of a ConfigMap. */
export interface ConfigMapKeySelector {
  /** Is the key whose value is taken. */
  readonly key: string;
  /** Names the ConfigMap, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the container start without the ConfigMap or the key; false by default. */
  readonly optional?: boolean;
}

/** Named a ConfigMap with the settings of a node's agent; it is no longer used. */
export interface ConfigMapNodeConfigSource {
  /** Is the key of the ConfigMap that holds the settings. */
  readonly kubeletConfigKey: string;
  /** Is the name of the ConfigMap. */
  readonly name: string;
  /** Is the namespace of the ConfigMap. */
  readonly namespace: string;
  /** Is the version of the ConfigMap; set only in a status. */
  readonly resourceVersion?: string;
  /** Is the uid of the ConfigMap; set only in a status. */
  readonly uid?: string;
}

/** Writes keys of a ConfigMap as files into a projected volume. */
export interface ConfigMapProjection {
  /** Lists the keys to write and where; empty writes each key as a file of its name. */
  readonly items?: readonly KeyToPath[];
  /** Names the ConfigMap, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the Pod start without the ConfigMap or some of its keys; false by default. */
  readonly optional?: boolean;
}

/** Fills a volume with the keys of a ConfigMap as files, and follows its changes. */
export interface ConfigMapVolumeSource {
  /** Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default. */
  readonly defaultMode?: number;
  /** Lists the keys to write and where; empty writes each key as a file of its name. */
  readonly items?: readonly KeyToPath[];
  /** Names the ConfigMap, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the Pod start without the ConfigMap or some of its keys; false by default. */
  readonly optional?: boolean;
}

/** Describes one container of a Pod: what to run and with what. */
export interface Container {
  /** Replaces the image's arguments. $(NAME) is replaced by the variable, and $$ stands for $. */
  readonly args?: readonly string[];
  /** Replaces the image's entry point; no shell is involved. $(NAME) is replaced by the variable, $$ stands for $. */
  readonly command?: readonly string[];
  /** Sets environment variables; an entry wins over the same name from envFrom. */
  readonly env?: readonly EnvVar[];
  /** Takes environment variables from whole ConfigMaps and Secrets; of equal names the last wins. */
  readonly envFrom?: readonly EnvFromSource[];
  /** Names the image to run, such as registry.example/web:1.2; it can be changed while the Pod lives. */
  readonly image?: string;
  /** Says when to pull: Always (the default for the tag latest, said or implied), IfNotPresent (otherwise) or Never. */
  readonly imagePullPolicy?: string;
  /** Says what to do right after the container starts and before it is stopped. */
  readonly lifecycle?: Lifecycle;
  /** Restarts the container when it fails; absent means never for that reason. */
  readonly livenessProbe?: Probe;
  /** Names the container, once in its Pod; a DNS label. It never changes. */
  readonly name: string;
  /** Lists the ports the container listens on, for information and for hostPort; others can be reached as well. */
  readonly ports?: readonly ContainerPort[];
  /** Takes the Pod out of its Services while it fails; absent counts as passed. */
  readonly readinessProbe?: Probe;
  /** Says for each resource whether a change of its amount restarts the container. */
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  /** Says how much CPU, memory and other resources the container asks for and may use. */
  readonly resources?: ResourceRequirements;
  /** Overrules the Pod's restartPolicy for this container; an init container with Always runs beside the others. */
  readonly restartPolicy?: string;
  /** Lists rules on the exit code, of which the first that matches overrules restartPolicy. */
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  /** Sets the rights of the container; its fields win over those of the Pod's securityContext. */
  readonly securityContext?: SecurityContext;
  /** Holds the other probes back until it has passed once; its failing restarts the container. Absent counts as passed. */
  readonly startupProbe?: Probe;
  /** Keeps an input open that can be attached to; false by default, when reading finds the end. */
  readonly stdin?: boolean;
  /** Closes the input for good when the first client that attached to it leaves; false by default. */
  readonly stdinOnce?: boolean;
  /** Is the file whose last 4 KiB become the message of the ended container; /dev/termination-log by default. */
  readonly terminationMessagePath?: string;
  /** Is File (the default), or FallbackToLogsOnError: the end of the log if it failed without the file. */
  readonly terminationMessagePolicy?: string;
  /** Gives the container a terminal; it needs stdin. False by default. */
  readonly tty?: boolean;
  /** Lists the Pod's volumes to pass in as raw block devices, and where. */
  readonly volumeDevices?: readonly VolumeDevice[];
  /** Lists the Pod's volumes to mount, and where. */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Is the folder the process starts in; absent takes the image's. */
  readonly workingDir?: string;
}

/** Tells which request of a ResourceClaim serves a container's extended resource. */
export interface ContainerExtendedResourceRequest {
  /** Names the container. */
  readonly containerName: string;
  /** Names the request in the claim. */
  readonly requestName: string;
  /** Names the resource, such as example.com/gpu. */
  readonly resourceName: string;
}

/** Tells that a node has an image. */
export interface ContainerImage {
  /** Lists the names of the image, with tags and digests. */
  readonly names?: readonly string[];
  /** Tells how many bytes the image takes. */
  readonly sizeBytes?: number;
}

/** Describes a port that a container listens on. */
export interface ContainerPort {
  /** Is the number of the port, 1 to 65535. */
  readonly containerPort: number;
  /** Is the address of the node to open hostPort on; empty means every address. */
  readonly hostIP?: string;
  /** Opens this port of the node and leads it to the container, 1 to 65535; 0 (the default) opens none. */
  readonly hostPort?: number;
  /** Names the port for Services and probes, once in the Pod; at most 15 of a-z, 0-9 and "-". */
  readonly name?: string;
  /** Is the transport protocol: TCP (the default), UDP or SCTP. */
  readonly protocol?: string;
}

/** Says what a change of a resource means for a running container. */
export interface ContainerResizePolicy {
  /** Names the resource: cpu or memory. */
  readonly resourceName: string;
  /** Is NotRequired, which changes it in place, or RestartContainer. */
  readonly restartPolicy: string;
}

/** Says what to do when a container ends in a certain way. */
export interface ContainerRestartRule {
  /** Is what to do: Restart starts the container again, RestartAllContainers all of the Pod. */
  readonly action: string;
  /** Chooses the exit codes that the rule is about. */
  readonly exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** Chooses exit codes. */
export interface ContainerRestartRuleOnExitCodes {
  /** Is In (one of the values) or NotIn (none of them). */
  readonly operator: string;
  /** Lists exit codes, at most 255 of them. */
  readonly values?: readonly number[];
}

/** Tells what a container is doing; at most one field is set, and none counts as waiting. */
export interface ContainerState {
  /** Is set while it runs. */
  readonly running?: ContainerStateRunning;
  /** Is set once it has ended. */
  readonly terminated?: ContainerStateTerminated;
  /** Is set while the container is not started yet. */
  readonly waiting?: ContainerStateWaiting;
}

/** Tells about a running container. */
export interface ContainerStateRunning {
  /** Tells when it was last started. */
  readonly startedAt?: string;
}

/** Tells how a container ended. */
export interface ContainerStateTerminated {
  /** Identifies the container, as runtime://id. */
  readonly containerID?: string;
  /** Is the exit code; 128 and the signal's number if a signal ended it. */
  readonly exitCode: number;
  /** Tells when it ended. */
  readonly finishedAt?: string;
  /** Is the container's last message: see terminationMessagePath. */
  readonly message?: string;
  /** Gives the cause as one word, such as Completed, Error or OOMKilled. */
  readonly reason?: string;
  /** Is the number of the signal that ended it; 0 if none is known. */
  readonly signal?: number;
  /** Tells when it was started. */
  readonly startedAt?: string;
}

/** Tells why a container does not run yet. */
export interface ContainerStateWaiting {
  /** Gives the cause as a text for people. */
  readonly message?: string;
  /** Gives the cause as one word, such as ContainerCreating, ImagePullBackOff or CrashLoopBackOff. */
  readonly reason?: string;
}

/** Reports the state of one container. */
export interface ContainerStatus {
  /** Holds the requests that the node has set aside for it. */
  readonly allocatedResources?: { readonly [key: string]: Quantity };
  /** Tells about the health of the devices it was given. */
  readonly allocatedResourcesStatus?: readonly ResourceStatus[];
  /** Identifies the container, as runtime://id; empty when there is none. */
  readonly containerID?: string;
  /** Names the image that runs; it may be another name of the one in the spec. */
  readonly image: string;
  /** Identifies the image that runs by its digest. */
  readonly imageID: string;
  /** Tells how it ended the time before; empty when it has not been restarted. */
  readonly lastState?: ContainerState;
  /** Names the container, as in the spec. */
  readonly name: string;
  /** Is true while it passes its readiness probe, or runs without one. */
  readonly ready: boolean;
  /** Holds the requests and limits that are in force. */
  readonly resources?: ResourceRequirements;
  /** Counts its restarts as far as the node knows; it may start over when dead containers are cleaned up. */
  readonly restartCount: number;
  /** Is true once it runs and has passed its startup probe and its postStart hook; absent when unknown. */
  readonly started?: boolean;
  /** Tells what it is doing now. */
  readonly state?: ContainerState;
  /** Names the signal by which it is stopped, such as SIGTERM; absent when not reported. */
  readonly stopSignal?: string;
  /** Tells as which user it was started; absent when the runtime does not say. */
  readonly user?: ContainerUser;
  /** Tells how its volumes are mounted. */
  readonly volumeMounts?: readonly VolumeMountStatus[];
}

/** Tells as which user a container was started. */
export interface ContainerUser {
  /** Holds the user on Linux; absent elsewhere. */
  readonly linux?: LinuxContainerUser;
}

/** Tells on which port a service of a node listens. */
export interface DaemonEndpoint {
  /** Is the number of the port. */
  readonly Port: number;
}

/** Writes facts about the Pod as files into a projected volume. */
export interface DownwardAPIProjection {
  /** Lists the files. */
  readonly items?: readonly DownwardAPIVolumeFile[];
}

/** Writes one fact about the Pod into a file; exactly one of fieldRef and resourceFieldRef is set. */
export interface DownwardAPIVolumeFile {
  /** Takes a field of the Pod: name, namespace, uid, labels or annotations of its metadata. */
  readonly fieldRef?: ObjectFieldSelector;
  /** Sets the permission bits, 0 to 511 (0777 in octal); absent takes the volume's defaultMode. */
  readonly mode?: number;
  /** Is the file, relative to the volume; it must not leave it. */
  readonly path: string;
  /** Takes a limit or a request of one of its containers. */
  readonly resourceFieldRef?: ResourceFieldSelector;
}

/** Fills a volume with facts about the Pod, and follows their changes. */
export interface DownwardAPIVolumeSource {
  /** Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default. */
  readonly defaultMode?: number;
  /** Lists the files. */
  readonly items?: readonly DownwardAPIVolumeFile[];
}

/** Makes an empty folder that lives as long as the Pod and that its containers share. */
export interface EmptyDirVolumeSource {
  /** Says where: empty (the default) on the node's disk, Memory in RAM, HugePages or HugePages-<size> in huge pages. */
  readonly medium?: string;
  /** Limits its size; a Pod that exceeds it is evicted. Absent or 0 means no limit. */
  readonly sizeLimit?: Quantity;
}

/** Is one backend of a Service. */
export interface EndpointAddress {
  /** Is the host name of the backend for DNS; empty means that it has none of its own. */
  readonly hostname?: string;
  /** Is the address; loopback, link-local and multicast are not allowed. */
  readonly ip: string;
  /** Names the node that it runs on; absent when unknown. */
  readonly nodeName?: string;
  /** Points to the object behind it, usually a Pod. */
  readonly targetRef?: ObjectReference;
}

/** Is a port on which all addresses of a subset can be reached. */
export interface EndpointPort {
  /** Names the protocol above the transport, such as kubernetes.io/h2c; absent when unknown. */
  readonly appProtocol?: string;
  /** Is the name of the Service's port; it may be empty when there is only one. */
  readonly name?: string;
  /** Is the port's number, 1 to 65535. */
  readonly port: number;
  /** Is the transport protocol: TCP (the default), UDP or SCTP. */
  readonly protocol?: string;
}

/** Combines addresses and ports: every address has every port. */
export interface EndpointSubset {
  /** Lists the backends that are ready for traffic. */
  readonly addresses?: readonly EndpointAddress[];
  /** Lists the backends that are not ready yet, or no longer. */
  readonly notReadyAddresses?: readonly EndpointAddress[];
  /** Lists the ports. */
  readonly ports?: readonly EndpointPort[];
}

/** Lists the backends of the Service of the same name; deprecated in favour of EndpointSlice. */
export interface Endpoints {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Endpoints";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Lists the backends, grouped by their ports. */
  readonly subsets?: readonly EndpointSubset[];
}

/** Takes environment variables from a whole object; exactly one of the two references is set. */
export interface EnvFromSource {
  /** Takes the keys of a ConfigMap. */
  readonly configMapRef?: ConfigMapEnvSource;
  /** Is put before every key to make the variable's name; empty by default. */
  readonly prefix?: string;
  /** Takes the keys of a Secret. */
  readonly secretRef?: SecretEnvSource;
}

/** Sets one environment variable. */
export interface EnvVar {
  /** Is the variable's name. */
  readonly name: string;
  /** Is its value, in which $(NAME) is replaced by an earlier variable and $$ stands for $; empty by default. */
  readonly value?: string;
  /** Takes the value from elsewhere; not together with value. */
  readonly valueFrom?: EnvVarSource;
}

/** Says where a variable's value comes from; exactly one field is set. */
export interface EnvVarSource {
  /** Takes a key of a ConfigMap. */
  readonly configMapKeyRef?: ConfigMapKeySelector;
  /** Takes a field of the Pod, such as metadata.name, spec.nodeName or status.podIP. */
  readonly fieldRef?: ObjectFieldSelector;
  /** Takes a key from a file of variables in one of the Pod's emptyDir volumes. */
  readonly fileKeyRef?: FileKeySelector;
  /** Takes a limit or a request of one of the Pod's containers. */
  readonly resourceFieldRef?: ResourceFieldSelector;
  /** Takes a key of a Secret. */
  readonly secretKeyRef?: SecretKeySelector;
}

/** Describes a container that is added to a running Pod to look into it; it is never restarted. */
export interface EphemeralContainer {
  /** Replaces the image's arguments. $(NAME) is replaced by the variable, and $$ stands for $. */
  readonly args?: readonly string[];
  /** Replaces the image's entry point; no shell is involved. $(NAME) is replaced by the variable, $$ stands for $. */
  readonly command?: readonly string[];
  /** Sets environment variables; an entry wins over the same name from envFrom. */
  readonly env?: readonly EnvVar[];
  /** Takes environment variables from whole ConfigMaps and Secrets; of equal names the last wins. */
  readonly envFrom?: readonly EnvFromSource[];
  /** Names the image to run, such as busybox:1.36. */
  readonly image?: string;
  /** Says when to pull: Always (the default for the tag latest, said or implied), IfNotPresent (otherwise) or Never. */
  readonly imagePullPolicy?: string;
  /** Must be absent: such a container has no hooks. */
  readonly lifecycle?: Lifecycle;
  /** Must be absent: such a container has no probes. */
  readonly livenessProbe?: Probe;
  /** Names the container, once among all containers of the Pod; a DNS label. */
  readonly name: string;
  /** Must be absent: such a container has no ports of its own. */
  readonly ports?: readonly ContainerPort[];
  /** Must be absent: such a container has no probes. */
  readonly readinessProbe?: Probe;
  /** Must be absent: such a container has no resources of its own. */
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  /** Must be empty: such a container uses what the Pod leaves over. */
  readonly resources?: ResourceRequirements;
  /** Must be absent: such a container is never restarted. */
  readonly restartPolicy?: string;
  /** Must be absent: such a container is never restarted. */
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  /** Sets the rights of the container; its fields win over those of the Pod's securityContext. */
  readonly securityContext?: SecurityContext;
  /** Must be absent: such a container has no probes. */
  readonly startupProbe?: Probe;
  /** Keeps an input open that can be attached to; false by default, when reading finds the end. */
  readonly stdin?: boolean;
  /** Closes the input for good when the first client that attached to it leaves; false by default. */
  readonly stdinOnce?: boolean;
  /** Names the container whose processes this one sees; empty means its own only. */
  readonly targetContainerName?: string;
  /** Is the file whose last 4 KiB become the message of the ended container; /dev/termination-log by default. */
  readonly terminationMessagePath?: string;
  /** Is File (the default), or FallbackToLogsOnError: the end of the log if it failed without the file. */
  readonly terminationMessagePolicy?: string;
  /** Gives the container a terminal; it needs stdin. False by default. */
  readonly tty?: boolean;
  /** Lists the Pod's volumes to pass in as raw block devices, and where. */
  readonly volumeDevices?: readonly VolumeDevice[];
  /** Lists the Pod's volumes to mount, and where; subPath is not allowed. */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Is the folder the process starts in; absent takes the image's. */
  readonly workingDir?: string;
}

/** Gives a Pod a PersistentVolumeClaim of its own, which is deleted with it. */
export interface EphemeralVolumeSource {
  /** Is the pattern for the claim, which is called <pod>-<volume>; required. */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** Reports, for people, that something happened to an object; it is kept for a while only. */
export interface Event {
  /** Names what the program did, or failed to do, as one word. */
  readonly action?: string;
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Counts how often it was seen, in the older form. */
  readonly count?: number;
  /** Tells when it was first seen, in the newer form. */
  readonly eventTime?: string;
  /** Tells when it was first seen, in the older form. */
  readonly firstTimestamp?: string;
  /** Points to the object that it is about. */
  readonly involvedObject: ObjectReference;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Event";
  /** Tells when it was last seen, in the older form. */
  readonly lastTimestamp?: string;
  /** Describes it for people. */
  readonly message?: string;
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says why, as one CamelCase word. */
  readonly reason?: string;
  /** Points to a second object that has to do with it, if any. */
  readonly related?: ObjectReference;
  /** Names the program that reports it, such as kubernetes.io/kubelet. */
  readonly reportingComponent?: string;
  /** Names the one of several such programs, such as kubelet-node-1. */
  readonly reportingInstance?: string;
  /** Tells how often and until when it was repeated; absent means that it was seen once. */
  readonly series?: EventSeries;
  /** Tells which program reported it, in the older form. */
  readonly source?: EventSource;
  /** Says how it is meant: Normal or Warning. */
  readonly type?: string;
}

/** Tells about a repeated event. */
export interface EventSeries {
  /** Counts how often it was seen so far. */
  readonly count?: number;
  /** Tells when it was last seen. */
  readonly lastObservedTime?: string;
}

/** Tells which program reported an event. */
export interface EventSource {
  /** Names the program. */
  readonly component?: string;
  /** Names the node it runs on; empty when it runs on none. */
  readonly host?: string;
}

/** Runs a command in the container; exit code 0 means success. */
export interface ExecAction {
  /** Holds the command and its arguments; no shell is involved, and it starts in /. */
  readonly command?: readonly string[];
}

/** Names a Fibre Channel disk to mount; it needs targetWWNs with lun, or wwids. */
export interface FCVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the number of the unit on the targets; required with targetWWNs. */
  readonly lun?: number;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Lists the worldwide names of the targets. */
  readonly targetWWNs?: readonly string[];
  /** Lists worldwide identifiers of the disk; not together with targetWWNs and lun. */
  readonly wwids?: readonly string[];
}

/** Chooses one variable from a file of variables in an emptyDir volume. */
export interface FileKeySelector {
  /** Is the name of the variable in the file. */
  readonly key: string;
  /** Lets the container start without the file or the variable; false by default. */
  readonly optional?: boolean;
  /** Is the file, relative to the volume; it must not leave it. */
  readonly path: string;
  /** Names the volume of the Pod. */
  readonly volumeName: string;
}

/** Describes a volume that a program on the node mounts; deprecated in favour of CSI. */
export interface FlexPersistentVolumeSource {
  /** Names the program. */
  readonly driver: string;
  /** Names the file system to mount; absent leaves it to the program. */
  readonly fsType?: string;
  /** Passes further settings on to the program. */
  readonly options?: { readonly [key: string]: string };
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret whose values the program is given; absent gives none. */
  readonly secretRef?: SecretReference;
}

/** Describes a volume that a program on the node mounts; deprecated in favour of CSI. */
export interface FlexVolumeSource {
  /** Names the program. */
  readonly driver: string;
  /** Names the file system to mount; absent leaves it to the program. */
  readonly fsType?: string;
  /** Passes further settings on to the program. */
  readonly options?: { readonly [key: string]: string };
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret whose values the program is given; absent gives none. */
  readonly secretRef?: LocalObjectReference;
}

/** Names a volume of Flocker, which no longer exists; exactly one field is set. */
export interface FlockerVolumeSource {
  /** Is the name of the data set. */
  readonly datasetName?: string;
  /** Is the UUID of the data set. */
  readonly datasetUUID?: string;
}

/** Names a disk of Google Cloud to mount; new clusters use the CSI driver pd.csi.storage.gke.io. */
export interface GCEPersistentDiskVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the number of the partition to mount; 0 mounts the whole disk. */
  readonly partition?: number;
  /** Is the name of the disk, in the zone of the node. */
  readonly pdName: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
}

/** Asks a gRPC server for its health (grpc.health.v1); SERVING means success. */
export interface GRPCAction {
  /** Is the port of the server, 1 to 65535. */
  readonly port: number;
  /** Names the service that is asked about; empty (the default) means the server as a whole. */
  readonly service?: string;
}

/** Fills a volume from a git repository; deprecated: clone in an init container instead. */
export interface GitRepoVolumeSource {
  /** Is the folder of the volume to clone into; "." clones into the volume itself, empty into one of the repository's name. */
  readonly directory?: string;
  /** Is the address of the repository. */
  readonly repository: string;
  /** Is the commit to check out; empty takes the default branch. */
  readonly revision?: string;
}

/** Names a GlusterFS volume for claims to bind to. */
export interface GlusterfsPersistentVolumeSource {
  /** Names the Endpoints object with the addresses of the servers. */
  readonly endpoints: string;
  /** Names the namespace of the Endpoints; absent takes the claim's. */
  readonly endpointsNamespace?: string;
  /** Is the name of the volume. */
  readonly path: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
}

/** Names a GlusterFS volume to mount. */
export interface GlusterfsVolumeSource {
  /** Names the Endpoints object with the addresses of the servers. */
  readonly endpoints: string;
  /** Is the name of the volume. */
  readonly path: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
}

/** Sends an HTTP GET; a status from 200 to 399 means success. */
export interface HTTPGetAction {
  /** Is the host to connect to; empty means the Pod's own address. */
  readonly host?: string;
  /** Lists further headers to send; a name may come more than once. */
  readonly httpHeaders?: readonly HTTPHeader[];
  /** Is the path to ask for; / by default. */
  readonly path?: string;
  /** Is the port, as a number from 1 to 65535 or as the name of one of the container's ports. */
  readonly port: IntOrString;
  /** Is HTTP (the default) or HTTPS, of which the certificate is not checked. */
  readonly scheme?: string;
}

/** Is one header of a request. */
export interface HTTPHeader {
  /** Is the header's name. */
  readonly name: string;
  /** Is its value. */
  readonly value: string;
}

/** Adds a line to the hosts file of a Pod. */
export interface HostAlias {
  /** Lists the names that it gets. */
  readonly hostnames?: readonly string[];
  /** Is the address. */
  readonly ip: string;
}

/** Is an address of a node. */
export interface HostIP {
  /** Is the address. */
  readonly ip: string;
}

/** Mounts a file or folder of the node, which gives the Pod a hold on the node. */
export interface HostPathVolumeSource {
  /** Is the path on the node. */
  readonly path: string;
  /** Says what must be there: empty (the default) anything, or DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice. */
  readonly type?: string;
}

/** Names an iSCSI disk for claims to bind to. */
export interface ISCSIPersistentVolumeSource {
  /** Uses CHAP to find targets; false by default. */
  readonly chapAuthDiscovery?: boolean;
  /** Uses CHAP to log in to the target; false by default. */
  readonly chapAuthSession?: boolean;
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the qualified name of the initiator; absent takes the node's. */
  readonly initiatorName?: string;
  /** Is the qualified name of the target. */
  readonly iqn: string;
  /** Names the initiator's interface; default (TCP) by default. */
  readonly iscsiInterface?: string;
  /** Is the number of the unit on the target. */
  readonly lun: number;
  /** Lists further addresses of the target, as ip:port, for several paths to it. */
  readonly portals?: readonly string[];
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the CHAP names and passwords. */
  readonly secretRef?: SecretReference;
  /** Is the address of the target, as ip:port; port 3260 when absent. */
  readonly targetPortal: string;
}

/** Names an iSCSI disk to mount. */
export interface ISCSIVolumeSource {
  /** Uses CHAP to find targets; false by default. */
  readonly chapAuthDiscovery?: boolean;
  /** Uses CHAP to log in to the target; false by default. */
  readonly chapAuthSession?: boolean;
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the qualified name of the initiator; absent takes the node's. */
  readonly initiatorName?: string;
  /** Is the qualified name of the target. */
  readonly iqn: string;
  /** Names the initiator's interface; default (TCP) by default. */
  readonly iscsiInterface?: string;
  /** Is the number of the unit on the target. */
  readonly lun: number;
  /** Lists further addresses of the target, as ip:port, for several paths to it. */
  readonly portals?: readonly string[];
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the CHAP names and passwords. */
  readonly secretRef?: LocalObjectReference;
  /** Is the address of the target, as ip:port; port 3260 when absent. */
  readonly targetPortal: string;
}

/** Mounts the files of an image, read-only. */
export interface ImageVolumeSource {
  /** Says when to pull: Always (the default for the tag latest, said or implied), IfNotPresent (otherwise) or Never. */
  readonly pullPolicy?: string;
  /** Names the image; it may be empty only in templates that something else completes. */
  readonly reference?: string;
}

/** Tells about a mounted image. */
export interface ImageVolumeStatus {
  /** Identifies the image by its digest. */
  readonly imageRef: string;
}

/** Says into which file the value of a key goes. */
export interface KeyToPath {
  /** Is the key. */
  readonly key: string;
  /** Sets the permission bits, 0 to 511 (0777 in octal); absent takes the volume's defaultMode. */
  readonly mode?: number;
  /** Is the file, relative to the volume; it must not leave it. */
  readonly path: string;
}

/** Says what to do when a container starts and stops. */
export interface Lifecycle {
  /** Runs right after the start, beside the entry point; when it fails, the container is restarted. */
  readonly postStart?: LifecycleHandler;
  /** Runs before the container is stopped, within the grace period; what it returns changes nothing. */
  readonly preStop?: LifecycleHandler;
  /** Names the signal that stops it, such as SIGUSR1; absent takes the image's or SIGTERM. It needs spec.os.name. */
  readonly stopSignal?: string;
}

/** Is one thing to do; exactly one field is set. */
export interface LifecycleHandler {
  /** Runs a command in the container. */
  readonly exec?: ExecAction;
  /** Sends an HTTP GET. */
  readonly httpGet?: HTTPGetAction;
  /** Waits. */
  readonly sleep?: SleepAction;
  /** Cannot be used as a hook; it is accepted for old objects and fails. */
  readonly tcpSocket?: TCPSocketAction;
}

/** Bounds what each Pod, container or claim of a namespace may ask for. */
export interface LimitRange {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "LimitRange";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds the bounds. */
  readonly spec: LimitRangeSpec;
}

/** Bounds the objects of one type. */
export interface LimitRangeItem {
  /** Holds the limits of containers that state none. */
  readonly default?: { readonly [key: string]: Quantity };
  /** Holds the requests of containers that state none. */
  readonly defaultRequest?: { readonly [key: string]: Quantity };
  /** Holds the greatest amounts. */
  readonly max?: { readonly [key: string]: Quantity };
  /** Bounds how many times its request a limit may be. */
  readonly maxLimitRequestRatio?: { readonly [key: string]: Quantity };
  /** Holds the least amounts. */
  readonly min?: { readonly [key: string]: Quantity };
  /** Names the type: Pod, Container or PersistentVolumeClaim. */
  readonly type: string;
}

/** Bounds what objects may ask for. */
export interface LimitRangeSpec {
  /** Holds the bounds, one entry a type. */
  readonly limits: readonly LimitRangeItem[];
}

/** Tells as which user and groups a process was started. */
export interface LinuxContainerUser {
  /** Is the number of the main group. */
  readonly gid: number;
  /** Lists the numbers of the further groups. */
  readonly supplementalGroups?: readonly number[];
  /** Is the number of the user. */
  readonly uid: number;
}

/** Is one address at which a load balancer takes traffic in. */
export interface LoadBalancerIngress {
  /** Is its DNS name; empty when it has an address instead. */
  readonly hostname?: string;
  /** Is its IP address; empty when it has a name instead. */
  readonly ip?: string;
  /** Is VIP (the default) if packets arrive with this address as destination, Proxy if with the node's or Pod's. */
  readonly ipMode?: string;
  /** Tells about each port of the Service; empty when the load balancer does not say. */
  readonly ports?: readonly PortStatus[];
}

/** Tells where a load balancer takes traffic in. */
export interface LoadBalancerStatus {
  /** Lists its addresses; empty means that there is none yet. */
  readonly ingress?: readonly LoadBalancerIngress[];
}

/** Names an object of the same namespace. */
export interface LocalObjectReference {
  /** Is the name of the object. */
  readonly name?: string;
}

/** Names a folder, disk or partition of one node. */
export interface LocalVolumeSource {
  /** Names the file system for a block device; absent takes what is there. */
  readonly fsType?: string;
  /** Is the path on the node, of a folder or of a block device. */
  readonly path: string;
}

/** Reports a change of a volume's attributes. */
export interface ModifyVolumeStatus {
  /** Says how the change stands: Pending, InProgress or Infeasible. */
  readonly status: string;
  /** Names the class that the volume is changed to. */
  readonly targetVolumeAttributesClassName?: string;
}

/** Names an NFS export to mount. */
export interface NFSVolumeSource {
  /** Is the path that the server exports. */
  readonly path: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Is the host name or IP address of the server. */
  readonly server: string;
}

/** Is a room for names: objects in different namespaces may have the same name. */
export interface Namespace {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Namespace";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what must be done before the namespace can go. */
  readonly spec: NamespaceSpec;
  /** Reports whether the namespace is in use or being emptied. */
  readonly status?: NamespaceStatus;
}

/** States what hinders a namespace from being deleted. */
export interface NamespaceCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect, such as NamespaceDeletionContentFailure or NamespaceContentRemaining. */
  readonly type: string;
}

/** Says what must be done before a namespace can go. */
export interface NamespaceSpec {
  /** Lists who still has to clean up; kubernetes stands for the deletion of everything in it. */
  readonly finalizers?: readonly string[];
}

/** Reports the state of a namespace. */
export interface NamespaceStatus {
  /** States what hinders its deletion, one entry a type. */
  readonly conditions?: readonly NamespaceCondition[];
  /** Is Active, or Terminating while it is being emptied. */
  readonly phase?: string;
}

/** Is a machine on which Pods run. */
export interface Node {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Node";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says how the node is to be used. */
  readonly spec: NodeSpec;
  /** Reports what the node has and how it is doing; the agent on it writes this. */
  readonly status?: NodeStatus;
}

/** Is one address of a node. */
export interface NodeAddress {
  /** Is the address or name. */
  readonly address: string;
  /** Says of what sort it is: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS. */
  readonly type: string;
}

/** Chooses nodes for a Pod. */
export interface NodeAffinity {
  /** Prefers the nodes with the largest sum of weights of matching terms. */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredSchedulingTerm[];
  /** Admits only nodes that it matches; running Pods stay when labels change. Absent admits all. */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
}

/** Tells how much of a node's own resources a ResourceClaim takes. */
export interface NodeAllocatableResourceClaimStatus {
  /** Lists the containers that use the claim. */
  readonly containers?: readonly string[];
  /** Names the claim. */
  readonly resourceClaimName: string;
  /** Holds the amounts by the resource's name, such as cpu. */
  readonly resources: { readonly [key: string]: Quantity };
}

/** States one aspect of a node's health. */
export interface NodeCondition {
  /** Tells when the node last confirmed it. */
  readonly lastHeartbeatTime?: string;
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect: Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable. */
  readonly type: string;
}

/** Named the settings of a node's agent; it is no longer used. */
export interface NodeConfigSource {
  /** Points to a ConfigMap with the settings. */
  readonly configMap?: ConfigMapNodeConfigSource;
}

/** Reported which settings a node's agent used; it is no longer used. */
export interface NodeConfigStatus {
  /** Points to the settings that it used. */
  readonly active?: NodeConfigSource;
  /** Points to the settings that it was to use. */
  readonly assigned?: NodeConfigSource;
  /** Says what was wrong with the assigned settings. */
  readonly error?: string;
  /** Points to the settings that it fell back to. */
  readonly lastKnownGood?: NodeConfigSource;
}

/** Tells on which ports the services of a node listen. */
export interface NodeDaemonEndpoints {
  /** Is the port of the node's agent. */
  readonly kubeletEndpoint?: DaemonEndpoint;
}

/** Tells what the container runtime of a node can do. */
export interface NodeFeatures {
  /** Is true if it supports supplementalGroupsPolicy and reports containers' users; absent means no. */
  readonly supplementalGroupsPolicy?: boolean;
}

/** Is one way in which a node's runtime can run containers, for RuntimeClass. */
export interface NodeRuntimeHandler {
  /** Tells what the handler can do. */
  readonly features?: NodeRuntimeHandlerFeatures;
  /** Names the handler; empty is the one used by default. */
  readonly name?: string;
}

/** Tells what a runtime handler can do. */
export interface NodeRuntimeHandlerFeatures {
  /** Is true if it supports recursive read-only mounts; absent means no. */
  readonly recursiveReadOnlyMounts?: boolean;
  /** Is true if it supports user namespaces; absent means no. */
  readonly userNamespaces?: boolean;
}

/** Chooses nodes that at least one of its terms matches. */
export interface NodeSelector {
  /** Lists the terms, at least one. */
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/** Is one test that a node must pass. */
export interface NodeSelectorRequirement {
  /** Names the label, or the field, that is tested. */
  readonly key: string;
  /** Says how to compare: In, NotIn, Exists, DoesNotExist, Gt or Lt. */
  readonly operator: string;
  /** Holds what to compare with: some for In and NotIn, one whole number for Gt and Lt, none otherwise. */
  readonly values?: readonly string[];
}

/** Matches nodes that pass all its tests; a term without tests matches none. */
export interface NodeSelectorTerm {
  /** Tests the node's labels. */
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  /** Tests the node's fields, of which only metadata.name can be tested. */
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

/** Says how a node is to be used. */
export interface NodeSpec {
  /** Is no longer used. */
  readonly configSource?: NodeConfigSource;
  /** Is no longer used. */
  readonly externalID?: string;
  /** Is the network that the node's Pods get addresses from: the first of podCIDRs. */
  readonly podCIDR?: string;
  /** Lists the networks that the node's Pods get addresses from, at most one of IPv4 and one of IPv6. */
  readonly podCIDRs?: readonly string[];
  /** Identifies the machine with its cloud, as provider://id. */
  readonly providerID?: string;
  /** Lists the node's taints, which repel Pods that do not tolerate them. */
  readonly taints?: readonly Taint[];
  /** Keeps new Pods away from the node; false by default. */
  readonly unschedulable?: boolean;
}

/** Reports what a node has and how it is doing. */
export interface NodeStatus {
  /** Lists the addresses of the node. */
  readonly addresses?: readonly NodeAddress[];
  /** Holds what Pods can use of it, after what the system keeps; equal to capacity when absent. */
  readonly allocatable?: { readonly [key: string]: Quantity };
  /** Holds all that the machine has: cpu, memory, pods, ephemeral-storage and others. */
  readonly capacity?: { readonly [key: string]: Quantity };
  /** States how the node is doing, one entry a type. */
  readonly conditions?: readonly NodeCondition[];
  /** Is no longer used. */
  readonly config?: NodeConfigStatus;
  /** Tells on which ports the services of the node listen. */
  readonly daemonEndpoints?: NodeDaemonEndpoints;
  /** Lists features of the node's software by which Pods can be scheduled. */
  readonly declaredFeatures?: readonly string[];
  /** Tells what the node's container runtime can do. */
  readonly features?: NodeFeatures;
  /** Lists images that the node has, the largest first. */
  readonly images?: readonly ContainerImage[];
  /** Identifies the machine and the software on it. */
  readonly nodeInfo?: NodeSystemInfo;
  /** Is no longer filled in. */
  readonly phase?: string;
  /** Lists the ways in which the node's runtime can run containers. */
  readonly runtimeHandlers?: readonly NodeRuntimeHandler[];
  /** Lists the volumes that the control plane has attached to it. */
  readonly volumesAttached?: readonly AttachedVolume[];
  /** Lists the volumes that the node has mounted, or is about to. */
  readonly volumesInUse?: readonly string[];
}

/** Tells about the swap space of a node. */
export interface NodeSwapStatus {
  /** Is its size in bytes; absent when unknown. */
  readonly capacity?: number;
}

/** Identifies a machine and the software on it. */
export interface NodeSystemInfo {
  /** Names the processor's architecture, such as amd64 or arm64. */
  readonly architecture: string;
  /** Changes with every boot. */
  readonly bootID: string;
  /** Names the container runtime and its version, as containerd://1.7.0. */
  readonly containerRuntimeVersion: string;
  /** Is the version of the kernel, as uname -r prints it. */
  readonly kernelVersion: string;
  /** Is deprecated and may be empty or outdated. */
  readonly kubeProxyVersion: string;
  /** Is the version of the node's agent. */
  readonly kubeletVersion: string;
  /** Is the id of the system's installation, from /etc/machine-id. */
  readonly machineID: string;
  /** Is linux or windows. */
  readonly operatingSystem: string;
  /** Names the operating system's distribution and version. */
  readonly osImage: string;
  /** Tells about the swap space; absent when unknown. */
  readonly swap?: NodeSwapStatus;
  /** Is the UUID of the hardware. */
  readonly systemUUID: string;
}

/** Chooses a field of the Pod. */
export interface ObjectFieldSelector {
  /** Is the version in which the field's path is spelled; v1 by default. */
  readonly apiVersion?: string;
  /** Is the path of the field, such as metadata.labels['app']. */
  readonly fieldPath: string;
}

/** Points to an object, or to a part of one. */
export interface ObjectReference {
  /** Names the group and version of its kind. */
  readonly apiVersion?: string;
  /** Points to a part of it, such as spec.containers{web}; empty means all of it. */
  readonly fieldPath?: string;
  /** Names the kind of the object. */
  readonly kind?: string;
  /** Names the object. */
  readonly name?: string;
  /** Names its namespace; empty for kinds of the whole cluster. */
  readonly namespace?: string;
  /** Holds the version of the object that is meant; empty means any. */
  readonly resourceVersion?: string;
  /** Holds its uid; empty means whichever object has the name. */
  readonly uid?: string;
}

/** Is a piece of storage that a claim can be bound to; it outlives Pods and claims. */
export interface PersistentVolume {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PersistentVolume";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the storage, and whose it is. */
  readonly spec: PersistentVolumeSpec;
  /** Reports whether it is free, bound or released. */
  readonly status?: PersistentVolumeStatus;
}

/** Asks for a volume that outlives Pods. */
export interface PersistentVolumeClaim {
  /** Is the version of the claim: v1. */
  readonly apiVersion: "v1";
  /** Is PersistentVolumeClaim. */
  readonly kind: "PersistentVolumeClaim";
  /** Holds the claim's name, labels and annotations. */
  readonly metadata: StoredMeta;
  /** Describes the volume that is wanted. */
  readonly spec: PersistentVolumeClaimSpec;
  /** Reports the volume that was found. */
  readonly status?: PersistentVolumeClaimStatus;
}

/** States one aspect of a claim's state. */
export interface PersistentVolumeClaimCondition {
  /** Tells when the condition was last looked at. */
  readonly lastProbeTime?: string;
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect. */
  readonly type: string;
}

/** Describes the storage that a claim asks for. */
export interface PersistentVolumeClaimSpec {
  /** Lists how it is to be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod. */
  readonly accessModes?: readonly string[];
  /** Names a VolumeSnapshot or a claim of the same namespace to fill the volume from; absent leaves it empty. */
  readonly dataSource?: TypedLocalObjectReference;
  /** Names any object to fill the volume from; it does what dataSource does and more. */
  readonly dataSourceRef?: TypedObjectReference;
  /** Says how much storage is needed, as requests.storage. */
  readonly resources?: VolumeResourceRequirements;
  /** Narrows the volumes to bind to by their labels; absent means any. */
  readonly selector?: LabelSelector;
  /** Names the StorageClass; absent takes the cluster's default class, empty none. */
  readonly storageClassName?: string;
  /** Names the VolumeAttributesClass with settings that can change later; absent means none. */
  readonly volumeAttributesClassName?: string;
  /** Is Filesystem (the default) or Block, which gives a raw device. */
  readonly volumeMode?: string;
  /** Names the PersistentVolume that the claim is bound to; empty while it is not. */
  readonly volumeName?: string;
}

/** Reports what became of a claim. */
export interface PersistentVolumeClaimStatus {
  /** Lists how the volume can be mounted. */
  readonly accessModes?: readonly string[];
  /** Says for each resource how a change of its size stands. */
  readonly allocatedResourceStatuses?: { readonly [key: string]: string };
  /** Holds the size that is being made ready. */
  readonly allocatedResources?: { readonly [key: string]: Quantity };
  /** Holds the volume's size. */
  readonly capacity?: { readonly [key: string]: Quantity };
  /** States how a change of the volume stands, one entry a type. */
  readonly conditions?: readonly PersistentVolumeClaimCondition[];
  /** Names the class whose attributes the volume has. */
  readonly currentVolumeAttributesClassName?: string;
  /** Reports a change of the volume's attributes. */
  readonly modifyVolumeStatus?: ModifyVolumeStatus;
  /** Is Pending until a volume is found, then Bound, and Lost when the volume is. */
  readonly phase?: string;
}

/** Is the pattern for a PersistentVolumeClaim. */
export interface PersistentVolumeClaimTemplate {
  /** Holds labels and annotations for the claim; nothing else may be set. */
  readonly metadata?: ObjectMeta;
  /** Describes the storage; it becomes the claim's spec. */
  readonly spec: PersistentVolumeClaimSpec;
}

/** Mounts the volume that a PersistentVolumeClaim is bound to. */
export interface PersistentVolumeClaimVolumeSource {
  /** Names the claim, in the Pod's namespace. */
  readonly claimName: string;
  /** Mounts it read-only in every container; false by default. */
  readonly readOnly?: boolean;
}

/** Describes a piece of storage; exactly one source is set. */
export interface PersistentVolumeSpec {
  /** Lists how it can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod. */
  readonly accessModes?: readonly string[];
  /** Is a disk of AWS; deprecated in favour of csi. */
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** Is a data disk of Azure; deprecated in favour of csi. */
  readonly azureDisk?: AzureDiskVolumeSource;
  /** Is a file share of Azure; deprecated in favour of csi. */
  readonly azureFile?: AzureFilePersistentVolumeSource;
  /** Holds its size, as storage. */
  readonly capacity?: { readonly [key: string]: Quantity };
  /** Is a CephFS file system; deprecated. */
  readonly cephfs?: CephFSPersistentVolumeSource;
  /** Is a disk of OpenStack; deprecated in favour of csi. */
  readonly cinder?: CinderPersistentVolumeSource;
  /** Points to the claim that it is bound to, or is kept for. */
  readonly claimRef?: ObjectReference;
  /** Is a volume that a CSI driver manages. */
  readonly csi?: CSIPersistentVolumeSource;
  /** Is a Fibre Channel disk. */
  readonly fc?: FCVolumeSource;
  /** Is a volume that a program on the node mounts; deprecated in favour of csi. */
  readonly flexVolume?: FlexPersistentVolumeSource;
  /** Was a volume of Flocker; deprecated. */
  readonly flocker?: FlockerVolumeSource;
  /** Is a disk of Google Cloud; deprecated in favour of csi. */
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** Is a GlusterFS volume; deprecated. */
  readonly glusterfs?: GlusterfsPersistentVolumeSource;
  /** Is a folder of a node, for tests with one node only. */
  readonly hostPath?: HostPathVolumeSource;
  /** Is an iSCSI disk. */
  readonly iscsi?: ISCSIPersistentVolumeSource;
  /** Is a folder, disk or partition of the node that nodeAffinity names. */
  readonly local?: LocalVolumeSource;
  /** Lists options for mount, such as ro or soft; they are not checked. */
  readonly mountOptions?: readonly string[];
  /** Is an NFS export. */
  readonly nfs?: NFSVolumeSource;
  /** Says which nodes reach it; absent means all. */
  readonly nodeAffinity?: VolumeNodeAffinity;
  /** Says what happens when its claim goes: Retain (the default), Delete or Recycle. */
  readonly persistentVolumeReclaimPolicy?: string;
  /** Was a disk of Photon Controller; deprecated. */
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Is a volume of Portworx; deprecated in favour of csi. */
  readonly portworxVolume?: PortworxVolumeSource;
  /** Is a volume of Quobyte; deprecated. */
  readonly quobyte?: QuobyteVolumeSource;
  /** Is a block device of Ceph; deprecated. */
  readonly rbd?: RBDPersistentVolumeSource;
  /** Is a volume of ScaleIO; deprecated. */
  readonly scaleIO?: ScaleIOPersistentVolumeSource;
  /** Names its StorageClass; empty means that it has none. */
  readonly storageClassName?: string;
  /** Is a volume of StorageOS; deprecated. */
  readonly storageos?: StorageOSPersistentVolumeSource;
  /** Names the VolumeAttributesClass with settings that can change later; absent means none. */
  readonly volumeAttributesClassName?: string;
  /** Is Filesystem (the default) or Block, which gives a raw device. */
  readonly volumeMode?: string;
  /** Is a disk of vSphere; deprecated in favour of csi. */
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
}

/** Reports what became of a volume. */
export interface PersistentVolumeStatus {
  /** Tells when the phase last became what it is. */
  readonly lastPhaseTransitionTime?: string;
  /** Gives the cause of the phase as a text for people. */
  readonly message?: string;
  /** Is Pending at first, then Available, Bound, Released, or Failed. */
  readonly phase?: string;
  /** Gives the cause of a failure as one CamelCase word. */
  readonly reason?: string;
}

/** Names a disk of Photon Controller, which no longer exists. */
export interface PhotonPersistentDiskVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the id of the disk. */
  readonly pdID: string;
}

/** Runs some containers together on one node, with one network address and shared volumes. */
export interface Pod {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Pod";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the containers and what they need. */
  readonly spec: PodSpec;
  /** Reports what has become of the Pod; the agent of its node writes this. */
  readonly status?: PodStatus;
}

/** Places a Pod near other Pods. */
export interface PodAffinity {
  /** Prefers the nodes with the largest sum of weights of matching terms. */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
  /** Admits only nodes near Pods that match every term; running Pods stay when labels change. */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
}

/** Chooses Pods, and says what near them means. */
export interface PodAffinityTerm {
  /** Chooses Pods by their labels; absent matches none. */
  readonly labelSelector?: LabelSelector;
  /** Lists labels that those Pods must share with the Pod in question, such as pod-template-hash. */
  readonly matchLabelKeys?: readonly string[];
  /** Lists labels in which those Pods must differ from the Pod in question. */
  readonly mismatchLabelKeys?: readonly string[];
  /** Adds namespaces by their labels; an empty selector means all, absent adds none. */
  readonly namespaceSelector?: LabelSelector;
  /** Lists the namespaces of those Pods; empty means the Pod's own unless namespaceSelector is set. */
  readonly namespaces?: readonly string[];
  /** Names a node label: nodes with the same value of it are near each other. */
  readonly topologyKey: string;
}

/** Keeps a Pod away from other Pods. */
export interface PodAntiAffinity {
  /** Avoids the nodes with the largest sum of weights of matching terms. */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
  /** Rules out nodes near Pods that match any term; running Pods stay when labels change. */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
}

/** Writes a key and a certificate for the Pod into a volume, and renews them. */
export interface PodCertificateProjection {
  /** Is the file for the certificates alone, as PEM. */
  readonly certificateChainPath?: string;
  /** Is the file for key and certificates together, as PEM. */
  readonly credentialBundlePath?: string;
  /** Is the file for the key alone, as PEM. */
  readonly keyPath?: string;
  /** Is the kind of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519. */
  readonly keyType: string;
  /** Is the longest life of the certificate in seconds, 3600 to 7862400; absent means 86400. */
  readonly maxExpirationSeconds?: number;
  /** Names the signer of the certificate. */
  readonly signerName: string;
  /** Passes settings on to the signer, which defines them. */
  readonly userAnnotations?: { readonly [key: string]: string };
}

/** States one aspect of a Pod's life. */
export interface PodCondition {
  /** Tells when it was last looked at; absent when not recorded. */
  readonly lastProbeTime?: string;
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Holds the metadata.generation that it takes into account. */
  readonly observedGeneration?: number;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect, such as PodScheduled, Initialized, ContainersReady, Ready or DisruptionTarget. */
  readonly type: string;
}

/** Adds to the DNS settings that dnsPolicy makes for a Pod. */
export interface PodDNSConfig {
  /** Lists addresses of further name servers, at most 3 in all; at least one with dnsPolicy None. */
  readonly nameservers?: readonly string[];
  /** Lists further settings of the resolver; they win over others of the same name. */
  readonly options?: readonly PodDNSConfigOption[];
  /** Lists further domains to complete short names with, at most 32 in all. */
  readonly searches?: readonly string[];
}

/** Is one setting of the resolver, as in resolv.conf. */
export interface PodDNSConfigOption {
  /** Is its name, such as ndots; required. */
  readonly name?: string;
  /** Is its value; absent when it needs none. */
  readonly value?: string;
}

/** Tells which ResourceClaim was made for a Pod's extended resources. */
export interface PodExtendedResourceClaimStatus {
  /** Tells for each container and resource which request of the claim serves it. */
  readonly requestMappings: readonly ContainerExtendedResourceRequest[];
  /** Names the claim, in the Pod's namespace. */
  readonly resourceClaimName: string;
}

/** Is an address of a Pod. */
export interface PodIP {
  /** Is the address. */
  readonly ip: string;
}

/** Says for which operating system a Pod is made. */
export interface PodOS {
  /** Is linux or windows. */
  readonly name: string;
}

/** Names a condition that must be True for a Pod to be ready. */
export interface PodReadinessGate {
  /** Is the type of the condition, which something outside sets in the Pod's status. */
  readonly conditionType: string;
}

/** Gives a Pod access to devices through a ResourceClaim; exactly one of the two sources is set. */
export interface PodResourceClaim {
  /** Is the name by which containers refer to it, once in the Pod. */
  readonly name: string;
  /** Names a claim of the Pod's namespace. */
  readonly resourceClaimName?: string;
  /** Names a ResourceClaimTemplate from which a claim is made for this Pod alone. */
  readonly resourceClaimTemplateName?: string;
}

/** Tells which ResourceClaim stands behind a name. */
export interface PodResourceClaimStatus {
  /** Is the name in spec.resourceClaims. */
  readonly name: string;
  /** Names the claim that was made; absent if none was needed. */
  readonly resourceClaimName?: string;
}

/** Holds back the scheduling of a Pod. */
export interface PodSchedulingGate {
  /** Is the name of the gate; whoever set it takes it away. */
  readonly name: string;
}

/** Says together with which Pods a Pod is scheduled. */
export interface PodSchedulingGroup {
  /** Names the PodGroup, in the Pod's namespace. */
  readonly podGroupName?: string;
}

/** Sets the rights of all containers of a Pod, and of its volumes. */
export interface PodSecurityContext {
  /** Says which AppArmor profile confines the containers. */
  readonly appArmorProfile?: AppArmorProfile;
  /** Is a group that volumes are given to and that each process is in; absent leaves volumes as they are. */
  readonly fsGroup?: number;
  /** Says when fsGroup changes a volume's owner: Always (also when absent) or OnRootMismatch. */
  readonly fsGroupChangePolicy?: string;
  /** Is the number of the main group to run as; absent takes the runtime's choice. */
  readonly runAsGroup?: number;
  /** Refuses to start containers that would run as user 0; false by default. */
  readonly runAsNonRoot?: boolean;
  /** Is the number of the user to run as; absent takes the image's. */
  readonly runAsUser?: number;
  /** Says how volumes are labelled: MountOption (also when absent) or Recursive. */
  readonly seLinuxChangePolicy?: string;
  /** Sets the SELinux label of the containers; absent leaves it to the runtime. */
  readonly seLinuxOptions?: SELinuxOptions;
  /** Says which system calls the containers may make. */
  readonly seccompProfile?: SeccompProfile;
  /** Lists further groups of each container's process, by number. */
  readonly supplementalGroups?: readonly number[];
  /** Is Merge (also when absent), which adds the image's groups of the user, or Strict, which does not. */
  readonly supplementalGroupsPolicy?: string;
  /** Lists kernel parameters to set for the Pod. */
  readonly sysctls?: readonly Sysctl[];
  /** Holds settings for Windows; not allowed when spec.os.name is linux. */
  readonly windowsOptions?: WindowsSecurityContextOptions;
}

/** Describes the containers of a Pod and what they need. */
export interface PodSpec {
  /** Ends the Pod as failed this many seconds after its start; absent means never. */
  readonly activeDeadlineSeconds?: number;
  /** Draws the Pod to certain nodes or Pods, or keeps it away from them. */
  readonly affinity?: Affinity;
  /** Mounts a token of the ServiceAccount in each container; absent takes its setting, else true. */
  readonly automountServiceAccountToken?: boolean;
  /** Lists the containers, at least one; none can be added or taken away later. */
  readonly containers: readonly Container[];
  /** Adds to the DNS settings that dnsPolicy makes. */
  readonly dnsConfig?: PodDNSConfig;
  /** Is ClusterFirst (the default), ClusterFirstWithHostNet, Default (as the node) or None (dnsConfig alone). */
  readonly dnsPolicy?: string;
  /** Sets environment variables for each Service of the namespace; true by default. */
  readonly enableServiceLinks?: boolean;
  /** Lists containers that were added to look into the running Pod; set through a subresource. */
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  /** Lists lines to add to the hosts file of the containers. */
  readonly hostAliases?: readonly HostAlias[];
  /** Shares the node's System V IPC and message queues; false by default. */
  readonly hostIPC?: boolean;
  /** Uses the node's own network in place of one for the Pod; false by default. */
  readonly hostNetwork?: boolean;
  /** Shows the containers the processes of the node; false by default. */
  readonly hostPID?: boolean;
  /** Uses the node's user ids; false gives the Pod a user namespace. True by default. */
  readonly hostUsers?: boolean;
  /** Is the Pod's host name; absent takes its name. */
  readonly hostname?: string;
  /** Is the host name that the kernel knows, in place of all else; absent changes nothing. */
  readonly hostnameOverride?: string;
  /** Lists the Secrets with credentials for registries, in the Pod's namespace. */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Lists containers that run one after the other, each to its end, before the others start. */
  readonly initContainers?: readonly Container[];
  /** Names the node that the Pod is assigned to; empty until it is scheduled. */
  readonly nodeName?: string;
  /** Admits only nodes that have all these labels; empty admits all. */
  readonly nodeSelector?: { readonly [key: string]: string };
  /** Says for which operating system the Pod is made; absent fits any. */
  readonly os?: PodOS;
  /** Is what the Pod itself costs beyond its containers; set from the RuntimeClass. */
  readonly overhead?: { readonly [key: string]: Quantity };
  /** Is PreemptLowerPriority (the default) or Never, which does not push out other Pods. */
  readonly preemptionPolicy?: string;
  /** Is the Pod's priority, the higher the sooner; set from the PriorityClass. */
  readonly priority?: number;
  /** Names the PriorityClass; absent takes the cluster's default, else priority 0. */
  readonly priorityClassName?: string;
  /** Lists conditions that must be True, besides ready containers, for the Pod to be ready. */
  readonly readinessGates?: readonly PodReadinessGate[];
  /** Lists the ResourceClaims whose devices containers can use. */
  readonly resourceClaims?: readonly PodResourceClaim[];
  /** Says how much cpu, memory and huge pages all containers together ask for and may use. */
  readonly resources?: ResourceRequirements;
  /** Says which ended containers are restarted: Always (the default), OnFailure or Never. */
  readonly restartPolicy?: string;
  /** Names the RuntimeClass to run the Pod with; absent uses the runtime's default. */
  readonly runtimeClassName?: string;
  /** Names the scheduler that places the Pod; default-scheduler by default. */
  readonly schedulerName?: string;
  /** Lists what holds back the scheduling; set only when the Pod is created, and taken away later. */
  readonly schedulingGates?: readonly PodSchedulingGate[];
  /** Says together with which Pods this one is scheduled; absent means alone. */
  readonly schedulingGroup?: PodSchedulingGroup;
  /** Sets the rights of all containers; a container can overrule most of them. */
  readonly securityContext?: PodSecurityContext;
  /** Is the old name of serviceAccountName and always equals it. */
  readonly serviceAccount?: string;
  /** Names the ServiceAccount that the Pod acts as; default when absent. */
  readonly serviceAccountName?: string;
  /** Makes the full name the host name that the kernel knows; false by default. */
  readonly setHostnameAsFQDN?: boolean;
  /** Lets the containers see each other's processes; false by default, not together with hostPID. */
  readonly shareProcessNamespace?: boolean;
  /** Makes the full name <hostname>.<subdomain>.<namespace>.svc.<cluster domain>; absent means no domain. */
  readonly subdomain?: string;
  /** Gives the containers this many seconds to end when the Pod is deleted; 30 by default, 0 kills at once. */
  readonly terminationGracePeriodSeconds?: number;
  /** Lists taints of nodes that do not repel the Pod. */
  readonly tolerations?: readonly Toleration[];
  /** Says how evenly Pods like this one are spread over the cluster; all must be kept. */
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  /** Lists the volumes that containers can mount. */
  readonly volumes?: readonly Volume[];
}

/** Reports what has become of a Pod. */
export interface PodStatus {
  /** Holds the requests that the node has set aside for the Pod as a whole. */
  readonly allocatedResources?: { readonly [key: string]: Quantity };
  /** States the steps of its life, one entry a type. */
  readonly conditions?: readonly PodCondition[];
  /** Tells about each of its containers. */
  readonly containerStatuses?: readonly ContainerStatus[];
  /** Tells about each ephemeral container. */
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  /** Tells which ResourceClaim was made for its extended resources; absent if none. */
  readonly extendedResourceClaimStatus?: PodExtendedResourceClaimStatus;
  /** Is the address of its node; empty until it is scheduled. */
  readonly hostIP?: string;
  /** Lists the addresses of its node; the first equals hostIP. */
  readonly hostIPs?: readonly HostIP[];
  /** Tells about each init container; the one that ran last has the most to tell. */
  readonly initContainerStatuses?: readonly ContainerStatus[];
  /** Says for people why it is in this state. */
  readonly message?: string;
  /** Tells how much of the node's own resources its ResourceClaims take. */
  readonly nodeAllocatableResourceClaimStatuses?: readonly NodeAllocatableResourceClaimStatus[];
  /** Names a node on which the scheduler is making room for it; it may still go elsewhere. */
  readonly nominatedNodeName?: string;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
  /** Is Pending, Running, Succeeded, Failed or Unknown. */
  readonly phase?: string;
  /** Is its address: the first of podIPs; empty until it has one. */
  readonly podIP?: string;
  /** Lists its addresses, at most one of IPv4 and one of IPv6. */
  readonly podIPs?: readonly PodIP[];
  /** Is Guaranteed, Burstable or BestEffort, after its requests and limits. */
  readonly qosClass?: string;
  /** Says so as one CamelCase word, such as Evicted. */
  readonly reason?: string;
  /** Is deprecated: the state of a change of resources is now told by conditions. */
  readonly resize?: string;
  /** Tells which ResourceClaims stand behind spec.resourceClaims. */
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[];
  /** Holds the requests and limits in force for the Pod as a whole. */
  readonly resources?: ResourceRequirements;
  /** Tells when the node's agent took it on, before images were pulled. */
  readonly startTime?: string;
}

/** Stores a pattern for Pods as an object of its own. */
export interface PodTemplate {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PodTemplate";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Is the pattern. */
  readonly template?: PodTemplateSpec;
}

/** Is a pattern that Pods are made from. */
export interface PodTemplateSpec {
  /** Holds labels and annotations of the Pods. */
  readonly metadata?: ObjectMeta;
  /** Becomes the spec of the Pods. */
  readonly spec?: PodSpec;
}

/** Tells how a load balancer is doing with one port. */
export interface PortStatus {
  /** Names what is wrong as one CamelCase word; absent when nothing is. */
  readonly error?: string;
  /** Is the number of the Service's port. */
  readonly port: number;
  /** Is its transport protocol: TCP, UDP or SCTP. */
  readonly protocol: string;
}

/** Names a volume of Portworx to mount; new clusters use the CSI driver pxd.portworx.com. */
export interface PortworxVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Is the id of the volume. */
  readonly volumeID: string;
}

/** Gives a weight to nodes that a term matches. */
export interface PreferredSchedulingTerm {
  /** Chooses the nodes; one without tests matches none. */
  readonly preference: NodeSelectorTerm;
  /** Is the weight, 1 to 100. */
  readonly weight: number;
}

/** Checks a container again and again; exactly one of exec, grpc, httpGet and tcpSocket is set. */
export interface Probe {
  /** Runs a command in the container. */
  readonly exec?: ExecAction;
  /** Is how many checks must fail in a row to count as failed; 3 by default, at least 1. */
  readonly failureThreshold?: number;
  /** Asks a gRPC server for its health. */
  readonly grpc?: GRPCAction;
  /** Sends an HTTP GET. */
  readonly httpGet?: HTTPGetAction;
  /** Waits this many seconds after the container's start before the first check; 0 by default. */
  readonly initialDelaySeconds?: number;
  /** Is how many seconds lie between two checks; 10 by default, at least 1. */
  readonly periodSeconds?: number;
  /** Is how many checks must pass in a row after a failure; 1 by default, and always for liveness and startup. */
  readonly successThreshold?: number;
  /** Opens a TCP connection. */
  readonly tcpSocket?: TCPSocketAction;
  /** Gives the container this many seconds to end when the probe fails; absent takes the Pod's. Not for readiness. */
  readonly terminationGracePeriodSeconds?: number;
  /** Lets a check fail when it takes longer than this many seconds; 1 by default, at least 1. */
  readonly timeoutSeconds?: number;
}

/** Fills one volume from several sources, and follows their changes. */
export interface ProjectedVolumeSource {
  /** Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default. */
  readonly defaultMode?: number;
  /** Lists the sources. */
  readonly sources?: readonly VolumeProjection[];
}

/** Names a volume of Quobyte to mount. */
export interface QuobyteVolumeSource {
  /** Is the group to access it as; absent means none. */
  readonly group?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Lists the addresses of the registry, as host:port, separated by commas. */
  readonly registry: string;
  /** Names the tenant that owns the volume; set by the provisioner. */
  readonly tenant?: string;
  /** Is the user to access it as; absent takes the owner of the service. */
  readonly user?: string;
  /** Is the name of the volume. */
  readonly volume: string;
}

/** Names a block device of Ceph for claims to bind to. */
export interface RBDPersistentVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the name of the device's image. */
  readonly image: string;
  /** Is the path of the user's key ring on the node; /etc/ceph/keyring by default. */
  readonly keyring?: string;
  /** Lists the addresses of Ceph's monitors. */
  readonly monitors: readonly string[];
  /** Names the pool that it is in; rbd by default. */
  readonly pool?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the user's key, which takes precedence over keyring. */
  readonly secretRef?: SecretReference;
  /** Names the Ceph user; admin by default. */
  readonly user?: string;
}

/** Names a block device of Ceph to mount. */
export interface RBDVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the name of the device's image. */
  readonly image: string;
  /** Is the path of the user's key ring on the node; /etc/ceph/keyring by default. */
  readonly keyring?: string;
  /** Lists the addresses of Ceph's monitors. */
  readonly monitors: readonly string[];
  /** Names the pool that it is in; rbd by default. */
  readonly pool?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the user's key, which takes precedence over keyring. */
  readonly secretRef?: LocalObjectReference;
  /** Names the Ceph user; admin by default. */
  readonly user?: string;
}

/** Keeps a number of Pods running; ReplicaSets have taken its place. */
export interface ReplicationController {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ReplicationController";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes how many Pods are wanted and of what kind. */
  readonly spec: ReplicationControllerSpec;
  /** Reports how many Pods there are; its controller writes it. */
  readonly status?: ReplicationControllerStatus;
}

/** States one aspect of a ReplicationController's state. */
export interface ReplicationControllerCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect. */
  readonly type: string;
}

/** Describes what a ReplicationController is to achieve. */
export interface ReplicationControllerSpec {
  /** Lets a Pod count as available once it has been ready for this many seconds; 0 by default. */
  readonly minReadySeconds?: number;
  /** Says how many Pods are wanted; 1 by default. */
  readonly replicas?: number;
  /** Chooses the Pods by their labels; by default those of the template. */
  readonly selector?: { readonly [key: string]: string };
  /** Is the pattern for new Pods; its restartPolicy can only be Always. */
  readonly template?: PodTemplateSpec;
}

/** Reports how many Pods a ReplicationController has. */
export interface ReplicationControllerStatus {
  /** Counts those that have been ready for minReadySeconds. */
  readonly availableReplicas?: number;
  /** States how the controller stands, one entry a type. */
  readonly conditions?: readonly ReplicationControllerCondition[];
  /** Counts those that have all labels of the template. */
  readonly fullyLabeledReplicas?: number;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
  /** Counts those that are ready. */
  readonly readyReplicas?: number;
  /** Counts the Pods. */
  readonly replicas: number;
}

/** Gives a container the devices of one of the Pod's resourceClaims. */
export interface ResourceClaim {
  /** Is the name of the entry in spec.resourceClaims. */
  readonly name: string;
  /** Names the one request of the claim to use; empty uses all. */
  readonly request?: string;
}

/** Chooses a limit or a request of a container. */
export interface ResourceFieldSelector {
  /** Names the container; required in volumes, and the container itself in environment variables. */
  readonly containerName?: string;
  /** Is the unit to give it in, such as 1Mi; 0, the default, means 1. */
  readonly divisor?: Quantity;
  /** Names the amount, such as limits.cpu or requests.memory. */
  readonly resource: string;
}

/** Tells how a device is doing. */
export interface ResourceHealth {
  /** Is Healthy, Unhealthy or Unknown. */
  readonly health?: string;
  /** Says more about it for people; it may be empty. */
  readonly message?: string;
  /** Identifies the device on its node. */
  readonly resourceID: string;
}

/** Bounds what all objects of a namespace may use together. */
export interface ResourceQuota {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ResourceQuota";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds the bounds. */
  readonly spec: ResourceQuotaSpec;
  /** Reports what is used; its controller writes it. */
  readonly status?: ResourceQuotaStatus;
}

/** Bounds what a namespace may use. */
export interface ResourceQuotaSpec {
  /** Holds the greatest total amount of each resource. */
  readonly hard?: { readonly [key: string]: Quantity };
  /** Counts only Pods that match these scopes. */
  readonly scopeSelector?: ScopeSelector;
  /** Counts only Pods of these scopes, such as Terminating or BestEffort; it never changes. */
  readonly scopes?: readonly string[];
}

/** Reports what a namespace uses. */
export interface ResourceQuotaStatus {
  /** Holds the bounds that are in force. */
  readonly hard?: { readonly [key: string]: Quantity };
  /** Holds the amounts in use. */
  readonly used?: { readonly [key: string]: Quantity };
}

/** Says how much of each resource is asked for and may be used. */
export interface ResourceRequirements {
  /** Lists the Pod's resourceClaims whose devices the container uses. */
  readonly claims?: readonly ResourceClaim[];
  /** Holds the most that may be used, by the resource's name, such as cpu or memory; absent means no limit. */
  readonly limits?: { readonly [key: string]: Quantity };
  /** Holds what is set aside, by the resource's name; absent takes the limit, where there is one, else nothing. */
  readonly requests?: { readonly [key: string]: Quantity };
}

/** Tells how the devices of one resource are doing. */
export interface ResourceStatus {
  /** Names the resource, such as example.com/gpu, or claim:<claim>/<request>. */
  readonly name: string;
  /** Lists the devices. */
  readonly resources?: readonly ResourceHealth[];
}

/** Is an SELinux label; parts that are absent are chosen by the runtime. */
export interface SELinuxOptions {
  /** Is the level part of the label. */
  readonly level?: string;
  /** Is the role part of the label. */
  readonly role?: string;
  /** Is the type part of the label. */
  readonly type?: string;
  /** Is the user part of the label. */
  readonly user?: string;
}

/** Names a volume of ScaleIO for claims to bind to. */
export interface ScaleIOPersistentVolumeSource {
  /** Names the file system on it; xfs by default. */
  readonly fsType?: string;
  /** Is the address of the gateway's API. */
  readonly gateway: string;
  /** Names the protection domain. */
  readonly protectionDomain?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names the Secret with user and password; required. */
  readonly secretRef: SecretReference;
  /** Talks TLS to the gateway; false by default. */
  readonly sslEnabled?: boolean;
  /** Is ThinProvisioned (the default) or ThickProvisioned. */
  readonly storageMode?: string;
  /** Names the storage pool in the domain. */
  readonly storagePool?: string;
  /** Is the name of the storage system. */
  readonly system: string;
  /** Is the name of a volume that exists already. */
  readonly volumeName?: string;
}

/** Names a volume of ScaleIO to mount. */
export interface ScaleIOVolumeSource {
  /** Names the file system on it; xfs by default. */
  readonly fsType?: string;
  /** Is the address of the gateway's API. */
  readonly gateway: string;
  /** Names the protection domain. */
  readonly protectionDomain?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names the Secret with user and password; required. */
  readonly secretRef: LocalObjectReference;
  /** Talks TLS to the gateway; false by default. */
  readonly sslEnabled?: boolean;
  /** Is ThinProvisioned (the default) or ThickProvisioned. */
  readonly storageMode?: string;
  /** Names the storage pool in the domain. */
  readonly storagePool?: string;
  /** Is the name of the storage system. */
  readonly system: string;
  /** Is the name of a volume that exists already. */
  readonly volumeName?: string;
}

/** Chooses Pods by scope. */
export interface ScopeSelector {
  /** Lists what must hold, all of it. */
  readonly matchExpressions?: readonly ScopedResourceSelectorRequirement[];
}

/** Demands something of a scope. */
export interface ScopedResourceSelectorRequirement {
  /** Relates scope and values: In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  /** Names the scope, such as PriorityClass. */
  readonly scopeName: string;
  /** Lists the values for In and NotIn. */
  readonly values?: readonly string[];
}

/** Says which system calls a container may make. */
export interface SeccompProfile {
  /** Is the file's path below the node's folder of profiles; set only with type Localhost, and required then. */
  readonly localhostProfile?: string;
  /** Is RuntimeDefault (the container runtime's list), Unconfined (all calls) or Localhost (a file on the node). */
  readonly type: string;
}

/** Holds passwords, keys and the like for Pods and controllers; at most 1 MiB. */
export interface Secret {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Holds bytes by key, in base64; a key consists of letters, digits, "-", "_" and ".". */
  readonly data?: { readonly [key: string]: string };
  /** Forbids every change of the data for good once true, which spares watching it; false by default. */
  readonly immutable?: boolean;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Secret";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Holds texts by key, which a write moves into data; it is never returned. */
  readonly stringData?: { readonly [key: string]: string };
  /** Says what it is for, such as kubernetes.io/tls, which requires certain keys; Opaque by default. It never changes. */
  readonly type?: string;
}

/** Takes every key of a Secret as an environment variable. */
export interface SecretEnvSource {
  /** Names the Secret, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the container start without the Secret; false by default. */
  readonly optional?: boolean;
}

/** Chooses the value of one key of a Secret. */
export interface SecretKeySelector {
  /** Is the key whose value is taken. */
  readonly key: string;
  /** Names the Secret, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the container start without the Secret or the key; false by default. */
  readonly optional?: boolean;
}

/** Writes keys of a Secret as files into a projected volume. */
export interface SecretProjection {
  /** Lists the keys to write and where; empty writes each key as a file of its name. */
  readonly items?: readonly KeyToPath[];
  /** Names the Secret, in the Pod's namespace. */
  readonly name?: string;
  /** Lets the Pod start without the Secret or some of its keys; false by default. */
  readonly optional?: boolean;
}

/** Names a Secret of any namespace. */
export interface SecretReference {
  /** Is the name of the Secret. */
  readonly name?: string;
  /** Is its namespace. */
  readonly namespace?: string;
}

/** Fills a volume with the keys of a Secret as files, and follows its changes. */
export interface SecretVolumeSource {
  /** Sets the permission bits of the files, 0 to 511 (0777 in octal); 420 (0644) by default. */
  readonly defaultMode?: number;
  /** Lists the keys to write and where; empty writes each key as a file of its name. */
  readonly items?: readonly KeyToPath[];
  /** Lets the Pod start without the Secret or some of its keys; false by default. */
  readonly optional?: boolean;
  /** Names the Secret, in the Pod's namespace. */
  readonly secretName?: string;
}

/** Sets the rights of one container; what is set here wins over the Pod's securityContext. */
export interface SecurityContext {
  /** Lets a process gain more rights than its parent; true by default, and always when privileged. */
  readonly allowPrivilegeEscalation?: boolean;
  /** Says which AppArmor profile confines it; absent takes the Pod's setting. */
  readonly appArmorProfile?: AppArmorProfile;
  /** Changes the Linux capabilities that it starts with; absent leaves the runtime's. */
  readonly capabilities?: Capabilities;
  /** Gives it nearly all rights that root has on the node; false by default. */
  readonly privileged?: boolean;
  /** Is Default (also when absent), which hides parts of /proc, or Unmasked, which needs hostUsers false. */
  readonly procMount?: string;
  /** Makes its root file system read-only; false by default. */
  readonly readOnlyRootFilesystem?: boolean;
  /** Is the number of the main group to run as; absent takes the Pod's setting, else the runtime's choice. */
  readonly runAsGroup?: number;
  /** Refuses to start it as user 0; absent takes the Pod's setting, else false. */
  readonly runAsNonRoot?: boolean;
  /** Is the number of the user to run as; absent takes the Pod's setting, else the image's user. */
  readonly runAsUser?: number;
  /** Sets its SELinux label; absent takes the Pod's setting, else the runtime's choice. */
  readonly seLinuxOptions?: SELinuxOptions;
  /** Says which system calls it may make; absent takes the Pod's setting. */
  readonly seccompProfile?: SeccompProfile;
  /** Holds settings for Windows; not allowed when spec.os.name is linux. */
  readonly windowsOptions?: WindowsSecurityContextOptions;
}

/** Gives a set of Pods one name and one address, and spreads traffic over them. */
export interface Service {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Service";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the address, the ports and the Pods behind them. */
  readonly spec: ServiceSpec;
  /** Reports where a load balancer takes traffic in. */
  readonly status?: ServiceStatus;
}

/** Is an identity for programs that run in Pods. */
export interface ServiceAccount {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "v1";
  /** Says whether its Pods get a token mounted, unless they say so themselves; true when absent. */
  readonly automountServiceAccountToken?: boolean;
  /** Lists the Secrets for registries that Pods of the account get, unless they name some themselves. */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ServiceAccount";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Lists Secrets with tokens of the account; only for old tools, tokens are now made on request. */
  readonly secrets?: readonly ObjectReference[];
}

/** Writes a token of the Pod's ServiceAccount into a file, and renews it. */
export interface ServiceAccountTokenProjection {
  /** Names who is to accept the token; absent means the API server. */
  readonly audience?: string;
  /** Is the life of the token in seconds, at least 600; 3600 by default. */
  readonly expirationSeconds?: number;
  /** Is the file, relative to the volume. */
  readonly path: string;
}

/** Is one port of a Service. */
export interface ServicePort {
  /** Names the protocol above the transport, such as kubernetes.io/h2c; absent when unknown. */
  readonly appProtocol?: string;
  /** Is its name, once in the Service; required when there are several ports. */
  readonly name?: string;
  /** Is the port on every node, for the types NodePort and LoadBalancer; the server picks one when 0. */
  readonly nodePort?: number;
  /** Is the number of the port at the Service's address, 1 to 65535. */
  readonly port: number;
  /** Is the transport protocol: TCP (the default), UDP or SCTP. */
  readonly protocol?: string;
  /** Is the port of the Pods, as a number or as the name of a container port; the same as port by default. */
  readonly targetPort?: IntOrString;
}

/** Describes a Service. */
export interface ServiceSpec {
  /** Gives a Service of type LoadBalancer ports of the nodes as well; true by default. */
  readonly allocateLoadBalancerNodePorts?: boolean;
  /** Is the address inside the cluster; the server picks one when empty, and None makes the Service headless. */
  readonly clusterIP?: string;
  /** Lists the addresses inside the cluster, at most one a family; the first equals clusterIP. */
  readonly clusterIPs?: readonly string[];
  /** Lists further addresses at which nodes take traffic for the Service; the network around must route it to them. */
  readonly externalIPs?: readonly string[];
  /** Is the DNS name that a Service of type ExternalName stands for. */
  readonly externalName?: string;
  /** Is Cluster (the default) or Local, which uses Pods of the receiving node only and keeps the client's address. */
  readonly externalTrafficPolicy?: string;
  /** Is the port on which nodes tell a load balancer if they have Pods; only with externalTrafficPolicy Local. */
  readonly healthCheckNodePort?: number;
  /** Is Cluster (the default) or Local, which sends traffic from a node to Pods of that node only. */
  readonly internalTrafficPolicy?: string;
  /** Lists the families of the addresses in order: IPv4, IPv6; the server chooses when absent. */
  readonly ipFamilies?: readonly string[];
  /** Is SingleStack (the default), PreferDualStack or RequireDualStack. */
  readonly ipFamilyPolicy?: string;
  /** Names the implementation that is to serve it, for type LoadBalancer; absent takes the cluster's. */
  readonly loadBalancerClass?: string;
  /** Asks the load balancer for this address; deprecated, as not every one can do so. */
  readonly loadBalancerIP?: string;
  /** Lists the networks of clients that a load balancer lets in; empty means all. */
  readonly loadBalancerSourceRanges?: readonly string[];
  /** Lists the ports; required unless the Service is headless or of type ExternalName. */
  readonly ports?: readonly ServicePort[];
  /** Makes DNS and traffic treat Pods as ready even if they are not; false by default. */
  readonly publishNotReadyAddresses?: boolean;
  /** Chooses the Pods by their labels; without it, something else must write the EndpointSlices. */
  readonly selector?: { readonly [key: string]: string };
  /** Is None (the default) or ClientIP, which sends a client to the same Pod again. */
  readonly sessionAffinity?: string;
  /** Sets how long sessionAffinity ClientIP lasts. */
  readonly sessionAffinityConfig?: SessionAffinityConfig;
  /** Prefers near Pods: PreferSameZone (also called PreferClose) or PreferSameNode; absent has no preference. */
  readonly trafficDistribution?: string;
  /** Is ClusterIP (the default), NodePort (also a port of every node), LoadBalancer (also a balancer outside) or ExternalName. */
  readonly type?: string;
}

/** Reports what has become of a Service. */
export interface ServiceStatus {
  /** States aspects of the Service, one entry a type. */
  readonly conditions?: readonly Condition[];
  /** Tells where the load balancer takes traffic in, if there is one. */
  readonly loadBalancer?: LoadBalancerStatus;
}

/** Sets how a client is remembered. */
export interface SessionAffinityConfig {
  /** Sets it for sessionAffinity ClientIP. */
  readonly clientIP?: ClientIPConfig;
}

/** Waits. */
export interface SleepAction {
  /** Is how many seconds to wait. */
  readonly seconds: number;
}

/** Names a volume of StorageOS for claims to bind to. */
export interface StorageOSPersistentVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the credentials for StorageOS; absent uses its defaults. */
  readonly secretRef?: ObjectReference;
  /** Is the name of the volume, once in its namespace. */
  readonly volumeName?: string;
  /** Is its namespace in StorageOS; absent takes the Pod's. */
  readonly volumeNamespace?: string;
}

/** Names a volume of StorageOS to mount. */
export interface StorageOSVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Names a Secret with the credentials for StorageOS; absent uses its defaults. */
  readonly secretRef?: LocalObjectReference;
  /** Is the name of the volume, once in its namespace. */
  readonly volumeName?: string;
  /** Is its namespace in StorageOS; absent takes the Pod's. */
  readonly volumeNamespace?: string;
}

/** Is one parameter of the kernel. */
export interface Sysctl {
  /** Is its name, such as net.core.somaxconn. */
  readonly name: string;
  /** Is its value. */
  readonly value: string;
}

/** Opens a TCP connection; being connected means success. */
export interface TCPSocketAction {
  /** Is the host to connect to; empty means the Pod's own address. */
  readonly host?: string;
  /** Is the port, as a number from 1 to 65535 or as the name of one of the container's ports. */
  readonly port: IntOrString;
}

/** Makes a node repel the Pods that do not tolerate it. */
export interface Taint {
  /** Is NoSchedule, PreferNoSchedule (avoid if possible) or NoExecute, which also drives running Pods away. */
  readonly effect: string;
  /** Is the key that tolerations are compared with. */
  readonly key: string;
  /** Tells when it was added; set for NoExecute. */
  readonly timeAdded?: string;
  /** Is the value that they are compared with; empty by default. */
  readonly value?: string;
}

/** Lets a Pod go to, or stay on, nodes with certain taints. */
export interface Toleration {
  /** Is the effect of the taint; empty means every effect. */
  readonly effect?: string;
  /** Is the key of the taint; empty, together with operator Exists, means every key. */
  readonly key?: string;
  /** Is Equal (also when absent), Exists, which takes any value, or Lt or Gt, which compare whole numbers. */
  readonly operator?: string;
  /** Is how many seconds the Pod stays despite a NoExecute taint; absent means for ever, 0 or less not at all. */
  readonly tolerationSeconds?: number;
  /** Is the value of the taint; it must be empty with operator Exists. */
  readonly value?: string;
}

/** Asks for certain values of one node label. */
export interface TopologySelectorLabelRequirement {
  /** Names the label. */
  readonly key: string;
  /** Lists the values, one of which the label must have. */
  readonly values: readonly string[];
}

/** Chooses parts of the cluster by the labels of their nodes. */
export interface TopologySelectorTerm {
  /** Lists what the labels must be; all of it must hold. */
  readonly matchLabelExpressions?: readonly TopologySelectorLabelRequirement[];
}

/** Says how evenly Pods are spread over parts of the cluster. */
export interface TopologySpreadConstraint {
  /** Chooses the Pods that are counted, in the Pod's namespace; absent counts none. */
  readonly labelSelector?: LabelSelector;
  /** Lists labels that counted Pods must share with the Pod in question, such as pod-template-hash. */
  readonly matchLabelKeys?: readonly string[];
  /** Is by how many Pods a part may exceed the emptiest one, at least 1. */
  readonly maxSkew: number;
  /** Counts the emptiest part as 0 while there are fewer parts than this; absent means 1. With DoNotSchedule only. */
  readonly minDomains?: number;
  /** Is Honor (also when absent), which leaves out nodes the Pod's affinity rules out, or Ignore. */
  readonly nodeAffinityPolicy?: string;
  /** Is Ignore (also when absent), or Honor, which leaves out nodes with taints the Pod does not tolerate. */
  readonly nodeTaintsPolicy?: string;
  /** Names a node label: nodes with the same value of it are one part. */
  readonly topologyKey: string;
  /** Is DoNotSchedule, which lets the Pod wait, or ScheduleAnyway, which only prefers. */
  readonly whenUnsatisfiable: string;
}

/** Names an object of some kind in the same namespace. */
export interface TypedLocalObjectReference {
  /** Names the group of the kind; absent means the core group. */
  readonly apiGroup?: string;
  /** Names the kind of the object. */
  readonly kind: string;
  /** Is the name of the object. */
  readonly name: string;
}

/** Names an object of some kind, perhaps in another namespace. */
export interface TypedObjectReference {
  /** Names the group of the kind; absent means the core group. */
  readonly apiGroup?: string;
  /** Names the kind of the object. */
  readonly kind: string;
  /** Is the name of the object. */
  readonly name: string;
  /** Names its namespace, which must permit the reference by a ReferenceGrant; absent means the same one. */
  readonly namespace?: string;
}

/** Is a folder, or a device, that the containers of a Pod can mount; one source is set, an emptyDir if none. */
export interface Volume {
  /** Mounts a disk of AWS; deprecated in favour of csi. */
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** Mounts a data disk of Azure; deprecated in favour of csi. */
  readonly azureDisk?: AzureDiskVolumeSource;
  /** Mounts a file share of Azure; deprecated in favour of csi. */
  readonly azureFile?: AzureFileVolumeSource;
  /** Mounts a CephFS file system; deprecated. */
  readonly cephfs?: CephFSVolumeSource;
  /** Mounts a disk of OpenStack; deprecated in favour of csi. */
  readonly cinder?: CinderVolumeSource;
  /** Holds the keys of a ConfigMap as files. */
  readonly configMap?: ConfigMapVolumeSource;
  /** Lets a CSI driver make the volume for this Pod alone. */
  readonly csi?: CSIVolumeSource;
  /** Holds facts about the Pod as files. */
  readonly downwardAPI?: DownwardAPIVolumeSource;
  /** Is an empty folder at first and lives as long as the Pod. */
  readonly emptyDir?: EmptyDirVolumeSource;
  /** Makes a PersistentVolumeClaim for this Pod alone. */
  readonly ephemeral?: EphemeralVolumeSource;
  /** Mounts a Fibre Channel disk. */
  readonly fc?: FCVolumeSource;
  /** Lets a program on the node mount the volume; deprecated in favour of csi. */
  readonly flexVolume?: FlexVolumeSource;
  /** Named a volume of Flocker; deprecated. */
  readonly flocker?: FlockerVolumeSource;
  /** Mounts a disk of Google Cloud; deprecated in favour of csi. */
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** Holds a git repository; deprecated. */
  readonly gitRepo?: GitRepoVolumeSource;
  /** Mounts a GlusterFS volume; deprecated. */
  readonly glusterfs?: GlusterfsVolumeSource;
  /** Mounts a file or folder of the node. */
  readonly hostPath?: HostPathVolumeSource;
  /** Mounts the files of an image, read-only. */
  readonly image?: ImageVolumeSource;
  /** Mounts an iSCSI disk. */
  readonly iscsi?: ISCSIVolumeSource;
  /** Names the volume, once in its Pod; a DNS label. */
  readonly name: string;
  /** Mounts an NFS export. */
  readonly nfs?: NFSVolumeSource;
  /** Mounts the volume that a PersistentVolumeClaim is bound to. */
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  /** Named a disk of Photon Controller; deprecated. */
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Mounts a volume of Portworx; deprecated in favour of csi. */
  readonly portworxVolume?: PortworxVolumeSource;
  /** Is filled from several sources: Secrets, ConfigMaps, facts about the Pod, tokens. */
  readonly projected?: ProjectedVolumeSource;
  /** Mounts a volume of Quobyte; deprecated. */
  readonly quobyte?: QuobyteVolumeSource;
  /** Mounts a block device of Ceph; deprecated. */
  readonly rbd?: RBDVolumeSource;
  /** Mounts a volume of ScaleIO; deprecated. */
  readonly scaleIO?: ScaleIOVolumeSource;
  /** Holds the keys of a Secret as files. */
  readonly secret?: SecretVolumeSource;
  /** Mounts a volume of StorageOS; deprecated. */
  readonly storageos?: StorageOSVolumeSource;
  /** Mounts a disk of vSphere; deprecated in favour of csi. */
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
}

/** Passes a volume into a container as a raw block device. */
export interface VolumeDevice {
  /** Is the path of the device in the container. */
  readonly devicePath: string;
  /** Names the volume, which must be a persistentVolumeClaim or ephemeral. */
  readonly name: string;
}

/** Mounts a volume into a container. */
export interface VolumeMount {
  /** Is where it appears in the container; it must not contain ":". */
  readonly mountPath: string;
  /** Says how later mounts pass between node and container: None (also when absent), HostToContainer or Bidirectional. */
  readonly mountPropagation?: string;
  /** Names the volume, as in spec.volumes. */
  readonly name: string;
  /** Mounts it read-only; false by default. */
  readonly readOnly?: boolean;
  /** Makes mounts below it read-only too: Disabled (also when absent), IfPossible or Enabled. */
  readonly recursiveReadOnly?: string;
  /** Is the file or folder of the volume to mount; empty mounts all of it. */
  readonly subPath?: string;
  /** Is like subPath, with $(NAME) replaced by environment variables; only one of the two may be set. */
  readonly subPathExpr?: string;
}

/** Tells how a volume is mounted. */
export interface VolumeMountStatus {
  /** Is where it appears in the container. */
  readonly mountPath: string;
  /** Names the volume, as in spec.volumes. */
  readonly name: string;
  /** Is true when it is read-only. */
  readonly readOnly?: boolean;
  /** Is Enabled or Disabled, as it turned out; absent when it is not read-only. */
  readonly recursiveReadOnly?: string;
  /** Tells more about some types of volumes. */
  readonly volumeStatus?: VolumeStatus;
}

/** Says which nodes reach a volume. */
export interface VolumeNodeAffinity {
  /** Chooses the nodes. */
  readonly required?: NodeSelector;
}

/** Is one source of a projected volume; exactly one field is set. */
export interface VolumeProjection {
  /** Adds certificates of ClusterTrustBundles. */
  readonly clusterTrustBundle?: ClusterTrustBundleProjection;
  /** Adds keys of a ConfigMap. */
  readonly configMap?: ConfigMapProjection;
  /** Adds facts about the Pod. */
  readonly downwardAPI?: DownwardAPIProjection;
  /** Adds a key and a certificate for the Pod. */
  readonly podCertificate?: PodCertificateProjection;
  /** Adds keys of a Secret. */
  readonly secret?: SecretProjection;
  /** Adds a token of the Pod's ServiceAccount. */
  readonly serviceAccountToken?: ServiceAccountTokenProjection;
}

/** Says how much storage a claim asks for. */
export interface VolumeResourceRequirements {
  /** Holds the most that may be given; absent means no limit. */
  readonly limits?: { readonly [key: string]: Quantity };
  /** Holds the least that is needed, as storage. */
  readonly requests?: { readonly [key: string]: Quantity };
}

/** Tells more about a mounted volume, by its type. */
export interface VolumeStatus {
  /** Tells about a mounted image. */
  readonly image?: ImageVolumeStatus;
}

/** Names a disk of vSphere to mount; new clusters use the CSI driver csi.vsphere.vmware.com. */
export interface VsphereVirtualDiskVolumeSource {
  /** Names the file system on it, such as ext4 (assumed when absent). */
  readonly fsType?: string;
  /** Is the id of the storage policy. */
  readonly storagePolicyID?: string;
  /** Is the name of the storage policy. */
  readonly storagePolicyName?: string;
  /** Is the path of the disk's file in its datastore. */
  readonly volumePath: string;
}

/** Gives a weight to nodes near Pods that a term chooses. */
export interface WeightedPodAffinityTerm {
  /** Chooses the Pods, and says what near them means. */
  readonly podAffinityTerm: PodAffinityTerm;
  /** Is the weight, 1 to 100. */
  readonly weight: number;
}

/** Sets the rights of containers on Windows. */
export interface WindowsSecurityContextOptions {
  /** Holds the text of the GMSA credential spec, which an admission webhook fills in. */
  readonly gmsaCredentialSpec?: string;
  /** Names the GMSA credential spec to use. */
  readonly gmsaCredentialSpecName?: string;
  /** Runs the containers as processes of the host; all or none in a Pod, and only with hostNetwork. */
  readonly hostProcess?: boolean;
  /** Is the name of the user to run as; absent takes the image's. */
  readonly runAsUserName?: string;
}
