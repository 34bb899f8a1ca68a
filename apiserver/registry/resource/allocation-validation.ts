import {
  type FieldError,
  forbidden,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  ResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
} from "../../../api/schema/types/resource-v1.gen.js";
import { validateImmutable } from "../common/immutable.js";
import { validateNodeSelector } from "../pod/affinity-validation.js";
import { validateDriverName } from "../storage/driver-name.js";
import {
  CONFIGS_MAX,
  requestNamesOf,
  validateConfig,
  validateRequestReference,
  validateToleration,
} from "./device-claim-validation.js";
import { validateList } from "./device-lists.js";
import { validateLabelName, validatePoolName } from "./device-names.js";

const RESULTS_MAX = 32;
const CONSUMERS_MAX = 256;
const SOURCES: readonly string[] = ["FromClaim", "FromClass"];

/** Checks the status of a claim: what was allocated stays, and only what is, can be reserved. */
export function validateClaimStatus(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const { status = {}, spec, metadata } = claim;
  const errors = validateList(status.reservedFor ?? [], {
    path: "status.reservedFor",
    countMax: CONSUMERS_MAX,
    check: validateConsumer,
    keyOf: ({ uid }) => uid,
  });
  errors.push(...validateDevices(status));
  errors.push(...validateReservation(status, old.status ?? {}, isSet(metadata.deletionTimestamp)));
  const path = "status.allocation";
  const before = old.status?.allocation;
  const { allocation } = status;
  if (allocation === undefined) return errors;
  if (before !== undefined)
    return [...errors, ...validateImmutable(path, { value: allocation, old: before })];
  return [...errors, ...validateAllocation(allocation, path, requestNamesOf(spec.devices ?? {}))];
}

function isSet(time: string | null | undefined): boolean {
  return time !== undefined && time !== null;
}

function validateReservation(
  { reservedFor = [], allocation }: ResourceClaimStatus,
  old: ResourceClaimStatus,
  deleted: boolean,
): FieldError[] {
  const path = "status.reservedFor";
  if (reservedFor.length === 0) return [];
  if (allocation === undefined)
    return [forbidden(path, "may not be specified when `allocated` is not set")];
  const before = new Set((old.reservedFor ?? []).map(({ uid }) => uid));
  if (!deleted || reservedFor.every(({ uid }) => before.has(uid))) return [];
  const text =
    "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
  return [forbidden(path, text)];
}

function validateConsumer({ resource, name, uid }: ResourceClaimConsumerReference, path: string) {
  return Object.entries({ resource, name, uid })
    .filter(([, value]) => value === "")
    .map(([field]) => required(`${path}.${field}`));
}

function deviceKey(device: Pick<AllocatedDeviceStatus, "driver" | "pool" | "device" | "shareID">) {
  const { driver, pool, device: name, shareID } = device;
  return [driver, pool, name, ...(shareID === undefined ? [] : [shareID])].join("/");
}

function validateDevices({ devices = [], allocation }: ResourceClaimStatus): FieldError[] {
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceKey));
  return validateList(devices, {
    path: "status.devices",
    countMax: Number.MAX_SAFE_INTEGER,
    check: (device, path) => {
      const errors = [
        ...validateDriverName(device.driver, `${path}.driver`),
        ...validatePoolName(device.pool, `${path}.pool`),
        ...validateLabelName(device.device, `${path}.device`),
      ];
      if (allocated.has(deviceKey(device))) return errors;
      return [...errors, forbidden(path, "must be an allocated device in the claim")];
    },
    keyOf: deviceKey,
  });
}

function validateAllocation(
  { devices = {}, nodeSelector }: AllocationResult,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors = [
    ...validateList(devices.results ?? [], {
      path: `${path}.devices.results`,
      countMax: RESULTS_MAX,
      check: (result, at) => validateResult(result, at, names),
    }),
    ...validateList(devices.config ?? [], {
      path: `${path}.devices.config`,
      countMax: 2 * CONFIGS_MAX,
      check: (config, at) => [
        ...validateSource(config.source, `${at}.source`),
        ...validateConfig(config, at, names),
      ],
    }),
  ];
  if (nodeSelector === undefined) return errors;
  return [...errors, ...validateNodeSelector(nodeSelector, `${path}.nodeSelector`)];
}

function validateSource(source: string, path: string): FieldError[] {
  if (source === "") return [required(path)];
  return SOURCES.includes(source) ? [] : [notSupported(path, source, SOURCES)];
}

function validateResult(
  result: DeviceRequestAllocationResult,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  return [
    ...validateRequestReference(result.request, `${path}.request`, names),
    ...validateDriverName(result.driver, `${path}.driver`),
    ...validatePoolName(result.pool, `${path}.pool`),
    ...validateLabelName(result.device, `${path}.device`),
    ...(result.tolerations ?? []).flatMap((toleration, index) =>
      validateToleration(toleration, `${path}.tolerations[${index}]`),
    ),
  ];
}
