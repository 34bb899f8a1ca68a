import t from "tap";
import { testSeeds } from "./test-seeds.js";

t.setTimeout(600_000);

void t.test("440 seeds hold: with those of first-seeds, 500", (t) =>
  testSeeds(t, { from: 61, count: 440 }),
);
