import t from "tap";
import { damageEach } from "./test-damage.js";

t.setTimeout(3_500_000);

void t.test("damage is healed or refused, never answered from, a hundred times each", (t) =>
  damageEach(t, { rounds: 100, seed: 2 }),
);
