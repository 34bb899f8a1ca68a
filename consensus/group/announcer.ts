import { membersOf, type Raft } from "raft-ts";
import { hasCode } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { MemberRecord } from "../store/member-table.js";
import type { Replica } from "../store/replica.js";

/** Keeps where a member is found in the store: its address may be another after a restart. */
export class Announcer {
  private readonly self: MemberRecord;
  private readonly deps: {
    readonly raft: Raft;
    readonly replica: Replica;
    readonly logger: Logger;
    /** Puts a record into the log. */
    readonly setMember: (member: MemberRecord) => Promise<void>;
  };
  private isAnnouncing = false;

  constructor(self: MemberRecord, deps: Announcer["deps"]) {
    this.self = self;
    this.deps = deps;
  }

  /**
   * Writes the record unless it stands there already, or nobody leads, or this member belongs to
   * nobody yet. Call it whenever leader or membership changed: what failed is tried again then.
   */
  announce(): void {
    const { raft, replica, logger } = this.deps;
    const { id, name, peerUrl, apiUrl } = this.self;
    if (this.isAnnouncing || raft.leader === null) return;
    if (!membersOf(replica.confState).includes(id)) return;
    const known = replica.mvcc.members.get(id);
    if (known?.peerUrl === peerUrl && known.apiUrl === apiUrl && known.name === name) return;
    this.isAnnouncing = true;
    this.deps
      .setMember(this.self)
      .catch((error: unknown) => {
        if (!hasCode(error, "Closed"))
          logger.warn("this member's addresses could not be stored", { error });
      })
      .finally(() => {
        this.isAnnouncing = false;
      });
  }
}
