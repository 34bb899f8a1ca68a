import { assert } from "../../base/assert.js";
import type { KubernetesObject } from "../schema/wire-types.js";
import type { ApiClient, PartialObjectMetadata, ResourceType } from "./client-types.js";
import { Informer, type InformerOptions } from "./informer.js";
import type { ReflectorDeps } from "./reflector.js";
import { apiVersionOf } from "./resource-types.js";

/** Where informers come from. */
export interface InformerSource {
  /**
   * The informer of a resource: whole objects without managedFields. The transform and page size of
   * who asks first count; other selectors or fields make another informer.
   */
  informer<T extends KubernetesObject>(
    type: ResourceType<T>,
    options?: InformerOptions<T>,
  ): Informer<T>;
  /** An informer of the metadata alone, or the one of whole objects where there is one already. */
  metadataInformer(type: ResourceType<KubernetesObject>): Informer<PartialObjectMetadata>;
}

/**
 * A view of a factory that remembers who asked for what: each loop waits for its own informers
 * only.
 */
export class InformerScope implements InformerSource {
  private readonly factory: InformerFactory;
  private readonly asked = new Set<{ whenSynced(signal: AbortSignal): Promise<boolean> }>();

  constructor(factory: InformerFactory) {
    this.factory = factory;
  }

  informer<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: InformerOptions<T> = {},
  ): Informer<T> {
    const informer = this.factory.informer(type, options);
    this.asked.add(informer);
    return informer;
  }

  metadataInformer(type: ResourceType<KubernetesObject>): Informer<PartialObjectMetadata> {
    const informer = this.factory.metadataInformer(type);
    this.asked.add(informer);
    return informer;
  }

  /**
   * True once every informer asked for here has its first list; false when the signal aborted
   * before.
   */
  async whenSynced(signal: AbortSignal): Promise<boolean> {
    const all = Array.from(this.asked, (informer) => informer.whenSynced(signal));
    return (await Promise.all(all)).every(Boolean);
  }
}

/**
 * One informer per resource, shared by everybody who asks. An informer asked for after start()
 * starts at once.
 */
export class InformerFactory implements InformerSource {
  private readonly client: ApiClient;
  private readonly deps: ReflectorDeps;
  private readonly freeze: boolean;
  private readonly informers = new Map<string, Informer<KubernetesObject>>();
  private readonly running: Promise<void>[] = [];
  private signal: AbortSignal | null = null;

  constructor(client: ApiClient, deps: ReflectorDeps, options: { freeze?: boolean } = {}) {
    this.client = client;
    this.deps = deps;
    this.freeze = options.freeze ?? false;
  }

  informer<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: InformerOptions<T> = {},
  ): Informer<T> {
    return this.shared(nameOf(type, selectionOf(options)), () => {
      const all = { freeze: this.freeze, transform: dropManagedFields<T>, ...options };
      return new Informer(this.client.resource(type), all, this.deps);
    });
  }

  metadataInformer(type: ResourceType<KubernetesObject>): Informer<PartialObjectMetadata> {
    const whole = this.informers.get(nameOf(type, WHOLE));
    if (whole !== undefined) return whole;
    return this.shared(nameOf(type, "metadata"), () => {
      // An answer that was narrowed calls itself a PartialObjectMetadata.
      const { kind } = type;
      const apiVersion = apiVersionOf(type);
      const transform = (object: KubernetesObject): KubernetesObject => {
        const { managedFields: _dropped, ...metadata } = object.metadata;
        return { apiVersion, kind, metadata };
      };
      const options = { freeze: this.freeze, transform };
      return new Informer(this.client.metadata(type), options, this.deps);
    });
  }

  /** Starts every informer asked for so far. They stop when the signal aborts. */
  start(signal: AbortSignal): void {
    assert(this.signal === null, "an informer factory is started once");
    this.signal = signal;
    for (const informer of this.informers.values()) this.running.push(informer.run(signal));
  }

  /** True once every informer has its first list; false when the signal aborted before. */
  async whenSynced(signal: AbortSignal): Promise<boolean> {
    const all = Array.from(this.informers.values(), (informer) => informer.whenSynced(signal));
    return (await Promise.all(all)).every(Boolean);
  }

  /** Resolves when every informer has stopped; rejects when one failed for a reason of ours. */
  async whenStopped(): Promise<void> {
    await Promise.all(this.running);
  }

  private shared<T extends KubernetesObject>(name: string, make: () => Informer<T>): Informer<T> {
    const known = this.informers.get(name);
    // The map is keyed by resource, and a resource has one type of object.
    if (known !== undefined) return known as unknown as Informer<T>;
    const informer = make();
    this.informers.set(name, informer as unknown as Informer<KubernetesObject>);
    if (this.signal !== null) this.running.push(informer.run(this.signal));
    return informer;
  }
}

const WHOLE = selectionOf({});

/** Informers of the same resource that select differently are different ones. */
function selectionOf<T>(options: InformerOptions<T>): string {
  const { namespace = "", labelSelector = "", fieldSelector = "", fields = [] } = options;
  return JSON.stringify([namespace, labelSelector, fieldSelector, ...fields]);
}

function nameOf(
  type: { readonly group: string; readonly version: string; readonly plural: string },
  content: string,
): string {
  return `${content}:${type.group}/${type.version}/${type.plural}`;
}

/** managedFields are half of an object's bytes and of no use to a loop. */
function dropManagedFields<T extends KubernetesObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
}
