import { isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import type { Lister } from "../../api/client/indexer.js";
import type { ObjectKey } from "../../api/client/object-key.js";
import {
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  RESOURCE_QUOTAS,
  SERVICES,
} from "../../api/client/resource-types.js";
import type { CountedResource } from "../../api/schema/quota/usage.js";
import type { ResourceQuota } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { discover } from "../common/discovery.js";
import type { Reconciler, Result } from "../controller.js";
import { inputOf, planQuota, type QuotaInput, RESYNC_MS, resourceKey, resyncMs } from "./plan.js";

/** What the reconciler works with. */
export interface ResourceQuotaDeps {
  readonly client: ApiClient;
  readonly quotas: Lister<ResourceQuota>;
  /** Whose objects' ends are seen as they happen. */
  readonly watched: readonly ResourceType<KubernetesObject>[];
  readonly clock: Clock;
}

const DISCOVERY_MS = 60_000;
const PAGE = 500;
const WHOLE: ReadonlyMap<string, ResourceType<KubernetesObject>> = new Map<
  string,
  ResourceType<KubernetesObject>
>([
  ["pods", PODS],
  ["services", SERVICES],
  ["persistentvolumeclaims", PERSISTENT_VOLUME_CLAIMS],
]);

/**
 * Works out anew what a quota has given. The quota is read first and its objects after it, both
 * from the server: whatever is charged in between moves the quota's version, and the write fails.
 */
export class ResourceQuotaReconciler implements Reconciler {
  private readonly deps: ResourceQuotaDeps;
  private readonly watched: ReadonlySet<string>;
  /** Until when nothing but an event makes it worth listing the objects of a quota. */
  private readonly holdsUntilMs = new Map<ObjectKey, number>();
  private known = new Map<string, ResourceType<KubernetesObject>>();
  private knownSinceMs = Number.NEGATIVE_INFINITY;

  constructor(deps: ResourceQuotaDeps) {
    this.deps = deps;
    this.watched = new Set(
      deps.watched.map(({ group, plural }) => resourceKey({ group, resource: plural })),
    );
  }

  /** Something that the quota counts has changed: all of it is looked at next time. */
  changed(key: ObjectKey): void {
    this.holdsUntilMs.delete(key);
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const nowMs = this.deps.clock.monotonicMs();
    const isWhole = (this.holdsUntilMs.get(key) ?? 0) <= nowMs;
    // Before anything is read: what changes meanwhile takes it back.
    if (isWhole) this.holdsUntilMs.set(key, nowMs + RESYNC_MS);
    try {
      return await this.look(key, isWhole, signal);
    } catch (error) {
      this.changed(key);
      throw error;
    }
  }

  private async look(key: ObjectKey, isWhole: boolean, signal: AbortSignal): Promise<Result> {
    const { client, clock, quotas } = this.deps;
    const cached = quotas.get(key);
    const { name = "", namespace = "" } = cached?.metadata ?? {};
    const quota = cached === undefined ? null : await this.live(name, namespace, signal);
    if (quota === null || quota.metadata.deletionTimestamp !== undefined) {
      this.changed(key);
      return {};
    }
    const input = inputOf(quota);
    const objects = isWhole ? await this.listAll(input, namespace, signal) : null;
    const counts = new Map<string, number>();
    for (const of of input.counts) {
      const count = await this.count(of, namespace, signal);
      if (count !== null) counts.set(resourceKey(of), count);
    }
    const status = planQuota({ quota, objects, counts, nowMs: clock.nowMs() });
    if (status !== null) {
      const options = { subresource: "status", signal } as const;
      await client.resource(RESOURCE_QUOTAS).update({ ...quota, status }, options);
    }
    return { requeueAfterMs: resyncMs(input, this.watched) };
  }

  private async listAll(
    { objects }: QuotaInput,
    namespace: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly KubernetesObject[]>> {
    const all = new Map<string, readonly KubernetesObject[]>();
    for (const of of objects) all.set(resourceKey(of), await this.list(of, namespace, signal));
    return all;
  }

  private async live(
    name: string,
    namespace: string,
    signal: AbortSignal,
  ): Promise<ResourceQuota | null> {
    try {
      return await this.deps.client.resource(RESOURCE_QUOTAS).get(name, { namespace, signal });
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  private async list(
    of: CountedResource,
    namespace: string,
    signal: AbortSignal,
  ): Promise<readonly KubernetesObject[]> {
    const type = WHOLE.get(of.resource);
    if (type === undefined) return [];
    const all: KubernetesObject[] = [];
    let more: string | undefined;
    do {
      const next = more === undefined ? {} : { continue: more };
      const page = { namespace, limit: PAGE, ...next, signal };
      const { items, metadata } = await this.deps.client.resource(type).list(page);
      all.push(...items);
      more = metadata.continue === "" ? undefined : metadata.continue;
    } while (more !== undefined);
    return all;
  }

  /** Null: nothing of that name is served. */
  private async count(
    of: CountedResource,
    namespace: string,
    signal: AbortSignal,
  ): Promise<number | null> {
    const type = await this.typeOf(of, signal);
    if (type === undefined) return null;
    const { items, metadata } = await this.deps.client
      .metadata(type)
      .list({ namespace, limit: 1, signal });
    return items.length + (metadata.remainingItemCount ?? 0);
  }

  private async typeOf(
    of: CountedResource,
    signal: AbortSignal,
  ): Promise<ResourceType<KubernetesObject> | undefined> {
    const { client, clock } = this.deps;
    if (clock.monotonicMs() - this.knownSinceMs > DISCOVERY_MS) {
      const { resources } = await discover(client, signal);
      const listed = resources.filter(({ type, verbs }) => type.namespaced && verbs.has("list"));
      this.known = new Map(
        listed.map(({ type }) => [resourceKey({ group: type.group, resource: type.plural }), type]),
      );
      this.knownSinceMs = clock.monotonicMs();
    }
    return this.known.get(resourceKey(of));
  }
}
