import t from "tap";
import { SeededRandom } from "../base/random.js";
import { AssertionError } from "../base/assert.js";
import { ManualClock } from "../base/clock.js";
import { silentLogger } from "../base/logger.js";
import { WorkQueue } from "../api/client/workqueue.js";
import { type Result, runWorker, TerminalError } from "./controller.js";

type Answer = Result | Error;

/**
 * Runs a worker over one key for as many looks as there are answers; the delays before each look.
 */
async function looks(answers: readonly Answer[]): Promise<{ delays: number[]; failures: number }> {
  const clock = new ManualClock();
  const queue = new WorkQueue<string>(clock, { backoff: { firstMs: 10, maxMs: 1000 } });
  const left = [...answers];
  const delays: number[] = [];
  let lastMs = 0;
  const reconcile = (): Promise<Result> => {
    delays.push(clock.monotonicMs() - lastMs);
    lastMs = clock.monotonicMs();
    const answer = left.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? {});
  };
  const { signal } = new AbortController();
  const working = runWorker(queue, { reconcile }, { logger: silentLogger, signal });
  queue.add("key");
  for (let i = 0; i < 200; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10);
  }
  const failures = queue.failuresOf("key");
  queue.shutDown();
  await working;
  return { delays, failures };
}

void t.test("a success ends it, a later look is asked for", async (t) => {
  t.strictSame((await looks([{}])).delays, [0]);
  t.strictSame((await looks([{ requeueAfterMs: 500 }, {}])).delays, [0, 500]);
});

void t.test("a failure is tried again with back-off, until it succeeds", async (t) => {
  const { delays, failures } = await looks([new Error("a"), new Error("b"), new Error("c"), {}]);
  t.strictSame(delays, [0, 10, 20, 40]);
  t.equal(failures, 0, "forgotten after the success");
});

void t.test("a TerminalError is not tried again", async (t) => {
  const { delays, failures } = await looks([new TerminalError("never")]);
  t.strictSame([delays, failures], [[0], 0]);
});

void t.test("a fault of ours ends the worker", async (t) => {
  const clock = new ManualClock();
  const queue = new WorkQueue<string>(clock);
  queue.add("key");
  const reconcile = (): Promise<Result> => Promise.reject(new AssertionError("impossible"));
  const { signal } = new AbortController();
  const working = runWorker(queue, { reconcile }, { logger: silentLogger, signal });
  await t.rejects(working, AssertionError);
});

void t.test("no key is ever with two workers, and every one gets done", async (t) => {
  const random = new SeededRandom(7);
  const queue = new WorkQueue<string>(new ManualClock());
  const busy = new Set<string>();
  let done = 0;
  const reconcile = async (key: string): Promise<Result> => {
    if (busy.has(key)) t.fail(`${key} is with two workers`);
    busy.add(key);
    for (let i = random.below(4); i > 0; i -= 1) await Promise.resolve();
    busy.delete(key);
    done += 1;
    return {};
  };
  const { signal } = new AbortController();
  const workers = [1, 2, 3].map(() =>
    runWorker(queue, { reconcile }, { logger: silentLogger, signal }),
  );
  for (let i = 0; i < 1000; i += 1) {
    queue.add(`k${random.below(5)}`);
    if (random.oneIn(3)) await Promise.resolve();
  }
  await queue.shutDownWithDrain();
  await Promise.all(workers);
  t.ok(done >= 5);
  t.equal(busy.size, 0);
});
