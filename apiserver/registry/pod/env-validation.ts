import {
  type FieldError,
  invalid,
  notFound,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateConfigMapKey, validateEnvVarName } from "../../../api/machinery/names.js";
import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { ENV_FIELDS, validateFieldRef, validateResourceFieldRef } from "./field-ref-validation.js";
import { validateUnreservedPath } from "../volume/path-validation.js";
import type { KnownVolumes } from "../volume/volume-validation.js";

/** Checks the environment variables of a container. */
export function validateEnv(
  variables: readonly EnvVar[],
  path: string,
  volumes: KnownVolumes,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, variable] of variables.entries()) {
    const at = `${path}[${index}]`;
    const { name, value = "", valueFrom } = variable;
    if (name === "") errors.push(required(`${at}.name`));
    else errors.push(...invalidEach(`${at}.name`, name, validateEnvVarName(name)));
    if (valueFrom !== undefined)
      errors.push(...validateSource(valueFrom, `${at}.valueFrom`, { value, volumes }));
  }
  return errors;
}

/** Checks the sources of whole sets of variables. */
export function validateEnvFrom(sources: readonly EnvFromSource[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { prefix = "", configMapRef, secretRef }] of sources.entries()) {
    const at = `${path}[${index}]`;
    if (prefix !== "")
      errors.push(...invalidEach(`${at}.prefix`, prefix, validateEnvVarName(prefix)));
    if (configMapRef !== undefined)
      errors.push(...validateSetName(configMapRef.name ?? "", `${at}.configMapRef.name`));
    if (secretRef !== undefined)
      errors.push(...validateSetName(secretRef.name ?? "", `${at}.secretRef.name`));
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    else if (configMapRef !== undefined && secretRef !== undefined)
      errors.push(invalid(path, "", "may not have more than one field specified at a time"));
  }
  return errors;
}

function validateSetName(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  return invalidEach(path, name, nameIsDnsSubdomain(name, true));
}

function validateSource(
  source: EnvVarSource,
  path: string,
  { value, volumes }: { value: string; volumes: KnownVolumes },
): FieldError[] {
  const errors: FieldError[] = [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef !== undefined)
    errors.push(...validateFieldRef(fieldRef, `${path}.fieldRef`, ENV_FIELDS));
  if (resourceFieldRef !== undefined)
    errors.push(...validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, false));
  if (configMapKeyRef !== undefined)
    errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef !== undefined)
    errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`));
  if (fileKeyRef !== undefined)
    errors.push(...validateFileKeyRef(fileKeyRef, `${path}.fileKeyRef`, volumes));
  const count = Object.values(source).filter((part) => part !== undefined).length;
  if (count === 0) {
    const text =
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` " +
      "or `fileKeyRef`";
    errors.push(invalid(path, "", text));
  } else if (value !== "")
    errors.push(invalid(path, "", "may not be specified when `value` is not empty"));
  else if (count > 1)
    errors.push(invalid(path, "", "may not have more than one field specified at a time"));
  return errors;
}

function validateKeyRef(
  ref: { readonly name?: string; readonly key: string },
  path: string,
): FieldError[] {
  const { name = "", key } = ref;
  const errors = invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name, false));
  if (key === "") errors.push(required(`${path}.key`));
  else errors.push(...invalidEach(`${path}.key`, key, validateConfigMapKey(key)));
  return errors;
}

function validateFileKeyRef(
  ref: FileKeySelector,
  path: string,
  volumes: KnownVolumes,
): FieldError[] {
  const errors: FieldError[] = [];
  if (ref.key === "") errors.push(required(`${path}.key`));
  else errors.push(...invalidEach(`${path}.key`, ref.key, validateEnvVarName(ref.key)));
  if (ref.volumeName === "") errors.push(required(`${path}.volumeName`));
  else if (!volumes.has(ref.volumeName))
    errors.push(notFound(`${path}.volumeName`, ref.volumeName));
  if (ref.path === "") errors.push(required(`${path}.path`));
  else errors.push(...validateUnreservedPath(ref.path, `${path}.path`));
  return errors;
}
