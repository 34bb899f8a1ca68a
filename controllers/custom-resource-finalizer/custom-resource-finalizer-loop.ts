import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import type { Lister } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../../api/client/resource-types.js";
import type { CustomResourceDefinition } from "../../api/schema/types/apiextensions-v1.gen.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { inParallel } from "../common/slow-start.js";
import {
  type LoopFactory,
  newQueue,
  queueLoop,
  type Reconciler,
  type Result,
} from "../controller.js";
import { FINALIZER, isEnding, terminatingConditions } from "./plan.js";

const NAME = "custom_resource_finalizer";
const PAGE_SIZE = 500;
const DELETE_WIDTH = 32;
/** Objects with finalizers of their own take their time. */
const LOOK_AGAIN_MS = 1_000;

/** The loop that deletes the objects of a custom kind whose definition is being deleted. */
export const customResourceFinalizerLoop: LoopFactory = (context) => {
  const definitions = context.informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
  const queue = newQueue(context, NAME);
  const enqueue = (definition: CustomResourceDefinition): void => {
    if (isEnding(definition)) queue.add(keyOf(definition));
  };
  definitions.addHandler({ added: enqueue, updated: enqueue });
  const { client, clock } = context;
  const reconciler = new CustomResourceFinalizer({
    client,
    clock,
    definitions: definitions.lister,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};

/** Says that a definition is ending, deletes its objects, and lets it go once none is left. */
class CustomResourceFinalizer implements Reconciler {
  private readonly deps: {
    readonly client: ApiClient;
    readonly clock: Clock;
    readonly definitions: Lister<CustomResourceDefinition>;
  };

  constructor(deps: CustomResourceFinalizer["deps"]) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const definition = this.deps.definitions.get(key);
    if (definition === undefined || !isEnding(definition)) return {};
    const conditions = terminatingConditions(definition, this.deps.clock.nowMs());
    if (conditions !== null) {
      await this.patch(definition, { status: { conditions } }, { subresource: "status", signal });
      // Seen again through its own event.
      return {};
    }
    if ((await this.deleteObjects(definition, signal)) > 0) {
      return { requeueAfterMs: LOOK_AGAIN_MS };
    }
    const finalizers = (definition.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
    await this.patch(definition, { metadata: { finalizers } }, { signal });
    return {};
  }

  /** How many are left. A kind that is served in no version has none that could be seen. */
  private async deleteObjects(
    definition: CustomResourceDefinition,
    signal: AbortSignal,
  ): Promise<number> {
    const type = servedType(definition);
    if (type === null) return 0;
    const all = await this.list(type, signal);
    const fresh = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (fresh.length === 0) return all.length;
    const client = this.deps.client.resource(type);
    await inParallel(fresh, DELETE_WIDTH, async ({ metadata }) => {
      const { name, namespace = "", uid } = metadata;
      try {
        await client.delete(name, { namespace, uid, signal });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    });
    return (await this.list(type, signal)).length;
  }

  private async list(
    type: ResourceType<KubernetesObject>,
    signal: AbortSignal,
  ): Promise<readonly KubernetesObject[]> {
    const client = this.deps.client.metadata(type);
    const all: KubernetesObject[] = [];
    let page = await client.list({ limit: PAGE_SIZE, signal });
    all.push(...page.items);
    for (let token = page.metadata.continue; token; token = page.metadata.continue) {
      page = await client.list({ limit: PAGE_SIZE, continue: token, signal });
      all.push(...page.items);
    }
    return all;
  }

  private async patch(
    { metadata }: CustomResourceDefinition,
    change: { readonly metadata?: object; readonly status?: object },
    options: { readonly subresource?: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const { name, uid, resourceVersion } = metadata;
    const patch = { ...change, metadata: { ...change.metadata, uid, resourceVersion } };
    const client = this.deps.client.resource(CUSTOM_RESOURCE_DEFINITIONS);
    try {
      await client.patch(name, patch as unknown as JsonValue, { type: "merge", ...options });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** A version in which the objects can be seen; null: there is none. */
function servedType({ spec }: CustomResourceDefinition): ResourceType<KubernetesObject> | null {
  const version = spec.versions.find(({ served }) => served)?.name;
  if (version === undefined) return null;
  const { group, names, scope } = spec;
  return {
    group,
    version,
    kind: names.kind,
    plural: names.plural,
    namespaced: scope === "Namespaced",
  };
}
