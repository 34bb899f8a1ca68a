import {
  type FieldError,
  forbidden,
  invalid,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import type {
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
} from "../../../api/schema/types/meta-v1.gen.js";
import type { NameValidator } from "../strategy.js";
import { IMMUTABLE, invalidEach, NOT_NEGATIVE } from "./field-error-builders.js";
import { validateLabels } from "./label-validation.js";
import { byteLength, validateQualifiedName } from "../../../api/machinery/names.js";
import { nameIsDnsLabel } from "./name-validators.js";
import { semanticEqual } from "./semantic-equal.js";

const ANNOTATIONS_BYTES_MAX = 256 * 1024;
const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";
const STANDARD_FINALIZERS: readonly string[] = ["kubernetes", ORPHAN, FOREGROUND];

/** What validateObjectMeta must know of the kind. */
export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly validateName: NameValidator;
  /** True: a finalizer without a domain need not be one of Kubernetes' own. */
  readonly freeFinalizers: boolean;
}

/**
 * Checks the metadata of a new object; the server has filled in the generated name and the
 * namespace before.
 */
export function validateObjectMeta(
  meta: ObjectMeta,
  rules: ObjectMetaRules,
  path = "metadata",
): FieldError[] {
  const errors: FieldError[] = [];
  const { name = "", generateName = "", generation = 0 } = meta;
  if (generateName !== "") {
    const texts = rules.validateName(generateName, true);
    errors.push(...invalidEach(`${path}.generateName`, generateName, texts));
  }
  if (name === "") errors.push(required(`${path}.name`, "name or generateName is required"));
  else errors.push(...invalidEach(`${path}.name`, name, rules.validateName(name, false)));
  errors.push(...validateNamespace(meta.namespace ?? "", rules.namespaced, path));
  if (generation < 0) errors.push(invalid(`${path}.generation`, generation, NOT_NEGATIVE));
  errors.push(...validateShared(meta, path));
  errors.push(...validateFinalizers(meta.finalizers ?? [], `${path}.finalizers`, rules));
  return errors;
}

/** Checks the metadata that replaces `old`: what identifies an object never changes. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  { freeFinalizers }: Pick<ObjectMetaRules, "freeFinalizers">,
): FieldError[] {
  const path = "metadata";
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) errors.push(...validateNoNewFinalizers(meta, old, path));
  if ((meta.resourceVersion ?? "") === "") {
    const text = "must be specified for an update";
    errors.push(invalid(`${path}.resourceVersion`, meta.resourceVersion ?? "", text));
  }
  const { generation = 0 } = meta;
  if (generation < (old.generation ?? 0))
    errors.push(invalid(`${path}.generation`, generation, "must not be decremented"));
  for (const field of FROZEN) {
    if (semanticEqual(meta[field], old[field], field)) continue;
    errors.push(invalid(`${path}.${field}`, meta[field] ?? null, IMMUTABLE));
  }
  errors.push(...validateShared(meta, path));
  if (freeFinalizers) return errors;
  for (const [index, finalizer] of (meta.finalizers ?? []).entries())
    errors.push(...validateStandardFinalizer(finalizer, `${path}.finalizers[${index}]`));
  return errors;
}

const FROZEN = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** A finalizer is a qualified name, and one without a domain is one of Kubernetes' own. */
export function validateFinalizerName(finalizer: string, path: string): FieldError[] {
  const errors = invalidEach(path, finalizer, validateQualifiedName(finalizer));
  errors.push(...validateStandardFinalizer(finalizer, path));
  return errors;
}

function validateStandardFinalizer(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes("/") || STANDARD_FINALIZERS.includes(finalizer)) return [];
  return [
    invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified"),
  ];
}

/** Checks the annotations of an object or of a template. */
export function validateAnnotations(
  annotations: { readonly [key: string]: string } | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...invalidEach(path, key, validateQualifiedName(key.toLowerCase())));
    sizeBytes += byteLength(key) + byteLength(value);
  }
  if (sizeBytes > ANNOTATIONS_BYTES_MAX) errors.push(tooLong(path, ANNOTATIONS_BYTES_MAX));
  return errors;
}

function validateShared(meta: ObjectMeta, path: string): FieldError[] {
  return [
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwners(meta.ownerReferences ?? [], `${path}.ownerReferences`),
    ...(meta.managedFields ?? []).flatMap((entry, index) =>
      validateManagedFields(entry, `${path}.managedFields[${index}]`),
    ),
  ];
}

function validateNamespace(namespace: string, namespaced: boolean, path: string): FieldError[] {
  const field = `${path}.namespace`;
  if (!namespaced) return namespace === "" ? [] : [forbidden(field, "not allowed on this type")];
  if (namespace === "") return [required(field)];
  return invalidEach(field, namespace, nameIsDnsLabel(namespace, false));
}

function validateFinalizers(
  finalizers: readonly string[],
  path: string,
  { freeFinalizers }: Pick<ObjectMetaRules, "freeFinalizers">,
): FieldError[] {
  const errors = finalizers.flatMap((name) => invalidEach(path, name, validateQualifiedName(name)));
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    const text = `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`;
    errors.push(invalid(path, finalizers, text));
  }
  if (freeFinalizers) return errors;
  for (const [index, finalizer] of finalizers.entries())
    errors.push(...validateStandardFinalizer(finalizer, `${path}[${index}]`));
  return errors;
}

function validateNoNewFinalizers(meta: ObjectMeta, old: ObjectMeta, path: string): FieldError[] {
  const before = new Set(old.finalizers);
  const added = (meta.finalizers ?? []).filter((finalizer) => !before.has(finalizer)).sort();
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  return [
    forbidden(
      `${path}.finalizers`,
      "no new finalizers can be added if the object is being deleted, " +
        `found new finalizers []string{${list}}`,
    ),
  ];
}

function validateOwners(owners: readonly OwnerReference[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller = "";
  for (const owner of owners) {
    errors.push(...validateOwner(owner, path));
    if (owner.controller !== true) continue;
    if (controller === "") controller = owner.name;
    else {
      const text =
        "Only one reference can have Controller set to true. Found " +
        `"true" in references for ${controller} and ${owner.name}`;
      errors.push(invalid(path, owners, text));
    }
  }
  return errors;
}

function validateOwner(owner: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const version = owner.apiVersion.split("/").at(-1) ?? "";
  if (version === "") {
    errors.push(invalid(`${path}.apiVersion`, owner.apiVersion, "version must not be empty"));
  }
  for (const field of ["kind", "name", "uid"] as const) {
    const value = owner[field];
    if (value === "") errors.push(invalid(`${path}.${field}`, value, `${field} must not be empty`));
  }
  if (owner.apiVersion === "v1" && owner.kind === "Event")
    errors.push(invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
  return errors;
}

function validateManagedFields(entry: ManagedFieldsEntry, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { operation = "", fieldsType = "", manager = "" } = entry;
  if (operation !== "Apply" && operation !== "Update")
    errors.push(invalid(`${path}.operation`, operation, "must be `Apply` or `Update`"));
  if (fieldsType !== "FieldsV1" && fieldsType !== "")
    errors.push(invalid(`${path}.fieldsType`, fieldsType, "must be `FieldsV1`"));
  if (byteLength(manager) > MANAGER_BYTES_MAX)
    errors.push(tooLong(`${path}.manager`, MANAGER_BYTES_MAX));
  return errors;
}

const MANAGER_BYTES_MAX = 128;
