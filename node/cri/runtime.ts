import type {
  AttachStreamRequest,
  ContainerConfig,
  ContainerDiskUsage,
  ContainerFilter,
  ContainerId,
  ContainerRow,
  ContainerRuntimeStatus,
  ExecStreamRequest,
  ExecSyncResult,
  LinuxContainerResources,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxStatus,
  PortForwardStreamRequest,
  RegistryAuth,
  RuntimeCondition,
  RuntimeImage,
  SandboxFilter,
  SandboxId,
  VersionResponse,
} from "./cri-types.js";

/**
 * What the agent asks of a container runtime: CRI v1, one method a call. Implemented by
 * RuntimeService (any CRI socket) and by HollowRuntime (simulated pods); the contract suite
 * runs against both. Every method throws CriError; every one ends when `signal` aborts.
 */
export interface Runtime {
  version(signal: AbortSignal): Promise<VersionResponse>;
  /** The runtime's own conditions: RuntimeReady and NetworkReady. */
  status(signal: AbortSignal): Promise<readonly RuntimeCondition[]>;
  /**
   * Creates and starts a sandbox; when it returns the pod has its address. `runtimeHandler` says
   * how pods are run; "" is the runtime's own choice.
   */
  runPodSandbox(
    request: { readonly config: PodSandboxConfig; readonly runtimeHandler?: string },
    signal: AbortSignal,
  ): Promise<SandboxId>;
  /** Kills what runs in it and gives its address back. Succeeds if it is gone already. */
  stopPodSandbox(id: SandboxId, signal: AbortSignal): Promise<void>;
  /** Removes it with its containers. Succeeds if it is gone already. */
  removePodSandbox(id: SandboxId, signal: AbortSignal): Promise<void>;
  podSandboxStatus(id: SandboxId, signal: AbortSignal): Promise<PodSandboxStatus>;
  listPodSandboxes(filter: SandboxFilter, signal: AbortSignal): Promise<readonly PodSandbox[]>;
  createContainer(
    request: {
      readonly podSandboxId: SandboxId;
      readonly config: ContainerConfig;
      readonly sandboxConfig: PodSandboxConfig;
    },
    signal: AbortSignal,
  ): Promise<ContainerId>;
  startContainer(id: ContainerId, signal: AbortSignal): Promise<void>;
  /** Asks, waits graceSeconds, then kills. Succeeds if the container is already gone. */
  stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void>;
  /** Succeeds if it is gone already. */
  removeContainer(id: ContainerId, signal: AbortSignal): Promise<void>;
  /** Changes what a running container may use; zero or absent stays as it is. */
  updateContainerResources(
    id: ContainerId,
    resources: LinuxContainerResources,
    signal: AbortSignal,
  ): Promise<void>;
  listContainers(filter: ContainerFilter, signal: AbortSignal): Promise<readonly ContainerRow[]>;
  containerStatus(id: ContainerId, signal: AbortSignal): Promise<ContainerRuntimeStatus>;
  /** After the log file was moved away: the runtime opens a new one under the old name. */
  reopenContainerLog(id: ContainerId, signal: AbortSignal): Promise<void>;
  /** Runs a command to its end; throws DeadlineExceeded when it takes longer than `timeoutMs`. */
  execSync(
    id: ContainerId,
    cmd: readonly string[],
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ExecSyncResult>;
  /** Prepares a stream and returns the URL to open it at. */
  exec(request: ExecStreamRequest, signal: AbortSignal): Promise<string>;
  attach(request: AttachStreamRequest, signal: AbortSignal): Promise<string>;
  portForward(request: PortForwardStreamRequest, signal: AbortSignal): Promise<string>;
  /**
   * Calls `onExit` with every container and sandbox that is told to have ended, until the signal
   * aborts or the stream ends. Throws Unimplemented where it does not exist.
   */
  watchEvents(onExit: (containerId: ContainerId) => void, signal: AbortSignal): Promise<void>;
  listImages(signal: AbortSignal): Promise<readonly RuntimeImage[]>;
  /** Null when the image is not on this node. */
  imageStatus(image: string, signal: AbortSignal): Promise<RuntimeImage | null>;
  /** Returns the id of the pulled image. */
  pullImage(
    request: {
      readonly image: string;
      readonly auth: RegistryAuth | null;
      readonly sandboxConfig: PodSandboxConfig;
    },
    signal: AbortSignal,
  ): Promise<string>;
  /** Where on this host images are kept; null: nowhere. */
  imageFolder(signal: AbortSignal): Promise<string | null>;
  /** Of running containers, as far as the runtime has measured it. */
  containerDiskUsage(signal: AbortSignal): Promise<readonly ContainerDiskUsage[]>;
  /** Succeeds if it is gone already. */
  removeImage(image: string, signal: AbortSignal): Promise<void>;
}
