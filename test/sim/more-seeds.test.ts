import t from "tap";
import { testSeeds } from "./test-seeds.js";

t.setTimeout(600_000);

void t.test("300 seeds hold: with those of first-seeds, 500", (t) =>
  testSeeds(t, { from: 201, count: 300 }),
);
