/** The id of a sandbox, as the runtime gave it. */
export type SandboxId = string & { readonly __brand?: "SandboxId" };
/** The id of a container, as the runtime gave it. */
export type ContainerId = string & { readonly __brand?: "ContainerId" };

export type StringMap = Readonly<Record<string, string>>;

export interface VersionResponse {
  readonly version: string;
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

/** RuntimeReady and NetworkReady decide whether the node can take pods. */
export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}
export interface PortMapping {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp?: string;
}
export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly?: boolean;
  readonly propagation?:
    | "PROPAGATION_PRIVATE"
    | "PROPAGATION_HOST_TO_CONTAINER"
    | "PROPAGATION_BIDIRECTIONAL";
}
/** A device of the host that a container gets. */
export interface Device {
  readonly containerPath: string;
  readonly hostPath: string;
  /** Of `r`, `w` and `m` (mknod). */
  readonly permissions: string;
}
export type NamespaceMode = "POD" | "CONTAINER" | "NODE" | "TARGET";
export interface NamespaceOption {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly targetId?: string;
}
export interface SecurityProfile {
  readonly profileType: "RuntimeDefault" | "Unconfined" | "Localhost";
  readonly localhostRef?: string;
}
export interface SeLinuxOption {
  readonly user?: string;
  readonly role?: string;
  readonly type?: string;
  readonly level?: string;
}
/** Zero or absent means "not specified". Shares and quota in the units of cgroups v1. */
export interface LinuxContainerResources {
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly memoryLimitInBytes?: number;
  readonly oomScoreAdj?: number;
}
interface Int64Value {
  readonly value: number;
}
export interface LinuxSandboxSecurityContext {
  readonly namespaceOptions: NamespaceOption;
  readonly selinuxOptions?: SeLinuxOption;
  readonly runAsUser?: Int64Value;
  readonly runAsGroup?: Int64Value;
  readonly supplementalGroups?: readonly number[];
  readonly privileged?: boolean;
  readonly readonlyRootfs?: boolean;
  readonly seccomp?: SecurityProfile;
}
export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}
export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dnsConfig?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly linux: {
    readonly cgroupParent: string;
    readonly securityContext: LinuxSandboxSecurityContext;
    readonly sysctls?: StringMap;
    readonly resources?: LinuxContainerResources;
  };
}
export type PodSandboxState = "SANDBOX_READY" | "SANDBOX_NOTREADY";
/** One row of a listing. */
export interface PodSandbox {
  readonly id: SandboxId;
  readonly metadata: PodSandboxMetadata;
  readonly state: PodSandboxState;
  /** Nanoseconds since 1970, rounded to what a double holds (under a microsecond). */
  readonly createdAt: number;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}
export interface PodSandboxStatus extends PodSandbox {
  /** Null for a sandbox in the host's network. */
  readonly network: {
    readonly ip: string;
    readonly additionalIps: readonly { readonly ip: string }[];
  } | null;
}

export interface LinuxContainerSecurityContext {
  readonly capabilities?: {
    readonly addCapabilities: readonly string[];
    readonly dropCapabilities: readonly string[];
  };
  readonly privileged?: boolean;
  readonly namespaceOptions: NamespaceOption;
  readonly selinuxOptions?: SeLinuxOption;
  readonly runAsUser?: Int64Value;
  readonly runAsUsername?: string;
  readonly runAsGroup?: Int64Value;
  readonly readonlyRootfs?: boolean;
  readonly supplementalGroups?: readonly number[];
  readonly noNewPrivs?: boolean;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly seccomp?: SecurityProfile;
  readonly apparmor?: SecurityProfile;
}
export interface ContainerMetadata {
  readonly name: string;
  readonly attempt: number;
}
export interface ContainerConfig {
  readonly metadata: ContainerMetadata;
  readonly image: { readonly image: string };
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly { readonly key: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices?: readonly Device[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** Relative to the sandbox's logDirectory. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly linux: {
    readonly resources: LinuxContainerResources;
    readonly securityContext: LinuxContainerSecurityContext;
  };
}
export type ContainerRuntimeState =
  | "CONTAINER_CREATED"
  | "CONTAINER_RUNNING"
  | "CONTAINER_EXITED"
  | "CONTAINER_UNKNOWN";
/** One row of a listing. */
export interface ContainerRow {
  readonly id: ContainerId;
  readonly podSandboxId: SandboxId;
  readonly metadata: ContainerMetadata;
  readonly image: { readonly image: string } | null;
  readonly imageRef: string;
  readonly state: ContainerRuntimeState;
  /** Nanoseconds since 1970. */
  readonly createdAt: number;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}
/** Times in nanoseconds since 1970; 0 when it has not happened. */
export interface ContainerRuntimeStatus {
  readonly id: ContainerId;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerRuntimeState;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly image: { readonly image: string } | null;
  readonly imageRef: string;
  /** "OOMKilled", "Error", "Completed" or the runtime's own word. */
  readonly reason: string;
  readonly message: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly logPath: string;
}

/** All given fields must match. */
export interface SandboxFilter {
  readonly id?: string;
  readonly labelSelector?: StringMap;
}
/** All given fields must match. */
export interface ContainerFilter {
  readonly id?: string;
  readonly podSandboxId?: string;
  readonly labelSelector?: StringMap;
}

export interface ExecSyncResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}
export interface ExecStreamRequest {
  readonly containerId: ContainerId;
  readonly cmd: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}
export interface AttachStreamRequest {
  readonly containerId: ContainerId;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}
export interface PortForwardStreamRequest {
  readonly podSandboxId: SandboxId;
  readonly port: readonly number[];
}

export interface RuntimeImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: number;
  /** The numeric user the image runs as; null when it names none or names it by `username`. */
  readonly uid: Int64Value | null;
  readonly username: string;
  /** The runtime needs it and does not let it go. */
  readonly pinned: boolean;
}
/** What a container has written into its own layer on top of its image. */
export interface ContainerDiskUsage {
  readonly id: ContainerId;
  readonly writtenBytes: number;
}
/** Credentials for one registry. Never logged. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly serverAddress?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}
