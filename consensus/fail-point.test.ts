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

/** By then a quick disk is written to in the main thread, which counts its own passes. */
const PROMPT_AFTER = 150;

void t.test("nor where it writes on the spot", (t) =>
  killAtEach(t, ["before-append", "after-append", "after-fsync"], {
    rounds: 1,
    seed: 2,
    passes: PROMPT_AFTER,
  }),
);
