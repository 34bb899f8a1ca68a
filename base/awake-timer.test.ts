import t from "tap";
import { scheduleAwake } from "./awake-timer.js";
import { type Clock, ManualClock } from "./clock.js";

void t.test("it runs after its time where the process runs too", async (t) => {
  const clock = new ManualClock();
  let runs = 0;
  scheduleAwake(clock, 1_000, () => (runs += 1));
  for (let ms = 0; ms < 999; ms += 1) clock.advance(1);
  t.equal(runs, 0);
  clock.advance(1);
  t.equal(runs, 1);
  clock.advance(10_000);
  t.equal(runs, 1, "once");
});

void t.test("a long sleep does not count", async (t) => {
  const clock = new SleepyClock();
  let ranAtMs: number | null = null;
  scheduleAwake(clock, 1_000, () => (ranAtMs = clock.monotonicMs()));
  clock.awake(900);
  clock.asleep(5_000);
  t.equal(ranAtMs, null, "what came meanwhile waits to be read");
  clock.awake(249);
  t.equal(ranAtMs, null);
  clock.awake(1);
  t.equal(ranAtMs, 6_150);
});

void t.test("who is always late ends too", async (t) => {
  const clock = new SleepyClock();
  let ran = false;
  scheduleAwake(clock, 1_000, () => (ran = true));
  let sleeps = 0;
  while (!ran && sleeps < 100) {
    clock.asleep(500);
    sleeps += 1;
  }
  t.equal(sleeps, 8);
});

void t.test("it can be cancelled in every slice", async (t) => {
  for (const ms of [0, 300, 999]) {
    const clock = new ManualClock();
    let ran = false;
    const cancel = scheduleAwake(clock, 1_000, () => (ran = true));
    clock.advance(ms);
    cancel();
    clock.advance(5_000);
    t.notOk(ran, `after ${ms} ms`);
  }
});

/** A clock of a process that does not always run. */
class SleepyClock implements Clock {
  private timeMs = 0;
  private timers: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.timeMs;
  }

  monotonicMs(): number {
    return this.timeMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.timeMs + delayMs, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  awake(forMs: number): void {
    for (let ms = 0; ms < forMs; ms += 1) this.asleep(1);
  }

  /** What is due runs once that time has gone by, and not before. */
  asleep(forMs: number): void {
    this.timeMs += forMs;
    const due = this.timers.filter(({ atMs }) => atMs <= this.timeMs);
    this.timers = this.timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
  }
}
