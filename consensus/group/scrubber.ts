import { membersOf, type Raft } from "raft-ts";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Replica } from "../store/replica.js";
import type { MemberNetwork } from "../transport/peer-network.js";
import type { Identity } from "./identity.js";
import { type HashAnswer, judgeHashes } from "./scrub-plan.js";

export interface ScrubberDeps {
  readonly identity: Identity;
  readonly raft: Raft;
  readonly replica: Replica;
  readonly network: MemberNetwork | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How far ahead the index lies that everybody is asked for. At rest all have applied the same;
 * under load an index that has passed is gone, and one that is to come comes soon.
 */
const LOOKAHEAD = [0, 200, 0, 1_000, 5_000];
const ANSWER_MS = 3_000;
const ASK_MS = ANSWER_MS + 1_000;

/**
 * Compares the replicas' hashes every so often: the leader asks everybody for the hash right after
 * the same entry. A replica that differs is marked by an alarm until a scrub finds it right.
 */
export class Scrubber {
  private readonly everyMs: number;
  private readonly deps: ScrubberDeps;
  private cancel: (() => void) | null = null;
  /** What this member said last. */
  private said: { readonly index: number; readonly hash: string } | null = null;
  /** The last scrub found that this replica differs from what most have. */
  differs = false;

  constructor(everyMs: number, deps: ScrubberDeps) {
    this.everyMs = everyMs;
    this.deps = deps;
  }

  start(): void {
    const { clock, raft, identity, logger } = this.deps;
    this.cancel = clock.schedule(this.everyMs, () => {
      this.start();
      if (raft.leader !== identity.memberId) return;
      this.scrub().catch((error: unknown) => logger.warn("the scrub failed", { error }));
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  /** This member's hash right after that entry; null when that has passed or does not come soon. */
  async hashAt(index: number): Promise<string | null> {
    const hash = await this.deps.replica.hashAt(index, ANSWER_MS);
    if (hash !== null) this.said = { index, hash };
    return hash;
  }

  /** The leader says what most have. */
  take(index: number, agreed: string | null): void {
    if (this.said?.index !== index) return;
    const { logger, identity } = this.deps;
    this.differs = this.said.hash !== agreed;
    if (!this.differs) return;
    const { name, memberId } = identity;
    logger.error("this replica is not what the others are: remove its data, let it join again", {
      name,
      memberId,
      index,
      hash: this.said.hash,
      agreed,
    });
  }

  private async scrub(): Promise<void> {
    for (const ahead of LOOKAHEAD) {
      const index = this.deps.replica.applied.index + ahead;
      const answers = await this.ask(index);
      const verdict = judgeHashes(answers);
      // One alone says nothing: the others have moved on, or nobody got that far.
      if (verdict === null) continue;
      await this.tell(index, verdict.agreed);
      this.deps.logger.info("replicas were compared", {
        index,
        compared: answers.length,
        differing: verdict.differing,
      });
      return;
    }
  }

  private async ask(index: number): Promise<readonly HashAnswer[]> {
    const { identity, network } = this.deps;
    const others = this.others().map(async (id) => {
      const answer = await network?.request(id, "hashAt", { index }, ASK_MS);
      const { hash } = { ...(answer?.ok === true ? (answer.body as { hash?: unknown }) : {}) };
      return typeof hash === "string" ? [{ id, hash }] : [];
    });
    const own = await this.hashAt(index);
    const mine = own === null ? [] : [{ id: identity.memberId, hash: own }];
    return [...mine, ...(await Promise.all(others)).flat()];
  }

  private async tell(index: number, agreed: string | null): Promise<void> {
    this.take(index, agreed);
    for (const id of this.others())
      await this.deps.network?.request(id, "scrubbed", { index, agreed }, ASK_MS);
  }

  private others(): readonly string[] {
    const { replica, identity } = this.deps;
    return membersOf(replica.confState).filter((id) => id !== identity.memberId);
  }
}
