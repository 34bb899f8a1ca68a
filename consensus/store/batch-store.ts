import { type ConfState, confStateProblem, type LogStart } from "raft-ts";
import { assert } from "../../base/assert.js";
import { type ByteReader, ByteWriter, MalformedError } from "../bytes.js";
import { failPoint } from "../fail-point.js";
import type { MapWrite, OrderedMap } from "./ordered-map.js";
import { mapKey, PREFIX, STORE_VERSION, seal, unseal } from "./store-record.js";
import { readList } from "./txn-codec.js";

/**
 * What the marker at the end of every batch says: up to where the store is. Markers are numbered
 * without a gap.
 */
export interface BatchMarker {
  readonly applied: LogStart;
  readonly revision: number;
  readonly compactRevision: number;
  /** See Duplicates.floor. */
  readonly duplicatesFloor: number;
  /** Of every record that the map holds with this batch; empty in what older releases wrote. */
  readonly storedHash: string;
  /** Who belonged to the group at `applied`; null where nothing was applied, or by older releases. */
  readonly confState: ConfState | null;
}

/** Markers kept: far more than LevelDB can hold in its own, untrusted log. */
export const MARKERS_KEPT = 8192;

/**
 * Collects what apply writes and hands it to the map as one batch at a time. What is collected or
 * on its way can be read at once; durability is the log's business.
 */
export class BatchStore {
  private readonly map: OrderedMap;
  private building: MapWrite[] = [];
  private fresh = new Map<string, Buffer | null>();
  private inFlight = new Map<string, Buffer | null>();
  /** The number of the next batch, and of the oldest whose marker is kept. */
  private nextBatch: number;
  private oldestBatch: number;
  private sizeBytes = 0;
  private isFlushing = false;

  constructor(map: OrderedMap, batches: { readonly oldest: number; readonly next: number }) {
    this.map = map;
    this.oldestBatch = batches.oldest;
    this.nextBatch = batches.next;
  }

  /** Bytes that wait to be handed to the map. */
  get waitingBytes(): number {
    return this.sizeBytes;
  }

  get(key: Buffer): Buffer | undefined {
    const name = key.toString("latin1");
    let written = this.fresh.get(name);
    if (written === undefined) written = this.inFlight.get(name);
    if (written === null) return undefined;
    return written ?? this.map.get(key);
  }

  put(key: Buffer, value: Buffer): void {
    this.building.push({ key, value });
    this.fresh.set(key.toString("latin1"), value);
    this.sizeBytes += key.length + value.length;
  }

  delete(key: Buffer): void {
    this.building.push({ key, value: null });
    this.fresh.set(key.toString("latin1"), null);
    this.sizeBytes += key.length;
  }

  /**
   * Writes everything collected as one batch that ends with the marker. One at a time. Rejects with
   * what the map threw: the process must end.
   */
  async flush(marker: BatchMarker, plantedBug: string | null = null): Promise<void> {
    assert(!this.isFlushing, "one batch at a time");
    const batch = this.building;
    while (this.nextBatch - this.oldestBatch >= MARKERS_KEPT) {
      batch.push({ key: mapKey(PREFIX.batch, this.oldestBatch), value: null });
      this.oldestBatch += 1;
    }
    const key = mapKey(PREFIX.batch, this.nextBatch);
    batch.push({ key, value: encodeMarker(key, marker) });
    this.nextBatch += 1;
    this.inFlight = this.fresh;
    this.building = [];
    this.fresh = new Map();
    this.sizeBytes = 0;
    this.isFlushing = true;
    if (plantedBug === "AppliedIndexApart") await this.map.write(batch.splice(-1));
    await this.map.write(batch);
    failPoint("after-batch");
    this.isFlushing = false;
    this.inFlight = new Map();
  }
}

function encodeMarker(key: Buffer, marker: BatchMarker): Buffer {
  const writer = new ByteWriter(256).u8(STORE_VERSION);
  writer.u53(marker.applied.index).u53(marker.applied.term).u53(marker.revision);
  writer.u53(marker.compactRevision).u53(marker.duplicatesFloor).text(marker.storedHash);
  if (marker.confState !== null) writeConfState(writer, marker.confState);
  return seal(key, writer);
}

/** The marker stored as `sealed`. Throws StoreCorrupt. */
export function decodeMarker(key: Buffer, sealed: Buffer): BatchMarker {
  const r = unseal(key, sealed);
  return {
    applied: { index: r.u53(), term: r.u53() },
    revision: r.u53(),
    compactRevision: r.u53(),
    duplicatesFloor: r.u53(),
    storedHash: r.remaining === 0 ? "" : r.text(),
    confState: r.remaining === 0 ? null : readConfState(r),
  };
}

/** What a marker in the middle of the chain is read for. Throws StoreCorrupt. */
export function appliedOfMarker(key: Buffer, sealed: Buffer): LogStart {
  const r = unseal(key, sealed);
  return { index: r.u53(), term: r.u53() };
}

export function writeConfState(w: ByteWriter, conf: ConfState): void {
  for (const list of [conf.voters, conf.votersOutgoing, conf.learners, conf.learnersNext]) {
    w.u32(list.length);
    for (const id of list) w.text(id);
  }
  w.bool(conf.autoLeave);
}

/** Throws MalformedError. */
export function readConfState(r: ByteReader): ConfState {
  const list = (): string[] => readList(r, (one) => one.text());
  const conf = { voters: list(), votersOutgoing: list(), learners: list(), learnersNext: list() };
  const confState = { ...conf, autoLeave: r.bool() };
  const problem = confStateProblem(confState);
  if (problem !== null) throw new MalformedError(`a membership that cannot be: ${problem}`);
  return confState;
}
