import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type {
  PersistentVolumeSpec,
  SecretReference,
  VolumeNodeAffinity,
} from "../../../api/schema/types/core-v1.gen.js";
import { compareAmounts, showAmount } from "../common/amounts.js";
import { invalidEach, NOT_NEGATIVE } from "../common/field-error-builders.js";
import { nameIsDnsLabel, nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateNodeSelector } from "../pod/affinity-validation.js";
import { validateAccessModes, validateVolumeMode } from "./claim-template-validation.js";
import { validateNoBacksteps } from "./path-validation.js";
import { mustHave, REMOTE_VOLUMES, validateCsiDriver } from "./remote-volume-validation.js";
import { validateHostPath } from "./volume-validation.js";

/**
 * The sources of a PersistentVolume in the order in which they are looked at: the first one given
 * is checked, the others are too many.
 */
const SOURCES = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "flocker",
  "nfs",
  "rbd",
  "quobyte",
  "cephfs",
  "iscsi",
  "cinder",
  "fc",
  "flexVolume",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "scaleIO",
  "local",
  "storageos",
  "csi",
] as const;
type SourceType = (typeof SOURCES)[number];
/** A spec without its sources. */
type SpecWithoutSource = Omit<PersistentVolumeSpec, SourceType>;

const RECLAIM_POLICIES: readonly string[] = ["Delete", "Recycle", "Retain"];

/** Checks a PersistentVolume's spec by Kubernetes' rules for it. */
export function validatePersistentVolumeSpec(
  spec: PersistentVolumeSpec,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const modesPath = `${path}.accessModes`;
  if ((spec.accessModes ?? []).length === 0) errors.push(required(modesPath));
  errors.push(...validateAccessModes(spec.accessModes, modesPath));
  errors.push(...validateCapacity(spec.capacity ?? {}, `${path}.capacity`));
  const policy = spec.persistentVolumeReclaimPolicy ?? "";
  const policyPath = `${path}.persistentVolumeReclaimPolicy`;
  if (policy !== "" && !RECLAIM_POLICIES.includes(policy))
    errors.push(notSupported(policyPath, policy, RECLAIM_POLICIES));
  errors.push(...validateAffinity(spec.nodeAffinity, `${path}.nodeAffinity`));
  errors.push(...validateSources(spec, path));
  if (policy === "Recycle" && /^\/+$/.test(spec.hostPath?.path ?? "")) {
    const text = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbidden(policyPath, text));
  }
  const { storageClassName = "" } = spec;
  if (storageClassName !== "") {
    const texts = nameIsDnsSubdomain(storageClassName, false);
    errors.push(...invalidEach(`${path}.storageClassName`, storageClassName, texts));
  }
  errors.push(...validateVolumeMode(spec.volumeMode, `${path}.volumeMode`));
  errors.push(...validateAttributesClass(spec, path));
  return errors;
}

/** The source that a spec names, as the field's name and value; null when it names none. */
export function sourceOf(spec: PersistentVolumeSpec): readonly [SourceType, unknown] | null {
  const type = SOURCES.find((name) => spec[name] !== undefined);
  return type === undefined ? null : [type, spec[type]];
}

function validateCapacity(
  capacity: NonNullable<SpecWithoutSource["capacity"]>,
  path: string,
): FieldError[] {
  const entries = Object.entries(capacity);
  const errors: FieldError[] = entries.length === 0 ? [required(path)] : [];
  if (capacity["storage"] === undefined || entries.length > 1)
    errors.push(notSupported(path, capacity, ["storage"]));
  for (const [name, amount] of entries) {
    const at = `${path}[${name}]`;
    const sign = compareAmounts(amount, "0");
    if (sign < 0) errors.push(invalid(at, showAmount(amount), NOT_NEGATIVE));
    if (sign <= 0) errors.push(invalid(at, showAmount(amount), "must be greater than zero"));
  }
  return errors;
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined, path: string): FieldError[] {
  if (affinity === undefined) return [];
  const at = `${path}.required`;
  if (affinity.required === undefined)
    return [required(at, "must specify required node constraints")];
  return validateNodeSelector(affinity.required, at);
}

function validateSources(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const [first, ...others] = SOURCES.filter((name) => spec[name] !== undefined);
  if (first === undefined) return [required(path, "must specify a volume type")];
  return [
    ...validateSource(spec, first, path),
    ...others.map((name) =>
      forbidden(`${path}.${name}`, "may not specify more than 1 volume type"),
    ),
  ];
}

function validateSource(spec: PersistentVolumeSpec, type: SourceType, path: string): FieldError[] {
  const at = `${path}.${type}`;
  switch (type) {
    case "hostPath":
      return validateHostPath(spec, at);
    case "local":
      return validateLocal(spec, path);
    case "csi":
      return validateCsi(spec, at);
    case "azureFile":
    case "cinder":
    case "glusterfs":
    case "storageos":
      // A Secret or Endpoints of a namespace of its own, besides what a pod's volume has.
      return [
        ...REMOTE_VOLUMES[type]({ name: "", [type]: spec[type] }, at),
        ...validateNamespaceOf(spec, type, at),
      ];
    default:
      return REMOTE_VOLUMES[type]({ name: "", [type]: spec[type] }, at);
  }
}

function validateNamespaceOf(
  { azureFile, cinder, glusterfs, storageos }: PersistentVolumeSpec,
  type: "azureFile" | "cinder" | "glusterfs" | "storageos",
  path: string,
): FieldError[] {
  if (type === "azureFile")
    return azureFile?.secretNamespace === "" ? [required(`${path}.secretNamespace`)] : [];
  if (type === "glusterfs") {
    const text = "if the endpointnamespace is set, it must be a valid namespace name";
    return glusterfs?.endpointsNamespace === ""
      ? [invalid(`${path}.endpointsNamespace`, "", text)]
      : [];
  }
  const secret = type === "cinder" ? cinder?.secretRef : storageos?.secretRef;
  if (secret === undefined) return [];
  return mustHave(`${path}.secretRef`, { namespace: secret.namespace });
}

function validateLocal({ local, nodeAffinity }: PersistentVolumeSpec, path: string): FieldError[] {
  const target = local?.path ?? "";
  const at = `${path}.local.path`;
  const errors = target === "" ? [required(at)] : validateNoBacksteps(target, at);
  if (nodeAffinity === undefined)
    errors.push(required(`${path}.nodeAffinity`, "Local volume requires node affinity"));
  return errors;
}

const CSI_SECRETS = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function validateCsi({ csi }: PersistentVolumeSpec, path: string): FieldError[] {
  const errors = validateCsiDriver(csi?.driver ?? "", path);
  errors.push(...mustHave(path, { volumeHandle: csi?.volumeHandle }));
  for (const field of CSI_SECRETS)
    errors.push(...validateSecretReference(csi?.[field], `${path}.${field}`));
  return errors;
}

function validateSecretReference(
  reference: SecretReference | undefined,
  path: string,
): FieldError[] {
  if (reference === undefined) return [];
  const { name = "", namespace = "" } = reference;
  return [
    ...mustHave(path, { name }),
    ...(name === "" ? [] : invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name, false))),
    ...mustHave(path, { namespace }),
    ...(namespace === ""
      ? []
      : invalidEach(`${path}.namespace`, namespace, nameIsDnsLabel(namespace, false))),
  ];
}

function validateAttributesClass(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const name = spec.volumeAttributesClassName;
  if (name === undefined) return [];
  const at = `${path}.volumeAttributesClassName`;
  const errors: FieldError[] =
    name === ""
      ? [required(at, "an empty string is disallowed")]
      : invalidEach(at, name, nameIsDnsSubdomain(name, false));
  if (spec.csi === undefined) {
    const text = "has to be specified when using volumeAttributesClassName";
    errors.push(required(`${path}.csi`, text));
  }
  return errors;
}
