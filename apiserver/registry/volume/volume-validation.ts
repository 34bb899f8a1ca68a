import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Label } from "../../../api/machinery/names.js";
import type { Volume } from "../../../api/schema/types/core-v1.gen.js";
import { compareAmounts } from "../common/amounts.js";
import { invalidEach } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateClaimTemplate } from "./claim-template-validation.js";
import { validateFileMode, validateNoBacksteps } from "./path-validation.js";
import { validateProjected } from "./projected-volume-validation.js";
import { isRemoteVolume, REMOTE_VOLUMES } from "./remote-volume-validation.js";
import { validateDownwardFile, validateKeyToPath } from "./volume-file-validation.js";

/** The volumes of a pod that are well-formed, by name: only those can be mounted. */
export type KnownVolumes = ReadonlyMap<string, Volume>;

/** What the rules for volumes must know of the pod. */
export interface VolumeContext {
  /** The pod's name; null in a template, where claims have no name yet. */
  readonly podName: string | null;
}

/** A source of a volume: the part of a Volume besides its name. */
export type VolumeType = Exclude<keyof Volume, "name">;

const HOST_PATH_TYPES: readonly string[] = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const PULL_POLICIES: readonly string[] = ["Always", "IfNotPresent", "Never"];

/**
 * The order in which sources are looked at: the first one given is checked, the others are too
 * many.
 */
const TYPES: readonly VolumeType[] = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "quobyte",
  "downwardAPI",
  "fc",
  "flexVolume",
  "configMap",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "storageos",
  "projected",
  "scaleIO",
  "csi",
  "ephemeral",
  "image",
];

/** Checks the volumes of a pod; those that are well-formed come back by name. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
  context: VolumeContext,
): { readonly known: KnownVolumes; readonly errors: FieldError[] } {
  const known = new Map<string, Volume>();
  const errors: FieldError[] = [];
  const { podName } = context;
  const created = new Set(
    volumes
      .filter(({ ephemeral }) => podName !== null && ephemeral !== undefined)
      .map(({ name }) => `${podName ?? ""}-${name}`),
  );
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    const faults = validateVolume(volume, at, context);
    if (known.has(volume.name)) faults.push(duplicate(`${at}.name`, volume.name));
    if (faults.length === 0) known.set(volume.name, volume);
    errors.push(...faults);
    const claim = volume.persistentVolumeClaim?.claimName ?? "";
    if (created.has(claim)) {
      const text = "must not reference a PVC that gets created for an ephemeral volume";
      errors.push(invalid(`${at}.persistentVolumeClaim.claimName`, claim, text));
    }
  }
  return { known, errors };
}

function validateVolume(volume: Volume, path: string, context: VolumeContext): FieldError[] {
  const given = TYPES.filter((type) => volume[type] !== undefined);
  const [first, ...others] = given;
  const errors: FieldError[] = [];
  if (first === undefined) errors.push(required(path, "must specify a volume type"));
  else errors.push(...validateSource(volume, first, { path, context }));
  for (const type of others)
    errors.push(forbidden(`${path}.${type}`, "may not specify more than 1 volume type"));
  const { name } = volume;
  if (name === "") errors.push(required(`${path}.name`));
  else errors.push(...invalidEach(`${path}.name`, name, validateDns1123Label(name)));
  return errors;
}

function validateSource(
  volume: Volume,
  type: VolumeType,
  { path, context }: { path: string; context: VolumeContext },
): FieldError[] {
  const at = `${path}.${type}`;
  if (isRemoteVolume(type)) return REMOTE_VOLUMES[type](volume, at);
  switch (type) {
    case "emptyDir": {
      const limit = volume.emptyDir?.sizeLimit;
      if (limit === undefined || compareAmounts(limit, "0") >= 0) return [];
      return [forbidden(`${at}.sizeLimit`, "SizeLimit field must be a valid resource quantity")];
    }
    case "hostPath":
      return validateHostPath(volume, at);
    case "secret":
    case "configMap":
      return validateDataVolume(volume, type, at);
    case "persistentVolumeClaim":
      return volume.persistentVolumeClaim?.claimName === "" ? [required(`${at}.claimName`)] : [];
    case "downwardAPI":
      return [
        ...validateFileMode(volume.downwardAPI?.defaultMode, `${at}.defaultMode`),
        ...(volume.downwardAPI?.items ?? []).flatMap((file) => validateDownwardFile(file, at)),
      ];
    case "projected":
      return validateProjected(volume.projected ?? {}, at);
    case "ephemeral":
      return validateEphemeral(volume, path, context);
    case "image":
      return validateImage(volume, at, context);
  }
}

/** Checks a file or folder of a node, of a pod's volume or of a PersistentVolume. */
export function validateHostPath(
  { hostPath }: Pick<Volume, "hostPath">,
  path: string,
): FieldError[] {
  const { path: target = "", type } = hostPath ?? {};
  if (target === "") return [required(`${path}.path`)];
  const errors = validateNoBacksteps(target, `${path}.path`);
  if (type !== undefined && !HOST_PATH_TYPES.includes(type))
    errors.push(notSupported(`${path}.type`, type, HOST_PATH_TYPES));
  return errors;
}

function validateDataVolume(
  volume: Volume,
  type: "secret" | "configMap",
  path: string,
): FieldError[] {
  const name = type === "secret" ? volume.secret?.secretName : volume.configMap?.name;
  const nameField = type === "secret" ? "secretName" : "name";
  const { defaultMode, items = [] } = volume[type] ?? {};
  return [
    ...((name ?? "") === "" ? [required(`${path}.${nameField}`)] : []),
    ...validateFileMode(defaultMode, `${path}.defaultMode`),
    ...items.flatMap((item, index) => validateKeyToPath(item, `${path}.items[${index}]`)),
  ];
}

function validateEphemeral(
  { ephemeral, name }: Volume,
  path: string,
  { podName }: VolumeContext,
): FieldError[] {
  const template = ephemeral?.volumeClaimTemplate;
  const at = `${path}.ephemeral.volumeClaimTemplate`;
  const errors = template === undefined ? [required(at)] : validateClaimTemplate(template, at);
  if (podName === null || podName === "" || name === "") return errors;
  const claim = `${podName}-${name}`;
  for (const text of nameIsDnsSubdomain(claim, false))
    errors.push(invalid(`${path}.name`, name, `PVC name "${claim}": ${text}`));
  return errors;
}

function validateImage({ image }: Volume, path: string, { podName }: VolumeContext): FieldError[] {
  const { reference = "", pullPolicy = "" } = image ?? {};
  const errors: FieldError[] = [];
  if (podName !== null && reference === "") errors.push(required(`${path}.reference`));
  errors.push(...validatePullPolicy(pullPolicy, `${path}.pullPolicy`));
  return errors;
}

/** Checks when an image is pulled. */
export function validatePullPolicy(policy: string, path: string): FieldError[] {
  if (policy === "") return [required(path)];
  return PULL_POLICIES.includes(policy) ? [] : [notSupported(path, policy, PULL_POLICIES)];
}
