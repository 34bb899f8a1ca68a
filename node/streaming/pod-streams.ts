import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { CodedError } from "../../base/errors.js";

/** What a command run in a container is connected to. */
export interface StreamRequest {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Where a container's output is. */
export interface ContainerLog {
  /**
   * The file the runtime writes now, in CRI log format. Rotated ones stand beside it as
   * `<path>.<time>[.gz]`.
   */
  readonly path: string;
  /** False once the container ended: whoever follows its log stops at the end of the file. */
  readonly running: boolean;
}

/**
 * - NotFound: pod, container or sandbox is not (or no longer) here.
 * - Unsupported: this runtime cannot do it, such as `exec` into a simulated container.
 * - Runtime: the runtime failed or did not answer.
 */
export type PodStreamErrorCode = "NotFound" | "Unsupported" | "Runtime";

/** Why a stream into a pod could not be opened. The message is shown to the user. */
export class PodStreamError extends CodedError<PodStreamErrorCode> {
  override readonly name = "PodStreamError";
}

/**
 * What the streaming server needs of the agent. Container ids are those of the runtime, without the
 * `containerd://` in front. The URLs are those of the runtime's streaming server (SPDY/3.1), good
 * for one connection that must be made soon.
 */
export interface PodStreams {
  /** The pod with the status that the agent last computed; null when it is not on this node. */
  pod(namespace: string, name: string): Pod | null;
  /** All that are on this node, likewise. */
  pods(): readonly Pod[];
  /** Null when the runtime no longer knows the container. */
  containerLog(containerId: string, signal: AbortSignal): Promise<ContainerLog | null>;
  /** Throws PodStreamError. */
  exec(
    containerId: string,
    request: StreamRequest & { readonly command: readonly string[] },
    signal: AbortSignal,
  ): Promise<string>;
  /** Throws PodStreamError. */
  attach(containerId: string, request: StreamRequest, signal: AbortSignal): Promise<string>;
  /** For the pod's newest sandbox. Throws PodStreamError. */
  portForward(pod: Pod, signal: AbortSignal): Promise<string>;
}
