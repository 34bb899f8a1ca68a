import type { APIResource, APIResourceList } from "../../api/schema/types/meta-v1.gen.js";
import type { JsonObject } from "../../api/schema/wire-types.js";

/** A resource as aggregated discovery (apidiscovery.k8s.io) says it; the rest is handed on. */
export type DiscoveredResource = JsonObject;

/** What one answer about everything says: the resources of each version, by `group/version`. */
export type DiscoveredVersions = ReadonlyMap<string, readonly DiscoveredResource[]>;

/** Reads an APIGroupDiscoveryList; null: it is none. Pure. */
export function readGroupDiscovery(document: unknown): DiscoveredVersions | null {
  const { kind, items } = asObject(document);
  if (kind !== "APIGroupDiscoveryList" || !Array.isArray(items)) return null;
  const found = new Map<string, readonly DiscoveredResource[]>();
  for (const item of items as unknown[]) {
    const { metadata, versions } = asObject(item);
    const { name } = asObject(metadata);
    for (const each of Array.isArray(versions) ? (versions as unknown[]) : []) {
      const { version, resources } = asObject(each);
      if (typeof version !== "string" || typeof name !== "string") continue;
      const list = Array.isArray(resources) ? (resources as unknown[]) : [];
      found.set(`${name}/${version}`, list.map(withResponseKinds));
    }
  }
  return found;
}

/** Reads an APIResourceList, as older servers answer; null: it is none. Pure. */
export function readResourceList(document: unknown): readonly DiscoveredResource[] | null {
  const { kind, resources } = asObject(document);
  if (kind !== "APIResourceList" || !Array.isArray(resources)) return null;
  const list = (resources as unknown[]).map(
    (each) => asObject(each) as Partial<APIResource> as APIResource,
  );
  return convertResources(list.filter(({ name }) => typeof name === "string"));
}

/**
 * The resources of a list with their subresources below them. Metrics adapters name subresources
 * of resources that are not theirs: these get an entry without verbs. Pure.
 */
export function convertResources(list: APIResourceList["resources"]): DiscoveredResource[] {
  const entries = new Map<string, Record<string, unknown> & { subresources?: unknown[] }>();
  for (const resource of list) {
    const { name, namespaced, singularName, shortNames, categories } = resource;
    if (name.includes("/")) continue;
    entries.set(name, {
      resource: name,
      responseKind: kindOf(resource),
      scope: scopeOf(namespaced),
      singularResource: singularName ?? "",
      verbs: resource.verbs ?? [],
      ...(shortNames === undefined ? {} : { shortNames }),
      ...(categories === undefined ? {} : { categories }),
    });
  }
  for (const resource of list) {
    const slash = resource.name.indexOf("/");
    if (slash < 0) continue;
    const parent = resource.name.slice(0, slash);
    const entry = entries.get(parent) ?? {
      resource: parent,
      responseKind: { group: "", version: "", kind: "" },
      scope: scopeOf(resource.namespaced),
      singularResource: "",
      verbs: [],
    };
    entries.set(parent, entry);
    (entry.subresources ??= []).push({
      subresource: resource.name.slice(slash + 1),
      responseKind: kindOf(resource),
      verbs: resource.verbs ?? [],
    });
  }
  return [...entries.values()] as unknown as DiscoveredResource[];
}

function scopeOf(namespaced: boolean | undefined): string {
  return namespaced === true ? "Namespaced" : "Cluster";
}

function kindOf({ group = "", version = "", kind = "" }: Partial<APIResource>): object {
  return { group, version, kind };
}

/** Some clients read the kind of every entry unseen (kubernetes/kubernetes#118361). */
function withResponseKinds(value: unknown): DiscoveredResource {
  const entry = asObject(value);
  const { responseKind = { group: "", version: "", kind: "" }, subresources } = entry;
  const below = Array.isArray(subresources)
    ? { subresources: (subresources as unknown[]).map(withResponseKinds) }
    : {};
  return { ...entry, responseKind, ...below } as DiscoveredResource;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
