import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isApiError } from "../../api/client/api-error.js";
import { claimsOf, type PodClaim } from "../../api/schema/storage/pod-claims.js";
import type { Node, Pod, Volume } from "../../api/schema/types/core-v1.gen.js";
import { hasErrno } from "../errno.js";
import type { NodePaths } from "../node-paths.js";
import {
  claimedSource,
  nfsSource,
  type SourceResult,
  type VolumeSource,
} from "../plan/volume-source.js";
import type { ReferencedObjects } from "../referenced-objects.js";
import { prepareHostPath } from "./host-path.js";
import { LocalVolumes } from "./local-volumes.js";
import { mountNfs, mountsBelow } from "./mounts.js";
import { giveToGroup } from "./volume-group.js";

/** Where a volume is on the host. */
export interface MountedVolume {
  readonly path: string;
  readonly readOnly: boolean;
}

/** What is at the path of a local volume. */
type PathKind = "device" | "files" | "nothing";

/** What claimed volumes are made with. */
export interface ClaimedVolumesDeps {
  readonly paths: NodePaths;
  readonly objects: ReferencedObjects;
  /** The agent's own Node; undefined: not known yet. */
  readonly ownNode: () => Node | undefined;
}

/** Volumes that outlive their pods: what claims stand for, and NFS exports. */
export class ClaimedVolumes {
  private readonly deps: ClaimedVolumesDeps;
  private readonly local: LocalVolumes;
  /** Pod uid → volume → where it is. */
  private readonly mounted = new Map<string, Map<string, MountedVolume>>();

  constructor(deps: ClaimedVolumesDeps) {
    this.deps = deps;
    this.local = new LocalVolumes(deps.paths.localVolumesDir);
  }

  /** Null: this agent has not mounted it. */
  find(uid: string, volume: string): MountedVolume | null {
    return this.mounted.get(uid)?.get(volume) ?? null;
  }

  /** The pod is gone. */
  forget(uid: string): void {
    this.mounted.delete(uid);
  }

  /** True for a volume that is made here. */
  static isOne({ persistentVolumeClaim, ephemeral, nfs }: Volume): boolean {
    return [persistentVolumeClaim, ephemeral, nfs].some((source) => source !== undefined);
  }

  /** Makes the volume reachable; null, or why it cannot be. Nothing more to do the second time. */
  async prepare(pod: Pod, volume: Volume): Promise<string | null> {
    const { uid } = pod.metadata;
    if (this.find(uid, volume.name) !== null) return null;
    const result = await this.sourceOf(pod, volume);
    if (!result.ok) return result.message;
    const dir = join(this.deps.paths.volumes(uid), volume.name);
    const problem = await this.reach(result.source, dir);
    if (problem !== null) return problem;
    const path = pathOf(result.source, dir);
    const { readOnly } = result.source;
    await applyGroup(pod, result.source, path);
    const volumes = this.mounted.get(uid) ?? new Map<string, MountedVolume>();
    this.mounted.set(uid, volumes.set(volume.name, { path, readOnly }));
    return null;
  }

  private async sourceOf(pod: Pod, volume: Volume): Promise<SourceResult> {
    if (volume.nfs !== undefined)
      return { ok: true, source: nfsSource(volume.nfs, { mountOptions: [], readOnly: false }) };
    const claimed = claimsOf(pod).find((one) => one.volume.name === volume.name) as PodClaim;
    const { objects, ownNode, paths } = this.deps;
    try {
      const claim = await objects.claim(pod.metadata.namespace ?? "", claimed.claimName);
      const { volumeName = "" } = claim?.spec ?? {};
      const bound = volumeName === "" ? null : await objects.persistentVolume(volumeName);
      const { localVolumesDir } = paths;
      return claimedSource(pod, claimed, {
        claim,
        volume: bound,
        node: ownNode(),
        localVolumesDir,
      });
    } catch (error) {
      if (!isApiError(error)) throw error;
      return { ok: false, message: error.message };
    }
  }

  private async reach(source: VolumeSource, dir: string): Promise<string | null> {
    switch (source.type) {
      case "hostPath":
        return prepareHostPath(source.source);
      case "local":
        if (source.own) await this.local.ensure(source.path);
        return problemOf(source.path, { found: await kindOf(source.path), wanted: "files" });
      case "device":
        return problemOf(source.path, { found: await kindOf(source.path), wanted: "device" });
      case "nfs": {
        await mkdir(dir, { recursive: true, mode: 0o750 });
        if ((await mountsBelow(dir)).includes(dir)) return null;
        return mountNfs(source, dir);
      }
    }
  }
}

function pathOf(source: VolumeSource, dir: string): string {
  switch (source.type) {
    case "hostPath":
      return source.source.path;
    case "local":
    case "device":
      return source.path;
    case "nfs":
      return dir;
  }
}

/** As the kubelet: of these kinds only local volumes are given to the pod's group. */
async function applyGroup(pod: Pod, source: VolumeSource, path: string): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  if (fsGroup === undefined || source.type !== "local" || source.readOnly) return;
  const onRootMismatch = fsGroupChangePolicy === "OnRootMismatch";
  await giveToGroup(path, { groupId: fsGroup, onRootMismatch });
}

async function kindOf(path: string): Promise<PathKind> {
  try {
    return (await stat(path)).isBlockDevice() ? "device" : "files";
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
    return "nothing";
  }
}

function problemOf(
  path: string,
  { found, wanted }: { readonly found: PathKind; readonly wanted: "device" | "files" },
): string | null {
  const quoted = JSON.stringify(path);
  if (found === wanted) return null;
  if (found === "nothing") return `path ${quoted} does not exist`;
  if (wanted === "device") return `path ${quoted} is not a block device`;
  return `path ${quoted} is a block device: mount its file system and name that folder`;
}
