import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodPreset } from "../../api/schema/types/settings-v1alpha1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";
import { presetsOf, withPresets } from "./pod-presets.js";
import type { ServerEvent } from "./server-event.js";

const POD_PRESETS = { group: "settings.k8s.io", resource: "podpresets" };

/** What the plugin works with. */
export interface PodPresetDeps {
  readonly cache: WatchCache;
  /** Writes an Event; comes back at once. */
  readonly record: (event: ServerEvent) => void;
}

/**
 * Gives a new pod the variables and volumes of the PodPresets that select it. Where these are in
 * conflict with it or each other the pod stays as it is, and an Event says why.
 */
export class PodPresetAdmission implements AdmissionPlugin {
  readonly name = "PodPreset";
  private readonly deps: PodPresetDeps;

  constructor(deps: PodPresetDeps) {
    this.deps = deps;
  }

  mutate(object: KubernetesObject, attributes: AdmissionAttributes): KubernetesObject {
    const presets = this.presetsFor(object, attributes);
    if (presets.length === 0) return object;
    return withPresets(object as Pod, presets).pod ?? object;
  }

  /** Says what went wrong, now that the pod will be. One that got its presets agrees with them. */
  validate(attributes: AdmissionAttributes): void {
    const { object, dryRun } = attributes;
    const presets = dryRun ? [] : this.presetsFor(object, attributes);
    if (object === null || presets.length === 0) return;
    const { conflicts } = withPresets(object as Pod, presets);
    if (conflicts === null) return;
    const names = presets.map(({ metadata }) => metadata.name).join(",");
    const message =
      `conflict occurred while applying podpresets: ${names} on pod: ${object.metadata.name} ` +
      `err: ${conflicts.join(", ")}`;
    const [component, reason] = ["podpreset", "PodPresetConflict"];
    this.deps.record({ about: object, component, reason, message });
  }

  private presetsFor(
    object: KubernetesObject | null,
    { kind, operation, subresource, namespace }: AdmissionAttributes,
  ): readonly PodPreset[] {
    if (object === null || kind.kind !== "Pod" || kind.group !== "") return [];
    if (operation !== "CREATE" || subresource !== "") return [];
    const cached = this.deps.cache.of(POD_PRESETS).list({ namespace, indexed: null });
    const presets = cached.map(({ value }) => JSON.parse(value.toString()) as PodPreset);
    return presetsOf(object as Pod, presets);
  }
}
