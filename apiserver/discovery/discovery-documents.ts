import type { KindInfo, SubresourceInfo } from "../../api/schema/kinds.js";
import { apiVersionOf } from "../../api/schema/kinds.js";

/** A version of a group. */
export interface ServedVersion {
  readonly version: string;
  readonly kinds: readonly KindInfo[];
  /** Of a version of another server instead: its resources as aggregated discovery says them. */
  readonly remote?: {
    readonly freshness: "Current" | "Stale";
    readonly resources: readonly object[];
  };
}

/** The groups and versions that are served, core first, in the order of the kinds. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly ServedVersion[];
}

/** Kinds by group and version. */
export function groupKinds(kinds: readonly KindInfo[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, KindInfo[]>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, KindInfo[]>();
    groups.set(kind.group, versions);
    versions.set(kind.version, [...(versions.get(kind.version) ?? []), kind]);
  }
  return [...groups].map(([group, versions]) => ({
    group,
    versions: [...versions].map(([version, list]) => ({ version, kinds: list })),
  }));
}

/** GET /api */
export function apiVersions(serverAddress: string): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** GET /apis */
export function apiGroupList(groups: readonly ServedGroup[]): object {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groups.filter(({ group }) => group !== "").map(groupEntry),
  };
}

/** GET /apis/GROUP */
export function apiGroup(group: ServedGroup): object {
  return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry({ group, versions }: ServedGroup): object {
  const listed = versions.map(({ version }) => ({
    groupVersion: apiVersionOf(group, version),
    version,
  }));
  return { name: group, versions: listed, preferredVersion: listed[0] };
}

/** GET /api/v1 and /apis/GROUP/VERSION */
export function apiResourceList(groupVersion: string, kinds: readonly KindInfo[]): object {
  return {
    kind: "APIResourceList",
    // Core's own list has never carried its apiVersion.
    ...(groupVersion === "v1" ? {} : { apiVersion: "v1" }),
    groupVersion,
    resources: kinds.flatMap((kind) => [
      resourceEntry(kind),
      ...kind.subresources.map((sub) => subresourceEntry(kind, sub)),
    ]),
  };
}

function resourceEntry(kind: KindInfo): object {
  const { plural, singular, namespaced, verbs, shortNames, categories } = kind;
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}

function subresourceEntry(kind: KindInfo, sub: SubresourceInfo): object {
  const foreign = sub.group !== kind.group || sub.version !== kind.version;
  return {
    name: `${kind.plural}/${sub.name}`,
    singularName: "",
    namespaced: kind.namespaced,
    ...(foreign ? { group: sub.group, version: sub.version } : {}),
    kind: sub.kind,
    verbs: sub.verbs,
  };
}

/** One document with everything: GET /api and /apis with the aggregated media type. */
export function aggregatedDiscovery(
  groups: readonly ServedGroup[],
  version: "v2" | "v2beta1",
): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata:
        group === "" ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versions.map((served) => ({
        version: served.version,
        freshness: served.remote?.freshness ?? "Current",
        resources: served.remote?.resources ?? served.kinds.map(aggregatedResource),
      })),
    })),
  };
}

function aggregatedResource(kind: KindInfo): object {
  const { plural, singular, namespaced, verbs, shortNames, categories, subresources } = kind;
  return {
    resource: plural,
    responseKind: kindReference(kind),
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: kindReference(sub),
            verbs: sub.verbs,
          })),
        }),
  };
}

/** Group and version are always named: an empty one stands for the core group. */
function kindReference(of: { group: string; version: string; kind: string }): object {
  return { group: of.group, version: of.version, kind: of.kind };
}
