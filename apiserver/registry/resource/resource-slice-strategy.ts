import type { ResourceSlice } from "../../../api/schema/types/resource-v1.gen.js";
import { ageOf } from "../common/age.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { specChanged, withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateSliceSpec } from "./resource-slice-validation.js";

const table: TableDefinition<ResourceSlice> = {
  columns: [
    NAME_COLUMN,
    column("Node", "The node that has the devices."),
    column("Driver", "The driver of the devices."),
    column("Pool", "The pool that the slice is part of."),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec.nodeName ?? "",
    spec.driver,
    spec.pool.name,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** ResourceSlices: whose devices they are, and where, never changes. */
export const resourceSliceStrategy: Strategy<ResourceSlice> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (slice, { now }) => withFirstGeneration(withTaintTimes(slice, now)),
  prepareForUpdate: (slice, old, _subresource, { now }) => {
    const next = withTaintTimes(slice, now);
    return withNextGeneration(next, old, specChanged(next, old));
  },
  validate: ({ spec }) => validateSliceSpec(spec, "spec"),
  validateUpdate: ({ spec }, old) => [
    ...validateSliceSpec(spec, "spec"),
    ...validateImmutable("spec.pool.name", { value: spec.pool.name, old: old.spec.pool.name }),
    ...validateImmutable("spec.driver", { value: spec.driver, old: old.spec.driver }),
    ...validateImmutable("spec.nodeName", { value: spec.nodeName, old: old.spec.nodeName }),
  ],
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.driver": ({ spec }) => spec.driver,
  },
  table,
};

/** Says of every taint when it was added, as far as nobody did. */
function withTaintTimes(slice: ResourceSlice, now: string): ResourceSlice {
  const { devices = [] } = slice.spec;
  if (devices.every(({ taints = [] }) => taints.length === 0)) return slice;
  const timed = devices.map((device) => {
    if (device.taints === undefined) return device;
    return { ...device, taints: device.taints.map((taint) => ({ timeAdded: now, ...taint })) };
  });
  return { ...slice, spec: { ...slice.spec, devices: timed } };
}
