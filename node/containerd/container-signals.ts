import { hasCode } from "../../base/errors.js";
import { toCriError } from "../cri/cri-error.js";
import { GrpcChannel, parseProto } from "../cri/grpc-channel.js";

/** Sends signals to containers. */
export interface ContainerSignals {
  /**
   * Sends a signal to a container's first process and waits until that has ended, no longer than
   * `timeoutMs`. Nothing to do when it has ended before. Throws CriError.
   */
  stop(
    containerId: string,
    options: { readonly number: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<void>;
}

/** The part of containerd's own task service that sends signals and waits. */
const TASKS_PROTO = `
syntax = "proto3";
package containerd.services.tasks.v1;
message KillRequest {
  string container_id = 1; string exec_id = 2; uint32 signal = 3; bool all = 4;
}
message WaitRequest { string container_id = 1; string exec_id = 2; }
message WaitResponse { uint32 exit_status = 1; }
message Empty {}
`;
const SERVICE = "containerd.services.tasks.v1.Tasks";
const CALL_TIMEOUT_MS = 10_000;

/** For a containerd whose CRI knows no stop signal (KEP-4960), which came with 2.1. */
export class ContainerdSignals implements ContainerSignals {
  private readonly channel: GrpcChannel;

  constructor(socketPath: string) {
    this.channel = new GrpcChannel(
      { target: `unix:${socketPath}`, metadata: { "containerd-namespace": "k8s.io" } },
      {
        root: parseProto(TASKS_PROTO),
        methods: {
          Kill: { service: SERVICE, request: "KillRequest", response: "Empty" },
          Wait: { service: SERVICE, request: "WaitRequest", response: "WaitResponse" },
        },
      },
    );
  }

  async stop(
    containerId: string,
    options: { readonly number: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { number, timeoutMs, signal } = options;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    if (!(await this.ask("Kill", { containerId, signal: number }, soon))) return;
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      await this.ask("Wait", { containerId }, AbortSignal.any([signal, limit]));
    } catch (error) {
      if (signal.aborted || !limit.aborted) throw error;
    }
  }

  /** Ends the connection. */
  close(): void {
    this.channel.close();
  }

  /** False: the process is gone. */
  private async ask(method: string, request: object, signal: AbortSignal): Promise<boolean> {
    try {
      await this.channel.unary(method, request, { signal });
      return true;
    } catch (cause) {
      const error = toCriError(method, cause);
      if (hasCode(error, "NotFound")) return false;
      throw error;
    }
  }
}
