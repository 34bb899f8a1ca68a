import { ApiError } from "../../../api/client/api-error.js";
import type { ApiClient, ResourceClient, ResourceType } from "../../../api/client/client-types.js";
import type { PersistentVolume } from "../../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../../api/schema/wire-types.js";

/** How many writes a loop may still make before it is as good as dead. */
export class WriteBudget {
  /** Writes made so far. */
  used = 0;
  private readonly limit: number;
  private readonly spent: () => void;

  /** `spent` is called when the last write that is allowed has been answered. */
  constructor(limit: number, spent: () => void) {
    this.limit = limit;
    this.spent = spent;
  }

  async pay<T>(write: () => Promise<T>): Promise<T> {
    if (this.used >= this.limit) throw new ApiError("ServiceUnavailable", "the leader is dead");
    this.used += 1;
    const isLast = this.used === this.limit;
    try {
      return await write();
    } finally {
      if (isLast) this.spent();
    }
  }
}

/** The client of a loop whose writes are counted. */
export function countedClient(inner: ApiClient, budget: WriteBudget): ApiClient {
  return {
    ...inner,
    resource: (type) => counted(inner.resource(type), budget),
    request: (method, path, options) => {
      const send = (): ReturnType<ApiClient["request"]> => inner.request(method, path, options);
      return method === "GET" ? send() : budget.pay(send);
    },
    fencedBy: (current) => countedClient(inner.fencedBy(current), budget),
  };
}

function counted<T extends KubernetesObject>(
  inner: ResourceClient<T>,
  budget: WriteBudget,
): ResourceClient<T> {
  return {
    type: inner.type,
    get: (name, options) => inner.get(name, options),
    list: (options) => inner.list(options),
    watch: (options) => inner.watch(options),
    create: (object, options) => budget.pay(() => inner.create(object, options)),
    update: (object, options) => budget.pay(() => inner.update(object, options)),
    patch: (name, patch, options) => budget.pay(() => inner.patch(name, patch, options)),
    delete: (name, options) => budget.pay(() => inner.delete(name, options)),
    deleteCollection: (options) => budget.pay(() => inner.deleteCollection(options)),
  };
}

/**
 * A client that sees one world only: the namespace of that name, what is in it, the cluster's
 * objects whose names begin with it, and volumes of its claims. So many worlds share a server and
 * know nothing of each other.
 */
export function worldClient(inner: ApiClient, world: string): ApiClient {
  return {
    ...inner,
    resource: (type) => narrowed(inner.resource(type), world),
    metadata: (type) => narrowed(inner.metadata(type), world),
    fencedBy: (current) => worldClient(inner.fencedBy(current), world),
  };
}

function narrowed<T extends KubernetesObject>(
  inner: ResourceClient<T>,
  world: string,
): ResourceClient<T> {
  const where = scopeOf(inner.type, world);
  const isOurs = (object: KubernetesObject): boolean => {
    const { name } = object.metadata;
    if (inner.type.namespaced || name === world || name.startsWith(`${world}-`)) return true;
    return (object as Partial<PersistentVolume>).spec?.claimRef?.namespace === world;
  };
  return {
    type: inner.type,
    get: (name, options) => inner.get(name, options),
    list: async (options) => {
      const list = await inner.list({ ...where, ...options });
      return { ...list, items: list.items.filter(isOurs) };
    },
    watch: async function* (options) {
      for await (const event of inner.watch({ ...where, ...options }))
        if (event.type === "BOOKMARK" || isOurs(event.object)) yield event;
    },
    create: (object, options) => inner.create(object, options),
    update: (object, options) => inner.update(object, options),
    patch: (name, patch, options) => inner.patch(name, patch, options),
    delete: (name, options) => inner.delete(name, options),
    deleteCollection: (options) => inner.deleteCollection({ ...where, ...options }),
  };
}

function scopeOf(
  { namespaced }: ResourceType<KubernetesObject>,
  world: string,
): { readonly namespace?: string } {
  return namespaced ? { namespace: world } : {};
}
