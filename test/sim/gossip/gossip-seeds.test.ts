import t from "tap";
import type { PlantedBug } from "../../../gossip/swim/planted-bug.js";
import { runGossipSeed } from "./gossip-seed.js";

const SEEDS = [1, 2, 3];
/** The core's own tests plant the others: to find those takes longer here, or a liar. */
const BUGS: readonly PlantedBug[] = ["NoRefutation", "NoSuspicion", "NoIndirectProbe"];

t.test("SWIM keeps its promises in a cluster with troubles", (t) => {
  for (const seed of SEEDS) t.equal(runGossipSeed(seed), null, `seed ${seed}`);
  t.end();
});

for (const bug of BUGS)
  t.test(`${bug} is found`, (t) => {
    const [seed = 1] = SEEDS;
    const failure = runGossipSeed(seed, bug);
    t.not(failure, null, `seed ${seed}`);
    t.comment(String(failure));
    t.end();
  });
