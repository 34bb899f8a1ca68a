import { parseJsonPath, plainFields } from "../../api/schema/custom/json-path.js";
import { customType } from "../../api/schema/custom/custom-type.js";
import { hasDefaults, withDefaults } from "../../api/schema/custom/custom-values.js";
import type { KindInfo, SubresourceInfo } from "../../api/schema/kinds.js";
import type { TypeSchema } from "../../api/schema/type-schema.js";
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from "../../api/schema/types/apiextensions-v1.gen.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { present } from "../../base/assert.js";
import type { ScalePaths } from "../handlers/kind-view.js";
import type { Strategy } from "../registry/strategy.js";
import { customStrategy } from "./custom-strategy.js";

/** One served version of a kind that a CustomResourceDefinition describes. */
export interface CustomKind {
  readonly kind: KindInfo;
  readonly type: TypeSchema;
  readonly strategy: Strategy;
  readonly definition: CustomResourceDefinition;
  readonly version: CustomResourceDefinitionVersion;
  /** Null: objects are served as they are stored. */
  readonly conversion: {
    toServed(stored: KubernetesObject): KubernetesObject;
    toStored(served: KubernetesObject): KubernetesObject;
  } | null;
  /** True: no objects can be made any more, for the definition is being deleted. */
  readonly terminating: boolean;
}

const VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** Every served version of a definition, the one that clients prefer first. */
export function customKinds(definition: CustomResourceDefinition): readonly CustomKind[] {
  return [...definition.spec.versions]
    .filter(({ served }) => served)
    .sort((a, b) => compareVersions(a.name, b.name))
    .map((version) => customKind(definition, version));
}

/** Where the numbers of replicas lie; null: the version has no scale. */
export function scaleOf({ version }: CustomKind): ScalePaths | null {
  const scale = version.subresources?.scale;
  if (scale === undefined) return null;
  const fields = (path: string): readonly string[] => plainFields(parseJsonPath(path) ?? []) ?? [];
  const { labelSelectorPath = "" } = scale;
  return {
    specReplicas: fields(scale.specReplicasPath),
    statusReplicas: fields(scale.statusReplicasPath),
    selector: labelSelectorPath === "" ? null : fields(labelSelectorPath),
  };
}

function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): CustomKind {
  const { spec, metadata } = definition;
  const { group, names } = spec;
  const apiVersion = `${group}/${version.name}`;
  const typeName = `custom/${metadata.uid}/${version.name}`;
  const schema = present(version.schema?.openAPIV3Schema, `schema of ${metadata.name}`);
  const named = { name: typeName, kind: names.kind, apiVersion };
  return {
    kind: {
      group,
      version: version.name,
      apiVersion,
      kind: names.kind,
      listKind: names.listKind ?? `${names.kind}List`,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      namespaced: spec.scope === "Namespaced",
      typeName,
      storageTypeName: typeName,
      subresources: subresourcesOf(definition, version, typeName),
      verbs: VERBS,
    },
    type: customType(named, schema),
    strategy: customStrategy(version, named),
    definition,
    version,
    conversion: conversionOf(definition, version, apiVersion),
    terminating: metadata.deletionTimestamp !== undefined,
  };
}

function subresourcesOf(
  { spec }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  typeName: string,
): readonly SubresourceInfo[] {
  const verbs = ["get", "patch", "update"];
  const own = { group: spec.group, version: version.name, kind: spec.names.kind, typeName };
  const scale = { group: "autoscaling", version: "v1", kind: "Scale" };
  const { status, scale: scaled } = version.subresources ?? {};
  return [
    ...(status === undefined ? [] : [{ name: "status", ...own, verbs }]),
    ...(scaled === undefined
      ? []
      : [{ name: "scale", ...scale, typeName: "autoscaling/v1.Scale", verbs }]),
  ];
}

/**
 * Versions differ in nothing but their name (strategy None), or a webhook converts them before;
 * defaults count on reading too.
 */
function conversionOf(
  { spec, status }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  apiVersion: string,
): CustomKind["conversion"] {
  const schema = present(version.schema?.openAPIV3Schema, "schema");
  const stored = status?.storedVersions ?? [];
  const oneVersion = version.storage && stored.length === 1 && stored[0] === version.name;
  const defaulting = hasDefaults(schema);
  if (oneVersion && !defaulting) return null;
  const storage = spec.versions.find((each) => each.storage)?.name ?? version.name;
  if (isConvertedByWebhook(spec)) {
    if (!defaulting) return null;
    return {
      toServed: (object) =>
        withDefaults(object as unknown as JsonValue, schema) as unknown as KubernetesObject,
      toStored: (object) => object,
    };
  }
  return {
    toServed(object) {
      const named = { ...object, apiVersion };
      if (!defaulting) return named;
      return withDefaults(named as unknown as JsonValue, schema) as unknown as KubernetesObject;
    },
    toStored: (object) => ({ ...object, apiVersion: `${spec.group}/${storage}` }),
  };
}

/** Whether versions are converted by a webhook. */
export function isConvertedByWebhook({ conversion }: CustomResourceDefinition["spec"]): boolean {
  return conversion?.strategy === "Webhook" && conversion.webhook !== undefined;
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/u;

/**
 * The order in which versions are preferred: v10, v2, v1, v11beta2, v10beta3, v3alpha1, foo1
 * (Kubernetes: Versions in CustomResourceDefinitions, version priority).
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left === null || right === null) {
    if (left !== null) return -1;
    if (right !== null) return 1;
    return a < b ? -1 : Number(a > b);
  }
  for (const [at, value] of left.entries()) {
    const difference = (right[at] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankOf(version: string): readonly [number, number, number] | null {
  const match = VERSION.exec(version);
  if (match === null) return null;
  const stage = match[2] === undefined ? 3 : match[2] === "beta" ? 2 : 1;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}
