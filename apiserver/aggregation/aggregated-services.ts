import { SERVED_KINDS, apiVersionOf } from "../../api/schema/kinds.js";
import type { APIService } from "../../api/schema/types/apiregistration-v1.gen.js";
import type { Logger } from "../../base/logger.js";
import type { KindSource } from "../discovery/discovery-handler.js";
import type { ServicePort } from "../streaming/service-dialer.js";
import { followResource } from "../storage/follow-resource.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { objectKey } from "../storage/keys.js";
import type { WatchCache } from "../storage/watch-cache.js";

export const API_SERVICES = { group: "apiregistration.k8s.io", resource: "apiservices" } as const;

/** A version of a group that an extension API server behind a Service serves. */
export interface AggregatedService {
  /** Of its APIService. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: ServicePort;
  /** PEM in base64; "": the authorities of the system. */
  readonly caBundle: string;
  readonly skipsVerification: boolean;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

const SERVICE_PORT = 443;

/**
 * The versions that others serve, by their APIServices, in step with the watch cache. What this
 * server serves itself, by its own kinds or by custom ones, is never among them.
 */
export class AggregatedServices {
  private readonly byVersion = new Map<string, AggregatedService>();
  private readonly kinds: KindSource;
  private readonly logger: Logger;
  private readonly cache: WatchCache;
  private readonly listeners: ((name: string) => void)[] = [];
  private changes = 0;
  private custom: { readonly of: number; readonly versions: ReadonlySet<string> } | null = null;

  /** `kinds` are those that this server serves. */
  constructor(kinds: KindSource, deps: { readonly cache: WatchCache; readonly logger: Logger }) {
    this.kinds = kinds;
    this.logger = deps.logger;
    this.cache = deps.cache;
    followResource(deps.cache.of(API_SERVICES), {
      onChange: (current, previous) => this.take(current, previous),
    });
  }

  /** Grows whenever they may have changed. */
  get version(): number {
    return this.changes + this.kinds.version;
  }

  /** Calls `listener` with the name of every APIService that there is and that changes. */
  onChange(listener: (name: string) => void): void {
    this.listeners.push(listener);
    for (const { name } of this.cache.of(API_SERVICES).list({ namespace: "", indexed: null }))
      listener(name);
  }

  /** Who serves a version; null: this server, or nobody. */
  find(group: string, version: string): AggregatedService | null {
    const found = this.byVersion.get(apiVersionOf(group, version));
    return found === undefined || this.isLocal(group, version) ? null : found;
  }

  /** What APIServices say, those of versions that this server serves itself as well. */
  declared(): readonly AggregatedService[] {
    return [...this.byVersion.values()];
  }

  all(): readonly AggregatedService[] {
    return this.declared().filter(({ group, version }) => !this.isLocal(group, version));
  }

  /** Whether this server serves the version itself. */
  isLocal(group: string, version: string): boolean {
    const apiVersion = apiVersionOf(group, version);
    return OWN_VERSIONS.has(apiVersion) || this.customVersions().has(apiVersion);
  }

  /** An APIService, remote or not, as it is stored; null: there is none of this name. */
  stored(name: string): APIService | null {
    const found = this.cache.of(API_SERVICES).get(objectKey(API_SERVICES, { namespace: "", name }));
    return found === undefined ? null : this.read(found);
  }

  private customVersions(): ReadonlySet<string> {
    const { version } = this.kinds;
    if (this.custom === null || this.custom.of !== version) {
      const versions = new Set(this.kinds.kinds().map(({ apiVersion }) => apiVersion));
      this.custom = { of: version, versions };
    }
    return this.custom.versions;
  }

  private take(current: CachedObject | null, previous: CachedObject | null): void {
    const name = current?.name ?? previous?.name ?? "";
    for (const [apiVersion, known] of this.byVersion)
      if (known.name === name) this.byVersion.delete(apiVersion);
    const stored = current === null ? null : this.read(current);
    const found = stored === null ? null : aggregatedService(stored);
    if (found !== null) this.byVersion.set(apiVersionOf(found.group, found.version), found);
    this.changes += 1;
    for (const listener of this.listeners) listener(name);
  }

  /** One that cannot be read is none: it must not take the others with it. */
  private read(stored: CachedObject): APIService | null {
    try {
      return JSON.parse(stored.value.toString()) as APIService;
    } catch (error) {
      this.logger.error("an APIService cannot be read", { name: stored.name, error });
      return null;
    }
  }
}

const OWN_VERSIONS: ReadonlySet<string> = new Set(SERVED_KINDS.map((kind) => kind.apiVersion));

/** What an APIService says of a server elsewhere; null for one that names no Service. Pure. */
export function aggregatedService({ metadata, spec }: APIService): AggregatedService | null {
  if (spec?.service === undefined) return null;
  const { namespace = "", name = "", port = SERVICE_PORT } = spec.service;
  const { caBundle } = spec;
  return {
    name: metadata.name,
    group: spec.group ?? "",
    version: spec.version ?? "",
    service: { namespace, name, port },
    caBundle: caBundle ?? "",
    skipsVerification: spec.insecureSkipTLSVerify ?? false,
    groupPriority: spec.groupPriorityMinimum,
    versionPriority: spec.versionPriority,
  };
}
