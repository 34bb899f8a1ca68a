import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import { hasCode, messageOf } from "../../base/errors.js";
import { toCriError } from "../cri/cri-error.js";
import { GrpcChannel, parseProto } from "../cri/grpc-channel.js";
import type { RuntimeService } from "../cri/runtime-service.js";
import { mountsBelow } from "../volumes/mounts.js";
import { type SnapshotMount, planImageMount } from "../plan/image-mount.js";

/** Makes the files of images reachable on the host. */
export interface ImageMounts {
  /**
   * Mounts an image that the node has at `dir`, read-only, and on the host without programs to run.
   * Null, or why it cannot be. `key` stands for the mount until it is released; the image's layers stay as long.
   */
  mount(
    imageId: string,
    options: { readonly key: string; readonly dir: string; readonly signal: AbortSignal },
  ): Promise<string | null>;
  /** After it was unmounted. Succeeds when there is nothing of that key. */
  release(key: string): Promise<void>;
}

/** The part of containerd's own snapshot service that a read-only view takes. */
const SNAPSHOTS_PROTO = `
syntax = "proto3";
package containerd.services.snapshots.v1;
message Mount {
  string type = 1; string source = 2; string target = 3; repeated string options = 4;
}
message ViewSnapshotRequest {
  string snapshotter = 1; string key = 2; string parent = 3; map<string, string> labels = 4;
}
message MountsRequest { string snapshotter = 1; string key = 2; }
message MountsResponse { repeated Mount mounts = 1; }
message RemoveSnapshotRequest { string snapshotter = 1; string key = 2; }
message Empty {}
`;
const SERVICE = "containerd.services.snapshots.v1.Snapshots";
/** The one that both containerd and the agent's configuration of it choose. */
const SNAPSHOTTER = "overlayfs";
const CALL_TIMEOUT_MS = 30_000;
const MOUNT_TIMEOUT_MS = 10_000;
const run = promisify(execFile);

/**
 * Image volumes (KEP-4639) for a containerd that cannot mount them through CRI, which came with
 * 2.1: a view of the image's snapshot, made through containerd's own API and mounted by the agent.
 */
export class ContainerdImageMounts implements ImageMounts {
  private readonly runtime: RuntimeService;
  private readonly channel: GrpcChannel;

  constructor(socketPath: string, runtime: RuntimeService) {
    this.runtime = runtime;
    this.channel = new GrpcChannel(
      { target: `unix:${socketPath}`, metadata: { "containerd-namespace": "k8s.io" } },
      {
        root: parseProto(SNAPSHOTS_PROTO),
        methods: {
          View: { service: SERVICE, request: "ViewSnapshotRequest", response: "MountsResponse" },
          Mounts: { service: SERVICE, request: "MountsRequest", response: "MountsResponse" },
          Remove: { service: SERVICE, request: "RemoveSnapshotRequest", response: "Empty" },
        },
      },
    );
  }

  async mount(
    imageId: string,
    {
      key,
      dir,
      signal,
    }: { readonly key: string; readonly dir: string; readonly signal: AbortSignal },
  ): Promise<string | null> {
    if ((await mountsBelow(dir)).includes(dir)) return null;
    const parent = await this.runtime.imageChainId(imageId, signal);
    if (parent === null) return "the runtime does not say which snapshot the image is";
    await mkdir(dir, { recursive: true, mode: 0o755 });
    const mounts = await this.view(key, { parent, signal });
    const [first, ...more] = mounts;
    const plan = first === undefined || more.length > 0 ? null : planImageMount(first, dir);
    if (plan === null) return "the snapshot of the image is in no form that this node can mount";
    try {
      for (const args of plan.commands)
        await run("mount", [...args], { cwd: plan.workDir, timeout: MOUNT_TIMEOUT_MS });
      return null;
    } catch (error) {
      const { stderr = "" } = error as { readonly stderr?: string };
      return `mount failed: ${stderr.trim() || messageOf(error)}`;
    }
  }

  async release(key: string): Promise<void> {
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
    try {
      await this.channel.unary("Remove", { snapshotter: SNAPSHOTTER, key }, { signal });
    } catch (cause) {
      const error = toCriError("Remove", cause);
      if (!hasCode(error, "NotFound")) throw error;
    }
  }

  /** Ends the connection; what is mounted stays. */
  close(): void {
    this.channel.close();
  }

  /** A view that an agent of before made is used again. */
  private async view(
    key: string,
    { parent, signal }: { readonly parent: string; readonly signal: AbortSignal },
  ): Promise<readonly SnapshotMount[]> {
    const about = { snapshotter: SNAPSHOTTER, key };
    // A root of garbage collection: the layers stay although the image is removed.
    const labels = { "containerd.io/gc.root": "image-volume" };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    const ask = async (method: string, request: object): Promise<readonly SnapshotMount[]> => {
      const answer = await this.channel.unary<object, { mounts: readonly SnapshotMount[] }>(
        method,
        request,
        { signal: limit },
      );
      return answer.mounts;
    };
    try {
      return await ask("View", { ...about, parent, labels });
    } catch (cause) {
      const error = toCriError("View", cause);
      if (!hasCode(error, "AlreadyExists")) throw error;
      return ask("Mounts", about);
    }
  }
}
