import { isApiError, isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { Lister } from "../../api/client/indexer.js";
import type { ObjectKey } from "../../api/client/object-key.js";
import { resourcePath } from "../../api/client/request-path.js";
import { NAMESPACES } from "../../api/client/resource-types.js";
import type { Namespace } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { type DiscoveredResource, discover } from "../common/discovery.js";
import { inParallel } from "../common/slow-start.js";
import type { Reconciler, Result } from "../controller.js";
import {
  type ContentReport,
  FINALIZER,
  isEmpty,
  planNamespaceStatus,
  type Remaining,
} from "./plan.js";

/** What the reconciler works with. */
export interface NamespaceDeps {
  readonly client: ApiClient;
  readonly namespaces: Lister<Namespace>;
  readonly clock: Clock;
}

const PAGE_SIZE = 500;
const DELETE_WIDTH = 32;
const RESOURCE_WIDTH = 8;
/** Pods that end take their time; everything else is gone at once unless a finalizer holds it. */
const LOOK_AGAIN_MS = 1000;

/**
 * Empties a namespace that is going: its pods first, then everything else, then the namespace's own
 * finalizer.
 */
export class NamespaceReconciler implements Reconciler {
  private readonly deps: NamespaceDeps;

  constructor(deps: NamespaceDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const namespace = this.deps.namespaces.get(key);
    if (namespace === undefined || namespace.metadata.deletionTimestamp === undefined) return {};
    if (!(namespace.spec.finalizers ?? []).includes(FINALIZER)) return {};
    const report = await this.deleteContent(namespace.metadata.name, signal);
    const current = await this.reportStatus(namespace, report, signal);
    if (!isEmpty(report)) return { requeueAfterMs: LOOK_AGAIN_MS };
    await this.finalize(current, signal);
    return {};
  }

  private async deleteContent(name: string, signal: AbortSignal): Promise<ContentReport> {
    const { resources, failures } = await discover(this.deps.client, signal);
    const content = resources.filter(
      ({ type, verbs }) => type.namespaced && verbs.has("delete") && verbs.has("list"),
    );
    const isPods = ({ type }: DiscoveredResource): boolean =>
      type.group === "" && type.plural === "pods";
    const report = {
      discoveryFailures: failures,
      deletionFailures: [] as string[],
      remaining: [] as Remaining[],
    };
    // Pods go first (KEP-5080): what guards them, such as a NetworkPolicy, must not go before they
    // have.
    await this.deleteResources(content.filter(isPods), { name, report, signal });
    if (report.remaining.length > 0 || report.deletionFailures.length > 0) return report;
    const others = content.filter((resource) => !isPods(resource));
    await this.deleteResources(others, { name, report, signal });
    return report;
  }

  private async deleteResources(
    resources: readonly DiscoveredResource[],
    pass: {
      name: string;
      report: { deletionFailures: string[]; remaining: Remaining[] };
      signal: AbortSignal;
    },
  ): Promise<void> {
    const { name, report, signal } = pass;
    await inParallel(resources, RESOURCE_WIDTH, async (resource) => {
      const label = `${resource.type.plural}.${resource.type.group}`;
      try {
        const remaining = await this.deleteResource(resource, { name, label, signal });
        if (remaining.count > 0) report.remaining.push(remaining);
      } catch (error) {
        if (signal.aborted) throw error;
        // Advertised and not served: there is nothing of it.
        if (isApiError(error, "NotFound", "MethodNotAllowed")) return;
        report.deletionFailures.push(`${label}: ${messageOf(error)}`);
      }
    });
  }

  /** Deletes what is there and counts what is left afterwards. */
  private async deleteResource(
    { type, verbs }: DiscoveredResource,
    { name, label, signal }: { name: string; label: string; signal: AbortSignal },
  ): Promise<Remaining> {
    const before = await this.listAll(type, name, signal);
    const left = { resource: label, count: 0, finalizers: new Map<string, number>() };
    const fresh = before.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (fresh.length > 0) {
      const client = this.deps.client.resource(type);
      if (verbs.has("deletecollection"))
        await client.deleteCollection({
          namespace: name,
          propagationPolicy: "Background",
          signal,
        });
      else
        await inParallel(fresh, DELETE_WIDTH, async ({ metadata }) => {
          const options = { namespace: name, uid: metadata.uid, signal };
          await client
            .delete(metadata.name, { ...options, propagationPolicy: "Background" })
            .catch((error: unknown) => {
              if (!isNotFound(error) && !isConflict(error)) throw error;
            });
        });
    }
    const after = before.length === 0 ? [] : await this.listAll(type, name, signal);
    for (const { metadata } of after) {
      left.count += 1;
      for (const finalizer of metadata.finalizers ?? [])
        left.finalizers.set(finalizer, (left.finalizers.get(finalizer) ?? 0) + 1);
    }
    return left;
  }

  private async listAll(
    type: DiscoveredResource["type"],
    namespace: string,
    signal: AbortSignal,
  ): Promise<readonly KubernetesObject[]> {
    const client = this.deps.client.metadata(type);
    const all: KubernetesObject[] = [];
    let page = await client.list({ namespace, limit: PAGE_SIZE, signal });
    all.push(...page.items);
    for (let token = page.metadata.continue; token; token = page.metadata.continue) {
      page = await client.list({ namespace, limit: PAGE_SIZE, continue: token, signal });
      all.push(...page.items);
    }
    return all;
  }

  private async reportStatus(
    namespace: Namespace,
    report: ContentReport,
    signal: AbortSignal,
  ): Promise<Namespace> {
    const status = planNamespaceStatus(namespace, report, this.deps.clock.nowMs());
    if (status === null) return namespace;
    const client = this.deps.client.resource(NAMESPACES);
    return await client.update({ ...namespace, status }, { subresource: "status", signal });
  }

  private async finalize(namespace: Namespace, signal: AbortSignal): Promise<void> {
    const { name } = namespace.metadata;
    const finalizers = (namespace.spec.finalizers ?? []).filter((f) => f !== FINALIZER);
    const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
    const path = resourcePath(NAMESPACES, { name, subresource: "finalize" });
    try {
      await this.deps.client.request("PUT", path, { body: body as unknown as JsonValue, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
