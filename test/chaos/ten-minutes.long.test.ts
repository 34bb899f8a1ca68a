import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { runMain } from "./run-main.js";
import type { Verdict } from "./verdict.js";

/** Kept: what it finds has to be looked into. */
const OUT = join(import.meta.dirname, "../../../reports/chaos-ten-minutes");
const TIMEOUT_MS = 1_800_000;

t.setTimeout(TIMEOUT_MS);

void t.test("ten minutes of chaos break no promise", { timeout: TIMEOUT_MS }, async (t) => {
  const run = await runMain(["--minutes", "10", "--servers", "3", "--nodes", "1", "--out", OUT]);
  t.comment(run.stderr);
  const verdict = JSON.parse(readFileSync(join(OUT, "verdict.json"), "utf8")) as Verdict;
  t.equal(verdict.valid, true, `seed ${verdict.seed}: ${run.stdout}`);
  t.equal(run.code, 0);
});
