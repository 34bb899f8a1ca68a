import {
  type FieldError,
  forbidden,
  invalid,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateLabelValue } from "../../../api/machinery/names.js";
import type {
  CounterSet,
  Device,
  DeviceAttribute,
  DeviceTaint,
  ResourcePool,
  ResourceSliceSpec,
} from "../../../api/schema/types/resource-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabelKey } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateNodeSelector } from "../pod/affinity-validation.js";
import { validateDriverName } from "../storage/driver-name.js";
import { validateDeviceEffect } from "./device-claim-validation.js";
import { validateList } from "./device-lists.js";
import {
  validateLabelName,
  validatePoolName,
  validateQualifiedDeviceName,
} from "./device-names.js";

const DEVICES_MAX = 128;
const ADVANCED_DEVICES_MAX = 64;
const COUNTER_SETS_MAX = 8;
const CONSUMED_SETS_MAX = 2;
const COUNTERS_MAX = 32;
const ATTRIBUTES_MAX = 32;
const TAINTS_MAX = 16;
const VALUE_BYTES_MAX = 64;
/** https://semver.org, version 2.0.0. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/;

/** Checks the spec of a ResourceSlice. */
export function validateSliceSpec(spec: ResourceSliceSpec, path: string): FieldError[] {
  const errors = validateDriverName(spec.driver, `${path}.driver`);
  errors.push(...validatePool(spec.pool, `${path}.pool`));
  errors.push(...validateNodes(spec, path));
  const { devices = [], sharedCounters = [] } = spec;
  if (devices.length > 0 && sharedCounters.length > 0)
    errors.push(invalid(path, "", "only one of `sharedCounters` or `devices` is allowed"));
  const advanced = devices.some(
    ({ taints = [], consumesCounters = [] }) => taints.length + consumesCounters.length > 0,
  );
  errors.push(
    ...validateList(devices, {
      path: `${path}.devices`,
      countMax: advanced ? ADVANCED_DEVICES_MAX : DEVICES_MAX,
      check: (device, at) => validateDevice(device, at, spec.perDeviceNodeSelection === true),
      keyOf: ({ name }) => name,
    }),
    ...validateList(sharedCounters, {
      path: `${path}.sharedCounters`,
      countMax: COUNTER_SETS_MAX,
      check: validateCounterSet,
      keyOf: ({ name }) => name,
    }),
  );
  return errors;
}

function validatePool(pool: ResourcePool, path: string): FieldError[] {
  const errors = validatePoolName(pool.name, `${path}.name`);
  const { resourceSliceCount: count, generation } = pool;
  if (count <= 0)
    errors.push(invalid(`${path}.resourceSliceCount`, count, "must be greater than zero"));
  if (generation < 0) {
    const text = "must be greater than or equal to zero";
    errors.push(invalid(`${path}.generation`, generation, text));
  }
  return errors;
}

function validateNodes(spec: ResourceSliceSpec, path: string): FieldError[] {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const errors: FieldError[] = [];
  if (nodeName === "") {
    const text = "must be either unset or set to a non-empty string";
    errors.push(invalid(`${path}.nodeName`, nodeName, text));
  } else if (nodeName !== undefined) errors.push(...validateNodeName(nodeName, path));
  if (nodeSelector !== undefined) {
    const at = `${path}.nodeSelector`;
    errors.push(...validateNodeSelector(nodeSelector, at));
    const terms = nodeSelector.nodeSelectorTerms;
    const text = "must have exactly one node selector term";
    if (terms.length !== 1) errors.push(invalid(`${at}.nodeSelectorTerms`, terms, text));
  }
  for (const [field, value] of Object.entries({ allNodes, perDeviceNodeSelection }))
    if (value === false)
      errors.push(invalid(`${path}.${field}`, value, "must be either unset or set to true"));
  const set = setFields({
    nodeName: (nodeName ?? "") !== "",
    nodeSelector: nodeSelector !== undefined,
    allNodes: allNodes === true,
    perDeviceNodeSelection: perDeviceNodeSelection === true,
  });
  const text =
    "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
  if (set.length === 0) errors.push(required(path, text));
  if (set.length > 1) {
    const value = `{${set.join(", ")}}`;
    errors.push(invalid(path, value, `${text}, but multiple fields are set`));
  }
  return errors;
}

function validateNodeName(name: string, path: string): FieldError[] {
  return invalidEach(`${path}.nodeName`, name, nameIsDnsSubdomain(name, false));
}

function setFields(fields: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(fields)
    .filter(([, isSet]) => isSet)
    .map(([field]) => `\`${field}\``);
}

function validateDevice(device: Device, path: string, ownNodes: boolean): FieldError[] {
  const { attributes = {}, capacity = {} } = device;
  const errors = validateLabelName(device.name, `${path}.name`);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > ATTRIBUTES_MAX) {
    const text = `the total number of attributes and capacities must not exceed ${ATTRIBUTES_MAX}`;
    errors.push(invalid(path, count, text));
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    errors.push(...validateQualifiedDeviceName(name, `${path}.attributes`));
    errors.push(...validateAttribute(attribute, `${path}.attributes[${name}]`));
  }
  for (const [name, { requestPolicy }] of Object.entries(capacity)) {
    errors.push(...validateQualifiedDeviceName(name, `${path}.capacity`));
    const at = `${path}.capacity[${name}].requestPolicy`;
    if (requestPolicy !== undefined && device.allowMultipleAllocations !== true)
      errors.push(forbidden(at, "allowMultipleAllocations must be true"));
  }
  errors.push(
    ...validateList(device.taints ?? [], {
      path: `${path}.taints`,
      countMax: TAINTS_MAX,
      check: validateTaint,
    }),
    ...validateList(device.consumesCounters ?? [], {
      path: `${path}.consumesCounters`,
      countMax: CONSUMED_SETS_MAX,
      check: ({ counterSet, counters }, at) => [
        ...(counterSet === ""
          ? [required(`${at}.counterSet`)]
          : validateLabelName(counterSet, `${at}.counterSet`)),
        ...validateCounters(counters, `${at}.counters`),
      ],
      keyOf: ({ counterSet }) => counterSet,
    }),
  );
  return [...errors, ...validateDeviceNodes(device, path, ownNodes)];
}

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { string, version, strings = [], versions = [] } = attribute;
  const texts = [
    ...(string === undefined ? [] : [[`${path}.string`, string] as const]),
    ...strings.map((value, index) => [`${path}.strings[${index}]`, value] as const),
  ];
  for (const [at, value] of texts)
    if (byteLength(value) > VALUE_BYTES_MAX) errors.push(tooLong(at, VALUE_BYTES_MAX));
  const numbered = [
    ...(version === undefined ? [] : [[`${path}.version`, version] as const]),
    ...versions.map((value, index) => [`${path}.versions[${index}]`, value] as const),
  ];
  for (const [at, value] of numbered) {
    if (!SEMVER.test(value))
      errors.push(invalid(at, value, "must be a string compatible with semver.org spec 2.0.0"));
    if (byteLength(value) > VALUE_BYTES_MAX) errors.push(tooLong(at, VALUE_BYTES_MAX));
  }
  const count = Object.keys(attribute).length;
  if (count === 1) return errors;
  const value = count === 0 ? "" : attribute;
  return [...errors, invalid(path, value, "exactly one value must be specified")];
}

function validateTaint({ key, value = "", effect }: DeviceTaint, path: string): FieldError[] {
  return [
    ...validateLabelKey(key, `${path}.key`),
    ...invalidEach(`${path}.value`, value, validateLabelValue(value)),
    ...(effect === ""
      ? [required(`${path}.effect`)]
      : validateDeviceEffect(effect, `${path}.effect`)),
  ];
}

function validateCounterSet({ name, counters }: CounterSet, path: string): FieldError[] {
  const errors = name === "" ? [required(`${path}.name`)] : validateLabelName(name, `${path}.name`);
  return [...errors, ...validateCounters(counters, `${path}.counters`)];
}

function validateCounters(counters: CounterSet["counters"], path: string): FieldError[] {
  const names = Object.keys(counters);
  if (names.length === 0) return [required(path)];
  return validateList(names, {
    path,
    countMax: COUNTERS_MAX,
    check: (name) => validateLabelName(name, path),
  });
}

function validateDeviceNodes(device: Device, path: string, ownNodes: boolean): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!ownNodes) {
    if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return [];
    const text =
      "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is " +
      "set to true in the ResourceSlice spec";
    return [invalid(path, null, text)];
  }
  const errors: FieldError[] = [];
  if (nodeName === "") errors.push(invalid(`${path}.nodeName`, nodeName, "must not be empty"));
  else if (nodeName !== undefined) errors.push(...validateNodeName(nodeName, path));
  if (nodeSelector !== undefined)
    errors.push(...validateNodeSelector(nodeSelector, `${path}.nodeSelector`));
  if (allNodes === false)
    errors.push(invalid(`${path}.allNodes`, false, "must be either unset or set to true"));
  const set = setFields({
    nodeName: (nodeName ?? "") !== "",
    nodeSelector: nodeSelector !== undefined,
    allNodes: allNodes === true,
  });
  if (set.length === 1) return errors;
  const text =
    "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when " +
    "`perDeviceNodeSelection` is set to true in the ResourceSlice spec";
  if (set.length === 0) return [...errors, required(path, text)];
  return [...errors, invalid(path, `{${set.join(", ")}}`, text)];
}
