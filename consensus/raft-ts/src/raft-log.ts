import { assert } from "./assert.js";
import { type ConfChangeV2, decodeConfChange } from "./conf-change.js";
import type { Entry, Index, LogStart, RaftState, Snapshot, Term } from "./types.js";

const NONE: readonly ConfChangeV2[] = [];

/**
 * The log as the core sees it: from `start` on, in memory, with the marks of how far each pipeline
 * has come.
 */
export class RaftLog {
  private start: LogStart;
  private entries: Entry[];
  /** Durable on this peer. Invariant: stable <= handedOut <= lastIndex. */
  stable: Index;
  /** Handed to the shell for append. */
  handedOut: Index;
  /** Known to be on a majority. Never goes back. */
  committed: Index;
  /** Handed to the shell for apply. Invariant: applied <= applying <= min(committed, stable). */
  applying: Index;
  applied: Index;
  /**
   * What a restart knows to be committed. A change of the membership is applied only then: whoever
   * was removed by it ends, and a restart that went by the old membership would wait for its vote.
   */
  durableCommit: Index;
  /** Received and handed out or about to be, and not known to be installed yet. */
  private pendingSnapshot: Snapshot | null = null;
  private isSnapshotHandedOut = false;
  /** Where the log on the disk begins as long as the snapshot is not installed. */
  private startBefore: LogStart;
  /** Where the entries are that change the membership, ascending. */
  private confIndexes: Index[] = [];
  /** Changes that a pending snapshot dropped while the shell was still applying them. */
  private retired: readonly { readonly index: Index; readonly change: ConfChangeV2 }[] = [];

  constructor(state: RaftState) {
    this.start = state.start;
    this.startBefore = state.start;
    this.entries = [...state.entries];
    this.entries.forEach((entry, i) => {
      assert(entry.index === this.start.index + 1 + i, `gap in the log at ${entry.index}`);
    });
    assert(state.applied >= this.start.index, "the state machine holds what the log has dropped");
    assert(state.applied <= this.lastIndex, `applied ${state.applied} beyond ${this.lastIndex}`);
    for (const entry of this.entries) this.noteConfChange(entry);
    this.stable = this.lastIndex;
    this.handedOut = this.lastIndex;
    const { commit } = state.hardState;
    this.committed = Math.max(Math.min(commit, this.lastIndex), state.applied, this.lastConfKnown);
    this.applying = state.applied;
    this.applied = state.applied;
    this.durableCommit = commit;
  }

  get firstIndex(): Index {
    return this.start.index + 1;
  }

  get lastIndex(): Index {
    return this.start.index + this.entries.length;
  }

  get lastTerm(): Term {
    return this.entries.at(-1)?.term ?? this.start.term;
  }

  /** The term of the entry at `index`; null when the log does not reach there. */
  term(index: Index): Term | null {
    if (index === this.start.index) return this.start.term;
    return this.entries[index - this.firstIndex]?.term ?? null;
  }

  matches(index: Index, term: Term): boolean {
    return this.term(index) === term;
  }

  /** Raft paper §5.4.1: the later last term wins; in the same term the longer log. */
  isUpToDate(lastIndex: Index, lastTerm: Term): boolean {
    if (lastTerm !== this.lastTerm) return lastTerm > this.lastTerm;
    return lastIndex >= this.lastIndex;
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, `append ${entry.index} after ${this.lastIndex}`);
    assert(entry.term >= this.lastTerm, `term ${entry.term} after ${this.lastTerm}`);
    this.entries.push(entry);
    this.noteConfChange(entry);
  }

  /**
   * A leader's entries that follow a matching one: drops what conflicts, keeps what is there
   * already.
   */
  appendFromLeader(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (this.matches(entry.index, entry.term)) continue;
      if (entry.index <= this.lastIndex) this.truncateFrom(entry.index);
      this.append(entry);
    }
  }

  /** Entries from `from` on, at least one if there is one, otherwise up to sizeMaxBytes of data. */
  slice(from: Index, sizeMaxBytes: number): Entry[] {
    assert(from >= this.firstIndex, `slice from ${from}, the log starts at ${this.firstIndex}`);
    const found: Entry[] = [];
    let size = 0;
    for (let i = from - this.firstIndex; i < this.entries.length; i += 1) {
      const entry = this.entries[i] as Entry;
      size += entry.data.length;
      if (found.length > 0 && size > sizeMaxBytes) break;
      found.push(entry);
    }
    return found;
  }

  /** The data bytes of the entries from `from` to `to` that this term proposed. */
  sizeOf(from: Index, to: Index, term: Term): number {
    let size = 0;
    for (let index = from; index <= to; index += 1) {
      const entry = this.entries[index - this.firstIndex];
      if (entry?.term === term) size += entry.data.length;
    }
    return size;
  }

  /** What the shell has not been given to append yet; it counts as given from now on. */
  takeUnstable(): readonly Entry[] {
    const taken = this.entries.slice(this.handedOut - this.start.index);
    this.handedOut = this.lastIndex;
    return taken;
  }

  hasUnstable(): boolean {
    return this.handedOut < this.lastIndex;
  }

  /** Entries up to `index` are durable, unless what was written there has been replaced since. */
  stableTo(index: Index, term: Term): void {
    if (index > this.stable && this.matches(index, term)) this.stable = index;
    assert(this.stable <= this.handedOut, `stable ${this.stable} beyond ${this.handedOut}`);
  }

  /** A snapshot takes the place of everything; nothing is applied before it is installed. */
  restore(snapshot: Snapshot): void {
    const { index, term } = snapshot;
    assert(index > this.committed, `snapshot ${index}, committed up to ${this.committed}`);
    assert(this.pendingSnapshot === null, "a snapshot while one is being installed");
    this.retired = this.confIndexes
      .filter((at) => at > this.applied && at <= this.applying)
      .map((at) => ({ index: at, change: this.confChangeAt(at) }));
    this.startBefore = this.start;
    this.start = { index, term };
    this.entries = [];
    this.confIndexes = [];
    this.stable = index;
    this.handedOut = index;
    this.committed = index;
    this.applying = index;
    this.pendingSnapshot = snapshot;
    this.isSnapshotHandedOut = false;
  }

  /** For who may have this entry and not know that it is committed. */
  get commitMark(): { readonly index: Index; readonly term: Term } {
    return { index: this.committed, term: this.term(this.committed) ?? 0 };
  }

  /** An entry of this index and term is committed somewhere: ours is, if it is the same. */
  maybeCommitTo({ index, term }: { readonly index: Index; readonly term: Term }): void {
    if (index > this.committed && this.matches(index, term)) this.commitTo(index);
  }

  get isInstalling(): boolean {
    return this.pendingSnapshot !== null;
  }

  hasSnapshot(): boolean {
    return this.pendingSnapshot !== null && !this.isSnapshotHandedOut;
  }

  /** The snapshot to install, once. */
  takeSnapshot(): Snapshot | null {
    if (!this.hasSnapshot()) return null;
    this.isSnapshotHandedOut = true;
    return this.pendingSnapshot;
  }

  /** The snapshot is durable, and is the state machine now. */
  installed(snapshot: Snapshot): void {
    assert(this.pendingSnapshot === snapshot, `snapshot ${snapshot.index} is not being installed`);
    this.pendingSnapshot = null;
    this.retired = [];
    this.applied = Math.max(this.applied, snapshot.index);
  }

  commitTo(index: Index): void {
    if (index <= this.committed) return;
    assert(index <= this.lastIndex, `commit ${index} beyond the last index ${this.lastIndex}`);
    this.committed = index;
  }

  /** What may be applied next, within limits; it counts as given from now on. */
  takeCommitted(limits: {
    readonly committedEntriesMax: number;
    readonly committedSizeMaxBytes: number;
  }): readonly Entry[] {
    if (!this.hasCommitted()) return [];
    const { committedEntriesMax, committedSizeMaxBytes } = limits;
    const last = Math.min(this.applicable, this.applying + committedEntriesMax);
    let end = this.applying;
    for (let size = 0; end < last && size < committedSizeMaxBytes; end += 1)
      size += this.entries[end - this.start.index]?.data.length ?? 0;
    if (end <= this.applying) return [];
    const taken = this.entries.slice(this.applying - this.start.index, end - this.start.index);
    this.applying = end;
    return taken;
  }

  hasCommitted(): boolean {
    return !this.isInstalling && this.applicable > this.applying;
  }

  /** A change of the membership is in an entry after `from`, up to `to`. */
  hasConfChange(from: Index, to: Index): boolean {
    return this.confIndexes.some((index) => index > from && index <= to);
  }

  private get applicable(): Index {
    const limit = Math.min(this.committed, this.stable);
    const held = this.confIndexes.find((index) => index > this.durableCommit);
    return held === undefined ? limit : Math.min(limit, held - 1);
  }

  /** The changes of the membership in entries after `from`, up to `to`. */
  confChanges(from: Index, to: Index): readonly ConfChangeV2[] {
    const isBetween = (index: Index): boolean => index > from && index <= to;
    if (this.isInstalling)
      return this.retired.filter(({ index }) => isBetween(index)).map(({ change }) => change);
    if (this.confIndexes.length === 0) return NONE;
    return this.confIndexes.filter(isBetween).map((index) => this.confChangeAt(index));
  }

  /** A change of the membership is committed that has not been applied here. */
  hasUnappliedConfChange(): boolean {
    return this.confIndexes.some((index) => index > this.applied && index <= this.committed);
  }

  appliedTo(index: Index): void {
    assert(index >= this.applied, `applied goes back from ${this.applied} to ${index}`);
    assert(index <= this.applying, `applied ${index}, handed out up to ${this.applying}`);
    this.applied = index;
  }

  /** The first entry that the disk must hold on to. */
  get firstIndexKept(): Index {
    return (this.isInstalling ? this.startBefore : this.start).index + 1;
  }

  /** Forgets entries up to `index`, which the state machine holds. */
  compactTo(index: Index): void {
    if (index <= this.start.index) return;
    assert(index <= this.applied, `compact to ${index}, applied up to ${this.applied}`);
    const term = this.term(index);
    assert(term !== null, `compact to ${index} beyond the log`);
    this.entries = this.entries.slice(index - this.start.index);
    this.confIndexes = this.confIndexes.filter((at) => at > index);
    this.start = { index, term };
  }

  /** The highest index <= `index` whose term is <= `term`: where two logs may still match. */
  findConflict(index: Index, term: Term): { readonly index: Index; readonly term: Term } {
    let at = Math.min(index, this.lastIndex);
    for (;;) {
      const found = this.term(at);
      if (found === null || at === 0) return { index: at, term: 0 };
      if (found <= term) return { index: at, term: found };
      at -= 1;
    }
  }

  private truncateFrom(index: Index): void {
    assert(index > this.committed, `truncate ${index}, committed up to ${this.committed}`);
    this.entries.length = index - this.firstIndex;
    this.confIndexes = this.confIndexes.filter((at) => at < index);
    this.stable = Math.min(this.stable, index - 1);
    this.handedOut = Math.min(this.handedOut, index - 1);
  }

  /**
   * A change is proposed only once the one before it was applied: whoever has two in the log knows
   * that all but the last are committed. Without this, a peer whose commit index was lost with a
   * torn tail could campaign with a membership two changes old.
   */
  private get lastConfKnown(): Index {
    return this.confIndexes.at(-2) ?? 0;
  }

  private confChangeAt(index: Index): ConfChangeV2 {
    const entry = this.entries[index - this.firstIndex];
    const change = entry === undefined ? null : decodeConfChange(entry.data);
    assert(change !== null, `entry ${index} is no change of the membership`);
    return change;
  }

  private noteConfChange(entry: Entry): void {
    if (entry.type === "EntryConfChangeV2") this.confIndexes.push(entry.index);
  }
}
