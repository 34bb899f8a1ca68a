import {
  duplicate,
  type FieldError,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateQualifiedName } from "../../../api/machinery/names.js";
import type { CSINode, CSINodeDriver } from "../../../api/schema/types/storage-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach, notNegative } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateDriverName } from "./driver-name.js";

const PATH = "spec.drivers";
const NODE_ID_BYTES_MAX = 256;

const table: TableDefinition<CSINode> = {
  columns: [
    NAME_COLUMN,
    column("Drivers", "How many CSI drivers the node has.", "integer"),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec.drivers.length,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** CSINodes: a driver keeps what it registered with, but for how many volumes it can take. */
export const csiNodeStrategy: Strategy<CSINode> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (node) => node,
  prepareForUpdate: (node) => node,
  validate: validateNode,
  validateUpdate: (node, old) => [
    ...validateNode(node),
    ...node.spec.drivers.flatMap((driver) => {
      const before = old.spec.drivers.find(({ name }) => name === driver.name);
      if (before === undefined) return [];
      return validateImmutable(PATH, { value: registered(driver), old: registered(before) });
    }),
  ],
  table,
};

function registered({ allocatable: _limit, ...rest }: CSINodeDriver): object {
  return rest;
}

function validateNode({ spec }: CSINode): FieldError[] {
  const names = spec.drivers.map(({ name }) => name);
  return spec.drivers.flatMap((driver, index) => {
    const path = `${PATH}[${index}]`;
    const errors = validateNodeDriver(driver, path);
    if (names.indexOf(driver.name) < index) errors.push(duplicate(`${path}.name`, driver.name));
    return [...errors, ...validateTopologyKeys(driver.topologyKeys ?? [], path)];
  });
}

function validateNodeDriver({ name, nodeID, allocatable }: CSINodeDriver, path: string) {
  const errors = validateDriverName(name, `${path}.name`);
  if (nodeID === "") errors.push(required(`${path}.nodeID`));
  if (byteLength(nodeID) > NODE_ID_BYTES_MAX) {
    const text = `must be ${NODE_ID_BYTES_MAX} characters or less`;
    errors.push(invalid(`${path}.nodeID`, nodeID, text));
  }
  errors.push(...notNegative(`${path}.allocatable.count`, allocatable?.count));
  return errors;
}

/** The errors stand at the driver, as Kubernetes reports them. */
function validateTopologyKeys(keys: readonly string[], path: string): FieldError[] {
  return keys.flatMap((key, index) => {
    const errors: FieldError[] = key === "" ? [required(path)] : [];
    if (keys.indexOf(key) < index) errors.push(duplicate(path, key));
    return [...errors, ...invalidEach(path, key, validateQualifiedName(key))];
  });
}
