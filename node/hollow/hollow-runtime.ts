import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";
import { CriError } from "../cri/cri-error.js";
import type * as cri from "../cri/cri-types.js";
import type { Runtime } from "../cri/runtime.js";
import { RUNTIME_KEYS } from "../plan/pod-runtime.js";
import { AddressPool } from "./address-pool.js";
import { PodIndex } from "./pod-index.js";

/** The sentence that everybody gets who wants to look into a simulated pod. */
export const SIMULATED = "this pod is simulated by the hollow runtime: no process runs in it";

/** Pod annotations that give a simulated container an end. */
export const HOLLOW_ANNOTATIONS = {
  /** Seconds that main containers run; without it they run until they are stopped. */
  runSeconds: "raftsman.io/hollow-run-seconds",
  /** The exit code they end with then; 0 by default. */
  exitCode: "raftsman.io/hollow-exit-code",
} as const;

interface Sandbox {
  readonly id: string;
  readonly config: cri.PodSandboxConfig;
  readonly createdAtMs: number;
  readonly ip: string;
  readonly containers: Set<HollowContainer>;
  ready: boolean;
}

interface HollowContainer {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly config: cri.ContainerConfig;
  readonly createdAtMs: number;
  state: cri.ContainerRuntimeState;
  startedAtMs: number;
  finishedAtMs: number;
  exitCode: number;
  cancelEnd: () => void;
}

const IMAGE_SIZE = 1_000_000;
const KILLED = 137;

/**
 * Simulates pods: sandboxes have addresses, containers have states, images are always there to be
 * pulled, and nothing runs. Needs neither root nor Linux. Everything lives in memory: with the
 * agent it is gone.
 */
export class HollowRuntime implements Runtime {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly runtimeVersion: string;
  private addresses: AddressPool | null = null;
  private readonly sandboxes = new PodIndex<Sandbox>();
  private readonly containers = new PodIndex<HollowContainer>();
  private readonly images = new Map<string, cri.RuntimeImage>();
  private readonly listeners = new Set<(containerId: string) => void>();

  constructor(
    config: { readonly version: string },
    deps: { readonly clock: Clock; readonly random: Random },
  ) {
    this.runtimeVersion = config.version;
    this.clock = deps.clock;
    this.random = deps.random;
  }

  /**
   * From here pods get their addresses; until then no sandbox outside the host's network can be
   * made.
   */
  setPodCidr(cidr: string): void {
    this.addresses ??= new AddressPool(cidr);
  }

  version(): Promise<cri.VersionResponse> {
    const { runtimeVersion } = this;
    const runtimeApiVersion = "v1";
    return Promise.resolve({
      version: "0.1.0",
      runtimeName: "hollow",
      runtimeVersion,
      runtimeApiVersion,
    });
  }

  status(): Promise<readonly cri.RuntimeCondition[]> {
    const networkReady = this.addresses !== null;
    return Promise.resolve([
      { type: "RuntimeReady", status: true, reason: "", message: "" },
      {
        type: "NetworkReady",
        status: networkReady,
        reason: networkReady ? "" : "NoPodCidr",
        message: networkReady ? "" : "the node has no pod CIDR yet",
      },
    ]);
  }

  async runPodSandbox({ config }: { readonly config: cri.PodSandboxConfig }): Promise<string> {
    const method = "RunPodSandbox";
    const hostNetwork = config.linux.securityContext.namespaceOptions.network === "NODE";
    const { uid, attempt } = config.metadata;
    for (const { config: other } of this.sandboxes.find({ labelSelector: config.labels }))
      if (other.metadata.uid === uid && other.metadata.attempt === attempt)
        throw new CriError("AlreadyExists", method, { message: `sandbox ${attempt} of ${uid}` });
    const ip = hostNetwork ? "" : (this.addresses?.take() ?? null);
    if (ip === null) {
      const message = this.addresses === null ? "no pod CIDR yet" : "no address is free";
      throw new CriError("ResourceExhausted", method, { message });
    }
    const id = this.newId();
    const createdAtMs = this.clock.nowMs();
    this.sandboxes.add({ id, config, createdAtMs, ip, containers: new Set(), ready: true });
    return Promise.resolve(id);
  }

  stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined || !sandbox.ready) return Promise.resolve();
    for (const container of sandbox.containers) this.end(container, KILLED);
    sandbox.ready = false;
    if (sandbox.ip !== "") this.addresses?.release(sandbox.ip);
    return Promise.resolve();
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return;
    for (const container of sandbox.containers) this.containers.delete(container.id);
    this.sandboxes.delete(id);
  }

  podSandboxStatus(id: string): Promise<cri.PodSandboxStatus> {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return notFound("PodSandboxStatus", id);
    const network = sandbox.ip === "" ? null : { ip: sandbox.ip, additionalIps: [] };
    return Promise.resolve({ ...sandboxRow(sandbox), network });
  }

  listPodSandboxes(filter: cri.SandboxFilter): Promise<readonly cri.PodSandbox[]> {
    return Promise.resolve(this.sandboxes.find(filter).map(sandboxRow));
  }

  createContainer(request: {
    readonly podSandboxId: string;
    readonly config: cri.ContainerConfig;
  }): Promise<string> {
    const method = "CreateContainer";
    const sandbox = this.sandboxes.get(request.podSandboxId);
    if (sandbox === undefined) return notFound(method, request.podSandboxId);
    if (!this.findImage(request.config.image.image))
      return notFound(method, `image ${request.config.image.image}`);
    const id = this.newId();
    const container: HollowContainer = {
      id,
      sandbox,
      config: request.config,
      createdAtMs: this.clock.nowMs(),
      state: "CONTAINER_CREATED",
      startedAtMs: 0,
      finishedAtMs: 0,
      exitCode: 0,
      cancelEnd: () => {},
    };
    this.containers.add(container);
    sandbox.containers.add(container);
    return Promise.resolve(id);
  }

  startContainer(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (container === undefined) return notFound("StartContainer", id);
    if (container.state !== "CONTAINER_CREATED" || !container.sandbox.ready) {
      const message = `container is in state ${container.state}`;
      return Promise.reject(new CriError("FailedPrecondition", "StartContainer", { message }));
    }
    container.state = "CONTAINER_RUNNING";
    container.startedAtMs = this.clock.nowMs();
    const end = plannedEnd(container);
    if (end !== null)
      container.cancelEnd = this.clock.schedule(end.afterMs, () =>
        this.end(container, end.exitCode),
      );
    return Promise.resolve();
  }

  /** A simulated process obeys SIGTERM at once. */
  stopContainer(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (container !== undefined) this.end(container, 0);
    return Promise.resolve();
  }

  removeContainer(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (container === undefined) return Promise.resolve();
    this.end(container, KILLED);
    this.containers.delete(id);
    container.sandbox.containers.delete(container);
    return Promise.resolve();
  }

  listContainers(filter: cri.ContainerFilter): Promise<readonly cri.ContainerRow[]> {
    const { podSandboxId } = filter;
    const found = this.containers
      .find(filter)
      .filter(({ sandbox }) => podSandboxId === undefined || sandbox.id === podSandboxId);
    return Promise.resolve(found.map(containerRow));
  }

  containerStatus(id: string): Promise<cri.ContainerRuntimeStatus> {
    const container = this.containers.get(id);
    if (container === undefined) return notFound("ContainerStatus", id);
    const exited = container.state === "CONTAINER_EXITED";
    const failed = container.exitCode === 0 ? "Completed" : "Error";
    return Promise.resolve({
      ...containerRow(container),
      startedAt: container.startedAtMs * 1e6,
      finishedAt: container.finishedAtMs * 1e6,
      exitCode: container.exitCode,
      reason: exited ? failed : "",
      message: "",
      logPath: "",
    });
  }

  reopenContainerLog(): Promise<void> {
    return Promise.resolve();
  }

  execSync(): Promise<cri.ExecSyncResult> {
    return simulated("ExecSync");
  }

  exec(): Promise<string> {
    return simulated("Exec");
  }

  attach(): Promise<string> {
    return simulated("Attach");
  }

  portForward(): Promise<string> {
    return simulated("PortForward");
  }

  watchEvents(onExit: (containerId: string) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.listeners.add(onExit);
    return new Promise((resolve) => {
      const finish = (): void => {
        this.listeners.delete(onExit);
        resolve();
      };
      signal.addEventListener("abort", finish, { once: true });
    });
  }

  listImages(): Promise<readonly cri.RuntimeImage[]> {
    return Promise.resolve([...this.images.values()]);
  }

  imageStatus(image: string): Promise<cri.RuntimeImage | null> {
    return Promise.resolve(this.findImage(image));
  }

  pullImage({ image }: { readonly image: string }): Promise<string> {
    const known = this.findImage(image);
    if (known !== null) return Promise.resolve(known.id);
    const id = `sha256:${this.newId()}`;
    const base = { id, repoTags: [image], repoDigests: [], size: IMAGE_SIZE };
    this.images.set(image, { ...base, uid: null, username: "", pinned: false });
    return Promise.resolve(id);
  }

  updateContainerResources(id: string): Promise<void> {
    if (this.containers.get(id) !== undefined) return Promise.resolve();
    return Promise.reject(new CriError("NotFound", "UpdateContainerResources", { message: id }));
  }

  imageFolder(): Promise<string | null> {
    return Promise.resolve(null);
  }

  containerDiskUsage(): Promise<readonly cri.ContainerDiskUsage[]> {
    return Promise.resolve([]);
  }

  removeImage(image: string): Promise<void> {
    const known = this.findImage(image);
    for (const name of known?.repoTags ?? []) this.images.delete(name);
    return Promise.resolve();
  }

  private findImage(nameOrId: string): cri.RuntimeImage | null {
    const named = this.images.get(nameOrId);
    if (named !== undefined) return named;
    for (const image of this.images.values()) if (image.id === nameOrId) return image;
    return null;
  }

  private end(container: HollowContainer, exitCode: number): void {
    container.cancelEnd();
    if (container.state !== "CONTAINER_RUNNING") return;
    container.state = "CONTAINER_EXITED";
    container.exitCode = exitCode;
    container.finishedAtMs = this.clock.nowMs();
    for (const listener of this.listeners) listener(container.id);
  }

  private newId(): string {
    let id = "";
    for (let index = 0; index < 8; index += 1)
      id += this.random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, "0");
    return id;
  }
}

/** Init containers end at once; others when an annotation of the pod says so. */
function plannedEnd(
  container: HollowContainer,
): { readonly afterMs: number; readonly exitCode: number } | null {
  if (container.config.annotations[RUNTIME_KEYS.kind] === "init")
    return { afterMs: 0, exitCode: 0 };
  const { annotations } = container.sandbox.config;
  const seconds = annotations[HOLLOW_ANNOTATIONS.runSeconds];
  if (seconds === undefined || !Number.isFinite(Number(seconds))) return null;
  const exitCode = Number(annotations[HOLLOW_ANNOTATIONS.exitCode] ?? 0);
  return { afterMs: Number(seconds) * 1000, exitCode: Number.isInteger(exitCode) ? exitCode : 1 };
}

function sandboxRow({ id, config, createdAtMs, ready }: Sandbox): cri.PodSandbox {
  return {
    id,
    metadata: config.metadata,
    state: ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
    createdAt: createdAtMs * 1e6,
    labels: config.labels,
    annotations: config.annotations,
  };
}

function containerRow(container: HollowContainer): cri.ContainerRow {
  const { id, config, sandbox } = container;
  return {
    id,
    podSandboxId: sandbox.id,
    metadata: config.metadata,
    image: config.image,
    imageRef: config.image.image,
    state: container.state,
    createdAt: container.createdAtMs * 1e6,
    labels: config.labels,
    annotations: config.annotations,
  };
}

function notFound(method: string, what: string): Promise<never> {
  return Promise.reject(new CriError("NotFound", method, { message: `${what}: not found` }));
}

function simulated(method: string): Promise<never> {
  return Promise.reject(new CriError("Unimplemented", method, { message: SIMULATED }));
}
