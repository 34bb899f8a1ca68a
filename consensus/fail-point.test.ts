import t from "tap";
import { killAtEach } from "./test-fail-points.js";

t.setTimeout(240_000);

/** One of each kind of place; every-fail-point has them all. */
const SAMPLE = [
  "after-append",
  "after-apply",
  "after-batch",
  "snapshot-write",
  "segment-delete",
] as const;

void t.test("killed at a sample of the places, nothing acknowledged is lost", (t) =>
  killAtEach(t, SAMPLE, { rounds: 1, seed: 1 }),
);
