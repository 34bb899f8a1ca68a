import { apiVersionOf } from "../../api/schema/kinds.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { GroupSource, KindSource } from "../discovery/discovery-handler.js";
import type { RawHandler, UpgradeHandler } from "../server/http-types.js";
import type { ResourceRouter } from "../server/router.js";
import { ClientCredentials, type ClientFiles } from "../streaming/client-credentials.js";
import type { ServiceDialer, ServicePort } from "../streaming/service-dialer.js";
import { objectKey } from "../storage/keys.js";
import { cachedReader } from "../storage/object-readers.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { AggregatedGroups } from "./aggregated-groups.js";
import { AggregatedServices } from "./aggregated-services.js";
import { AggregatedUpgrades } from "./aggregated-upgrades.js";
import { AggregatedVersionHandler, AggregatingRouter } from "./aggregation-router.js";
import { type ConditionWriter, ExtensionMonitor } from "./extension-monitor.js";
import { ExtensionServers } from "./extension-servers.js";

export interface AggregationOptions {
  readonly cache: WatchCache;
  /** What this server serves itself. */
  readonly kinds: KindSource;
  readonly dialer: ServiceDialer;
  /** The identity of the front proxy. */
  readonly frontProxy: ClientFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Other API servers behind this one: their versions look as if they were served here. */
export class Aggregation {
  /** Answers /apis/GROUP/VERSION of theirs, and OpenAPI; to be asked before our own discovery. */
  readonly version: RawHandler;
  readonly upgrade: UpgradeHandler;
  /** All groups, those of others between our own. */
  readonly groups: GroupSource;
  private readonly services: AggregatedServices;
  private readonly monitor: ExtensionMonitor;
  private readonly servers: ExtensionServers;
  private readonly upgrades: AggregatedUpgrades;

  constructor(options: AggregationOptions) {
    const { cache, kinds, dialer, frontProxy, clock, logger } = options;
    const credentials = new ClientCredentials(frontProxy, { clock });
    this.services = new AggregatedServices(kinds, { cache, logger });
    const revisionOf = (service: ServicePort): string => revisionBehind(service, cache);
    this.servers = new ExtensionServers({ services: dialer, credentials, revisionOf, clock });
    const deps = { services: this.services, servers: this.servers };
    this.version = new AggregatedVersionHandler(deps);
    this.upgrades = new AggregatedUpgrades({ ...deps, clock, logger });
    this.upgrade = this.upgrades;
    this.monitor = new ExtensionMonitor({
      ...deps,
      cache,
      reader: cachedReader(cache),
      clock,
      logger,
    });
    this.groups = new AggregatedGroups(kinds, this.monitor);
  }

  /** The router for everything, given that for this server's own kinds. */
  around(own: ResourceRouter): ResourceRouter {
    return new AggregatingRouter(own, { services: this.services, servers: this.servers });
  }

  /** Where OpenAPI v3's documents of theirs are. */
  openApiUrls(): ReadonlyMap<string, string> {
    return new Map(
      this.monitor.versions().flatMap(({ service: { group, version }, answer }) => {
        const { openApiUrl } = answer;
        return openApiUrl === null ? [] : [[`apis/${apiVersionOf(group, version)}`, openApiUrl]];
      }),
    );
  }

  /** Asks the servers what they serve, and keeps the conditions of APIServices, until aborted. */
  run(writer: ConditionWriter, signal: AbortSignal): Promise<void> {
    return this.monitor.run(writer, signal);
  }

  /** Cuts off upgraded connections. */
  cutOff(): void {
    this.upgrades.close();
  }

  /** To be called when no request is under way any more. */
  close(): void {
    this.servers.close();
  }
}

function revisionBehind(service: ServicePort, cache: WatchCache): string {
  return ["services", "endpoints"]
    .map((resource) => {
      const id = { group: "", resource };
      return cache.of(id).get(objectKey(id, service))?.revision ?? 0;
    })
    .join(".");
}
