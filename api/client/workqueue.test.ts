import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { WorkQueue, type WorkQueueMetrics } from "./workqueue.js";

void t.test("fair: keys come out in the order in which they came in", async (t) => {
  const queue = new WorkQueue<string>(new ManualClock());
  for (const key of ["a", "b", "c"]) queue.add(key);
  t.strictSame([await queue.get(), await queue.get(), await queue.get()], ["a", "b", "c"]);
});

void t.test("stingy: a key added several times is worked on once", async (t) => {
  const queue = new WorkQueue<string>(new ManualClock());
  queue.add("a");
  queue.add("a");
  t.equal(queue.size, 1);
  t.equal(await queue.get(), "a");
  t.equal(queue.size, 0);
});

void t.test(
  "a key added while it is worked on is worked on again afterwards, by one only",
  async (t) => {
    const queue = new WorkQueue<string>(new ManualClock());
    queue.add("a");
    await queue.get();
    queue.add("a");
    t.equal(queue.size, 0, "nobody else gets it now");
    const next = queue.get();
    queue.done("a");
    t.equal(await next, "a");
    queue.done("a");
    t.equal(queue.size, 0);
  },
);

void t.test("a consumer waits for a key", async (t) => {
  const queue = new WorkQueue<string>(new ManualClock());
  const waiting = [queue.get(), queue.get()];
  queue.add("a");
  queue.add("b");
  t.strictSame(await Promise.all(waiting), ["a", "b"]);
});

void t.test("addAfter: the earliest of several delays counts", async (t) => {
  const clock = new ManualClock();
  const queue = new WorkQueue<string>(clock);
  queue.addAfter("late", 500);
  queue.addAfter("a", 300);
  queue.addAfter("a", 100);
  queue.addAfter("a", 200);
  clock.advance(99);
  t.equal(queue.size, 0);
  clock.advance(1);
  t.equal(await queue.get(), "a");
  queue.done("a");
  clock.advance(300);
  t.equal(queue.size, 0, "the later delays of the key are forgotten");
  clock.advance(100);
  t.equal(await queue.get(), "late");
});

void t.test("addRateLimited: the delay doubles, and starts anew after forget", (t) => {
  const clock = new ManualClock();
  const queue = new WorkQueue<string>(clock, { backoff: { firstMs: 10, maxMs: 40 } });
  const delays: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    if (i === 4) queue.forget("a");
    queue.addRateLimited("a");
    let waited = 0;
    while (queue.size === 0) {
      clock.advance(1);
      waited += 1;
    }
    delays.push(waited);
    void queue.get();
    queue.done("a");
  }
  t.strictSame(
    delays.map((ms) => Math.round(ms / 10) * 10),
    [10, 20, 40, 40, 10],
  );
  t.end();
});

void t.test("all retries together are bounded", (t) => {
  const clock = new ManualClock();
  const retries = { burst: 2, perSecond: 1 };
  const queue = new WorkQueue<string>(clock, { retries });
  for (const key of ["a", "b", "c", "d"]) queue.addRateLimited(key);
  clock.advance(10);
  t.equal(queue.size, 2);
  clock.advance(1000);
  t.equal(queue.size, 3);
  clock.advance(1000);
  t.equal(queue.size, 4);
  t.end();
});

void t.test("after a shutdown the queued keys are handed out, then null", async (t) => {
  const clock = new ManualClock();
  const queue = new WorkQueue<string>(clock);
  queue.add("a");
  queue.addAfter("later", 10);
  const drained = queue.shutDownWithDrain();
  queue.add("b");
  clock.advance(20);
  t.equal(await queue.get(), "a");
  t.equal(await queue.get(), null);
  let isDrained = false;
  void drained.then(() => {
    isDrained = true;
  });
  await Promise.resolve();
  t.equal(isDrained, false, "not before the last key is done");
  queue.done("a");
  await drained;
});

void t.test("a shutdown wakes those who wait", async (t) => {
  const queue = new WorkQueue<string>(new ManualClock());
  const waiting = queue.get();
  queue.shutDown();
  t.equal(await waiting, null);
});

void t.test("metrics tell of waiting and working times", async (t) => {
  const clock = new ManualClock();
  const told: string[] = [];
  const metrics: WorkQueueMetrics = {
    added: () => told.push("added"),
    depth: (n) => told.push(`depth ${n}`),
    started: (ms) => told.push(`started ${ms}`),
    done: (ms) => told.push(`done ${ms}`),
    retried: () => told.push("retried"),
    follow: () => {},
  };
  const queue = new WorkQueue<string>(clock, { metrics });
  queue.add("a");
  clock.advance(5);
  await queue.get();
  clock.advance(7);
  queue.done("a");
  t.strictSame(told, ["added", "depth 1", "depth 0", "started 5", "done 7"]);
});

void t.test("many keys cost the same each", async (t) => {
  const queue = new WorkQueue<string>(new ManualClock());
  for (let i = 0; i < 5000; i += 1) queue.add(`k${i}`);
  for (let i = 0; i < 5000; i += 1) {
    const key = await queue.get();
    if (key !== `k${i}`) t.fail(`expected k${i}, got ${key}`);
    queue.done(`k${i}`);
  }
  t.equal(queue.size, 0);
});
