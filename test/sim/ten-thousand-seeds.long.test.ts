import t from "tap";
import { testSeeds } from "./test-seeds.js";

t.setTimeout(3_500_000);

void t.test("10,000 seeds that are not those of every day hold", (t) =>
  testSeeds(t, { from: 1_000_000, count: 10_000 }),
);
