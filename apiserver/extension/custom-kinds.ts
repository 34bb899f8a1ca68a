import { type KindInfo, SERVED_KINDS, apiVersionOf } from "../../api/schema/kinds.js";
import type { PublishedKind } from "../../api/schema/openapi/openapi-custom.js";
import { addCustomType, removeCustomType } from "../../api/schema/type-schema.js";
import type { CustomResourceDefinition } from "../../api/schema/types/apiextensions-v1.gen.js";
import { present } from "../../base/assert.js";
import type { Logger } from "../../base/logger.js";
import type { KindView, RemoteConversion } from "../handlers/kind-view.js";
import { setStrategy } from "../registry/registry.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { followResource } from "../storage/follow-resource.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { type ConversionDeps, remoteConversion } from "./webhook-conversion.js";
import { type CustomKind, compareVersions, customKinds, scaleOf } from "./custom-kind.js";

export const DEFINITIONS = {
  group: "apiextensions.k8s.io",
  resource: "customresourcedefinitions",
} as const;

/** A custom kind, and how its objects are seen. */
export interface ServedCustomKind {
  readonly custom: CustomKind;
  readonly view: KindView;
}

/** Types of versions that are gone are kept this long for requests that are under way. */
const FORGOTTEN_LATER = 256;

/**
 * The kinds that CustomResourceDefinitions add, in step with the watch cache for as long as that
 * lives.
 */
export class CustomKinds {
  private readonly byDefinition = new Map<string, readonly ServedCustomKind[]>();
  private readonly byResource = new Map<string, ServedCustomKind>();
  private readonly goneTypes: string[] = [];
  private readonly logger: Logger;
  private readonly deps: ConversionDeps;
  private changes = 0;

  constructor(cache: WatchCache, deps: ConversionDeps & { readonly logger: Logger }) {
    this.deps = deps;
    this.logger = deps.logger;
    followResource(cache.of(DEFINITIONS), {
      onChange: (current, previous) => this.take(current, previous),
    });
  }

  /** Grows whenever what is served changes: what was made of it before is out of date then. */
  get version(): number {
    return this.changes;
  }

  /** The kind behind a path, such as ("example.com", "v1", "widgets"); null: none. */
  find(group: string, version: string, plural: string): ServedCustomKind | null {
    return this.byResource.get(`${apiVersionOf(group, version)}/${plural}`) ?? null;
  }

  /** Every served version of every custom kind: by group, then version, the preferred first. */
  all(): readonly CustomKind[] {
    const all = [...this.byDefinition.values()].flatMap((kinds) =>
      kinds.map(({ custom }) => custom),
    );
    return all.sort((a, b) => inOrder(a.kind, b.kind));
  }

  /** What OpenAPI says of them. */
  published(): readonly PublishedKind[] {
    return this.all().map(({ kind, version }) => ({
      kind,
      schema: present(version.schema?.openAPIV3Schema, `schema of ${kind.kind}`),
    }));
  }

  /** As discovery names them, after the kinds of our own. */
  kinds(): readonly KindInfo[] {
    return [...SERVED_KINDS, ...this.all().map(({ kind }) => kind)];
  }

  private take(current: CachedObject | null, previous: CachedObject | null): void {
    const name = current?.name ?? previous?.name ?? "";
    const kinds = current === null ? [] : this.read(current);
    const gone = new Set((this.byDefinition.get(name) ?? []).map(({ custom }) => custom.type.name));
    for (const { custom } of this.byDefinition.get(name) ?? []) {
      this.byResource.delete(resourceKey(custom.kind));
    }
    if (kinds.length === 0) this.byDefinition.delete(name);
    else this.byDefinition.set(name, kinds);
    for (const served of kinds) {
      const { kind, type, strategy } = served.custom;
      addCustomType(type);
      gone.delete(type.name);
      setStrategy(kind, strategy);
      this.byResource.set(resourceKey(kind), served);
    }
    this.forget([...gone]);
    this.changes += 1;
  }

  /** A definition that cannot be read is none: it must not take the others with it. */
  private read(stored: CachedObject): readonly ServedCustomKind[] {
    try {
      const definition = JSON.parse(stored.value.toString()) as CustomResourceDefinition;
      return customKinds(definition).map((custom) => {
        const remote = remoteConversion(definition, custom.version.name, this.deps);
        return { custom, view: viewOf(custom, remote) };
      });
    } catch (error) {
      const { name } = stored;
      this.logger.error("a CustomResourceDefinition cannot be served", { name, error });
      return [];
    }
  }

  private forget(names: readonly string[]): void {
    this.goneTypes.push(...names);
    while (this.goneTypes.length > FORGOTTEN_LATER) {
      const name = this.goneTypes.shift();
      if (name !== undefined) removeCustomType(name);
    }
  }
}

function inOrder(a: KindInfo, b: KindInfo): number {
  if (a.group !== b.group) return a.group < b.group ? -1 : 1;
  const versions = compareVersions(a.version, b.version);
  if (versions !== 0) return versions;
  return a.plural < b.plural ? -1 : Number(a.plural > b.plural);
}

function viewOf(custom: CustomKind, remote: RemoteConversion | null): KindView {
  const { kind, strategy, conversion } = custom;
  const scale = scaleOf(custom);
  const id = { group: kind.group, resource: kind.plural };
  return {
    kind,
    strategy,
    conversion,
    id,
    ...(scale === null ? {} : { scale }),
    ...(remote === null ? {} : { remote }),
  };
}

function resourceKey({ apiVersion, plural }: KindInfo): string {
  return `${apiVersion}/${plural}`;
}
