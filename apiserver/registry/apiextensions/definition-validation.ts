import {
  type FieldError,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1035Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import { parseJsonPath, plainFields } from "../../../api/schema/custom/json-path.js";
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from "../../../api/schema/types/apiextensions-v1.gen.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { validateWebhookClient } from "../common/validate-webhook-client.js";
import { structuralErrors } from "./structural-schema.js";

const SCOPES = ["Cluster", "Namespaced"];
const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const SELECTABLE_MAX = 8;
/** Groups of Kubernetes itself: a definition in one says who approved it. */
const PROTECTED_GROUP = /(?:^|\.)(?:k8s|kubernetes)\.io$/u;
const APPROVAL = "api-approved.kubernetes.io";

/** The rules of a new definition. */
export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  const errors: FieldError[] = [];
  const expected = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== expected) {
    const text = `must be spec.names.plural+"."+spec.group`;
    errors.push(invalid("metadata.name", metadata.name, text));
  }
  const approval = metadata.annotations?.[APPROVAL] ?? "";
  if (PROTECTED_GROUP.test(spec.group) && approval === "") {
    const text = `protected groups must have approval annotation "${APPROVAL}"`;
    errors.push(required(`metadata.annotations[${APPROVAL}]`, text));
  }
  return [...errors, ...validateSpec(spec)];
}

/** The rules of a definition that replaces `old`: what its objects depend on stays. */
export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const errors = validateDefinition(definition);
  const { spec } = definition;
  const frozen = [
    ["spec.group", spec.group, old.spec.group],
    ["spec.scope", spec.scope, old.spec.scope],
    ["spec.names.plural", spec.names.plural, old.spec.names.plural],
    ["spec.names.kind", spec.names.kind, old.spec.names.kind],
  ] as const;
  for (const [field, now, before] of frozen) {
    if (now !== before) errors.push(invalid(field, now, IMMUTABLE));
  }
  for (const [index, name] of (old.status?.storedVersions ?? []).entries()) {
    if (spec.versions.some((version) => version.name === name)) continue;
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`status.storedVersions[${index}]`, name, text));
  }
  return errors;
}

/** The versions in which objects may be stored are versions, and the one in use is among them. */
export function validateDefinitionStatus({ spec, status }: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) errors.push(invalid("status.storedVersions", stored, AT_LEAST_ONE));
  for (const [index, name] of stored.entries()) {
    if (spec.versions.some((version) => version.name === name)) continue;
    errors.push(invalid(`status.storedVersions[${index}]`, name, "must appear in spec.versions"));
  }
  const storage = spec.versions.find((version) => version.storage)?.name ?? "";
  if (stored.length > 0 && !stored.includes(storage)) {
    const text = `must have the storage version ${storage}`;
    errors.push(invalid("status.storedVersions", stored, text));
  }
  return errors;
}

const AT_LEAST_ONE = "must have at least one stored version";

function validateSpec(spec: CustomResourceDefinitionSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.group === "") errors.push(required("spec.group"));
  else if (!spec.group.includes(".")) {
    errors.push(invalid("spec.group", spec.group, "should be a domain with at least one dot"));
  } else {
    errors.push(...invalidEach("spec.group", spec.group, validateDns1123Subdomain(spec.group)));
  }
  if (!SCOPES.includes(spec.scope)) errors.push(notSupported("spec.scope", spec.scope, SCOPES));
  errors.push(...validateNames(spec), ...validateVersions(spec.versions));
  if (spec.preserveUnknownFields === true) {
    const text = "must be false in order to use defaults in the schema";
    errors.push(invalid("spec.preserveUnknownFields", true, text));
  }
  return [...errors, ...validateConversion(spec)];
}

const CONVERSIONS = ["None", "Webhook"];
const REVIEW_VERSIONS = ["v1", "v1beta1"];

function validateConversion({ conversion }: CustomResourceDefinitionSpec): FieldError[] {
  if (conversion === undefined) return [];
  const path = "spec.conversion";
  const { strategy, webhook } = conversion;
  if (!CONVERSIONS.includes(strategy))
    return [notSupported(`${path}.strategy`, strategy, CONVERSIONS)];
  if (strategy === "None") {
    const text = "should not be set when strategy is not set to Webhook";
    return webhook === undefined ? [] : [forbidden(`${path}.webhook`, text)];
  }
  const { clientConfig, conversionReviewVersions: versions = [] } = webhook ?? {};
  if (clientConfig === undefined) {
    const text = "required when strategy is set to Webhook";
    return [required(`${path}.webhook.clientConfig`, text)];
  }
  const errors = validateWebhookClient(clientConfig, `${path}.webhook.clientConfig`);
  const at = `${path}.webhook.conversionReviewVersions`;
  if (versions.length === 0) return [...errors, required(at)];
  for (const [index, version] of versions.entries()) {
    const texts =
      versions.indexOf(version) < index ? ["duplicate version"] : validateDns1035Label(version);
    errors.push(...texts.map((text) => invalid(`${at}[${index}]`, version, text)));
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version)))
    errors.push(
      invalid(at, versions, `must include at least one of ${REVIEW_VERSIONS.join(", ")}`),
    );
  return errors;
}

function validateNames({ names }: CustomResourceDefinitionSpec): FieldError[] {
  const errors: FieldError[] = [];
  const words: readonly (readonly [field: string, word: string])[] = [
    ["plural", names.plural],
    ["singular", names.singular ?? ""],
    ...(names.shortNames ?? []).map((name, at) => [`shortNames[${at}]`, name] as const),
    ...(names.categories ?? []).map((name, at) => [`categories[${at}]`, name] as const),
  ];
  for (const [field, word] of words) {
    const path = `spec.names.${field}`;
    if (word === "") errors.push(required(path));
    else errors.push(...invalidEach(path, word, validateDns1035Label(word)));
  }
  for (const field of ["kind", "listKind"] as const) {
    const name = names[field] ?? "";
    const path = `spec.names.${field}`;
    if (name === "") errors.push(required(path));
    else {
      const texts = validateDns1035Label(name.toLowerCase());
      errors.push(
        ...texts.map((text) =>
          invalid(path, name, `may have mixed case, but should otherwise match: ${text}`),
        ),
      );
    }
  }
  if (names.kind !== "" && names.kind === names.listKind) {
    errors.push(
      invalid("spec.names.listKind", names.listKind, "kind and listKind may not be the same"),
    );
  }
  return errors;
}

function validateVersions(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  if (versions.length === 0)
    errors.push(required("spec.versions", "must have at least one version"));
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    if (seen.has(version.name)) errors.push(duplicate(`${path}.name`, version.name));
    seen.add(version.name);
    errors.push(...validateVersion(version, path));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const text = "must have exactly one version marked as storage version";
    errors.push(
      invalid(
        "spec.versions",
        versions.map(({ name }) => name),
        text,
      ),
    );
  }
  return errors;
}

function validateVersion(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (version.name === "") errors.push(required(`${path}.name`));
  else {
    const texts = validateDns1035Label(version.name);
    errors.push(...invalidEach(`${path}.name`, version.name, texts));
  }
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) {
    errors.push(required(`${path}.schema.openAPIV3Schema`, "schemas are required"));
  } else {
    errors.push(...structuralErrors(schema, `${path}.schema.openAPIV3Schema`));
  }
  errors.push(...validateSubresources(version, path), ...validateColumns(version, path));
  return [...errors, ...validateSelectable(version, path)];
}

function validateSubresources(
  { subresources }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const at = `${path}.subresources.scale`;
  const paths = [
    ["specReplicasPath", scale.specReplicasPath, /^\.spec\./u, ".spec"],
    ["statusReplicasPath", scale.statusReplicasPath, /^\.status\./u, ".status"],
    [
      "labelSelectorPath",
      scale.labelSelectorPath ?? null,
      /^\.(?:spec|status)\./u,
      ".spec or .status",
    ],
  ] as const;
  return paths.flatMap(([field, value, start, under]) => {
    if (value === null) return [];
    if (value === "") return field === "labelSelectorPath" ? [] : [required(`${at}.${field}`)];
    if (plainFields(parseJsonPath(value) ?? []) === null || parseJsonPath(value) === null) {
      return [invalid(`${at}.${field}`, value, "must be a json path of fields alone")];
    }
    if (start.test(value)) return [];
    return [invalid(`${at}.${field}`, value, `should be a json path under ${under}`)];
  });
}

function validateColumns(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  return (version.additionalPrinterColumns ?? []).flatMap((column, index) => {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    const errors: FieldError[] = [];
    if (column.name === "") errors.push(required(`${at}.name`));
    if (!COLUMN_TYPES.includes(column.type)) {
      errors.push(invalid(`${at}.type`, column.type, `must be one of ${COLUMN_TYPES.join(",")}`));
    }
    if (column.jsonPath === "") errors.push(required(`${at}.jsonPath`));
    else if (!column.jsonPath.startsWith(".") || parseJsonPath(column.jsonPath) === null) {
      errors.push(invalid(`${at}.jsonPath`, column.jsonPath, "must be a simple json path"));
    }
    return errors;
  });
}

function validateSelectable(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const fields = version.selectableFields ?? [];
  const errors: FieldError[] = [];
  if (fields.length > SELECTABLE_MAX) {
    const text = `must have at most ${SELECTABLE_MAX} items`;
    errors.push(invalid(`${path}.selectableFields`, fields.length, text));
  }
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}.selectableFields[${index}].jsonPath`;
    const steps = parseJsonPath(jsonPath);
    const names = steps === null ? null : plainFields(steps);
    if (jsonPath === "") errors.push(required(at));
    else if (!jsonPath.startsWith(".") || names === null) {
      errors.push(invalid(at, jsonPath, "is an invalid path: must be a simple json path"));
    } else if (names[0] === "metadata") {
      errors.push(invalid(at, jsonPath, "must not point to fields in metadata"));
    } else if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
  }
  return errors;
}
