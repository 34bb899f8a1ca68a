import { groupPriority, versionPriority } from "../bootstrap/api-services.js";
import {
  type ServedGroup,
  type ServedVersion,
  groupKinds,
} from "../discovery/discovery-documents.js";
import type { GroupSource, KindSource } from "../discovery/discovery-handler.js";
import type { ExtensionMonitor, RemoteVersion } from "./extension-monitor.js";

/** Everything that is served, here and by others, as discovery names it. */
export class AggregatedGroups implements GroupSource {
  private readonly kinds: KindSource;
  private readonly monitor: ExtensionMonitor;

  constructor(kinds: KindSource, monitor: ExtensionMonitor) {
    this.kinds = kinds;
    this.monitor = monitor;
  }

  /** The monitor's follows that of the kinds. */
  get version(): number {
    return this.monitor.version;
  }

  groups(): readonly ServedGroup[] {
    return mergeGroups(groupKinds(this.kinds.kinds()), this.monitor.versions());
  }
}

/**
 * The groups of this server, in their order, and between them those of others where their
 * priorities say; within a group the versions by theirs. Pure.
 */
export function mergeGroups(
  own: readonly ServedGroup[],
  remote: readonly RemoteVersion[],
): readonly ServedGroup[] {
  const byGroup = new Map<string, RemoteVersion[]>();
  for (const each of remote)
    byGroup.set(each.service.group, [...(byGroup.get(each.service.group) ?? []), each]);
  const merged: ServedGroup[] = own.map((group) => {
    const others = byGroup.get(group.group) ?? [];
    byGroup.delete(group.group);
    return others.length === 0 ? group : mergeVersions(group, others);
  });
  const foreign = [...byGroup]
    .map(([group, versions]) => ({
      served: mergeVersions({ group, versions: [] }, versions),
      priority: Math.max(...versions.map(({ service }) => service.groupPriority)),
    }))
    .sort((a, b) => b.priority - a.priority || (a.served.group < b.served.group ? -1 : 1));
  for (const { served, priority } of foreign) {
    const at = merged.findIndex((each) => priorityOf(each, foreign) < priority);
    merged.splice(at < 0 ? merged.length : at, 0, served);
  }
  return merged;
}

function priorityOf(
  group: ServedGroup,
  foreign: readonly { readonly served: ServedGroup; readonly priority: number }[],
): number {
  return foreign.find(({ served }) => served === group)?.priority ?? groupPriority(group.group);
}

function mergeVersions(
  { group, versions }: ServedGroup,
  others: readonly RemoteVersion[],
): ServedGroup {
  const ranked = [
    ...versions.map((version, rank) => ({ version, priority: versionPriority(rank) })),
    ...others.map(({ service, freshness, answer }) => ({
      version: {
        version: service.version,
        kinds: [],
        remote: { freshness, resources: answer.resources },
      } satisfies ServedVersion,
      priority: service.versionPriority,
    })),
  ];
  ranked.sort((a, b) => b.priority - a.priority);
  return { group, versions: ranked.map(({ version }) => version) };
}
