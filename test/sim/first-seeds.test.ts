import t from "tap";
import { testSeeds } from "./test-seeds.js";

t.setTimeout(600_000);

void t.test("60 seeds hold", (t) => testSeeds(t, { from: 1, count: 60 }));
