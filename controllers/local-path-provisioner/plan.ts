import { classNameOf, waitsForConsumer } from "../../api/schema/storage/storage-class.js";
import {
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_PROVISIONER,
  LOCAL_VOLUMES_FOLDER,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../../api/schema/storage/storage-names.js";
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";

/** What to do about a claim. */
export type ProvisionPlan =
  | { readonly action: "none" }
  | { readonly action: "create"; readonly volume: NewObject<PersistentVolume> }
  /** Nothing can be made there: the scheduler chooses another node. */
  | { readonly action: "giveBack" }
  | { readonly action: "fail"; readonly message: string };

const HOST = "kubernetes.io/hostname";
/** What one folder of one node can be. */
const MODES: readonly string[] = ["ReadWriteOnce", "ReadWriteOncePod"];

/** Pure. `node`: the one that was chosen for the claim; undefined: there is none of that name. */
export function planProvision(
  claim: PersistentVolumeClaim,
  {
    storageClass,
    node,
  }: { readonly storageClass: StorageClass | undefined; readonly node: Node | undefined },
): ProvisionPlan {
  const { annotations = {}, deletionTimestamp } = claim.metadata;
  const isOurs =
    annotations[STORAGE_PROVISIONER] === LOCAL_PATH_PROVISIONER &&
    storageClass?.provisioner === LOCAL_PATH_PROVISIONER;
  if (!isOurs || deletionTimestamp !== undefined || (claim.spec.volumeName ?? "") !== "")
    return { action: "none" };
  if (annotations[SELECTED_NODE] === undefined) {
    if (waitsForConsumer(storageClass)) return { action: "none" };
    return fail("no node was specified: volumeBindingMode must be WaitForFirstConsumer");
  }
  const refusal = refusalOf(claim);
  if (refusal !== null) return fail(refusal);
  if (node === undefined) return { action: "giveBack" };
  const folder = node.metadata.annotations?.[LOCAL_VOLUMES_FOLDER] ?? "";
  const host = node.metadata.labels?.[HOST] ?? "";
  if (folder === "" || host === "")
    return fail(`node ${node.metadata.name} does not say where it keeps local volumes`);
  return { action: "create", volume: volumeFor(claim, { storageClass, folder, host }) };
}

function fail(message: string): ProvisionPlan {
  return { action: "fail", message };
}

function refusalOf({ spec }: PersistentVolumeClaim): string | null {
  if (spec.selector !== undefined) return "claim.Spec.Selector is not supported";
  if (spec.volumeMode === "Block") return "volumeMode Block is not supported";
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined || dataSourceRef !== undefined)
    return "volumes are not filled from a data source";
  const others = (spec.accessModes ?? []).filter((mode) => !MODES.includes(mode));
  return others.length === 0
    ? null
    : `only ReadWriteOnce and ReadWriteOncePod are supported, not ${others.join(", ")}`;
}

function volumeFor(
  claim: PersistentVolumeClaim,
  { storageClass, folder, host }: { storageClass: StorageClass; folder: string; host: string },
): NewObject<PersistentVolume> {
  const { apiVersion, kind, metadata, spec } = claim;
  const { name: claimName, namespace = "", uid, resourceVersion } = metadata;
  const name = `pvc-${uid}`;
  const here = { key: HOST, operator: "In", values: [host] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name,
      annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER },
      finalizers: [LOCAL_PATH_FINALIZER],
    },
    spec: {
      accessModes: spec.accessModes ?? [],
      capacity: { storage: spec.resources?.requests?.["storage"] ?? "0" },
      claimRef: { apiVersion, kind, name: claimName, namespace, uid, resourceVersion },
      local: { path: `${folder}/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      storageClassName: classNameOf(claim),
      volumeMode: "Filesystem",
    },
  };
}

/** One step of taking a volume away. */
export type ReclaimStep =
  | { readonly step: "removeFolder"; readonly host: string }
  | { readonly step: "delete" }
  | { readonly step: "dropFinalizer" };

/**
 * What to do about a volume, in this order; nothing for one that is in use, or is kept. Its folder
 * goes first: as long as the object is there, somebody knows of it.
 */
export function planReclaim({ metadata, spec, status }: PersistentVolume): readonly ReclaimStep[] {
  if (metadata.annotations?.[PROVISIONED_BY] !== LOCAL_PATH_PROVISIONER) return [];
  const isGoing = metadata.deletionTimestamp !== undefined;
  const isFree = status?.phase === "Released" || (isGoing && status?.phase !== "Bound");
  if (!isFree) return [];
  const keepsData = spec.persistentVolumeReclaimPolicy !== "Delete";
  if (keepsData && !isGoing) return [];
  const hasFinalizer = (metadata.finalizers ?? []).includes(LOCAL_PATH_FINALIZER);
  const steps: ReclaimStep[] = [];
  if (!keepsData && (hasFinalizer || !isGoing))
    steps.push({ step: "removeFolder", host: hostOf(spec) });
  if (!isGoing) steps.push({ step: "delete" });
  if (hasFinalizer) steps.push({ step: "dropFinalizer" });
  return steps;
}

/** The host whose folder it is; "" when the volume does not say. */
function hostOf({ nodeAffinity }: PersistentVolume["spec"]): string {
  const terms = nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const here = terms[0]?.matchExpressions?.find(({ key }) => key === HOST);
  return here?.values?.[0] ?? "";
}

/** Name of the index of nodes by the label that names their host. */
export const BY_HOST = "host";
/** Files nodes under it. */
export const byHost = ({ metadata }: Node): readonly string[] => {
  const host = metadata.labels?.[HOST];
  return host === undefined ? [] : [host];
};
