import t from "tap";
import type { SimulatedBug } from "./bugs.js";
import { simulate } from "./simulation.js";

t.setTimeout(600_000);

const SEEDS = 100;
/** What the core's own simulation cannot show, or this one shows at once; see docs/measurements. */
const FOUND: readonly SimulatedBug[] = ["AppliedIndexApart", "StaleReadIndex"];

for (const plantedBug of FOUND)
  void t.test(`${plantedBug} is found within ${SEEDS} seeds`, async (t) => {
    let [seed, failure] = [0, null as string | null];
    while (failure === null && seed < SEEDS) {
      seed += 1;
      ({ failure } = await simulate(seed, { plantedBug }));
    }
    t.not(failure, null);
    t.comment(`seed ${seed}: ${failure}`);
    const { failure: without } = await simulate(seed);
    t.equal(without, null, "without the bug that seed holds");
  });
