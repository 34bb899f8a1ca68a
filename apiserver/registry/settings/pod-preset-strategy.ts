import { type FieldError, required } from "../../../api/machinery/field-errors.js";
import type { PodPreset, PodPresetSpec } from "../../../api/schema/types/settings-v1alpha1.gen.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { DEFAULT_TABLE } from "../common/table-columns.js";
import { validateEnv, validateEnvFrom } from "../pod/env-validation.js";
import type { Strategy } from "../strategy.js";
import { validateVolumeMounts } from "../volume/volume-mount-validation.js";
import { validateVolumes } from "../volume/volume-validation.js";

/** PodPresets, by the rules that Kubernetes had up to 1.19. */
export const podPresetStrategy: Strategy<PodPreset> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (preset) => preset,
  prepareForUpdate: (preset) => preset,
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }) => validateSpec(spec),
  table: DEFAULT_TABLE,
};

function validateSpec(spec: PodPresetSpec): FieldError[] {
  const { selector, env = [], envFrom = [], volumes = [], volumeMounts = [] } = spec;
  const errors = validateLabelSelector(selector, "spec.selector");
  if ([env, envFrom, volumes, volumeMounts].every((list) => list.length === 0))
    errors.push(required("spec.volumes.env.envFrom.volumeMounts", "must specify at least one"));
  const { known, errors: volumeErrors } = validateVolumes(volumes, "spec.volumes", {
    podName: null,
  });
  errors.push(...volumeErrors);
  errors.push(...validateEnv(env, "spec.env", known));
  errors.push(...validateEnvFrom(envFrom, "spec.envFrom"));
  // Every container of a pod gets the mounts: they are checked as those of one.
  errors.push(...validateVolumeMounts({ name: "", volumeMounts }, "spec", known));
  return errors;
}
