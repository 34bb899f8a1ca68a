import t from "tap";
import type { Store } from "../../consensus/consensus.js";
import { TestGroup, type TestMember, until } from "./member-group.js";

const ROUNDS = 12;
/** A planned hand-over takes no longer than 100 ms where the computer does nothing else. */
const LIMIT_MS = 3 * 100;
t.setTimeout(240_000);

/** Writes one after the other and knows for how long none was acknowledged at most. */
class SteadyWriter {
  private readonly store: Store;
  private lastMs = performance.now();
  private count = 0;
  private isStopped = false;
  private done: Promise<void> = Promise.resolve();
  longestGapMs = 0;

  constructor(store: Store) {
    this.store = store;
  }

  start(): void {
    this.done = this.run();
  }

  /** Begins to measure anew. */
  reset(): void {
    this.longestGapMs = 0;
    this.lastMs = performance.now();
  }

  get written(): number {
    return this.count;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  private async run(): Promise<void> {
    const put = { type: "put", key: Buffer.from("/steady"), value: Buffer.from("x") } as const;
    while (!this.isStopped) {
      await this.store.txn({ compares: [], success: [put] });
      this.count += 1;
      const nowMs = performance.now();
      this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.lastMs);
      this.lastMs = nowMs;
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

void t.test("a planned hand-over interrupts writes for a moment only", async (t) => {
  const group = await TestGroup.start(3);
  t.teardown(() => group.close());
  const writers: SteadyWriter[] = [];
  for (const member of group.members) writers.push(new SteadyWriter(await member.store()));
  for (const writer of writers) writer.start();
  const gapsMs: number[] = [];
  const quietMs: number[] = [];
  const longestGap = async (during: () => Promise<void>): Promise<number> => {
    const goals = writers.map((writer) => writer.written + 50);
    for (const writer of writers) writer.reset();
    await during();
    await until(async () => writers.every((writer, i) => writer.written >= (goals[i] ?? 0)));
    return Math.max(...writers.map((writer) => writer.longestGapMs));
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await group.leader();
    const others = group.members.filter((member) => member !== before);
    const next = others[round % 2] as TestMember;
    const store = await next.store();
    quietMs.push(await longestGap(async () => {}));
    gapsMs.push(await longestGap(() => store.transferLeader(next.name)));
    t.equal(await group.leader(), next);
  }
  for (const writer of writers) await writer.stop();
  const shown = (values: readonly number[]): string => values.map(Math.round).join(", ");
  t.comment(`longest gap between writes at any of three members: ${shown(gapsMs)} ms`);
  t.comment(`the same while nothing was handed over: ${shown(quietMs)} ms`);
  // What the computer withholds from everybody is none of the hand-over's.
  t.ok(median(gapsMs) <= LIMIT_MS + 3 * median(quietMs), `median ${median(gapsMs)} ms`);
});
