import { assert } from "./assert.js";
import type { Message } from "./messages.js";
import type { RaftLog } from "./raft-log.js";
import type { HardState, PeerId, RaftConfig, ReadState, Ready, Term } from "./types.js";

/** What is owed to the shell, and what of it is known to be durable. */
export class Outbox {
  private messages: Message[] = [];
  private messagesAfterAppend: Message[] = [];
  private readStates: ReadState[] = [];
  /** As handed out last, and as known to be durable. */
  private savedState: HardState;
  private durableState: HardState;
  private readonly taken: Ready[] = [];

  constructor(found: HardState) {
    this.savedState = found;
    this.durableState = found;
  }

  send(m: Message, mayLeaveAtOnce: boolean): void {
    if (mayLeaveAtOnce) this.messages.push(m);
    else this.messagesAfterAppend.push(m);
  }

  answerRead(read: ReadState): void {
    this.readStates.push(read);
  }

  isDurable(term: Term, vote: PeerId | null): boolean {
    return this.durableState.term === term && this.durableState.vote === vote;
  }

  hasReady(now: Pick<HardState, "term" | "vote">, log: RaftLog): boolean {
    return (
      this.messages.length > 0 ||
      this.messagesAfterAppend.length > 0 ||
      this.readStates.length > 0 ||
      log.hasSnapshot() ||
      log.hasUnstable() ||
      log.hasCommitted() ||
      this.mustSave(now, log)
    );
  }

  take(now: HardState, log: RaftLog, limits: RaftConfig): Ready {
    const mustSave = this.mustSave(now, log);
    const snapshot = log.takeSnapshot();
    const entries = log.takeUnstable();
    const save = mustSave || snapshot !== null || entries.length > 0 ? now : null;
    const ready: Ready = {
      hardState: save,
      entries,
      snapshot,
      messages: this.messages,
      messagesAfterAppend: this.messagesAfterAppend,
      committedEntries: log.takeCommitted(limits),
      readStates: this.readStates,
    };
    if (save !== null) this.savedState = save;
    this.messages = [];
    this.messagesAfterAppend = [];
    this.readStates = [];
    this.taken.push(ready);
    return ready;
  }

  saved(done: Ready, log: RaftLog): void {
    assert(done === this.taken.shift(), "advance() out of order, or with a Ready not taken");
    if (done.hardState === null) return;
    this.durableState = done.hardState;
    log.durableCommit = done.hardState.commit;
  }

  /**
   * The commit index is saved with the next entries; alone it is not worth a write, unless a change
   * of the membership is committed: see RaftLog.durableCommit.
   */
  private mustSave(now: Pick<HardState, "term" | "vote">, log: RaftLog): boolean {
    const { term, vote, commit } = this.savedState;
    return term !== now.term || vote !== now.vote || log.hasConfChange(commit, log.committed);
  }
}
