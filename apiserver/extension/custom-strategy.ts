import { isDeepStrictEqual } from "node:util";
import { formatAge, parseTimeMs } from "../../api/machinery/time.js";
import { type FieldError, type FieldErrorType, invalid } from "../../api/machinery/field-errors.js";
import { checkRules, hasRules } from "../../api/schema/custom/custom-rules.js";
import { schemaErrors } from "../../api/schema/custom/custom-validation.js";
import { type JsonPathStep, findByPath, parseJsonPath } from "../../api/schema/custom/json-path.js";
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from "../../api/schema/types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { present } from "../../base/assert.js";
import { nameIsDnsSubdomain } from "../registry/common/name-validators.js";
import {
  withFirstGeneration,
  withNextGeneration,
  withStatusOf,
} from "../registry/common/prepare.js";
import { AGE_COLUMN, NAME_COLUMN } from "../registry/common/table-columns.js";
import type { StepFindings, Strategy, TableColumn, TableDefinition } from "../registry/strategy.js";

type Fields = Readonly<Record<string, unknown>>;

/** The rules of one version of a custom kind, as its definition has them. */
export function customStrategy(
  version: CustomResourceDefinitionVersion,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): Strategy {
  const schema = present(version.schema?.openAPIV3Schema, `schema of ${kind}`);
  const hasStatus = version.subresources?.status !== undefined;
  const deprecation = deprecationOf(version, `${apiVersion} ${kind}`);
  return {
    validateName: nameIsDnsSubdomain,
    freeFinalizers: true,
    prepareForCreate: (object) => withFirstGeneration(hasStatus ? withoutStatus(object) : object),
    prepareForUpdate(object, old, subresource) {
      if (subresource === "status") return withMetadataOf(old, object);
      const next = hasStatus ? withStatusOf(object, old) : object;
      const changed = !isDeepStrictEqual(body(next, hasStatus), body(old, hasStatus));
      return withNextGeneration(next, old, changed);
    },
    validate: (object) => errorsOf(object, schema),
    validateUpdate(object, old) {
      // Ratcheting (KEP-4008): what was wrong before and has not changed may stay.
      const before = new Set(errorsOf(old, schema).map(identityOf));
      return errorsOf(object, schema).filter((error) => !before.has(identityOf(error)));
    },
    *checkInSteps({ object, old, errors }) {
      if (!hasRules(schema)) return NOTHING_FOUND;
      // Rules may rely on types and on what must be there.
      if (errors.some(({ type }) => BLOCKING.has(type))) {
        return { errors: [invalid("<nil>", null, NOT_CHECKED)], warnings: [] };
      }
      const before = old as unknown as JsonObject | null;
      return yield* checkRules(object as unknown as JsonObject, before, schema);
    },
    ...(deprecation === null ? {} : { deprecation }),
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => {
        const steps = parseJsonPath(jsonPath) ?? [];
        return [jsonPath.slice(1), (object: KubernetesObject) => textAt(object, steps)];
      }),
    ),
    table: tableOf(version.additionalPrinterColumns ?? []),
  };
}

const NOTHING_FOUND: StepFindings = { errors: [], warnings: [] };
const NOT_CHECKED =
  "some validation rules were not checked because the object was invalid; correct the existing " +
  "errors to complete validation";
const BLOCKING: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

function errorsOf(object: KubernetesObject, schema: JSONSchemaProps): readonly FieldError[] {
  const { metadata: _metadata, ...rest } = object as unknown as JsonObject;
  const { required: wanted = [], ...loose } = schema;
  const described = { ...loose, required: wanted.filter((name) => name !== "metadata") };
  return schemaErrors(rest, described, "");
}

function identityOf({ type, field, badValue, detail }: FieldError): string {
  return JSON.stringify([type, field, badValue, detail]);
}

function withoutStatus(object: KubernetesObject): KubernetesObject {
  const { status: _status, ...rest } = object as KubernetesObject & { status?: unknown };
  return rest;
}

/** Through the status nothing else changes: not the metadata either, but for what it is checked by. */
function withMetadataOf(old: KubernetesObject, object: KubernetesObject): KubernetesObject {
  const { resourceVersion } = object.metadata;
  const { status: _status, ...rest } = old as KubernetesObject & { status?: unknown };
  const { status } = object as KubernetesObject & { status?: unknown };
  const metadata = { ...rest.metadata, resourceVersion };
  return { ...rest, metadata, ...(status === undefined ? {} : { status }) } as KubernetesObject;
}

/** What counts as a change: everything but metadata, and the status where it has its own path. */
function body(object: KubernetesObject, hasStatus: boolean): Fields {
  const { metadata: _metadata, ...rest } = object as unknown as Fields;
  if (!hasStatus) return rest;
  const { status: _status, ...others } = rest;
  return others;
}

function deprecationOf(version: CustomResourceDefinitionVersion, name: string): string | null {
  if (version.deprecated !== true) return null;
  return version.deprecationWarning ?? `${name} is deprecated`;
}

function textAt(object: KubernetesObject, steps: readonly JsonPathStep[]): string {
  const [found] = findByPath(object as unknown as JsonValue, steps);
  if (found === undefined || found === null) return "";
  return typeof found === "string" ? found : JSON.stringify(found);
}

function tableOf(
  columns: readonly CustomResourceColumnDefinition[],
): TableDefinition<KubernetesObject> {
  const described: readonly CustomResourceColumnDefinition[] =
    columns.length > 0 ? columns : [{ name: AGE_COLUMN.name, type: "date", jsonPath: CREATED }];
  const readers = described.map((column) => {
    const steps = parseJsonPath(column.jsonPath) ?? [];
    return (object: KubernetesObject, nowMs: number) => cellOf(column, { object, steps, nowMs });
  });
  return {
    columns: [NAME_COLUMN, ...described.map(tableColumn)],
    cells: (object, nowMs) => [object.metadata.name, ...readers.map((read) => read(object, nowMs))],
  };
}

const CREATED = ".metadata.creationTimestamp";

function tableColumn(column: CustomResourceColumnDefinition): TableColumn {
  const { name, type, format, description = "", priority = 0 } = column;
  const said =
    description === ""
      ? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`
      : description;
  return {
    name,
    type: type as TableColumn["type"],
    ...(format === undefined ? {} : { format }),
    description: said,
    priority,
  };
}

/** A cell as its column's type wants it; null where there is nothing, or nothing of that type. */
function cellOf(
  { type }: CustomResourceColumnDefinition,
  at: {
    readonly object: KubernetesObject;
    readonly steps: readonly JsonPathStep[];
    readonly nowMs: number;
  },
): string | number | boolean | null {
  const found = findByPath(at.object as unknown as JsonValue, at.steps);
  const [value = null] = found;
  if (value === null) return null;
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageText(value, at.nowMs) : null;
    default:
      return found
        .map((each) => (typeof each === "string" ? each : JSON.stringify(each)))
        .join(",");
  }
}

function ageText(value: string, nowMs: number): string {
  const timeMs = parseTimeMs(value);
  return timeMs === null ? "<invalid>" : formatAge(nowMs - timeMs);
}
