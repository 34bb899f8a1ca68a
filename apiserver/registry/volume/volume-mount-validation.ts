import {
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type {
  Container,
  VolumeDevice,
  VolumeMount,
} from "../../../api/schema/types/core-v1.gen.js";
import { validateDescendingPath, validateNoBacksteps } from "./path-validation.js";
import type { KnownVolumes } from "./volume-validation.js";

const PROPAGATIONS: readonly string[] = ["Bidirectional", "HostToContainer", "None"];
const RECURSIONS: readonly string[] = ["Disabled", "Enabled", "IfPossible"];

/** Checks where a container mounts volumes; `path` is that of the container. */
export function validateVolumeMounts(
  container: Container,
  path: string,
  volumes: KnownVolumes,
): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const devices = container.volumeDevices ?? [];
  const taken = new Set<string>();
  const list = `${path}.volumeMounts`;
  const errors: FieldError[] = [];
  for (const [index, mount] of mounts.entries()) {
    const at = `${list}[${index}]`;
    const { name, mountPath } = mount;
    if (name === "") errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (mountPath === "") errors.push(required(`${at}.mountPath`));
    if (taken.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, "must be unique"));
    taken.add(mountPath);
    if (devices.some((device) => device.name === name))
      errors.push(invalid(`${at}.name`, name, "must not already exist in volumeDevices"));
    if (devices.some(({ devicePath }) => devicePath === mountPath)) {
      const text = "must not already exist as a path in volumeDevices";
      errors.push(invalid(`${at}.mountPath`, mountPath, text));
    }
    errors.push(...validateSubPaths(mount, { at, list }));
    errors.push(...validatePropagation(mount, container, list));
  }
  return errors;
}

/** Some of these paths name the list and not its item: that is what Kubernetes answers. */
function validateSubPaths(
  mount: VolumeMount,
  { at, list }: { at: string; list: string },
): FieldError[] {
  const errors: FieldError[] = [];
  const { subPath = "", subPathExpr = "" } = mount;
  if (subPath !== "") errors.push(...validateDescendingPath(subPath, `${list}.subPath`));
  if (subPathExpr !== "") {
    const text = "subPathExpr and subPath are mutually exclusive";
    if (subPath !== "") errors.push(invalid(`${at}.subPathExpr`, subPathExpr, text));
    errors.push(...validateDescendingPath(subPathExpr, `${list}.subPathExpr`));
  }
  return errors;
}

function validatePropagation(mount: VolumeMount, container: Container, list: string): FieldError[] {
  const errors: FieldError[] = [];
  const { mountPropagation: propagation, recursiveReadOnly: recursive } = mount;
  const path = `${list}.mountPropagation`;
  if (propagation !== undefined) {
    if (!PROPAGATIONS.includes(propagation))
      errors.push(notSupported(path, propagation, PROPAGATIONS));
    if (propagation === "Bidirectional" && container.securityContext?.privileged !== true) {
      const text = "Bidirectional mount propagation is available only to privileged containers";
      errors.push(forbidden(path, text));
    }
  }
  if (recursive === undefined || recursive === "Disabled") return errors;
  const at = `${list}.recursiveReadOnly`;
  if (!RECURSIONS.includes(recursive)) return [...errors, notSupported(at, recursive, RECURSIONS)];
  if (mount.readOnly !== true)
    errors.push(forbidden(at, "may only be specified when readOnly is true"));
  if (propagation !== undefined && propagation !== "None") {
    const text = "may only be specified when mountPropagation is None or not specified";
    errors.push(forbidden(at, text));
  }
  return errors;
}

/** Checks the block devices of a container; `path` is that of the container. */
export function validateVolumeDevices(
  container: Container,
  path: string,
  volumes: KnownVolumes,
): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, { name, devicePath }] of (container.volumeDevices ?? []).entries()) {
    const at = `${path}.volumeDevices[${index}]`;
    errors.push(...validateDeviceName(name, `${at}.name`, { names, volumes }));
    if (devicePath === "") errors.push(required(`${at}.devicePath`));
    if (paths.has(devicePath))
      errors.push(invalid(`${at}.devicePath`, devicePath, "must be unique"));
    if (validateNoBacksteps(devicePath, "").length > 0) {
      const text = "can not contain backsteps ('..')";
      errors.push(invalid(`${at}.devicePath`, devicePath, text));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalid(`${at}.name`, name, "must not already exist in volumeMounts"));
    if (mounts.some(({ mountPath }) => mountPath === devicePath)) {
      const text = "must not already exist as a path in volumeMounts";
      errors.push(invalid(`${at}.devicePath`, devicePath, text));
    }
    if (name !== "") names.add(name);
  }
  return errors;
}

function validateDeviceName(
  name: VolumeDevice["name"],
  path: string,
  { names, volumes }: { names: ReadonlySet<string>; volumes: KnownVolumes },
): FieldError[] {
  const errors: FieldError[] = [];
  const volume = volumes.get(name);
  if (name === "") errors.push(required(path));
  if (names.has(name)) errors.push(invalid(path, name, "must be unique"));
  if (volume === undefined) errors.push(notFound(path, name));
  else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
    const text =
      "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
    errors.push(invalid(path, name, text));
  }
  return errors;
}
