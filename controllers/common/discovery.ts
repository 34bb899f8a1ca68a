import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import type { APIGroupList, APIResourceList } from "../../api/schema/types/meta-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";

/** A resource as the server advertises it. */
export interface DiscoveredResource {
  readonly type: ResourceType<KubernetesObject>;
  readonly verbs: ReadonlySet<string>;
}

/**
 * What the server serves, each group in its preferred version, and which groups could not be asked.
 */
export interface Discovery {
  readonly resources: readonly DiscoveredResource[];
  /** Group version → why. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Asks the server for its resources; subresources are left out. Rejects when the list of groups
 * cannot be had.
 */
export async function discover(client: ApiClient, signal: AbortSignal): Promise<Discovery> {
  const answer = await client.request("GET", "/apis", { signal });
  const { groups } = answer as unknown as APIGroupList;
  const versions = groups.flatMap(
    (group) => group.preferredVersion?.groupVersion ?? group.versions[0]?.groupVersion ?? [],
  );
  const resources: DiscoveredResource[] = [];
  const failures = new Map<string, string>();
  for (const groupVersion of ["v1", ...versions]) {
    const path = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
    try {
      const list = (await client.request("GET", path, { signal })) as unknown as APIResourceList;
      resources.push(...resourcesOf(list));
    } catch (error) {
      if (signal.aborted) throw error;
      failures.set(groupVersion, messageOf(error));
    }
  }
  return { resources, failures };
}

function resourcesOf({ groupVersion, resources }: APIResourceList): DiscoveredResource[] {
  const slash = groupVersion.indexOf("/");
  const group = slash < 0 ? "" : groupVersion.slice(0, slash);
  const version = groupVersion.slice(slash + 1);
  return resources
    .filter(({ name }) => !name.includes("/"))
    .map(({ name, kind, namespaced, verbs }) => ({
      type: { group, version, kind, plural: name, namespaced },
      verbs: new Set(verbs),
    }));
}
