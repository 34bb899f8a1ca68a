import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { ROUTE_PROTOCOL } from "./network-plan.js";
import { type PodRoute, parseRoutes, planRoutes, type RoutedNode } from "./route-plan.js";
import { type RunCommand, runCommand } from "./run-command.js";

const BATCH_DELAY_MS = 50;
const RETRY_DELAY_MS = 5_000;

export interface NodeRoutesOptions {
  readonly nodeName: string;
  readonly clusterCidr: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly run?: RunCommand;
}

/**
 * Keeps the host's routes to the pods of other nodes (host-gw) in line with the Node objects. Feed
 * it every Node event (routedNodeOf makes the argument); a heartbeat or a label change costs
 * nothing because only routes are compared.
 */
export class NodeRoutes {
  private readonly options: NodeRoutesOptions;
  private readonly run: RunCommand;
  private readonly routes = new Map<string, PodRoute>();
  private cancelTimer: (() => void) | null = null;
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: NodeRoutesOptions) {
    this.options = options;
    this.run = options.run ?? runCommand;
  }

  /** Takes in a Node that was added or changed. */
  upsert(node: RoutedNode): void {
    if (node.name === this.options.nodeName) return;
    const known = this.routes.get(node.name);
    if (node.route === null) return this.remove(node.name);
    if (known?.podCidr === node.route.podCidr && known.via === node.route.via) return;
    this.routes.set(node.name, node.route);
    this.syncAfter(BATCH_DELAY_MS);
  }

  /** Takes in that a Node is gone. */
  remove(name: string): void {
    if (this.routes.delete(name)) this.syncAfter(BATCH_DELAY_MS);
  }

  /**
   * Compares with the kernel now and changes what differs: call it once after the first complete
   * listing, so that routes to nodes that vanished in the meantime go too. Failures are logged and
   * tried again.
   */
  sync(): Promise<void> {
    this.running = this.running.then(() => this.syncOnce());
    return this.running;
  }

  /** Stops; the routes stay, because pods outlive the agent. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelTimer?.();
    await this.running;
  }

  private syncAfter(delayMs: number): void {
    if (this.cancelTimer !== null || this.closed) return;
    this.cancelTimer = this.options.clock.schedule(delayMs, () => {
      this.cancelTimer = null;
      void this.sync();
    });
  }

  private async syncOnce(): Promise<void> {
    if (this.closed) return;
    const { clusterCidr, logger } = this.options;
    try {
      const listing = await this.run("ip", ["-j", "route", "show", "proto", ROUTE_PROTOCOL]);
      const commands = planRoutes(parseRoutes(listing), [...this.routes.values()], {
        clusterCidr,
        protocol: ROUTE_PROTOCOL,
      });
      if (commands.length === 0) return;
      // -force: one unreachable node does not keep the routes to the others from being made.
      await this.run("ip", ["-force", "-batch", "-"], { input: `${commands.join("\n")}\n` });
      logger.info("routes to other nodes' pods changed", { commands: commands.length });
    } catch (error) {
      logger.warn("routes to other nodes' pods could not be changed; trying again", {
        error: messageOf(error),
        remedy: "nodes that do not share a link need an overlay network",
      });
      this.syncAfter(RETRY_DELAY_MS);
    }
  }
}
