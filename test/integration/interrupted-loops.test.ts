import { Worker } from "node:worker_threads";
import t from "tap";
import type { ControllerName } from "../../controllers/control-loops.js";
import { SCENARIOS } from "./loop-worlds/interruptions.js";
import type { RunReport } from "./loop-worlds/worker.js";

const THREADS = 2;
/** For work on one loop. */
const only = process.env["TEST_ONLY_LOOP"];

t.setTimeout(0);
const names = (Object.keys(SCENARIOS) as ControllerName[]).filter((name) =>
  name.includes(only ?? ""),
);
const shares = Array.from({ length: THREADS }, (_, share) =>
  names.filter((_name, index) => index % THREADS === share),
);
const runs = (await Promise.all(shares.map(played))).flat();

for (const name of names)
  void t.test(name, (t) => {
    const ours = runs.filter(({ loop }) => loop === name);
    const whole = ours.find(({ diedAfter }) => diedAfter === 0);
    t.strictSame(
      whole?.problems,
      [],
      `ends after ${whole?.writes} writes, then nothing is written`,
    );
    t.equal(ours.length, 1 + (whole?.writes ?? 0), "the leader died after each of them");
    for (const { diedAfter, problems } of ours)
      if (diedAfter > 0)
        t.strictSame(problems, [], `dead after write ${diedAfter}: the next comes to the same end`);
    t.end();
  });

function played(share: readonly ControllerName[]): Promise<readonly RunReport[]> {
  return new Promise((resolve, reject) => {
    const reports: RunReport[] = [];
    const file = new URL("./loop-worlds/worker.js", import.meta.url);
    const worker = new Worker(file, { workerData: share });
    worker.on("message", (report: RunReport) => reports.push(report));
    worker.once("error", reject);
    worker.once("exit", () => resolve(reports));
  });
}
