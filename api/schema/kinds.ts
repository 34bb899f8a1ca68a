import { present } from "../../base/assert.js";
import type { GroupNotation, KindNotation, SubresourceNotation } from "./notation.js";
import { SERVED_GROUPS } from "./served-groups.js";

/** A path below an object, such as pods/status. */
export interface SubresourceInfo {
  readonly name: string;
  /**
   * Of the kind that the subresource speaks: pods/eviction speaks policy/v1 Eviction. "" is the
   * core group.
   */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /**
   * Its schema, such as autoscaling/v1.Scale; null: it carries a stream (exec, log …), not an
   * object.
   */
  readonly typeName: string | null;
  /** As discovery lists them. */
  readonly verbs: readonly string[];
}

/**
 * Everything that handlers, discovery and clients need to know of a kind besides its schema and its
 * strategy.
 */
export interface KindInfo {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  /** Such as apps/v1, or v1 for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Name of its schema, such as core/v1.Pod. */
  readonly typeName: string;
  /**
   * Name of the schema in which it is stored: its own, except that events.k8s.io/v1 Events are
   * stored as core/v1.Event (see convert-events.ts).
   */
  readonly storageTypeName: string;
  readonly subresources: readonly SubresourceInfo[];
  /**
   * As discovery lists them. A kind without "get" is never stored: a POST is answered and
   * forgotten.
   */
  readonly verbs: readonly string[];
}

/** Kinds whose deletion answers with the object, as it was; all others with a Status. */
const ANSWERED_WITH_OBJECT: ReadonlySet<string> = new Set([
  "Pod",
  "Service",
  "ServiceAccount",
  "PodTemplate",
  "ResourceQuota",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
  "CSIDriver",
  "CSINode",
  "DeviceClass",
  "ResourceClaim",
  "ResourceClaimTemplate",
  "ResourceSlice",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);

/** What a DELETE of one object of this kind answers with: the object, or else a Status. */
export function isAnsweredWithObject(kind: string): boolean {
  return ANSWERED_WITH_OBJECT.has(kind);
}

/** Every kind that is served, the core group first. */
export const SERVED_KINDS: readonly KindInfo[] = SERVED_GROUPS.flatMap((group) =>
  group.kinds.map((kind) => kindInfo(group, kind)),
);

const BY_RESOURCE = new Map(
  SERVED_KINDS.map((info) => [`${info.apiVersion}/${info.plural}`, info] as const),
);
const BY_KIND = new Map(
  SERVED_KINDS.map((info) => [`${info.apiVersion}/${info.kind}`, info] as const),
);
const BY_TYPE = new Map(SERVED_KINDS.map((info) => [info.typeName, info] as const));

/**
 * The kind behind a resource path, such as ("apps", "v1", "deployments"); null when none is served.
 */
export function kindByResource(group: string, version: string, plural: string): KindInfo | null {
  return BY_RESOURCE.get(`${apiVersionOf(group, version)}/${plural}`) ?? null;
}

/** The kind of an object, such as ("apps", "v1", "Deployment"); null when none is served. */
export function kindByGvk(group: string, version: string, kind: string): KindInfo | null {
  return BY_KIND.get(`${apiVersionOf(group, version)}/${kind}`) ?? null;
}

/** The kind whose objects are stored for `info`: itself, or core Event for events.k8s.io Event. */
export function storageKind(info: KindInfo): KindInfo {
  return present(BY_TYPE.get(info.storageTypeName), `kind ${info.storageTypeName}`);
}

/** "apps", "v1" → "apps/v1"; "", "v1" → "v1". */
export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** "apps/v1" → { group: "apps", version: "v1" }; "v1" → the core group. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  if (slash < 0) return { group: "", version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

function kindInfo(group: GroupNotation, kind: KindNotation): KindInfo {
  const typeName = `${group.packageName}.${kind.kind}`;
  return {
    ...splitApiVersion(group.apiVersion),
    apiVersion: group.apiVersion,
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    plural: kind.plural,
    singular: kind.kind.toLowerCase(),
    shortNames: kind.shortNames,
    categories: kind.categories,
    namespaced: kind.namespaced,
    typeName,
    storageTypeName: kind.storage ?? typeName,
    subresources: kind.subresources.map((sub) => subresourceInfo(group, sub)),
    verbs: kind.verbs,
  };
}

function subresourceInfo(owner: GroupNotation, sub: SubresourceNotation): SubresourceInfo {
  const dot = sub.kind.indexOf(".");
  const packageName = dot < 0 ? owner.packageName : sub.kind.slice(0, dot);
  const kind = sub.kind.slice(dot + 1);
  const group = present(
    SERVED_GROUPS.find((candidate) => candidate.packageName === packageName),
    `group ${packageName}`,
  );
  const isType = sub.name !== "log" && group.types.some((type) => type.name === kind);
  return {
    name: sub.name,
    ...splitApiVersion(group.apiVersion),
    kind,
    typeName: isType ? `${packageName}.${kind}` : null,
    verbs: sub.verbs,
  };
}
