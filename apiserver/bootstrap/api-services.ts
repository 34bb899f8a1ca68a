import { type KindInfo, SERVED_KINDS } from "../../api/schema/kinds.js";
import type { APIService } from "../../api/schema/types/apiregistration-v1.gen.js";
import { USAGE_GROUP } from "../registry/metrics/usage-group.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { InternalClient } from "./internal-client.js";
import { ensureListed } from "./listed-objects.js";

/** Marks what the server looks after itself, as Kubernetes' aggregator does. */
const AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged";
const API_SERVICES = { group: "apiregistration.k8s.io", resource: "apiservices" };
const PATH = "/apis/apiregistration.k8s.io/v1/apiservices";

/** How much clients prefer a group (Kubernetes: kube-apiserver, aggregator): the core group most. */
const GROUP_PRIORITIES: Readonly<Record<string, number>> = {
  "": 18_000,
  apps: 17_800,
  "events.k8s.io": 17_750,
  "authentication.k8s.io": 17_700,
  "authorization.k8s.io": 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  "certificates.k8s.io": 17_300,
  "networking.k8s.io": 17_200,
  policy: 17_100,
  "rbac.authorization.k8s.io": 17_000,
  "storage.k8s.io": 16_800,
  "apiextensions.k8s.io": 16_700,
  "admissionregistration.k8s.io": 16_700,
  "scheduling.k8s.io": 16_600,
  "coordination.k8s.io": 16_500,
  "node.k8s.io": 16_300,
  "discovery.k8s.io": 16_200,
  "flowcontrol.apiserver.k8s.io": 16_100,
};
/** An APIService, but for what the server adds. */
export interface LocalApiService {
  readonly apiVersion: "apiregistration.k8s.io/v1";
  readonly kind: "APIService";
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group?: string;
    readonly version: string;
    readonly groupPriorityMinimum: number;
    readonly versionPriority: number;
  };
}

const OTHER_PRIORITY = 15_000;
const CUSTOM_PRIORITY = 1_000;
const OWN_GROUPS: ReadonlySet<string> = new Set(SERVED_KINDS.map(({ group }) => group));

/** How much clients prefer a group that this server serves. */
export function groupPriority(group: string): number {
  if (!OWN_GROUPS.has(group)) return CUSTOM_PRIORITY;
  return GROUP_PRIORITIES[group] ?? OTHER_PRIORITY;
}

/** How much they prefer a version of it; what discovery names first has rank 0. */
export function versionPriority(rank: number): number {
  return Math.max(1, 100 - rank);
}

/**
 * An APIService for every version of every group that is served, in the order of `kinds`; but none
 * for what nodes and pods use: Helm installs the chart of metrics-server only where there is not
 * one already. Pure.
 */
export function localApiServices(kinds: readonly KindInfo[]): readonly LocalApiService[] {
  const own = new Set<KindInfo>(SERVED_KINDS);
  const byName = new Map<string, LocalApiService>();
  const ranks = new Map<string, number>();
  for (const kind of kinds) {
    const { group, version } = kind;
    const name = `${version}.${group}`;
    if (byName.has(name) || group === USAGE_GROUP) continue;
    const rank = ranks.get(group) ?? 0;
    ranks.set(group, rank + 1);
    const isOwn = own.has(kind);
    byName.set(name, {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name, labels: { [AUTOMANAGED]: isOwn ? "onstart" : "true" } },
      spec: {
        ...(group === "" ? {} : { group }),
        version,
        groupPriorityMinimum: groupPriority(group),
        versionPriority: versionPriority(rank),
      },
    });
  }
  return [...byName.values()];
}

/** Whether one was made by a server and is nobody else's by now. */
function isOurs(name: string, managed: string | undefined, value: Buffer): boolean {
  if (managed === "true") return true;
  // Servers of before made it.
  if (managed !== "onstart" || !name.endsWith(`.${USAGE_GROUP}`)) return false;
  return (JSON.parse(value.toString()) as APIService).spec?.service === undefined;
}

/** Makes the APIServices that are missing, and deletes those of custom kinds that are gone. */
export async function ensureApiServices(
  deps: { readonly client: InternalClient; readonly cache: WatchCache },
  kinds: readonly KindInfo[],
  signal: AbortSignal,
): Promise<void> {
  const objects = localApiServices(kinds);
  await ensureListed(deps, { id: API_SERVICES, path: PATH, objects, signal });
  const wanted = new Set(objects.map(({ metadata }) => metadata.name));
  for (const { name, labels, value } of deps.cache
    .of(API_SERVICES)
    .list({ namespace: "", indexed: null })) {
    if (wanted.has(name) || !isOurs(name, labels[AUTOMANAGED], value)) continue;
    await deps.client.send("DELETE", `${PATH}/${name}`, { signal });
  }
}
