import {
  type MapPair,
  type MapRange,
  type MapWrite,
  memoryMap,
  type OrderedMap,
} from "../../consensus/simulation.js";
import type { Random } from "../../base/random.js";

/** One batch, and what was there before it. */
interface Undo {
  readonly before: readonly MapWrite[];
}

/** Batches that a power loss may take back. */
const UNSYNCED_MAX = 24;

/** The map of one server as it is on its disk: LevelDB syncs nothing, so that it may lose its end. */
export class SimMap {
  private map: OrderedMap = memoryMap();
  private undo: Undo[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** As a process opens it; a write takes effect when `later` lets it. */
  open(later: (run: () => void) => void): OrderedMap {
    const map = this.map;
    return {
      get: (key) => map.get(key),
      write: (batch) =>
        new Promise((resolve) => {
          later(() => {
            this.remember(batch);
            void map.write(batch).then(resolve);
          });
        }),
      scan: (range: MapRange): Promise<MapPair[]> => map.scan(range),
      view: () => map.view(),
      sizeBytes: () => map.sizeBytes(),
      close: async () => {},
    };
  }

  destroy(): void {
    this.map = memoryMap();
    this.undo = [];
  }

  /** Its newest batches are gone; seldom one from the middle, as with a damaged log of LevelDB. */
  losePower(): { readonly lostBatches: number; readonly hole: boolean } {
    const hole = this.undo.length > 4 && this.random.below(6) === 0;
    if (hole) {
      this.takeBackOne(1 + this.random.below(this.undo.length - 2));
      return { lostBatches: 1, hole };
    }
    const lostBatches = this.random.below(this.undo.length + 1);
    for (let i = 0; i < lostBatches; i += 1) void this.map.write(this.undo.pop()?.before ?? []);
    this.undo = [];
    return { lostBatches, hole };
  }

  /** Turns over one bit of a record, at rest; false when there is none. */
  async flipBit(): Promise<boolean> {
    const all = { from: Buffer.from([0]), end: Buffer.from([0xff]) };
    const pairs = await this.map.scan({ ...all, limit: 500, limitBytes: 1e9 });
    const pair = pairs[this.random.below(Math.max(1, pairs.length))];
    if (pair === undefined || pair[1].length === 0) return false;
    const value = Buffer.from(pair[1]);
    const at = this.random.below(value.length);
    value[at] = (value[at] ?? 0) ^ (1 << this.random.below(8));
    await this.map.write([{ key: pair[0], value }]);
    return true;
  }

  private remember(batch: readonly MapWrite[]): void {
    const before = batch.map(({ key }) => ({ key, value: this.map.get(key) ?? null }));
    this.undo.push({ before });
    if (this.undo.length > UNSYNCED_MAX) this.undo.shift();
  }

  private takeBackOne(at: number): void {
    const later = new Set<string>();
    for (const { before } of this.undo.slice(at + 1))
      for (const { key } of before) later.add(key.toString("latin1"));
    const lost = (this.undo[at]?.before ?? []).filter(
      ({ key }) => !later.has(key.toString("latin1")),
    );
    void this.map.write(lost);
    this.undo = [];
  }
}
