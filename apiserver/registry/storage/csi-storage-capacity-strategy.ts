import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import type { CSIStorageCapacity } from "../../../api/schema/types/storage-v1.gen.js";
import { compareAmounts, showAmount } from "../common/amounts.js";
import { invalidEach, NOT_NEGATIVE } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const table: TableDefinition<CSIStorageCapacity> = {
  columns: [
    NAME_COLUMN,
    column("StorageClassName", "The class that the space is for."),
    column("Capacity", "The free space."),
  ],
  cells: ({ metadata, storageClassName, capacity }) => [
    metadata.name,
    storageClassName,
    capacity === undefined ? "<unset>" : showAmount(capacity),
  ],
};

/** CSIStorageCapacities: for what and where the space is never changes, only how much. */
export const csiStorageCapacityStrategy: Strategy<CSIStorageCapacity> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (capacity) => capacity,
  prepareForUpdate: (capacity) => capacity,
  validate: validateCapacity,
  validateUpdate: (capacity, old) => [
    ...validateImmutable("nodeTopology", {
      value: capacity.nodeTopology,
      old: old.nodeTopology,
    }),
    ...validateImmutable("storageClassName", {
      value: capacity.storageClassName,
      old: old.storageClassName,
    }),
  ],
  table,
};

function validateCapacity({ nodeTopology, storageClassName, capacity }: CSIStorageCapacity) {
  const errors: FieldError[] = [
    ...validateLabelSelector(nodeTopology, "nodeTopology"),
    ...invalidEach(
      "storageClassName",
      storageClassName,
      nameIsDnsSubdomain(storageClassName, false),
    ),
  ];
  if (capacity !== undefined && compareAmounts(capacity, "0") < 0)
    errors.push(invalid("capacity", showAmount(capacity), NOT_NEGATIVE));
  return errors;
}
