import { CriError } from "./cri/cri-error.js";
import type { Runtime } from "./cri/runtime.js";
import { type CallListener, connectRuntime } from "./cri/runtime-service.js";
import { hasCode } from "../base/errors.js";
import { watchContainerdExits } from "./containerd/containerd-events.js";
import { type ContainerSignals, ContainerdSignals } from "./containerd/container-signals.js";
import { ContainerdInstance } from "./containerd/containerd-instance.js";
import { ContainerdImageMounts, type ImageMounts } from "./containerd/image-mounts.js";
import { ensurePauseImage, PAUSE_IMAGE } from "./containerd/image-import.js";
import { HollowRuntime } from "./hollow/hollow-runtime.js";
import type { AgentOptions } from "./agent-options.js";
import type { NodePaths } from "./node-paths.js";
import type { ExitEvents } from "./pleg.js";

/** The container runtime of an agent, whichever it is. */
export interface AgentRuntime {
  readonly runtime: Runtime;
  /** As it stands before a container's id: containerd, hollow. */
  readonly scheme: string;
  /** Such as containerd://1.6.20. */
  readonly version: string;
  readonly socketPath: string | null;
  readonly simulated: boolean;
  readonly exitEvents: ExitEvents;
  /** Null: the runtime cannot be told a signal. */
  readonly containerSignals: ContainerSignals | null;
  /** Null: the runtime has no way to mount images. */
  readonly imageMounts: ImageMounts | null;
  /** The pid of the containerd that the agent owns; null: it owns none, or it is dead. */
  containerdPid(): Promise<number | null>;
  setPodCidr(cidr: string): void;
  /** Lets go of it; it goes on. */
  release(): Promise<void>;
}

/** What the runtime is opened with. */
export interface RuntimeDeps {
  readonly paths: NodePaths;
  readonly onCall: CallListener;
  readonly signal: AbortSignal;
}

/** Starts or finds the runtime and waits until it answers. Throws ContainerdError or CriError. */
export async function openAgentRuntime(
  options: AgentOptions,
  { paths, onCall, signal }: RuntimeDeps,
): Promise<AgentRuntime> {
  const { runtime } = options;
  if (runtime === "hollow") return openHollow(options, signal);
  if (runtime !== "containerd") return openSocket(runtime.socket, { onCall, signal });
  const instance = new ContainerdInstance(
    {
      dataDir: options.dataDir,
      runDir: options.runDir,
      sandboxImage: PAUSE_IMAGE,
      cniConfDir: paths.cniConfDir,
      registryMirrors: options.registryMirrors,
    },
    options,
  );
  await instance.start(signal);
  await ensurePauseImage(instance.socketPath, { signal });
  const opened = await openSocket(instance.socketPath, { onCall, signal });
  return {
    ...opened,
    containerdPid: () => instance.pid(),
    release: async () => {
      await instance.release();
      await opened.release();
    },
  };
}

async function openHollow(options: AgentOptions, signal: AbortSignal): Promise<AgentRuntime> {
  const runtime = new HollowRuntime({ version: options.version }, options);
  const { runtimeVersion } = await runtime.version();
  signal.throwIfAborted();
  return {
    runtime,
    scheme: "hollow",
    version: `hollow://${runtimeVersion}`,
    socketPath: null,
    simulated: true,
    containerSignals: null,
    imageMounts: null,
    exitEvents: (onExit, ending) => runtime.watchEvents(onExit, ending),
    containerdPid: () => Promise.resolve(null),
    setPodCidr: (cidr) => runtime.setPodCidr(cidr),
    release: () => Promise.resolve(),
  };
}

async function openSocket(
  socketPath: string,
  { onCall, signal }: Omit<RuntimeDeps, "paths">,
): Promise<AgentRuntime> {
  const { runtime, close } = connectRuntime(socketPath, { onCall });
  const { runtimeName, runtimeVersion } = await runtime.version(signal);
  const isContainerd = runtimeName === "containerd";
  const imageMounts = isContainerd ? new ContainerdImageMounts(socketPath, runtime) : null;
  const containerSignals = isContainerd ? new ContainerdSignals(socketPath) : null;
  return {
    runtime,
    containerSignals,
    imageMounts,
    scheme: runtimeName,
    version: `${runtimeName}://${runtimeVersion.replace(/^v/, "")}`,
    socketPath,
    simulated: false,
    exitEvents: exitEventsOf(runtime, { name: runtimeName, socketPath }),
    containerdPid: () => Promise.resolve(null),
    setPodCidr: () => {},
    release: () => {
      close();
      imageMounts?.close();
      containerSignals?.close();
      return Promise.resolve();
    },
  };
}

/**
 * CRI's own events where the runtime has them, else containerd's; without either the listing alone
 * must do.
 */
function exitEventsOf(
  runtime: Runtime,
  { name, socketPath }: { readonly name: string; readonly socketPath: string },
): ExitEvents {
  return async (onExit, signal) => {
    try {
      await runtime.watchEvents(onExit, signal);
    } catch (error) {
      const missing = error instanceof CriError && hasCode(error, "Unimplemented");
      if (!missing || name !== "containerd") throw error;
      await watchContainerdExits(socketPath, onExit, signal);
    }
  };
}
