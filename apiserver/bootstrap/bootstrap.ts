import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { SYSTEM_PRIORITY_CLASSES } from "../registry/scheduling/system-priority-classes.js";
import type { Identity } from "../server/http-types.js";
import type { Router } from "../server/router.js";
import { pause } from "../server/waiting.js";
import type { AddressRange } from "../storage/address-range.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import {
  MANDATORY_FLOW_SCHEMAS,
  MANDATORY_PRIORITY_LEVELS,
  SUGGESTED_FLOW_SCHEMAS,
  SUGGESTED_PRIORITY_LEVELS,
} from "../registry/flowcontrol/suggested-flow-control.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { ensureApiServices } from "./api-services.js";
import { type AuthorityFiles, ensureAuthenticationConfig } from "./authentication-config.js";
import { ensureListed } from "./listed-objects.js";
import { InternalClient } from "./internal-client.js";
import { ensureServiceAddresses } from "./service-addresses.js";
import { ensureExists, isTemporary } from "./owned-objects.js";
import { ensureDefaultPolicy } from "./policy-bootstrap.js";
import {
  SYSTEM_NAMESPACES,
  apiService,
  apiServiceAddress,
  defaultServiceCidr,
  localPathClass,
  systemNamespace,
  systemPriorityClass,
} from "./bootstrap-objects.js";

export interface BootstrapOptions {
  readonly router: Router;
  readonly cache: WatchCache;
  /** Every kind that is served, custom ones too. */
  readonly kinds: () => readonly KindInfo[];
  readonly range: AddressRange;
  readonly port: number;
  readonly authorities: AuthorityFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FLOW_CONTROL = [
  ["prioritylevelconfigurations", [...MANDATORY_PRIORITY_LEVELS, ...SUGGESTED_PRIORITY_LEVELS]],
  ["flowschemas", [...MANDATORY_FLOW_SCHEMAS, ...SUGGESTED_FLOW_SCHEMAS]],
] as const;

/** How often what was made is looked at again. */
const PERIOD_MS = 10_000;
/** A server may be there before the others that it needs for a quorum. */
const RETRY_MS = 500;
/** As whom the server writes its own objects. */
export const LOOPBACK: Identity = {
  name: "system:apiserver",
  uid: "",
  groups: ["system:masters", "system:authenticated"],
  extra: {},
};

/**
 * Makes what every cluster has, and keeps it right: the system namespaces and the Service of the
 * API itself.
 */
export class Bootstrap {
  private readonly options: BootstrapOptions;
  private readonly client: InternalClient;

  constructor(options: BootstrapOptions) {
    this.options = options;
    this.client = new InternalClient(options.router, LOOPBACK, options.clock);
  }

  /**
   * Makes what is missing, the default roles and bindings included; waits for as long as there is
   * no quorum to ask. Throws "BootstrapFailed".
   */
  async ensureAll(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.options;
    for (let told = false; !signal.aborted; told = true) {
      try {
        return await this.ensureOnce(signal);
      } catch (error) {
        if (!isTemporary(error) || signal.aborted) throw error;
        if (!told) logger.warn("the system objects cannot be checked yet", { error });
        await pause(clock, RETRY_MS, signal);
      }
    }
  }

  private async ensureOnce(signal: AbortSignal): Promise<void> {
    await this.ensureFirst(signal);
    await this.ensure(signal);
    await ensureDefaultPolicy(this.client, signal);
    await ensureServiceAddresses(this.client, signal);
  }

  /**
   * What a new cluster is given and may do without later: made before the namespaces, which say
   * that a cluster is not new.
   */
  private async ensureFirst(signal: AbortSignal): Promise<void> {
    const { status } = await this.client.send("GET", "/api/v1/namespaces/kube-system", { signal });
    if (status !== 404) return;
    const path = "/apis/storage.k8s.io/v1/storageclasses";
    await ensureExists(this.client, path, { object: localPathClass(), signal });
  }

  /** The same without roles and bindings: what was taken from those stays away until a start. */
  private async ensure(signal: AbortSignal): Promise<void> {
    const { client } = this;
    const { range, port } = this.options;
    for (const name of SYSTEM_NAMESPACES) {
      await ensureExists(client, "/api/v1/namespaces", { object: systemNamespace(name), signal });
    }
    for (const priorityClass of SYSTEM_PRIORITY_CLASSES) {
      const path = "/apis/scheduling.k8s.io/v1/priorityclasses";
      await ensureExists(client, path, { object: systemPriorityClass(priorityClass), signal });
    }
    const ranges = "/apis/networking.k8s.io/v1/servicecidrs";
    await ensureExists(client, ranges, { object: defaultServiceCidr(range), signal });
    await this.ensureMany(signal);
    await ensureAuthenticationConfig(this.client, this.options.authorities, signal);
    const services = "/api/v1/namespaces/default/services";
    const service = apiService(apiServiceAddress(range), port);
    await ensureExists(client, services, { object: service, signal });
  }

  /** What is many is looked for in the cache. */
  private async ensureMany(signal: AbortSignal): Promise<void> {
    const { cache, kinds } = this.options;
    const deps = { client: this.client, cache };
    const group = "flowcontrol.apiserver.k8s.io";
    for (const [resource, objects] of FLOW_CONTROL) {
      const path = `/apis/${group}/v1/${resource}`;
      await ensureListed(deps, { id: { group, resource }, path, objects, signal });
    }
    await ensureApiServices(deps, kinds(), signal);
  }

  /** Looks again every few seconds until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.options.clock, PERIOD_MS, signal);
      if (signal.aborted) return;
      try {
        await this.ensure(signal);
      } catch (error) {
        this.options.logger.warn("the system objects could not be checked", { error });
      }
    }
  }
}
