import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Store } from "../../consensus/consensus.js";
import { pause } from "../server/waiting.js";
import { planServerEndpoints, type ServerAddress, SERVICE_SLICES_QUERY } from "./endpoints-plan.js";
import type { InternalClient } from "./internal-client.js";
import { ensureEqual } from "./owned-objects.js";

export interface ServerEndpointsOptions {
  readonly store: Pick<Store, "status" | "memberList">;
  readonly client: InternalClient;
  /** Of this server, for a group of one that nobody else knows the address of. */
  readonly own: ServerAddress;
  readonly clock: Clock;
  readonly logger: Logger;
}

const PERIOD_MS = 2_000;

/**
 * Keeps the endpoints of `default/kubernetes` in line with the servers that answer. The server that
 * leads the group does it alone; the others would only agree with it.
 */
export class ServerEndpoints {
  private readonly options: ServerEndpointsOptions;

  constructor(options: ServerEndpointsOptions) {
    this.options = options;
  }

  /**
   * Compares and changes what differs, if this server leads. Throws "BootstrapFailed" or
   * StoreError.
   */
  async ensure(signal: AbortSignal): Promise<void> {
    const { store, client, own } = this.options;
    const { memberId, leaderId } = await store.status();
    if (memberId !== leaderId) return;
    const { members } = await store.memberList();
    const plan = planServerEndpoints(members, own);
    await ensureEqual(client, "/api/v1/namespaces/default/endpoints", {
      object: plan.endpoints,
      fields: ["subsets"],
      signal,
    });
    const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    for (const slice of plan.slices)
      await ensureEqual(client, slices, { object: slice, fields: ["endpoints", "ports"], signal });
    const found = await client.send("GET", `${slices}?${SERVICE_SLICES_QUERY}`, { signal });
    const { items = [] } = found.body as { items?: { metadata: { name: string } }[] };
    for (const { metadata } of items)
      if (plan.isForeign(metadata.name))
        await client.send("DELETE", `${slices}/${metadata.name}`, { signal });
  }

  /** Looks again every two seconds until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.options.clock, PERIOD_MS, signal);
      if (signal.aborted) return;
      try {
        await this.ensure(signal);
      } catch (error) {
        // Without a quorum there is nothing to be written; with one it is tried again.
        this.options.logger.debug("the servers' endpoints could not be checked", { error });
      }
    }
  }
}
