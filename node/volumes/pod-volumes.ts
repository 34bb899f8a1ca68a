import { access, chmod, chown, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isApiError } from "../../api/client/api-error.js";
import type {
  Container,
  Pod,
  ServiceAccountTokenProjection,
  Volume,
  VolumeMount,
} from "../../api/schema/types/core-v1.gen.js";
import type { Device, Mount } from "../cri/cri-types.js";
import { hasErrno } from "../errno.js";
import type { NodePaths } from "../node-paths.js";
import type { PodAddresses } from "../plan/field-path.js";
import { wholeOf } from "../plan/resources.js";
import type { ReferencedObjects } from "../referenced-objects.js";
import { writeAtomically } from "./atomic-writer.js";
import { ClaimedVolumes, type ClaimedVolumesDeps, type MountedVolume } from "./claimed-volumes.js";
import { prepareHostPath } from "./host-path.js";
import { ImageVolumes, type ImageVolumesDeps } from "./image-volumes.js";
import { mountsBelow, mountTmpfs, unmountBelow } from "./mounts.js";
import { resolveSubPath, subPathOf } from "./sub-path.js";
import {
  configMapPayload,
  DEFAULT_MODE,
  downwardPayload,
  type Payload,
  type PayloadResult,
  secretPayload,
  trustBundlePayload,
} from "./volume-payload.js";

/** What downward API files are made from. */
export interface VolumeContext extends PodAddresses {
  readonly resourceValue: (
    container: string,
    resource: string,
    divisor: string | undefined,
  ) => string | null;
}

/** A volume that cannot be mounted: the sentence for the FailedMount event. */
export type VolumeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly volume: string; readonly message: string };

/** Makes, updates and removes the volumes of pods. Every step may be repeated after a crash. */
export class PodVolumes {
  private readonly paths: NodePaths;
  private readonly objects: ReferencedObjects;
  private readonly claimed: ClaimedVolumes;
  private readonly images: ImageVolumes;

  constructor(deps: ClaimedVolumesDeps & ImageVolumesDeps) {
    this.paths = deps.paths;
    this.objects = deps.objects;
    this.claimed = new ClaimedVolumes(deps);
    this.images = new ImageVolumes(deps);
  }

  /**
   * Brings every volume of the pod up to date: folders made, tmpfs mounted, files of API objects
   * written. Called before the first container starts and whenever one of the objects changes.
   */
  async prepare(pod: Pod, context: VolumeContext): Promise<VolumeResult> {
    for (const volume of pod.spec.volumes ?? []) {
      const message = await this.prepareOne(pod, volume, context);
      if (message !== null) return { ok: false, volume: volume.name, message };
    }
    return { ok: true };
  }

  /** Mounts a volume that is an image, once that is on the node; null, or why it cannot be. */
  mountImage(
    pod: Pod,
    volume: Volume,
    image: { readonly imageId: string; readonly signal: AbortSignal },
  ): Promise<string | null> {
    return this.images.mount(pod, volume, image);
  }

  /** The container's mounts, or why they cannot be made. */
  async mountsOf(
    pod: Pod,
    container: Container,
    env: ReadonlyMap<string, string>,
  ): Promise<
    | { readonly ok: true; readonly mounts: readonly Mount[] }
    | { readonly ok: false; readonly message: string }
  > {
    const mounts: Mount[] = [];
    for (const mount of container.volumeMounts ?? []) {
      const volume = (pod.spec.volumes ?? []).find(({ name }) => name === mount.name);
      if (volume === undefined)
        return { ok: false, message: `volume "${mount.name}" of the mount does not exist` };
      const base = this.placeOf(pod, volume);
      if (base === null)
        return { ok: false, message: `volume "${mount.name}" is not mounted on this node` };
      const part = subPathOf(mount, env);
      if (!part.ok) return part;
      const { subPath } = part;
      const isImage = volume.image !== undefined;
      const hostPath =
        subPath === "" ? base.path : await resolveSubPath(base.path, subPath, { make: !isImage });
      if (hostPath === null && isImage)
        return {
          ok: false,
          message: `subPath "${subPath}" is not in the image of "${mount.name}"`,
        };
      if (hostPath === null)
        return { ok: false, message: `subPath "${subPath}" leads outside volume "${mount.name}"` };
      mounts.push({
        containerPath: mount.mountPath.startsWith("/") ? mount.mountPath : `/${mount.mountPath}`,
        hostPath,
        readonly: mount.readOnly === true || base.readOnly,
        propagation: propagationOf(mount),
      });
    }
    return { ok: true, mounts };
  }

  /** The disks that the container gets as they are; those of claims that are prepared. */
  devicesOf({ metadata }: Pod, container: Container): readonly Device[] {
    return (container.volumeDevices ?? []).flatMap(({ name, devicePath }) => {
      const found = this.claimed.find(metadata.uid, name);
      if (found === null) return [];
      const permissions = found.readOnly ? "r" : "mrw";
      return [{ containerPath: devicePath, hostPath: found.path, permissions }];
    });
  }

  /** Where a claimed volume is on the host; null: it is none, or not mounted. */
  claimFolder(uid: string, volume: string): string | null {
    return this.claimed.find(uid, volume)?.path ?? null;
  }

  /** Unmounts and deletes everything of the pod's folder. */
  async remove(uid: string): Promise<void> {
    this.claimed.forget(uid);
    await unmountBelow(this.paths.pod(uid));
    await this.images.release(uid);
    await rm(this.paths.pod(uid), { recursive: true, force: true });
  }

  /** Frees what a pod that has ended no longer needs, and keeps the rest of its folder. */
  async removeVolumes(uid: string): Promise<void> {
    this.claimed.forget(uid);
    await unmountBelow(this.paths.volumes(uid));
    await this.images.release(uid);
    await rm(this.paths.volumes(uid), { recursive: true, force: true });
  }

  /** Where the volume is on the host; null: it is not there. */
  private placeOf(pod: Pod, volume: Volume): MountedVolume | null {
    const { uid } = pod.metadata;
    if (ClaimedVolumes.isOne(volume)) return this.claimed.find(uid, volume.name);
    const path = volume.hostPath?.path ?? join(this.paths.volumes(uid), volume.name);
    return { path, readOnly: holdsApiFiles(volume) || volume.image !== undefined };
  }

  /** Null: it is there. */
  private async prepareOne(
    pod: Pod,
    volume: Volume,
    context: VolumeContext,
  ): Promise<string | null> {
    if (volume.hostPath !== undefined) return prepareHostPath(volume.hostPath);
    if (ClaimedVolumes.isOne(volume)) return this.claimed.prepare(pod, volume);
    // Pulled as the container's own image is, and mounted then.
    if (volume.image !== undefined) return null;
    const dir = join(this.paths.volumes(pod.metadata.uid), volume.name);
    if (volume.emptyDir !== undefined) {
      await this.prepareEmptyDir(pod, dir, volume.emptyDir);
      return null;
    }
    const result = await this.payloadOf(pod, volume, context);
    if (!result.ok) return result.message;
    await mkdir(dir, { recursive: true, mode: 0o755 });
    const groupId = pod.spec.securityContext?.fsGroup ?? null;
    await writeAtomically(dir, result.payload, { groupId });
    return null;
  }

  private async prepareEmptyDir(
    pod: Pod,
    dir: string,
    source: NonNullable<Volume["emptyDir"]>,
  ): Promise<void> {
    const group = pod.spec.securityContext?.fsGroup;
    const dress = async (path: string): Promise<void> => {
      if (group !== undefined) await chown(path, 0, group);
      await chmod(path, group === undefined ? 0o777 : 0o2777);
    };
    if (source.medium === "Memory") {
      await mkdir(dir, { recursive: true });
      if ((await mountsBelow(dir)).includes(dir)) return;
      await mountTmpfs(dir, source.sizeLimit === undefined ? null : wholeOf(source.sizeLimit));
      return dress(dir);
    }
    // Once it is there its owner and mode are the pod's: it appears with both set, or not at all.
    if (await exists(dir)) return;
    const fresh = `${dir}.new`;
    await mkdir(fresh, { recursive: true });
    await dress(fresh);
    await rename(fresh, dir);
  }

  private async payloadOf(
    pod: Pod,
    volume: Volume,
    context: VolumeContext,
  ): Promise<PayloadResult> {
    const namespace = pod.metadata.namespace ?? "";
    const { configMap, secret, downwardAPI, projected } = volume;
    if (configMap !== undefined) {
      const map = this.objects.configMap(namespace, configMap.name ?? "");
      return configMapPayload(map, configMap, namespace);
    }
    if (secret !== undefined) {
      const name = secret.secretName ?? "";
      return secretPayload(this.objects.secret(namespace, name), { ...secret, name }, namespace);
    }
    if (downwardAPI !== undefined) return downwardPayload(pod, downwardAPI, context);
    if (projected !== undefined) return this.projectedPayload(pod, projected, context);
    const { name: _name, ...sources } = volume;
    const kind = Object.keys(sources)[0] ?? "unknown";
    return { ok: false, message: `volumes of type ${kind} are not supported by this node` };
  }

  private async projectedPayload(
    pod: Pod,
    projected: NonNullable<Volume["projected"]>,
    context: VolumeContext,
  ): Promise<PayloadResult> {
    const namespace = pod.metadata.namespace ?? "";
    const { defaultMode } = projected;
    const all = new Map<string, { readonly content: Uint8Array; readonly mode: number }>();
    for (const source of projected.sources ?? []) {
      const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
      let result: PayloadResult;
      if (configMap !== undefined) {
        const map = this.objects.configMap(namespace, configMap.name ?? "");
        result = configMapPayload(map, { ...configMap, defaultMode }, namespace);
      } else if (secret !== undefined) {
        const found = this.objects.secret(namespace, secret.name ?? "");
        result = secretPayload(found, { ...secret, defaultMode }, namespace);
      } else if (downwardAPI !== undefined) {
        result = downwardPayload(pod, { ...downwardAPI, defaultMode }, context);
      } else if (serviceAccountToken !== undefined) {
        result = await this.tokenPayload(pod, serviceAccountToken, defaultMode);
      } else if (clusterTrustBundle !== undefined) {
        const bundles = this.objects.trustBundles();
        result = trustBundlePayload(bundles, clusterTrustBundle, defaultMode);
      } else {
        const kind = Object.keys(source)[0] ?? "unknown";
        return { ok: false, message: `projected source ${kind} is not supported by this node` };
      }
      if (!result.ok) return result;
      for (const [path, file] of result.payload) all.set(path, file);
    }
    const payload: Payload = all;
    return { ok: true, payload };
  }

  private async tokenPayload(
    pod: Pod,
    source: ServiceAccountTokenProjection,
    defaultMode: number | undefined,
  ): Promise<PayloadResult> {
    const { audience = "", expirationSeconds = 3_600, path } = source;
    // A group that owns the volume's files reads them: then nobody else has to.
    const mode = pod.spec.securityContext?.fsGroup === undefined ? defaultMode : 0o600;
    try {
      const token = await this.objects.token(pod, { audience, seconds: expirationSeconds });
      const file = { content: Buffer.from(token), mode: mode ?? DEFAULT_MODE };
      return { ok: true, payload: new Map([[path, file]]) };
    } catch (error) {
      if (!isApiError(error)) throw error;
      return { ok: false, message: `failed to fetch token: ${error.message}` };
    }
  }
}

/** Kubernetes mounts what the agent keeps up to date read-only, whatever the mount says. */
function holdsApiFiles({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return [configMap, secret, downwardAPI, projected].some((source) => source !== undefined);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
    return false;
  }
}

function propagationOf(mount: VolumeMount): NonNullable<Mount["propagation"]> {
  switch (mount.mountPropagation) {
    case "HostToContainer":
      return "PROPAGATION_HOST_TO_CONTAINER";
    case "Bidirectional":
      return "PROPAGATION_BIDIRECTIONAL";
    case undefined:
    default:
      return "PROPAGATION_PRIVATE";
  }
}
