import { BOUND_BY_CONTROLLER, PROVISIONED_BY } from "../../api/schema/storage/storage-names.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import { type BinderAction, Changes, type Note } from "./actions.js";

/**
 * What to do about a volume, in this order; as Kubernetes' pv_controller, syncVolume. `claim`: the
 * one that its claimRef names, as the server has it; undefined: it is gone, or another one has its
 * name.
 */
export function planVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): readonly BinderAction[] {
  const { claimRef } = volume.spec;
  const changes = new Changes();
  if (claimRef === undefined || (claimRef.uid ?? "") === "")
    return changes.volumePhase(volume, { phase: "Available" }).actions;
  if (claim === undefined) return planReleased(changes, volume).actions;
  const { volumeName = "" } = claim.spec;
  if (volumeName === volume.metadata.name)
    return changes.volumePhase(volume, { phase: "Bound" }).actions;
  // The claim's own turn: it takes the volume that is kept for it.
  if (volumeName === "") return planMisfit(changes, volume, claim).actions;
  const isSurplus =
    volume.metadata.annotations?.[PROVISIONED_BY] !== undefined &&
    volume.spec.persistentVolumeReclaimPolicy === "Delete";
  // Made for a claim that found another one meanwhile.
  if (isSurplus) return planReleased(changes, volume).actions;
  return changes.volume(unbound(volume)).actions;
}

/** A volume kept for a claim that cannot use it is said to be so. */
function planMisfit(
  changes: Changes,
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): Changes {
  const [has, wants] = [volume, claim].map(({ spec }) => spec.volumeMode ?? "Filesystem");
  if (has === wants) return changes;
  const [ours, theirs] = [volume, claim].map(({ metadata }) => JSON.stringify(metadata.name));
  const text = (name: string | undefined, other: string | undefined): string =>
    `Cannot bind PersistentVolume${name} to requested PersistentVolumeClaim${other} due to ` +
    "incompatible volumeMode.";
  const note = {
    type: "Warning",
    reason: "VolumeMismatch",
    message: text(` ${ours}`, ` ${theirs}`),
  };
  return changes.about(volume, note as Note).about(claim, note as Note);
}

/** The claim is gone: what the volume's policy says. */
function planReleased(changes: Changes, volume: PersistentVolume): Changes {
  const { phase } = volume.status ?? {};
  if (phase !== "Released" && phase !== "Failed")
    changes.volumePhase(volume, { phase: "Released" });
  if (volume.metadata.deletionTimestamp !== undefined) return changes;
  switch (volume.spec.persistentVolumeReclaimPolicy) {
    case "Recycle":
      return fail(changes, volume, {
        reason: "VolumeFailedRecycle",
        message: "No recycler plugin found for the volume!",
      });
    case "Delete":
      // Whoever made it takes it away.
      if (volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return changes;
      return fail(changes, volume, {
        reason: "VolumeFailedDelete",
        message:
          "error getting deleter volume plugin for volume " +
          `${JSON.stringify(volume.metadata.name)}: no volume plugin matched`,
      });
    default:
      return changes;
  }
}

function fail(
  changes: Changes,
  volume: PersistentVolume,
  { reason, message }: Omit<Note, "type">,
): Changes {
  const status = { phase: "Failed", reason, message };
  return changes.volumePhase(volume, status, { type: "Warning", reason, message });
}

/** Free again; one that a user kept for the claim stays kept for the next of that name. */
function unbound(volume: PersistentVolume): PersistentVolume {
  const { [BOUND_BY_CONTROLLER]: own, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec;
  const metadata = { ...volume.metadata, annotations };
  if (own !== undefined) return { ...volume, metadata, spec };
  const { uid: _uid, resourceVersion: _version, ...kept } = claimRef ?? {};
  return { ...volume, metadata, spec: { ...spec, claimRef: kept } };
}
