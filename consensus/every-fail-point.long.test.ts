import t from "tap";
import { FAIL_POINTS, PASSED_WITH_PEERS } from "./fail-point.js";
import { killAtEach } from "./test-fail-points.js";

t.setTimeout(3_500_000);

void t.test("killed at every place, twenty times, nothing acknowledged is lost", (t) => {
  const alone = FAIL_POINTS.filter((name) => !PASSED_WITH_PEERS.includes(name));
  return killAtEach(t, alone, { rounds: 20, seed: 3 });
});
