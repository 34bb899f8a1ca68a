import t from "tap";
import { StallMeter } from "./stall-meter.js";
import { TestServer } from "../test-server.js";
import { nextTurn } from "./waiting.js";

function standStill(durationMs: number): void {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs);
}

void t.test("the longest stall is known once", async (t) => {
  const meter = new StallMeter();
  t.teardown(() => meter.stop());
  await turnsFor(30);
  meter.takeLongestMs();
  let longestMs = 0;
  while (longestMs < 70) {
    await standStillOnce();
    longestMs = meter.takeLongestMs();
  }
  t.pass(`${longestMs} ms`);
  // The next look starts anew; a busy machine may hold the thread up as long by itself, for a while.
  do await turnsFor(30);
  while (meter.takeLongestMs() >= longestMs);
});

void t.test("it is a metric", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const scrape = async (): Promise<number> => {
    const { bytes } = await server.send("GET", "/metrics");
    const line = /^raftsman_event_loop_stall_seconds (\S+)$/mu.exec(bytes.toString());
    return Number(line?.[1]);
  };
  t.ok((await scrape()) >= 0);
  // The stall of this thread, where the server runs too.
  do await standStillOnce();
  while ((await scrape()) < 0.07);
  t.ok((await scrape()) >= 0.07, "whoever asks next is told too");
});

/**
 * A stall of 80 ms. After each look the meter needs one interval to find its beat again: on a busy
 * machine longer than it is given here, so that the stall goes unseen. The test's own time limit
 * ends the attempts.
 */
async function standStillOnce(): Promise<void> {
  await turnsFor(30);
  standStill(80);
  await turnsFor(30);
}

/** Lets the loop turn for a while: what is measured is the loop, so time has to pass. */
async function turnsFor(durationMs: number): Promise<void> {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) await nextTurn();
}
