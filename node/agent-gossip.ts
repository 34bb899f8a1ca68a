import { isIPv6 } from "node:net";
import { assert } from "../base/assert.js";
import { GossipHost } from "../gossip/gossip-host.js";
import { type Certified, memberOfNode } from "../gossip/member-names.js";
import type { AgentOptions } from "./agent-options.js";
import type { UpgradeConnection } from "./streaming/container-commands.js";

/** This node as a member of the gossip, reached at the agent's port. */
export class AgentGossip {
  private host: GossipHost | null = null;

  /** Takes over the connection of another member; who calls before the start calls again. */
  accept(connection: UpgradeConnection, certified: Certified): void {
    if (this.host === null) connection.socket.destroy();
    else this.host.accept(connection, certified);
  }

  /** Takes part from now on; `port` is the agent's. To be called once. */
  async start(options: AgentOptions, port: number): Promise<void> {
    assert(this.host === null, "the agent takes part in the gossip once");
    const { nodeName, nodeAddress, clientConfig, clock, random, logger } = options;
    const { caFile, certFile, keyFile } = clientConfig;
    const address = isIPv6(nodeAddress) ? `[${nodeAddress}]` : nodeAddress;
    this.host = new GossipHost({
      name: memberOfNode(nodeName),
      address: `https://${address}:${port}`,
      caFile,
      certFile,
      keyFile,
      clock,
      random,
      logger,
    });
    await this.host.start();
  }

  /** The agent is linked to this server: it knows the others. */
  join(server: string): void {
    this.host?.join(server);
  }

  /** Says goodbye, and ends. */
  async leave(): Promise<void> {
    await this.host?.leave();
  }
}
