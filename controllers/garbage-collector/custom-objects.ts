import { Informer, type InformerHandler } from "../../api/client/informer.js";
import type {
  ApiClient,
  PartialObjectMetadata,
  ResourceType,
} from "../../api/client/client-types.js";
import type { ReflectorDeps } from "../../api/client/reflector.js";
import type { CustomResourceDefinition } from "../../api/schema/types/apiextensions-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

interface Followed {
  /** In which version its objects are watched. */
  readonly version: string;
  readonly stop: () => void;
}

/**
 * The objects of custom kinds, followed as definitions come and go. Their owners and dependents are
 * only ever believed to be missing when the server says so, so that nothing waits for these lists.
 */
export class CustomObjects {
  private readonly client: ApiClient;
  private readonly deps: ReflectorDeps;
  private readonly handler: InformerHandler<PartialObjectMetadata>;
  private readonly followed = new Map<string, Followed>();
  /** Every served version, by apiVersion and kind. */
  private readonly types = new Map<string, ResourceType<KubernetesObject>>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    client: ApiClient,
    deps: ReflectorDeps,
    handler: InformerHandler<PartialObjectMetadata>,
  ) {
    this.client = client;
    this.deps = deps;
    this.handler = handler;
  }

  /** The resource of a custom kind; null: no definition names it. */
  typeOf(apiVersion: string, kind: string): ResourceType<KubernetesObject> | null {
    return this.types.get(`${apiVersion}/${kind}`) ?? null;
  }

  /** A definition as it is now. */
  set(definition: CustomResourceDefinition): void {
    const { spec, metadata } = definition;
    const { group, names, scope } = spec;
    const { kind, plural } = names;
    const namespaced = scope === "Namespaced";
    const types = spec.versions.map(({ name: version, served }) => {
      const type = { group, version, kind, plural, namespaced };
      const key = `${group}/${version}/${kind}`;
      if (served) this.types.set(key, type);
      else this.types.delete(key);
      return served ? type : null;
    });
    const known = this.followed.get(metadata.name);
    const served = types.filter((type) => type !== null);
    if (served.some(({ version }) => version === known?.version)) return;
    known?.stop();
    this.followed.delete(metadata.name);
    const [type] = served;
    if (type !== undefined) this.followed.set(metadata.name, this.follow(type));
  }

  /** A definition that is gone. */
  remove({ metadata, spec }: CustomResourceDefinition): void {
    this.followed.get(metadata.name)?.stop();
    this.followed.delete(metadata.name);
    for (const { name } of spec.versions) {
      this.types.delete(`${spec.group}/${name}/${spec.names.kind}`);
    }
  }

  /** Stops everything; rejects when one list failed by a fault of ours. */
  async stop(): Promise<void> {
    for (const { stop } of this.followed.values()) stop();
    await Promise.all(this.running);
  }

  private follow(type: ResourceType<KubernetesObject>): Followed {
    const { group, version, kind } = type;
    const apiVersion = `${group}/${version}`;
    const transform = (object: KubernetesObject): KubernetesObject => {
      const { managedFields: _dropped, ...metadata } = object.metadata;
      // An answer that was narrowed calls itself a PartialObjectMetadata.
      return { apiVersion, kind, metadata };
    };
    const informer = new Informer(this.client.metadata(type), { transform }, this.deps);
    informer.addHandler(this.handler);
    const own = new AbortController();
    const running = informer.run(own.signal).finally(() => this.running.delete(running));
    this.running.add(running);
    return { version, stop: () => own.abort() };
  }
}
