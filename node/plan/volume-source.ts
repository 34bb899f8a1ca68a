import { isMadeFor, notMadeFor, type PodClaim } from "../../api/schema/storage/pod-claims.js";
import { isReachable } from "../../api/schema/storage/volume-matching.js";
import type {
  HostPathVolumeSource,
  NFSVolumeSource,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";

/** Where a volume's files are, for the agent to make them reachable. */
export type VolumeSource =
  | { readonly type: "hostPath"; readonly source: HostPathVolumeSource; readonly readOnly: boolean }
  | {
      readonly type: "local";
      readonly path: string;
      /** It is a folder of the agent's own, made when it is not there. */
      readonly own: boolean;
      readonly readOnly: boolean;
    }
  | {
      readonly type: "nfs";
      readonly source: NFSVolumeSource;
      readonly mountOptions: readonly string[];
      readonly readOnly: boolean;
    }
  /** A disk as it is, without a file system (volumeMode Block). */
  | { readonly type: "device"; readonly path: string; readonly readOnly: boolean };

/** The source, or why there is none: the sentence for the FailedMount event. */
export type SourceResult =
  | { readonly ok: true; readonly source: VolumeSource }
  | { readonly ok: false; readonly message: string };

/** What the agent knows when a pod's claim is looked at. */
export interface ClaimFacts {
  /** Null: the server has none. */
  readonly claim: PersistentVolumeClaim | null;
  /** The volume that the claim names; null: there is none. */
  readonly volume: PersistentVolume | null;
  /** The agent's own Node; undefined: not known yet. */
  readonly node: Node | undefined;
  /** The folder of the agent's own volumes. */
  readonly localVolumesDir: string;
}

/** What a claim of the pod stands for. Pure; rules and words are the kubelet's. */
export function claimedSource(
  pod: Pod,
  { claimName, ephemeral, volume: mounted }: PodClaim,
  facts: ClaimFacts,
): SourceResult {
  const { claim, volume, node } = facts;
  const about = `error processing PVC ${pod.metadata.namespace ?? ""}/${claimName}: `;
  if (claim === null) {
    const what = `persistentvolumeclaims ${JSON.stringify(claimName)} not found`;
    return refusal(`${about}failed to fetch PVC from API server: ${what}`);
  }
  if (ephemeral && !isMadeFor(claim, pod)) return refusal(about + notMadeFor(claimName, pod));
  // A pod that runs keeps what it has; none is started on what may be gone any moment.
  const isGoing = claim.metadata.deletionTimestamp !== undefined;
  if (isGoing && pod.status?.phase !== "Running") return refusal(`${about}PVC is being deleted`);
  const { volumeName = "" } = claim.spec;
  if (claim.status?.phase !== "Bound" || volumeName === "")
    return refusal(`${about}PVC is not bound`);
  if (volume === null)
    return refusal(
      `${about}failed to fetch PV ${JSON.stringify(volumeName)} from API server: not found`,
    );
  if (volume.spec.claimRef?.uid !== claim.metadata.uid)
    return refusal(`${about}PV ${JSON.stringify(volumeName)} is bound to another claim`);
  const misuse = modeMismatch(pod, mounted.name, volume.spec.volumeMode ?? "Filesystem");
  if (misuse !== null) return refusal(misuse);
  if (node === undefined) return refusal("the Node object is not known yet");
  if (!isReachable(volume, node))
    return refusal("no matching NodeSelectorTerms: the volume is not reachable from this node");
  const readOnly = mounted.persistentVolumeClaim?.readOnly === true;
  return sourceOf(volume, { readOnly, localVolumesDir: facts.localVolumesDir });
}

/** A disk is named in volumeDevices, files in volumeMounts; null: so it is. */
function modeMismatch({ spec }: Pod, volume: string, mode: string): string | null {
  const wrong = mode === "Block" ? "volumeMounts" : "volumeDevices";
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const isWrong = containers.some((it) => (it[wrong] ?? []).some(({ name }) => name === volume));
  return isWrong ? `volume ${volume} has volumeMode ${mode}, but is specified in ${wrong}` : null;
}

function sourceOf(
  { spec }: PersistentVolume,
  { readOnly, localVolumesDir }: { readonly readOnly: boolean; readonly localVolumesDir: string },
): SourceResult {
  const { hostPath, local, nfs, mountOptions = [], volumeMode } = spec;
  if (volumeMode === "Block")
    return local === undefined
      ? refusal("volumes of mode Block are supported by this node for the type local alone")
      : found({ type: "device", path: local.path, readOnly });
  if (hostPath !== undefined) return found({ type: "hostPath", source: hostPath, readOnly });
  if (local !== undefined) {
    const own = isOwnFolder(local.path, localVolumesDir);
    return found({ type: "local", path: local.path, own, readOnly });
  }
  if (nfs !== undefined) return found(nfsSource(nfs, { mountOptions, readOnly }));
  const known = ["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity"];
  const kind = Object.keys(spec).find(
    (field) => !known.includes(field) && typeof spec[field as keyof typeof spec] === "object",
  );
  return refusal(`volumes of type ${kind ?? "unknown"} are not supported by this node`);
}

/** True for a folder directly below the agent's folder of volumes. */
export function isOwnFolder(path: string, localVolumesDir: string): boolean {
  if (!path.startsWith(`${localVolumesDir}/`)) return false;
  return isFolderName(path.slice(localVolumesDir.length + 1));
}

/** True for a name that can be no path to anywhere else. */
export function isFolderName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,252}$/u.test(name);
}

/** An NFS volume. */
export function nfsSource(
  source: NFSVolumeSource,
  options: { readonly mountOptions: readonly string[]; readonly readOnly: boolean },
): Extract<VolumeSource, { type: "nfs" }> {
  return {
    type: "nfs",
    source,
    ...options,
    readOnly: options.readOnly || source.readOnly === true,
  };
}

/** What mount(8) is called with for an NFS export (nfs(5)). */
export function nfsMountArguments(
  { source, mountOptions, readOnly }: Extract<VolumeSource, { type: "nfs" }>,
  dir: string,
): readonly string[] {
  const options = readOnly ? ["ro", ...mountOptions] : mountOptions;
  const chosen = options.length === 0 ? [] : ["-o", options.join(",")];
  const { server, path } = source;
  // An IPv6 address is told from the path by brackets.
  const host = server.includes(":") && !server.startsWith("[") ? `[${server}]` : server;
  return ["-t", "nfs", ...chosen, `${host}:${path}`, dir];
}

function found(source: VolumeSource): SourceResult {
  return { ok: true, source };
}

function refusal(message: string): SourceResult {
  return { ok: false, message };
}
