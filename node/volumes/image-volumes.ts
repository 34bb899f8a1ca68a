import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pod, Volume } from "../../api/schema/types/core-v1.gen.js";
import { messageOf } from "../../base/errors.js";
import type { ImageMounts } from "../containerd/image-mounts.js";
import type { NodePaths } from "../node-paths.js";

/** What image volumes are made with. */
export interface ImageVolumesDeps {
  readonly paths: NodePaths;
  /** Null: the runtime offers no way to mount images. */
  readonly imageMounts: ImageMounts | null;
}

/** Volumes that are images (KEP-4639), mounted when the first container that has one starts. */
export class ImageVolumes {
  private readonly deps: ImageVolumesDeps;

  constructor(deps: ImageVolumesDeps) {
    this.deps = deps;
  }

  /** Mounts an image that is on the node; null, or why it cannot be. Nothing the second time. */
  async mount(
    { metadata }: Pod,
    volume: Volume,
    { imageId, signal }: { readonly imageId: string; readonly signal: AbortSignal },
  ): Promise<string | null> {
    const { imageMounts, paths } = this.deps;
    const { uid } = metadata;
    if (imageMounts === null)
      return `volume "${volume.name}": the runtime of this node cannot mount images`;
    const folder = this.folderOf(uid);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Before anything is made, so that whoever removes the pod knows of it.
    await writeFile(join(folder, volume.name), imageId);
    const options = { key: keyOf(uid, volume.name), dir: join(paths.volumes(uid), volume.name) };
    try {
      const problem = await imageMounts.mount(imageId, { ...options, signal });
      return problem === null ? null : `volume "${volume.name}": ${problem}`;
    } catch (error) {
      if (signal.aborted) throw error;
      return `volume "${volume.name}": ${messageOf(error)}`;
    }
  }

  /** Gives back what the pod had; its volumes are unmounted already. */
  async release(uid: string): Promise<void> {
    const { imageMounts } = this.deps;
    if (imageMounts === null) return;
    const names = await readdir(this.folderOf(uid)).catch(() => []);
    for (const name of names) await imageMounts.release(keyOf(uid, name));
  }

  private folderOf(uid: string): string {
    return join(this.deps.paths.pod(uid), "image-volumes");
  }
}

function keyOf(uid: string, volume: string): string {
  return `raftsman-image-volume/${uid}/${volume}`;
}
