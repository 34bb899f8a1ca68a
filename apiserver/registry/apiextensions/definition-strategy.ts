import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from "../../../api/schema/types/apiextensions-v1.gen.js";
import { column, NAME_COLUMN } from "../common/table-columns.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import {
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from "./definition-validation.js";

/** Holds a definition until its objects are gone. */
export const CUSTOM_OBJECTS_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

const table: TableDefinition<CustomResourceDefinition> = {
  columns: [
    NAME_COLUMN,
    { ...column("Created At", "When the definition was created, in UTC.", "date") },
  ],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
};

/**
 * Definitions of custom kinds. Their names are in use, and the kind is served, from the moment the
 * definition is stored: there is no controller that would have to accept it first.
 */
export const definitionStrategy: Strategy<CustomResourceDefinition> = {
  validateName: nameIsDnsSubdomain,
  freeFinalizers: true,
  prepareForCreate(definition, { now }) {
    const named = withNames(definition);
    const { finalizers = [] } = named.metadata;
    const metadata = finalizers.includes(CUSTOM_OBJECTS_FINALIZER)
      ? named.metadata
      : { ...named.metadata, finalizers: [...finalizers, CUSTOM_OBJECTS_FINALIZER] };
    return withFirstGeneration(accepted({ ...named, metadata }, null, now));
  },
  prepareForUpdate(definition, old, subresource, { now }) {
    if (subresource === "status") return withSpecOf(definition, old);
    const named = withStatusOf(withNames(definition), old);
    return accepted(withNextGeneration(named, old, specChanged(named, old)), old, now);
  },
  validate: validateDefinition,
  validateUpdate: (definition, old, subresource) =>
    subresource === "status"
      ? validateDefinitionStatus(definition)
      : validateDefinitionUpdate(definition, old),
  table,
};

/** Fills in the names that follow from others. */
function withNames(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { names } = definition.spec;
  const full: CustomResourceDefinitionNames = {
    ...names,
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
  };
  const conversion = definition.spec.conversion ?? { strategy: "None" };
  return { ...definition, spec: { ...definition.spec, names: full, conversion } };
}

/** The definition with a status that says that it is in force. */
function accepted(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | null,
  now: string,
): CustomResourceDefinition {
  const { spec } = definition;
  const before = old?.status ?? {};
  const storage = spec.versions.find((version) => version.storage)?.name ?? "";
  const stored = before.storedVersions ?? [];
  const conditions = [...(before.conditions ?? [])];
  for (const condition of CONDITIONS) {
    if (!conditions.some(({ type }) => type === condition.type)) {
      conditions.push({ ...condition, lastTransitionTime: now });
    }
  }
  return {
    ...definition,
    status: {
      ...before,
      conditions,
      acceptedNames: spec.names,
      storedVersions: stored.includes(storage) ? stored : [...stored, storage],
    },
  };
}

const CONDITIONS: readonly CustomResourceDefinitionCondition[] = [
  {
    type: "NamesAccepted",
    status: "True",
    reason: "NoConflicts",
    message: "no conflicts found",
  },
  {
    type: "Established",
    status: "True",
    reason: "InitialNamesAccepted",
    message: "the initial names have been accepted",
  },
];
