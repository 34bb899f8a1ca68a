import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { KindSource } from "../discovery/discovery-handler.js";
import type { RawHandler, UpgradeHandler } from "../server/http-types.js";
import type { ResourceRouter } from "../server/router.js";
import { ClientCredentials, type ClientFiles } from "../streaming/client-credentials.js";
import type { ServiceDialer } from "../streaming/service-dialer.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { AggregatedServices } from "./aggregated-services.js";
import { AggregatedUpgrades } from "./aggregated-upgrades.js";
import { AggregatedVersionHandler, AggregatingRouter } from "./aggregation-router.js";
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
  /** Answers /apis/GROUP/VERSION of theirs; to be asked before discovery. */
  readonly version: RawHandler;
  readonly upgrade: UpgradeHandler;
  private readonly services: AggregatedServices;
  private readonly servers: ExtensionServers;
  private readonly upgrades: AggregatedUpgrades;

  constructor(options: AggregationOptions) {
    const { cache, kinds, dialer, frontProxy, clock, logger } = options;
    const credentials = new ClientCredentials(frontProxy, { clock });
    this.services = new AggregatedServices(kinds, { cache, logger });
    this.servers = new ExtensionServers({ services: dialer, credentials, clock });
    const deps = { services: this.services, servers: this.servers };
    this.version = new AggregatedVersionHandler(deps);
    this.upgrades = new AggregatedUpgrades({ ...deps, clock, logger });
    this.upgrade = this.upgrades;
  }

  /** The router for everything, given that for this server's own kinds. */
  around(own: ResourceRouter): ResourceRouter {
    return new AggregatingRouter(own, { services: this.services, servers: this.servers });
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
