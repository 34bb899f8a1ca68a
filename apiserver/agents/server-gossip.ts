import type { Duplex } from "node:stream";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import { GossipHost } from "../../gossip/gossip-host.js";
import {
  GOSSIP_PATH,
  isMember,
  isServerMember,
  memberOfNode,
  memberOfServer,
} from "../../gossip/member-names.js";
import type { MemberFiles } from "../../gossip/member-credentials.js";
import type { UpgradeHandler } from "../server/http-types.js";
import { pause } from "../server/waiting.js";
import type { NodeWitnesses } from "./liveness-table.js";

/** How often it is looked whether all other servers are members. */
const LOOK_MS = 5_000;

export interface ServerGossipDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** With which agents and other servers are called. */
  readonly files: MemberFiles;
}

/** Who this server is, and whom it should know. */
export interface ServerGossipSelf {
  readonly memberId: string;
  /** The URL of this server's API, as others reach it. */
  readonly apiUrl: string;
  /** URLs of the other servers' APIs. */
  readonly otherServers: () => Promise<readonly string[]>;
}

/** This server as a member of the gossip, and what the members know of nodes. */
export class ServerGossip implements NodeWitnesses {
  /** Takes over connections of other members. */
  readonly upgrade: UpgradeHandler;
  private readonly deps: ServerGossipDeps;
  private host: GossipHost | null = null;

  constructor(deps: ServerGossipDeps) {
    this.deps = deps;
    this.upgrade = {
      matches: (path) => path === GOSSIP_PATH,
      handle: (request, socket, head, { name, groups }) => {
        if (this.host === null || !isMember({ name, groups })) return refuse(socket);
        this.host.accept({ request, socket, head }, { name, groups });
      },
    };
  }

  /** Takes part until the signal aborts. */
  async run(self: ServerGossipSelf, signal: AbortSignal): Promise<void> {
    const { clock, random, logger, files } = this.deps;
    const name = memberOfServer(self.memberId);
    const host = new GossipHost({ name, address: self.apiUrl, ...files, clock, random, logger });
    this.host = host;
    await host.start();
    while (!signal.aborted) {
      const urls = await self.otherServers().catch(() => []);
      const known = new Set<string>();
      for (const { name: member, address, state } of host.members())
        if (isServerMember(member) && state === "alive") known.add(address);
      for (const url of urls) if (!known.has(url) && !signal.aborted) host.join(url);
      await pause(clock, LOOK_MS, signal);
    }
    this.host = null;
    await host.leave();
  }

  lastSeenMs(node: string): number | null {
    return this.host?.lastHeardMs(memberOfNode(node)) ?? null;
  }

  ask(node: string): void {
    this.host?.probe(memberOfNode(node));
  }
}

function refuse(socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}
