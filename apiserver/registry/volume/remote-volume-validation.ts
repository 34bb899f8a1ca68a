import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import {
  byteLength,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateRange,
} from "../../../api/machinery/names.js";
import type { Volume } from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateDescendingPath } from "./path-validation.js";

type Check = (volume: Volume, path: string) => FieldError[];

/**
 * The volumes whose data lives outside the node and the cluster; most of them are only kept for old
 * manifests.
 */
export type RemoteVolumeType =
  | "awsElasticBlockStore"
  | "azureDisk"
  | "azureFile"
  | "cephfs"
  | "cinder"
  | "csi"
  | "fc"
  | "flexVolume"
  | "flocker"
  | "gcePersistentDisk"
  | "gitRepo"
  | "glusterfs"
  | "iscsi"
  | "nfs"
  | "photonPersistentDisk"
  | "portworxVolume"
  | "quobyte"
  | "rbd"
  | "scaleIO"
  | "storageos"
  | "vsphereVolume";

const CACHING_MODES: readonly string[] = ["None", "ReadOnly", "ReadWrite"];
const DISK_KINDS: readonly string[] = ["Dedicated", "Managed", "Shared"];
const MANAGED_DISK =
  "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
const DRIVER_BYTES_MAX = 63;

/** One check for each type; `path` is that of the source. */
export const REMOTE_VOLUMES: Readonly<Record<RemoteVolumeType, Check>> = {
  awsElasticBlockStore: ({ awsElasticBlockStore: disk }, path) => [
    ...mustHave(path, { volumeID: disk?.volumeID }),
    ...partition(disk?.partition, path),
  ],
  azureDisk: validateAzureDisk,
  azureFile: ({ azureFile: file }, path) =>
    mustHave(path, { secretName: file?.secretName, shareName: file?.shareName }),
  cephfs: ({ cephfs }, path) =>
    (cephfs?.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : [],
  cinder: ({ cinder }, path) => [
    ...mustHave(path, { volumeID: cinder?.volumeID }),
    ...secretName(cinder?.secretRef, `${path}.secretRef`),
  ],
  csi: validateCsi,
  fc: validateFibreChannel,
  flexVolume: validateFlexVolume,
  flocker: validateFlocker,
  // Kubernetes names this one differently in its errors.
  gcePersistentDisk: ({ gcePersistentDisk: disk }, path) => {
    const at = path.replace(/gcePersistentDisk$/, "persistentDisk");
    return [...mustHave(at, { pdName: disk?.pdName }), ...partition(disk?.partition, at)];
  },
  gitRepo: ({ gitRepo: repo }, path) => [
    ...mustHave(path, { repository: repo?.repository }),
    ...validateDescendingPath(repo?.directory ?? "", `${path}.directory`),
  ],
  glusterfs: ({ glusterfs: volume }, path) =>
    mustHave(path, { endpoints: volume?.endpoints, path: volume?.path }),
  iscsi: validateIscsi,
  nfs: ({ nfs }, path) => {
    const errors = mustHave(path, { server: nfs?.server, path: nfs?.path });
    const target = nfs?.path ?? "";
    if (!target.startsWith("/"))
      errors.push(invalid(`${path}.path`, target, "must be an absolute path"));
    return errors;
  },
  photonPersistentDisk: ({ photonPersistentDisk: disk }, path) =>
    mustHave(path, { pdID: disk?.pdID }),
  portworxVolume: ({ portworxVolume: volume }, path) =>
    mustHave(path, { volumeID: volume?.volumeID }),
  quobyte: validateQuobyte,
  rbd: ({ rbd }, path) => [
    ...((rbd?.monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []),
    ...mustHave(path, { image: rbd?.image }),
  ],
  scaleIO: ({ scaleIO }, path) =>
    mustHave(path, {
      gateway: scaleIO?.gateway,
      system: scaleIO?.system,
      volumeName: scaleIO?.volumeName,
    }),
  storageos: validateStorageOs,
  vsphereVolume: ({ vsphereVolume: volume }, path) =>
    mustHave(path, { volumePath: volume?.volumePath }),
};

/** True for the types that REMOTE_VOLUMES has a check for. */
export function isRemoteVolume(type: keyof Volume): type is RemoteVolumeType {
  return Object.hasOwn(REMOTE_VOLUMES, type);
}

/** What a CSI driver may be called. */
export function validateCsiDriver(driver: string, path: string): FieldError[] {
  const errors = mustHave(path, { driver });
  if (byteLength(driver) > DRIVER_BYTES_MAX)
    errors.push(tooLong(`${path}.driver`, DRIVER_BYTES_MAX));
  const texts = validateDns1123Subdomain(driver.toLowerCase());
  errors.push(...invalidEach(`${path}.driver`, driver, texts));
  return errors;
}

/** One `required` error for each of the fields that is absent or empty. */
export function mustHave(
  path: string,
  fields: { readonly [name: string]: string | undefined },
): FieldError[] {
  return Object.entries(fields)
    .filter(([, value]) => (value ?? "") === "")
    .map(([name]) => required(`${path}.${name}`));
}

function partition(number: number | undefined, path: string): FieldError[] {
  if (number === undefined || (number >= 0 && number <= 255)) return [];
  return [invalid(`${path}.partition`, number, "must be between 1 and 255, inclusive")];
}

function secretName(ref: { readonly name?: string } | undefined, path: string): FieldError[] {
  return ref === undefined ? [] : mustHave(path, { name: ref.name });
}

function validateAzureDisk({ azureDisk: disk }: Volume, path: string): FieldError[] {
  const { diskName, diskURI = "", cachingMode, kind } = disk ?? {};
  const errors = mustHave(path, { diskName, diskURI });
  if (cachingMode !== undefined && !CACHING_MODES.includes(cachingMode))
    errors.push(notSupported(`${path}.cachingMode`, cachingMode, CACHING_MODES));
  if (kind === undefined) return errors;
  if (!DISK_KINDS.includes(kind)) errors.push(notSupported(`${path}.kind`, kind, DISK_KINDS));
  const managed = kind === "Managed";
  if (!diskURI.startsWith(managed ? "/subscriptions/" : "https://"))
    errors.push(notSupported(`${path}.diskURI`, diskURI, [managed ? MANAGED_DISK : BLOB_DISK]));
  return errors;
}

function validateCsi({ csi }: Volume, path: string): FieldError[] {
  const { driver = "", nodePublishSecretRef: secret } = csi ?? {};
  const errors = validateCsiDriver(driver, path);
  if (secret === undefined) return errors;
  const { name = "" } = secret;
  if (name === "") return [...errors, required(`${path}.nodePublishSecretRef.name`)];
  return [...errors, ...invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name, false))];
}

function validateFibreChannel({ fc }: Volume, path: string): FieldError[] {
  const { targetWWNs = [], wwids = [], lun } = fc ?? {};
  const errors: FieldError[] = [];
  const at = `${path}.targetWWNs`;
  if (targetWWNs.length + wwids.length === 0)
    errors.push(required(at, "must specify either targetWWNs or wwids, but not both"));
  if (targetWWNs.length === 0) return errors;
  if (wwids.length > 0) {
    const text = "targetWWNs and wwids can not be specified simultaneously";
    errors.push(invalid(at, targetWWNs, text));
  }
  if (lun === undefined)
    errors.push(required(`${path}.lun`, "lun is required if targetWWNs is specified"));
  else errors.push(...invalidEach(`${path}.lun`, lun, validateRange(lun, 0, 255)));
  return errors;
}

function validateFlexVolume({ flexVolume }: Volume, path: string): FieldError[] {
  const errors = mustHave(path, { driver: flexVolume?.driver });
  for (const key of Object.keys(flexVolume?.options ?? {})) {
    const domain = `.${(key.split("/", 2)[0] ?? "").toLowerCase()}`;
    if (!domain.endsWith(".kubernetes.io") && !domain.endsWith(".k8s.io")) continue;
    const text = "kubernetes.io and k8s.io namespaces are reserved";
    errors.push(invalid(`${path}.options[${key}]`, key, text));
  }
  return errors;
}

function validateFlocker({ flocker }: Volume, path: string): FieldError[] {
  const { datasetName = "", datasetUUID = "" } = flocker ?? {};
  const errors: FieldError[] = [];
  if (datasetName === "" && datasetUUID === "")
    errors.push(required(path, "one of datasetName and datasetUUID is required"));
  if (datasetName !== "" && datasetUUID !== "") {
    const text = "datasetName and datasetUUID can not be specified simultaneously";
    errors.push(invalid(path, "resource", text));
  }
  if (datasetName.includes("/"))
    errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"));
  return errors;
}

const QUALIFIED_NAMES: readonly (readonly [prefix: string, pattern: RegExp])[] = [
  ["iqn", /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/],
  ["eui", /^eui.[A-Za-z0-9]{16}$/],
  ["naa", /^naa.[A-Za-z0-9]{32}$/],
];

function validateIscsi({ iscsi, name }: Volume, path: string): FieldError[] {
  const { targetPortal = "", iqn = "", lun = 0, initiatorName } = iscsi ?? {};
  const errors = mustHave(path, { targetPortal, iqn });
  if (iqn !== "") errors.push(...qualifiedName(iqn, `${path}.iqn`));
  errors.push(...invalidEach(`${path}.lun`, lun, validateRange(lun, 0, 255)));
  const authenticated = iscsi?.chapAuthDiscovery === true || iscsi?.chapAuthSession === true;
  if (authenticated && iscsi?.secretRef === undefined) errors.push(required(`${path}.secretRef`));
  if (initiatorName === undefined) return errors;
  errors.push(...qualifiedName(initiatorName, `${path}.initiatorname`));
  if (byteLength(`${name}:${targetPortal}`) > 64) {
    const text =
      "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters " +
      "if iscsi.initiatorName is specified.";
    errors.push(invalid(path.replace(/iscsi$/, "name"), name, text));
  }
  return errors;
}

function qualifiedName(name: string, path: string): FieldError[] {
  const rule = QUALIFIED_NAMES.find(([prefix]) => name.startsWith(prefix));
  if (rule === undefined)
    return [invalid(path, name, "must be valid format starting with iqn, eui, or naa")];
  return rule[1].test(name) ? [] : [invalid(path, name, "must be valid format")];
}

function validateQuobyte({ quobyte }: Volume, path: string): FieldError[] {
  const { registry = "", tenant = "", volume } = quobyte ?? {};
  const pairs = "must be a host:port pair or multiple pairs separated by commas";
  const errors: FieldError[] = [];
  if (registry === "") errors.push(required(`${path}.registry`, pairs));
  else if (tenant.length >= 65) {
    const text = "must be a UUID and may not exceed a length of 64 characters";
    errors.push(required(`${path}.tenant`, text));
  } else {
    for (const pair of registry.split(","))
      if (!/^(\[[^\]]*\]|[^:]*):[^:]*$/.test(pair))
        errors.push(invalid(`${path}.registry`, registry, pairs));
  }
  return [...errors, ...mustHave(path, { volume })];
}

function validateStorageOs({ storageos }: Volume, path: string): FieldError[] {
  const { volumeName = "", volumeNamespace = "", secretRef } = storageos ?? {};
  const errors = mustHave(path, { volumeName });
  for (const [field, value] of Object.entries({ volumeName, volumeNamespace })) {
    if (value === "") continue;
    errors.push(...invalidEach(`${path}.${field}`, value, validateDns1123Label(value)));
  }
  return [...errors, ...secretName(secretRef, `${path}.secretRef`)];
}
