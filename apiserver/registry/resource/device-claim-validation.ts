import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
} from "../../../api/schema/types/resource-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabelKey } from "../common/label-validation.js";
import { validateDriverName } from "../storage/driver-name.js";
import { validateList } from "./device-lists.js";
import { validateFullDeviceName, validateLabelName } from "./device-names.js";

const REQUESTS_MAX = 32;
const CONSTRAINTS_MAX = 32;
export const CONFIGS_MAX = 32;
const SELECTORS_MAX = 32;
const ALTERNATIVES_MAX = 8;
const TOLERATIONS_MAX = 16;
const EXPRESSION_BYTES_MAX = 10 * 1024;
const PARAMETERS_BYTES_MAX = 10 * 1024;
const MODES: readonly string[] = ["All", "ExactCount"];
const EFFECTS: readonly string[] = ["NoExecute", "NoSchedule", "None"];
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest " +
  "separated by '/'";

/** Checks what a claim, or a template of claims, asks for. */
export function validateDeviceClaim(claim: DeviceClaim, path: string): FieldError[] {
  const names = requestNamesOf(claim);
  return [
    ...validateList(claim.requests ?? [], {
      path: `${path}.requests`,
      countMax: REQUESTS_MAX,
      check: validateRequest,
      keyOf: ({ name }) => name,
    }),
    ...validateList(claim.constraints ?? [], {
      path: `${path}.constraints`,
      countMax: CONSTRAINTS_MAX,
      check: (constraint, at) => validateConstraint(constraint, at, names),
    }),
    ...validateList(claim.config ?? [], {
      path: `${path}.config`,
      countMax: CONFIGS_MAX,
      check: (config, at) => validateConfig(config, at, names),
    }),
  ];
}

/** The names by which parts of a claim refer to requests: `request` or `request/alternative`. */
export function requestNamesOf({ requests = [] }: DeviceClaim): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  );
}

/** Checks a reference to a request of the claim. */
export function validateRequestReference(
  name: string,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const segments = name.split("/");
  if (segments.length > 2) return [invalid(path, name, NO_REQUEST)];
  const errors = segments.flatMap((segment) => validateLabelName(segment, path));
  return names.has(name) ? errors : [...errors, invalid(path, name, NO_REQUEST)];
}

function validateRequest(request: DeviceRequest, path: string): FieldError[] {
  const { name, exactly, firstAvailable = [] } = request;
  const errors = validateLabelName(name, `${path}.name`);
  const text = "exactly one of `exactly` or `firstAvailable` is required";
  if (exactly === undefined && firstAvailable.length === 0)
    return [...errors, required(path, text)];
  if (exactly !== undefined && firstAvailable.length > 0)
    return [...errors, invalid(path, null, `${text}, but multiple fields are set`)];
  if (exactly !== undefined) return [...errors, ...validateExact(exactly, `${path}.exactly`)];
  return [
    ...errors,
    ...validateList(firstAvailable, {
      path: `${path}.firstAvailable`,
      countMax: ALTERNATIVES_MAX,
      check: (alternative, at) => [
        ...validateLabelName(alternative.name, `${at}.name`),
        ...validateExact(alternative, at),
      ],
      keyOf: (alternative) => alternative.name,
    }),
  ];
}

function validateExact(
  request: Omit<ExactDeviceRequest, "adminAccess">,
  path: string,
): FieldError[] {
  const { deviceClassName: name, allocationMode: mode = "", count = 0 } = request;
  const errors: FieldError[] =
    name === ""
      ? [required(`${path}.deviceClassName`)]
      : invalidEach(`${path}.deviceClassName`, name, validateDns1123Subdomain(name));
  errors.push(...validateSelectors(request.selectors ?? [], `${path}.selectors`));
  if (mode === "All" && count !== 0) {
    const text = "must not be specified when allocationMode is 'All'";
    errors.push(invalid(`${path}.count`, count, text));
  } else if (mode === "ExactCount" && count <= 0)
    errors.push(invalid(`${path}.count`, count, "must be greater than zero"));
  else if (!MODES.includes(mode)) errors.push(notSupported(`${path}.allocationMode`, mode, MODES));
  return [
    ...errors,
    ...validateList(request.tolerations ?? [], {
      path: `${path}.tolerations`,
      countMax: TOLERATIONS_MAX,
      check: validateToleration,
    }),
  ];
}

/** Checks what devices must fulfil. Expressions are not compiled here: nobody evaluates them. */
export function validateSelectors(
  selectors: readonly DeviceSelector[],
  path: string,
): FieldError[] {
  return validateList(selectors, {
    path,
    countMax: SELECTORS_MAX,
    check: ({ cel }, at) => {
      if (cel === undefined) return [required(`${at}.cel`)];
      const place = `${at}.cel.expression`;
      if (cel.expression === "") return [required(place)];
      if (byteLength(cel.expression) <= EXPRESSION_BYTES_MAX) return [];
      return [tooLong(place, EXPRESSION_BYTES_MAX)];
    },
  });
}

/** Checks a toleration of a device's taints. */
export function validateToleration(toleration: DeviceToleration, path: string): FieldError[] {
  const { key = "", operator = "", value = "", effect = "" } = toleration;
  const errors = key === "" ? [] : validateLabelKey(key, `${path}.key`);
  if (operator === "Exists") {
    const text = "must be empty for operator `Exists`";
    if (value !== "") errors.push(invalid(`${path}.value`, value, text));
  } else if (operator === "Equal") {
    const text = "must be `Exists` when `key` is empty";
    if (key === "") errors.push(invalid(`${path}.operator`, operator, text));
  } else errors.push(notSupported(`${path}.operator`, operator, ["Equal", "Exists"]));
  if (effect !== "") errors.push(...validateDeviceEffect(effect, `${path}.effect`));
  return errors;
}

/** Checks what a taint does. */
export function validateDeviceEffect(effect: string, path: string): FieldError[] {
  return EFFECTS.includes(effect) ? [] : [notSupported(path, effect, EFFECTS)];
}

function validateConstraint(
  { requests = [], matchAttribute, distinctAttribute }: DeviceConstraint,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors = validateRequestList(requests, `${path}.requests`, names);
  if (matchAttribute !== undefined)
    errors.push(...validateFullDeviceName(matchAttribute, `${path}.matchAttribute`));
  else if (distinctAttribute !== undefined)
    errors.push(...validateFullDeviceName(distinctAttribute, `${path}.distinctAttribute`));
  else {
    const text = 'exactly one of "matchAttribute" or "distinctAttribute" is required';
    errors.push(required(path, text));
  }
  return errors;
}

function validateRequestList(
  requests: readonly string[],
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  return validateList(requests, {
    path,
    countMax: REQUESTS_MAX,
    check: (name, at) => validateRequestReference(name, at, names),
    keyOf: (name) => name,
  });
}

/** Checks configuration for a driver and the requests it is for. */
export function validateConfig(
  { requests = [], opaque }: DeviceClaimConfiguration,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors = validateRequestList(requests, `${path}.requests`, names);
  return [...errors, ...validateOpaque(opaque, `${path}.opaque`)];
}

/** Checks configuration that only a driver understands. */
export function validateOpaque(
  opaque: OpaqueDeviceConfiguration | undefined,
  path: string,
): FieldError[] {
  if (opaque === undefined) return [required(path)];
  const errors = validateDriverName(opaque.driver, `${path}.driver`);
  const { parameters } = opaque;
  const at = `${path}.parameters`;
  if (byteLength(JSON.stringify(parameters)) > PARAMETERS_BYTES_MAX)
    errors.push(tooLong(at, PARAMETERS_BYTES_MAX));
  return errors;
}
