import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeStatus,
} from "../../api/schema/types/core-v1.gen.js";
import { sameJson } from "../common/same-json.js";

/** What is told of a claim or a volume. */
export interface Note {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/**
 * One step of the binder. Objects carry what they shall become; the version that a write goes by is
 * that of the last write to the same object in the same plan.
 */
export type BinderAction =
  | ({ readonly action: "tell"; readonly about: PersistentVolume | PersistentVolumeClaim } & Note)
  | { readonly action: "updateVolume"; readonly volume: PersistentVolume }
  | { readonly action: "updateVolumeStatus"; readonly volume: PersistentVolume }
  | { readonly action: "updateClaim"; readonly claim: PersistentVolumeClaim }
  | { readonly action: "updateClaimStatus"; readonly claim: PersistentVolumeClaim };

/** Collects the steps of a plan; a step that changes nothing is left out. */
export class Changes {
  readonly actions: BinderAction[] = [];

  about(about: PersistentVolume | PersistentVolumeClaim, note: Note): this {
    this.actions.push({ action: "tell", about, ...note });
    return this;
  }

  volume(volume: PersistentVolume): this {
    this.actions.push({ action: "updateVolume", volume });
    return this;
  }

  /** `note` is told when the phase is news. */
  volumePhase(volume: PersistentVolume, status: PersistentVolumeStatus, note?: Note): this {
    const { phase, reason = "", message = "" } = volume.status ?? {};
    const same =
      phase === status.phase &&
      reason === (status.reason ?? "") &&
      message === (status.message ?? "");
    if (same) return this;
    this.actions.push({ action: "updateVolumeStatus", volume: { ...volume, status } });
    return note === undefined ? this : this.about(volume, note);
  }

  claim(claim: PersistentVolumeClaim): this {
    this.actions.push({ action: "updateClaim", claim });
    return this;
  }

  /** The claim has no volume (any more). `note` is told when the phase is news. */
  claimWithout(claim: PersistentVolumeClaim, phase: "Pending" | "Lost", note?: Note): this {
    const { accessModes: _modes, capacity: _capacity, ...rest } = claim.status ?? {};
    const status = { ...rest, phase };
    if (sameJson(status, claim.status)) return this;
    const isNews = claim.status?.phase !== phase;
    this.actions.push({ action: "updateClaimStatus", claim: { ...claim, status } });
    return note === undefined || !isNews ? this : this.about(claim, note);
  }

  /** The claim has what the volume has; a claim that was bound before grows by other means. */
  claimBound(claim: PersistentVolumeClaim, { spec }: PersistentVolume): this {
    const isNews = claim.status?.phase !== "Bound";
    const { accessModes = [], capacity } = spec;
    const size = isNews && capacity !== undefined ? { capacity } : {};
    const status = { ...claim.status, phase: "Bound", accessModes, ...size };
    if (!sameJson(status, claim.status))
      this.actions.push({ action: "updateClaimStatus", claim: { ...claim, status } });
    return this;
  }
}

/** The object with these annotations besides its own. */
export function withAnnotations<T extends PersistentVolume | PersistentVolumeClaim>(
  object: T,
  added: Readonly<Record<string, string>>,
): T {
  const annotations = { ...object.metadata.annotations, ...added };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
