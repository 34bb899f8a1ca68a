import t from "tap";
import { SeededRandom } from "../../base/random.js";
import { EventQueue, onceSettled } from "./event-queue.js";
import { Safety } from "./safety.js";
import { SimNetwork } from "./sim-network.js";
import { SimServer } from "./sim-server.js";
import { drawOdds } from "./swarm.js";
import { noTotals } from "./totals.js";
import type { World } from "./world.js";

t.setTimeout(60_000);

/** A founder, and what its world heard of it. */
function founder() {
  const queue = new EventQueue();
  const random = new SeededRandom(92);
  const notes: string[] = [];
  const failures: string[] = [];
  const world: World = {
    queue,
    random,
    odds: drawOdds(random),
    totals: noTotals(),
    safety: new Safety(),
    isCalm: true,
    note: (who, what) => notes.push(`${who} ${what}`),
    fail: (why) => failures.push(why),
  };
  const { historyMs, snapshotEntries, segmentSizeBytes, ...tuning } = world.odds;
  const server = new SimServer("s1", {
    world,
    network: new SimNetwork(world),
    variant: { historyMs, snapshotEntries, segmentSizeBytes, tuning },
    onDown: () => failures.push("it went down"),
    onServing: () => {},
  });
  server.become("m1-s1", true);
  return { server, queue, notes, failures };
}

void t.test("a start waits for a slow disk, however long; it does not end", async (t) => {
  const { server, queue, notes, failures } = founder();
  // The vote alone takes longer than a read may.
  server.slowness = 60_000;
  server.start();
  while (!server.isServing && queue.nowMs < 600_000) {
    queue.step(600_000);
    await new Promise<void>((resolve) => onceSettled(resolve));
  }
  t.same(failures, []);
  t.ok(server.isServing, `it serves after ${queue.nowMs} ms`);
  t.match(notes.join("\n"), /warn: the store does not serve yet/, "it says what it waits for");
});
