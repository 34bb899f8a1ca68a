import { type ConfState, type Entry, type Index, type LogStart, membersOf } from "raft-ts";
import { assert } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import { ByteWriter } from "../bytes.js";
import { failPoint } from "../fail-point.js";
import type { KeyValue, RangeRequest, RangeResponse, Revision } from "../store-api.js";
import { StoreError } from "../store-error.js";
import type { ApplyResult } from "./apply-result.js";
import type { BatchStore } from "./batch-store.js";
import { type Command, decodeProposal, type Proposal } from "./command.js";
import type { Change, Mvcc } from "./mvcc.js";
import type { MapView, OrderedMap } from "./ordered-map.js";
import type { LoadedStore } from "./store-loader.js";
import { mapKey, PREFIX, STORE_VERSION, seal } from "./store-record.js";
import { WatchHub } from "./watch-hub.js";

/** Keys walked, and pairs read, before other work gets its turn: a few milliseconds. */
const WALK_SLICE = 4096;
const READ_SLICE = 256;
/** Compacted versions removed with one batch. */
const REMOVE_SLICE = 2000;
/**
 * Apply waits while more than this waits for LevelDB: handing a batch over takes some microseconds
 * per record, all in one go, so batches must stay small.
 */
const WAITING_MAX_BYTES = 1024 * 1024;
/**
 * Less than this waits for company, though not for longer than that: handing over one record costs
 * as much as some dozen, and nobody waits for it, for what is not handed over yet can be read too.
 */
const BATCH_BYTES = 256 * 1024;
const BATCH_DELAY_MS = 20;
/** Of so many entries one, where the bug ApplySkips is planted. */
const SKIPPED_BY_BUG = 20;

/** A replica of the store: applies entries, answers reads at any kept revision, feeds watches. */
export class Replica {
  readonly mvcc: Mvcc;
  readonly hub: WatchHub;
  private readonly map: OrderedMap;
  private readonly batches: BatchStore;
  private readonly onFatal: (error: unknown) => void;
  private readonly yieldTurn: () => Promise<void>;
  private readonly onCommand: (command: Command, result: ApplyResult) => void;
  private readonly plantedBug: string | null;
  private appliedTo: LogStart;
  private conf: ConfState;
  private mapConf: ConfState;
  private mapRevisionNow: Revision;
  private mapApplied: LogStart;
  private readonly clock: Clock | null;
  private isDirty = false;
  /** Whatever waits is to be handed over without further delay. */
  private isUrgent = false;
  private hasFailed = false;
  private cancelDelay: (() => void) | null = null;
  private flushing: Promise<void> | null = null;
  private afterBatch: (() => void)[] = [];
  private readonly duplicateBatches: number[];
  private readonly hashWaiters = new Set<{
    readonly index: Index;
    readonly resolve: (hash: string | null) => void;
  }>();
  private pins = new Map<Revision, number>();
  private readonly decoded = new Map<Uint8Array, Proposal>();

  constructor(
    loaded: LoadedStore,
    deps: {
      readonly map: OrderedMap;
      /** Who belongs to the group as of what is loaded. */
      readonly confState: ConfState;
      readonly onFatal: (error: unknown) => void;
      /** Called for every command as it is applied. */
      readonly onCommand?: (command: Command, result: ApplyResult) => void;
      /** Resolves once everything else that is due has had its turn. */
      readonly yieldTurn: () => Promise<void>;
      /** For tests alone; see HostBug. */
      readonly plantedBug?: string | null;
      /** When absent, no batch waits for company. */
      readonly clock?: Clock;
    },
  ) {
    this.conf = deps.confState;
    this.mapConf = deps.confState;
    this.onCommand = deps.onCommand ?? (() => {});
    this.mvcc = loaded.mvcc;
    this.batches = loaded.batches;
    this.appliedTo = loaded.marker.applied;
    this.mapRevisionNow = loaded.marker.revision;
    this.mapApplied = loaded.marker.applied;
    this.duplicateBatches = [...loaded.duplicateBatches];
    this.map = deps.map;
    this.onFatal = deps.onFatal;
    this.yieldTurn = deps.yieldTurn;
    this.plantedBug = deps.plantedBug ?? null;
    this.clock = deps.clock ?? null;
    this.hub = new WatchHub({
      map: deps.map,
      mvcc: this.mvcc,
      mapRevision: () => this.mapRevisionNow,
      flushed: () => this.flushed(),
    });
  }

  get applied(): LogStart {
    return this.appliedTo;
  }

  /** Who belongs to the group, as of what is applied. */
  get confState(): ConfState {
    return this.conf;
  }

  /**
   * Keeps what a proposal's bytes say, so that apply need not read them again. Forget it when it is
   * decided that it will not be applied.
   */
  noteDecoded(data: Uint8Array, proposal: Proposal): void {
    this.decoded.set(data, proposal);
  }

  forgetDecoded(data: Uint8Array): void {
    this.decoded.delete(data);
  }

  /**
   * The hash of the state right after the entry at `index`; null when later ones were applied
   * already, or it does not come within `waitMs`.
   */
  hashAt(index: Index, waitMs: number): Promise<string | null> {
    const { index: now } = this.appliedTo;
    if (index === now) return Promise.resolve(this.mvcc.hash());
    if (index < now || this.clock === null) return Promise.resolve(null);
    const { clock } = this;
    return new Promise((resolve) => {
      const waiter = { index, resolve };
      this.hashWaiters.add(waiter);
      clock.schedule(waitMs, () => {
        if (this.hashWaiters.delete(waiter)) resolve(null);
      });
    });
  }

  /** True while LevelDB lags so far behind that apply should wait for flushed(). */
  get isBehind(): boolean {
    return this.batches.waitingBytes > WAITING_MAX_BYTES;
  }

  /**
   * Applies committed entries in order and returns what each came to (null: it carried no command).
   * Readers see it at once; LevelDB follows. Throws when an entry cannot be applied: the process
   * must end. `confStateAt` gives the membership as of an entry that changes it.
   */
  apply(
    entries: readonly Entry[],
    confStateAt: (index: Index) => ConfState,
  ): (ApplyResult | null)[] {
    const changes: Change[] = [];
    const results = entries.map((entry) => {
      const result = this.applyOne(entry, { confStateAt, changes });
      if (this.hashWaiters.size > 0) this.tellHash(entry.index);
      return result;
    });
    if (changes.length > 0) this.hub.publish(changes);
    this.isDirty = true;
    this.startFlush();
    return results;
  }

  private applyOne(
    entry: Entry,
    into: { readonly confStateAt: (index: Index) => ConfState; readonly changes: Change[] },
  ): ApplyResult | null {
    assert(entry.index === this.appliedTo.index + 1, `apply ${entry.index}`);
    this.appliedTo = { index: entry.index, term: entry.term };
    if (entry.type === "EntryConfChangeV2") return this.changeMembers(entry, into.confStateAt);
    if (entry.data.length === 0) return null;
    if (this.plantedBug === "ApplySkips" && entry.index % SKIPPED_BY_BUG === 0) return null;
    const proposal = this.decoded.get(entry.data) ?? decodeProposal(entry.data);
    this.decoded.delete(entry.data);
    const applied = this.mvcc.apply(proposal, entry.index);
    into.changes.push(...applied.changes);
    this.onCommand(proposal.command, applied.result);
    return applied.result;
  }

  private tellHash(index: Index): void {
    for (const waiter of this.hashWaiters) {
      if (waiter.index !== index) continue;
      this.hashWaiters.delete(waiter);
      waiter.resolve(this.mvcc.hash());
    }
  }

  /**
   * Resolves once LevelDB holds everything applied so far, or has failed. Not once nothing is left:
   * under load something always is.
   */
  flushed(): Promise<void> {
    const { index } = this.appliedTo;
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.hasFailed || this.mapApplied.index >= index) return resolve();
        this.afterBatch.push(check);
        this.startFlush();
      };
      check();
    });
  }

  /** Throws "Compacted" and "FutureRevision"; long ranges give other work its turn. */
  async range(request: RangeRequest): Promise<RangeResponse> {
    const now = this.mvcc.revision;
    const revision =
      request.revision === undefined || request.revision === 0 ? now : request.revision;
    this.refuseRevision(revision);
    this.pin(revision);
    try {
      return await this.readRange(request, revision, now);
    } catch (error) {
      // Whatever else it gives may be wrong too; the next start makes the store again.
      this.onFatal(error);
      throw error;
    } finally {
      this.unpin(revision);
    }
  }

  /** What the store holds on disk at one moment, and as of which entry that is; close the view. */
  view(): Promise<{
    readonly view: MapView;
    readonly at: LogStart;
    readonly confState: ConfState;
  }> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        try {
          resolve({ view: this.map.view(), at: this.mapApplied, confState: this.mapConf });
        } catch (error) {
          reject(error);
        }
      };
      // Between two batches, and before the next begins, the map is as of mapApplied.
      if (this.flushing === null && !this.isDirty) return take();
      this.afterBatch.push(take);
      this.startFlush();
    });
  }

  sizeBytes(): Promise<number> {
    return this.map.sizeBytes();
  }

  async close(): Promise<void> {
    this.hub.close(new StoreError("Closed", "the store was closed"));
    await this.flushed();
    while (this.flushing !== null) await this.flushing;
    this.cancelDelay?.();
    await this.map.close();
  }

  private changeMembers(entry: Entry, confStateAt: (index: Index) => ConfState): ApplyResult {
    const before = this.conf;
    this.conf = confStateAt(entry.index);
    const now = membersOf(this.conf);
    const left = membersOf(before).filter((id) => !now.includes(id));
    this.mvcc.removeMembers(left, entry.index);
    return { type: "done", revision: this.mvcc.revision };
  }

  private async readRange(
    request: RangeRequest,
    revision: Revision,
    now: Revision,
  ): Promise<RangeResponse> {
    const from = request.key.toString("latin1");
    const end = request.rangeEnd?.toString("latin1") ?? `${from}\0`;
    const limit =
      request.limit === undefined || request.limit === 0 ? Number.POSITIVE_INFINITY : request.limit;
    const kvs: KeyValue[] = [];
    let count = 0;
    let next: string | null = from;
    let readSinceYield = 0;
    while (next !== null) {
      const slice = this.mvcc.index.slice({ from: next, end }, { revision, max: WALK_SLICE });
      count += slice.found.length;
      next = slice.next;
      for (const { key, revision: at } of slice.found) {
        if (request.countOnly === true || kvs.length >= limit) break;
        const kv = this.mvcc.read(key, at);
        kvs.push(request.keysOnly === true ? { ...kv, value: NOTHING } : kv);
        readSinceYield += 1;
        if (readSinceYield % READ_SLICE === 0) await this.yieldTurn();
      }
      if (next !== null) await this.yieldTurn();
    }
    const more = request.countOnly !== true && kvs.length < count;
    return { revision: now, kvs, count, more };
  }

  private refuseRevision(revision: Revision): void {
    const { compactRevision } = this.mvcc;
    if (revision > this.mvcc.revision)
      throw new StoreError("FutureRevision", `revision ${revision} has not happened yet`, {
        details: { revision: this.mvcc.revision },
      });
    if (revision < compactRevision)
      throw new StoreError("Compacted", `revision ${revision} is compacted`, {
        details: { compactRevision },
      });
  }

  private pin(revision: Revision): void {
    this.pins.set(revision, (this.pins.get(revision) ?? 0) + 1);
  }

  private unpin(revision: Revision): void {
    const left = (this.pins.get(revision) ?? 0) - 1;
    if (left > 0) this.pins.set(revision, left);
    else this.pins.delete(revision);
  }

  private startFlush(): void {
    if (this.flushing !== null || !this.isDirty || this.hasFailed) return;
    if (!this.isFlushDue()) {
      this.cancelDelay ??= this.clock?.schedule(BATCH_DELAY_MS, () => this.flushNow()) ?? null;
      return;
    }
    this.cancelDelay?.();
    this.cancelDelay = null;
    this.flushing = this.flush().then(
      () => {
        this.flushing = null;
        // What was applied after the last look and before this: nobody else would begin with it.
        this.startFlush();
        if (!this.isFlushing()) this.tellAfterBatch();
      },
      (error: unknown) => {
        this.flushing = null;
        this.hasFailed = true;
        this.tellAfterBatch();
        this.onFatal(error);
      },
    );
  }

  private flushNow(): void {
    this.cancelDelay = null;
    this.isUrgent = true;
    this.startFlush();
  }

  private isFlushDue(): boolean {
    if (this.isUrgent || this.afterBatch.length > 0 || this.clock === null) return true;
    return this.batches.waitingBytes >= BATCH_BYTES;
  }

  private async flush(): Promise<void> {
    do {
      this.isDirty = false;
      this.isUrgent = false;
      const pinned = Math.min(Number.MAX_SAFE_INTEGER, ...this.pins.keys());
      // More may be left: the next batch goes on, even when no entry comes.
      const removed = this.mvcc.removeCompacted(pinned, REMOVE_SLICE);
      if (removed === REMOVE_SLICE) this.isDirty = this.isUrgent = true;
      if (removed > 0) failPoint("before-compaction");
      this.saveDuplicates();
      const { revision, compactRevision } = this.mvcc;
      const duplicatesFloor = this.mvcc.duplicates.floor;
      const storedHash = this.mvcc.index.storedHash.toString();
      const applied = this.appliedTo;
      const confState = this.conf;
      const at = { applied, revision, compactRevision, confState };
      const marker = { ...at, duplicatesFloor, storedHash };
      await this.batches.flush(marker, this.plantedBug);
      this.mapRevisionNow = revision;
      this.mapApplied = marker.applied;
      this.mapConf = confState;
      this.tellAfterBatch();
    } while (this.isDirty && this.isFlushDue());
  }

  private isFlushing(): boolean {
    return this.flushing !== null;
  }

  private tellAfterBatch(): void {
    const waiting = this.afterBatch;
    this.afterBatch = [];
    for (const tell of waiting) tell();
  }

  private saveDuplicates(): void {
    const key = mapKey(PREFIX.duplicates, this.appliedTo.index);
    const fresh = this.mvcc.duplicates.takeFresh(new ByteWriter().u8(STORE_VERSION));
    if (fresh !== null) {
      this.batches.put(key, seal(key, fresh));
      this.duplicateBatches.push(this.appliedTo.index);
    }
    const { floor } = this.mvcc.duplicates;
    while ((this.duplicateBatches[0] ?? floor + 1) <= floor)
      this.batches.delete(mapKey(PREFIX.duplicates, this.duplicateBatches.shift() ?? 0));
  }
}

const NOTHING = Buffer.alloc(0);
