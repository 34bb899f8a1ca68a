import {
  type FieldError,
  forbidden,
  invalid,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import type { Secret } from "../../../api/schema/types/core-v1.gen.js";
import { base64SizeBytes, utf8ToBase64 } from "../common/base64.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { ageOf } from "../common/age.js";
import { validateConfigMapKey } from "../../../api/machinery/names.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { parseDockerConfig } from "./docker-config.js";
import { DATA_BYTES_MAX } from "./config-map-strategy.js";

const SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name";

const table: TableDefinition<Secret> = {
  columns: [
    NAME_COLUMN,
    column("Type", "What the data is for; some types require keys."),
    column("Data", "The number of keys."),
    AGE_COLUMN,
  ],
  cells: (secret, nowMs) => [
    secret.metadata.name,
    secret.type ?? "",
    Object.keys(secret.data ?? {}).length,
    ageOf(secret.metadata.creationTimestamp, nowMs),
  ],
};

/**
 * Secrets: stringData is folded into data, the type decides which keys must be there and never
 * changes.
 */
export const secretStrategy: Strategy<Secret> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: foldStringData,
  prepareForUpdate(secret, old) {
    const folded = foldStringData(secret);
    // A client that leaves the type out means the one the secret has.
    return (folded.type ?? "") === "" && old.type !== undefined
      ? { ...folded, type: old.type }
      : folded;
  },
  validate: validateSecret,
  validateUpdate: (secret, old) => [...validateChange(secret, old), ...validateSecret(secret)],
  selectableFields: { type: (secret) => secret.type ?? "" },
  table,
};

/** stringData is write-only: each entry replaces the entry of data with the same key. */
function foldStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const folded: { [key: string]: string } = { ...rest.data };
  for (const [key, value] of Object.entries(stringData)) folded[key] = utf8ToBase64(value);
  return { ...rest, data: folded };
}

function validateSecret(secret: Secret): readonly FieldError[] {
  const errors: FieldError[] = [];
  const data = secret.data ?? {};
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...invalidEach(`data[${key}]`, key, validateConfigMapKey(key)));
    sizeBytes += base64SizeBytes(value);
  }
  if (sizeBytes > DATA_BYTES_MAX) errors.push(tooLong("data", DATA_BYTES_MAX));
  errors.push(...validateType(secret, data));
  return errors;
}

function validateType(
  secret: Secret,
  data: { readonly [key: string]: string },
): readonly FieldError[] {
  switch (secret.type ?? "") {
    case "kubernetes.io/service-account-token": {
      const account = secret.metadata.annotations?.[SERVICE_ACCOUNT_NAME] ?? "";
      return account === "" ? [required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`)] : [];
    }
    case "kubernetes.io/dockercfg":
      return validateDockerConfig(data, ".dockercfg");
    case "kubernetes.io/dockerconfigjson":
      return validateDockerConfig(data, ".dockerconfigjson");
    case "kubernetes.io/basic-auth":
      return "username" in data || "password" in data
        ? []
        : [required("data[username]"), required("data[password]")];
    case "kubernetes.io/ssh-auth":
      return (data["ssh-privatekey"] ?? "") === "" ? [required("data[ssh-privatekey]")] : [];
    case "kubernetes.io/tls":
      return ["tls.crt", "tls.key"]
        .filter((key) => !(key in data))
        .map((key) => required(`data[${key}]`));
    default:
      return [];
  }
}

function validateDockerConfig(
  data: { readonly [key: string]: string },
  key: string,
): readonly FieldError[] {
  const config = data[key];
  if (config === undefined) return [required(`data[${key}]`)];
  const problem = parseDockerConfig(config);
  return problem === null ? [] : [invalid(`data[${key}]`, "<secret contents redacted>", problem)];
}

function validateChange(secret: Secret, old: Secret): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (secret.type !== old.type) errors.push(invalid("type", secret.type ?? "", IMMUTABLE));
  if (old.immutable !== true) return errors;
  const text = "field is immutable when `immutable` is set";
  if (secret.immutable !== true) errors.push(forbidden("immutable", text));
  if (!semanticEqual(secret.data, old.data, "data")) errors.push(forbidden("data", text));
  return errors;
}
