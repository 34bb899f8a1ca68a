import { rmSync } from "node:fs";
import { join } from "node:path";
import { AdminApi } from "../cli/admin-api.js";
import { createJoinToken, deleteJoinToken } from "../cli/join-token.js";
import { CommandError } from "../cli/output.js";
import type { MemberList } from "../../consensus/consensus.js";
import { caHashOf } from "../pki/cluster-pki.js";
import { writePrivateFile } from "../pki/private-files.js";
import { belongsToMember } from "../server/server-config.js";
import type { ClusterState, HostState } from "./cluster-state.js";
import { serverUrlsOf } from "./cluster-status.js";
import type { ClusterLayout } from "./layout.js";
import { livePid } from "./process-record.js";

const TOKEN_TTL_MS = 10 * 60_000;

/** The fields of a server's configuration that let it join. */
export interface JoinFields {
  readonly join: readonly string[];
  readonly tokenFile: string;
  readonly caHash: string;
}

/** What lets one server in; `end` takes it back. */
export interface JoinPermit {
  readonly fields: JoinFields;
  end(): Promise<void>;
}

/** Who of a local cluster's servers belongs to the group, as far as their folders tell. */
export class ServerMembership {
  private readonly layout: ClusterLayout;
  private readonly state: ClusterState;

  constructor(layout: ClusterLayout, state: ClusterState) {
    this.layout = layout;
    this.state = state;
  }

  get servers(): readonly HostState[] {
    return this.state.hosts.filter(({ role }) => role === "server");
  }

  /** The server's disk says that it is a member. */
  isMember(host: HostState): boolean {
    return belongsToMember(this.layout.host(host.name).data);
  }

  /**
   * The group begins with the first server. One that lost its disk joins as any other: were it to
   * found a group again there would be two.
   */
  founds(host: HostState): boolean {
    const [first] = this.servers;
    return host.name === first?.name && !this.servers.some((server) => this.isMember(server));
  }

  /** Enough of the members run that they can agree, or there are none yet. */
  hasMajority(): boolean {
    const members = this.servers.filter((server) => this.isMember(server));
    const running = members.filter(
      ({ name }) => livePid(this.layout.host(name).run, "consensus") !== null,
    );
    return members.length === 0 || running.length > members.length / 2;
  }

  /**
   * A token for a server whose data folder is empty, in a file of its own. Throws CommandError when
   * no server answers that could give one.
   */
  async permitJoin(host: HostState): Promise<JoinPermit> {
    const founder = this.servers.find((server) => this.isMember(server));
    if (founder === undefined)
      throw new CommandError("Failed", `${host.name} has no cluster to join yet`, {
        hint: `Start ${this.servers[0]?.name} first, or all: raftsman up`,
      });
    const api = AdminApi.ofLocal(this.layout, this.state);
    const { id, token } = await createJoinToken(api, {
      as: "server",
      ttlMs: TOKEN_TTL_MS,
      madeBy: "raftsman up",
    });
    const tokenFile = join(this.layout.host(host.name).dir, "join-token");
    writePrivateFile(tokenFile, `${token}\n`);
    const own = serverUrlsOf({ ...this.state, hosts: [host] });
    const others = serverUrlsOf(this.state).filter((url) => !own.includes(url));
    return {
      fields: { join: others, tokenFile, caHash: caHashOf(api.access.ca) },
      end: async () => {
        rmSync(tokenFile, { force: true });
        await deleteJoinToken(api, id);
      },
    };
  }

  /**
   * True once every server whose folder is a member's is one, and as many vote as do in a group of
   * that size. Servers that have not joined yet are not waited for.
   */
  async isComplete(): Promise<boolean> {
    const wanted = this.servers.filter((server) => this.isMember(server)).length;
    const { members } = (await AdminApi.ofLocal(this.layout, this.state).send(
      "GET",
      "/raftsman/v1/members",
    )) as MemberList;
    const voters = members.filter(({ voter }) => voter).length;
    // An even number of voters bears no more failures than the odd one below it.
    return members.length >= wanted && voters >= (wanted % 2 === 1 ? wanted : wanted - 1);
  }
}
