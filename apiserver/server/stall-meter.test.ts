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
  // After each look it needs one interval to find its beat again.
  await turnsFor(30);
  standStill(80);
  await turnsFor(30);
  const longestMs = meter.takeLongestMs();
  t.ok(longestMs >= 70, `${longestMs} ms`);
  await turnsFor(30);
  t.ok(meter.takeLongestMs() < longestMs, "the next look starts anew");
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
  standStill(120);
  await turnsFor(30);
  t.ok((await scrape()) >= 0.1, "the stall of this thread, where the server runs too");
});

/** Lets the loop turn for a while: what is measured is the loop, so time has to pass. */
async function turnsFor(durationMs: number): Promise<void> {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) await nextTurn();
}
