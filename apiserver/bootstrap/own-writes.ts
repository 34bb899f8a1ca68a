import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { eventOf, type ServerEvent } from "../admission/server-event.js";
import type { Router } from "../server/router.js";
import { LOOPBACK } from "./bootstrap.js";
import { InternalClient } from "./internal-client.js";

/** What the server writes in the course of the requests of others. */
export class OwnWrites {
  private readonly router: () => Router;
  private readonly deps: { readonly clock: Clock; readonly logger: Logger };

  /** `router` is asked at the time of each write: handlers are made before it is. */
  constructor(router: () => Router, deps: { readonly clock: Clock; readonly logger: Logger }) {
    this.router = router;
    this.deps = deps;
  }

  /**
   * Makes the `default` account of a namespace. Whatever comes of it: the write that needs it says
   * what is wrong.
   */
  async createAccount(namespace: string): Promise<void> {
    const body = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    await this.client().send("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { body });
  }

  /** An Event that cannot be written is only logged: what it is about happens all the same. */
  recordEvent(event: ServerEvent): void {
    const { clock, logger } = this.deps;
    const body = eventOf(event, clock.nowMs());
    this.client()
      .send("POST", `/api/v1/namespaces/${body.metadata.namespace}/events`, { body })
      .then(({ status }) => {
        if (status >= 400) logger.warn("an event was refused", { status, reason: event.reason });
      })
      .catch((error: unknown) => logger.error("an event was not written", { error }));
  }

  private client(): InternalClient {
    return new InternalClient(this.router(), LOOPBACK, this.deps.clock);
  }
}
