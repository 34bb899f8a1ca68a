import { hasCode } from "../../base/errors.js";
import { CRI_PROTO } from "./cri-proto.js";
import { CriError, toCriError } from "./cri-error.js";
import type * as cri from "./cri-types.js";
import {
  GrpcChannel,
  type MethodTable,
  parseProto,
  type StreamCall,
  type UnaryCall,
} from "./grpc-channel.js";
import type { Runtime } from "./runtime.js";

const RUNTIME_METHODS = [
  ["Version"],
  ["Status"],
  ["RunPodSandbox"],
  ["StopPodSandbox"],
  ["RemovePodSandbox"],
  ["PodSandboxStatus"],
  ["ListPodSandbox"],
  ["CreateContainer"],
  ["StartContainer"],
  ["StopContainer"],
  ["RemoveContainer"],
  ["ListContainers"],
  ["ContainerStatus"],
  ["ListContainerStats"],
  ["UpdateContainerResources"],
  ["ReopenContainerLog"],
  ["ExecSync"],
  ["Exec"],
  ["Attach"],
  ["PortForward"],
  ["GetContainerEvents", "GetEventsRequest", "ContainerEventResponse"],
] as const;
const IMAGE_METHODS = [
  "ListImages",
  "ImageStatus",
  "PullImage",
  "RemoveImage",
  "ImageFsInfo",
] as const;

/** As much of a ContainerEventResponse as is wanted. */
interface ContainerEvent {
  readonly containerId: string;
  readonly containerEventType: string;
}

function methodTable(): MethodTable {
  const table: Record<string, MethodTable[string]> = {};
  for (const [method, request, response] of RUNTIME_METHODS) {
    table[method] = {
      service: "runtime.v1.RuntimeService",
      request: request ?? `${method}Request`,
      response: response ?? `${method}Response`,
    };
  }
  for (const method of IMAGE_METHODS) {
    table[method] = {
      service: "runtime.v1.ImageService",
      request: `${method}Request`,
      response: `${method}Response`,
    };
  }
  return table;
}

/** Told of every call that ended, such as ListContainers; must not throw. */
export type CallListener = (
  method: string,
  ended: { readonly tookMs: number; readonly failed: boolean },
) => void;

/** A runtime behind a unix socket. `close` ends the connection; the runtime goes on. */
export function connectRuntime(
  socketPath: string,
  options: { readonly timeoutMs?: number; readonly onCall?: CallListener } = {},
): { readonly runtime: RuntimeService; readonly close: () => void } {
  const channel = new GrpcChannel(
    { target: `unix:${socketPath}` },
    { root: parseProto(CRI_PROTO), methods: methodTable() },
  );
  const runtime = new RuntimeService(
    { unary: channel.unary, stream: channel.stream },
    { timeoutMs: options.timeoutMs ?? 120_000, onCall: options.onCall },
  );
  return { runtime, close: () => channel.close() };
}

/** CRI over any transport: deadline, cancellation and error mapping in one place. */
export class RuntimeService implements Runtime {
  private readonly calls: { readonly unary: UnaryCall; readonly stream: StreamCall };
  private readonly timeoutMs: number;
  private readonly onCall: CallListener | undefined;

  constructor(
    calls: { readonly unary: UnaryCall; readonly stream: StreamCall },
    options: { readonly timeoutMs: number; readonly onCall?: CallListener | undefined },
  ) {
    this.calls = calls;
    this.timeoutMs = options.timeoutMs;
    this.onCall = options.onCall;
  }

  version(signal: AbortSignal): Promise<cri.VersionResponse> {
    return this.invoke("Version", { version: "v1" }, { signal });
  }

  async status(signal: AbortSignal): Promise<readonly cri.RuntimeCondition[]> {
    const response = await this.invoke<{
      status: { conditions: readonly cri.RuntimeCondition[] } | null;
    }>("Status", {}, { signal });
    return response.status?.conditions ?? [];
  }

  /** Twice the time of other calls: setting up the network makes it the slowest one. */
  async runPodSandbox(
    { config, runtimeHandler = "" }: Parameters<Runtime["runPodSandbox"]>[0],
    signal: AbortSignal,
  ): Promise<cri.SandboxId> {
    const response = await this.invoke<{ podSandboxId: string }>(
      "RunPodSandbox",
      { config, runtimeHandler },
      { signal, timeoutMs: 2 * this.timeoutMs },
    );
    return nonEmpty("RunPodSandbox", response.podSandboxId);
  }

  async stopPodSandbox(id: cri.SandboxId, signal: AbortSignal): Promise<void> {
    await this.unlessGone("StopPodSandbox", { podSandboxId: id }, { signal });
  }

  async removePodSandbox(id: cri.SandboxId, signal: AbortSignal): Promise<void> {
    await this.unlessGone("RemovePodSandbox", { podSandboxId: id }, { signal });
  }

  async podSandboxStatus(id: cri.SandboxId, signal: AbortSignal): Promise<cri.PodSandboxStatus> {
    const method = "PodSandboxStatus";
    const response = await this.invoke<{ status: cri.PodSandboxStatus | null }>(
      method,
      { podSandboxId: id },
      { signal },
    );
    return there(method, response.status);
  }

  async listPodSandboxes(
    filter: cri.SandboxFilter,
    signal: AbortSignal,
  ): Promise<readonly cri.PodSandbox[]> {
    const response = await this.invoke<{ items: readonly cri.PodSandbox[] }>(
      "ListPodSandbox",
      { filter },
      { signal },
    );
    return response.items;
  }

  async createContainer(
    request: {
      readonly podSandboxId: cri.SandboxId;
      readonly config: cri.ContainerConfig;
      readonly sandboxConfig: cri.PodSandboxConfig;
    },
    signal: AbortSignal,
  ): Promise<cri.ContainerId> {
    const method = "CreateContainer";
    const response = await this.invoke<{ containerId: string }>(method, request, { signal });
    return nonEmpty(method, response.containerId);
  }

  async startContainer(id: cri.ContainerId, signal: AbortSignal): Promise<void> {
    await this.invoke("StartContainer", { containerId: id }, { signal });
  }

  async stopContainer(
    id: cri.ContainerId,
    graceSeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    // The runtime uses up the grace period before it answers.
    const timeoutMs = this.timeoutMs + graceSeconds * 1000;
    const request = { containerId: id, timeout: graceSeconds };
    await this.unlessGone("StopContainer", request, { signal, timeoutMs });
  }

  async removeContainer(id: cri.ContainerId, signal: AbortSignal): Promise<void> {
    await this.unlessGone("RemoveContainer", { containerId: id }, { signal });
  }

  async listContainers(
    filter: cri.ContainerFilter,
    signal: AbortSignal,
  ): Promise<readonly cri.ContainerRow[]> {
    const response = await this.invoke<{ containers: readonly cri.ContainerRow[] }>(
      "ListContainers",
      { filter },
      { signal },
    );
    return response.containers;
  }

  async containerStatus(
    id: cri.ContainerId,
    signal: AbortSignal,
  ): Promise<cri.ContainerRuntimeStatus> {
    const method = "ContainerStatus";
    const response = await this.invoke<{ status: cri.ContainerRuntimeStatus | null }>(
      method,
      { containerId: id },
      { signal },
    );
    return there(method, response.status);
  }

  async reopenContainerLog(id: cri.ContainerId, signal: AbortSignal): Promise<void> {
    await this.invoke("ReopenContainerLog", { containerId: id }, { signal });
  }

  async execSync(
    id: cri.ContainerId,
    cmd: readonly string[],
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<cri.ExecSyncResult> {
    // CRI counts in whole seconds; our own deadline is exact and comes a little after the
    // runtime's.
    const timeout = Math.max(1, Math.ceil(options.timeoutMs / 1000));
    return this.invoke(
      "ExecSync",
      { containerId: id, cmd, timeout },
      { signal: options.signal, timeoutMs: timeout * 1000 + 2000 },
    );
  }

  exec(request: cri.ExecStreamRequest, signal: AbortSignal): Promise<string> {
    return this.streamUrl("Exec", request, signal);
  }

  attach(request: cri.AttachStreamRequest, signal: AbortSignal): Promise<string> {
    return this.streamUrl("Attach", request, signal);
  }

  portForward(request: cri.PortForwardStreamRequest, signal: AbortSignal): Promise<string> {
    return this.streamUrl("PortForward", request, signal);
  }

  async watchEvents(
    onExit: (containerId: cri.ContainerId) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const method = "GetContainerEvents";
    const onMessage = ({ containerId, containerEventType }: ContainerEvent): void => {
      if (containerEventType === "CONTAINER_STOPPED_EVENT") onExit(containerId);
    };
    try {
      await this.calls.stream<object, ContainerEvent>(method, {}, { signal, onMessage });
    } catch (cause) {
      throw toCriError(method, cause);
    }
  }

  async listImages(signal: AbortSignal): Promise<readonly cri.RuntimeImage[]> {
    const response = await this.invoke<{ images: readonly cri.RuntimeImage[] }>(
      "ListImages",
      {},
      { signal },
    );
    return response.images;
  }

  async imageStatus(image: string, signal: AbortSignal): Promise<cri.RuntimeImage | null> {
    const response = await this.invoke<{ image: cri.RuntimeImage | null }>(
      "ImageStatus",
      { image: { image } },
      { signal },
    );
    return response.image;
  }

  /**
   * The topmost layer of an image as containerd counts layers (OCI image spec, "ChainID"); null:
   * the runtime does not say.
   */
  async imageChainId(image: string, signal: AbortSignal): Promise<string | null> {
    const request = { image: { image }, verbose: true };
    const response = await this.invoke<{ info?: Readonly<Record<string, string>> }>(
      "ImageStatus",
      request,
      { signal },
    );
    try {
      const { chainID } = JSON.parse(response.info?.["info"] ?? "{}") as { chainID?: unknown };
      return typeof chainID === "string" && chainID !== "" ? chainID : null;
    } catch {
      return null;
    }
  }

  /**
   * As long as it takes: an image may be large. The caller's signal is the only limit besides one
   * hour.
   */
  async pullImage(
    request: {
      readonly image: string;
      readonly auth: cri.RegistryAuth | null;
      readonly sandboxConfig: cri.PodSandboxConfig;
    },
    signal: AbortSignal,
  ): Promise<string> {
    const body = {
      image: { image: request.image },
      sandboxConfig: request.sandboxConfig,
      ...(request.auth === null ? {} : { auth: request.auth }),
    };
    const options = { signal, timeoutMs: 3_600_000 };
    const response = await this.invoke<{ imageRef: string }>("PullImage", body, options);
    return nonEmpty("PullImage", response.imageRef);
  }

  async removeImage(image: string, signal: AbortSignal): Promise<void> {
    await this.unlessGone("RemoveImage", { image: { image } }, { signal });
  }

  async updateContainerResources(
    id: cri.ContainerId,
    linux: cri.LinuxContainerResources,
    signal: AbortSignal,
  ): Promise<void> {
    await this.invoke("UpdateContainerResources", { containerId: id, linux }, { signal });
  }

  async imageFolder(signal: AbortSignal): Promise<string | null> {
    const response = await this.invoke<{
      imageFilesystems: readonly { fsId: { mountpoint: string } | null }[];
    }>("ImageFsInfo", {}, { signal });
    return response.imageFilesystems[0]?.fsId?.mountpoint ?? null;
  }

  async containerDiskUsage(signal: AbortSignal): Promise<readonly cri.ContainerDiskUsage[]> {
    const response = await this.invoke<{
      stats: readonly {
        attributes: { id: string } | null;
        writableLayer: { usedBytes: { value: number } | null } | null;
      }[];
    }>("ListContainerStats", {}, { signal });
    return response.stats.flatMap(({ attributes, writableLayer }) => {
      const written = writableLayer?.usedBytes;
      if (attributes === null || written === null || written === undefined) return [];
      return [{ id: attributes.id, writtenBytes: Number(written.value) }];
    });
  }

  private async streamUrl(method: string, request: object, signal: AbortSignal): Promise<string> {
    const response = await this.invoke<{ url: string }>(method, request, { signal });
    return nonEmpty(method, response.url);
  }

  /** The state asked for holds already when the thing does not exist. */
  private async unlessGone(
    method: string,
    request: object,
    options: { signal: AbortSignal; timeoutMs?: number },
  ): Promise<void> {
    try {
      await this.invoke(method, request, options);
    } catch (error) {
      if (!hasCode(error, "NotFound")) throw error;
    }
  }

  private async invoke<Res extends object>(
    method: string,
    request: object,
    { signal, timeoutMs = this.timeoutMs }: { signal: AbortSignal; timeoutMs?: number },
  ): Promise<Res> {
    // By hand, not AbortSignal.any: that leaks on a signal as long-lived as the agent's (Node 20).
    const ending = new AbortController();
    const giveUp = (): void => ending.abort(signal.reason);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      ending.abort(new Error("deadline"));
    }, timeoutMs);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const startedMs = performance.now();
    let failed = true;
    try {
      const answer = await this.calls.unary<object, Res>(method, request, {
        signal: ending.signal,
      });
      failed = false;
      return answer;
    } catch (cause) {
      if (signal.aborted) throw cause; // Our caller gave up: that is not a runtime failure.
      if (late) {
        const message = `no answer in ${timeoutMs}ms`;
        throw new CriError("DeadlineExceeded", method, { message, cause });
      }
      throw toCriError(method, cause);
    } finally {
      this.onCall?.(method, { tookMs: performance.now() - startedMs, failed });
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }
}

function nonEmpty(method: string, value: string): string {
  if (value !== "") return value;
  throw new CriError("Internal", method, { message: "the runtime's answer is empty" });
}

function there<T>(method: string, value: T | null): T {
  if (value !== null) return value;
  throw new CriError("Internal", method, { message: "the runtime's answer has no status" });
}
