import {
  type FieldError,
  forbidden,
  invalid,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength } from "../../../api/machinery/names.js";
import type {
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttachmentStatus,
  VolumeError,
} from "../../../api/schema/types/storage-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validatePersistentVolumeSpec } from "../volume/persistent-volume-validation.js";
import { validateDriverName } from "./driver-name.js";

const METADATA_BYTES_MAX = 256 * 1024;
const MESSAGE_BYTES_MAX = 1024;
const EITHER = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

const table: TableDefinition<VolumeAttachment> = {
  columns: [
    NAME_COLUMN,
    column("Attacher", "The driver that attaches it."),
    column("PV", "The volume."),
    column("Node", "The node."),
    column("Attached", "Whether it is attached.", "boolean"),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec.attacher,
    spec.source.persistentVolumeName ?? "",
    spec.nodeName,
    status?.attached ?? false,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** VolumeAttachments: what is asked for never changes; the attacher writes the status. */
export const volumeAttachmentStrategy: Strategy<VolumeAttachment> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (attachment) => ({ ...attachment, status: { attached: false } }),
  prepareForUpdate: (attachment, old, subresource) =>
    subresource === "status" ? withSpecOf(attachment, old) : withStatusOf(attachment, old),
  validate: (attachment) => [
    ...validateAttachment(attachment),
    ...validateDriverName(attachment.spec.attacher, "spec.attacher"),
    ...validateVolumeName(attachment.spec.source, "spec.source.persistentVolumeName"),
  ],
  validateUpdate: (attachment, old) => [
    ...validateAttachment(attachment),
    ...validateImmutable("spec", { value: attachment.spec, old: old.spec }),
  ],
  table,
};

function validateAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  const { attacher, source, nodeName } = spec;
  const errors: FieldError[] = attacher === "" ? [required("spec.attacher")] : [];
  errors.push(...validateSource(source, "spec.source"));
  errors.push(...invalidEach("spec.nodeName", nodeName, nameIsDnsSubdomain(nodeName, false)));
  return status === undefined ? errors : [...errors, ...validateStatus(status)];
}

function validateSource(
  { persistentVolumeName: name, inlineVolumeSpec: inline }: VolumeAttachmentSource,
  path: string,
): FieldError[] {
  if (inline === undefined && name === undefined) return [required(path, EITHER)];
  if (inline !== undefined && name !== undefined) return [forbidden(path, EITHER)];
  if (inline !== undefined) return validatePersistentVolumeSpec(inline, `${path}.inlineVolumeSpec`);
  if (name !== "") return [];
  return [required(`${path}.persistentVolumeName`, "must specify non empty persistentVolumeName")];
}

function validateVolumeName({ persistentVolumeName: name }: VolumeAttachmentSource, path: string) {
  return name === undefined ? [] : invalidEach(path, name, nameIsDnsSubdomain(name, false));
}

function validateStatus(status: VolumeAttachmentStatus): FieldError[] {
  const { attachmentMetadata = {}, attachError, detachError } = status;
  const sizeBytes = Object.entries(attachmentMetadata).reduce(
    (sum, [key, value]) => sum + byteLength(key) + byteLength(value),
    0,
  );
  const path = "status.attachmentMetadata";
  const errors = sizeBytes > METADATA_BYTES_MAX ? [tooLong(path, METADATA_BYTES_MAX)] : [];
  return [
    ...errors,
    ...validateVolumeError(attachError, "status.attachError"),
    ...validateVolumeError(detachError, "status.detachError"),
  ];
}

function validateVolumeError(error: VolumeError | undefined, path: string): FieldError[] {
  const { message = "", errorCode = 0 } = error ?? {};
  const errors: FieldError[] = [];
  if (byteLength(message) > MESSAGE_BYTES_MAX)
    errors.push(tooLong(`${path}.message`, METADATA_BYTES_MAX));
  if (errorCode < 0) {
    const text = "must be between 0 and 2147483647, inclusive";
    errors.push(invalid(`${path}.errorCode`, errorCode, text));
  }
  return errors;
}
