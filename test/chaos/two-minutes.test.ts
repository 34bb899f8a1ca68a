import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parseHistory } from "./history.js";
import { runMain } from "./run-main.js";
import type { Verdict } from "./verdict.js";

const TIMEOUT_MS = 420_000;
/** Kept: what it finds has to be looked into. */
const OUT = join(import.meta.dirname, "../../../reports/chaos-two-minutes");
/** One of each kind: there is time for them even where two cores do much else. */
const NEMESES = [
  "kill",
  "pause",
  "rolling-restart",
  "power-loss",
  "partition-halves",
  "partition-ring",
  "partition-one-way",
  "partition-leader",
];

t.setTimeout(2 * TIMEOUT_MS);

void t.test("two minutes of chaos break no promise", { timeout: TIMEOUT_MS }, async (t) => {
  const args = ["--minutes", "2", "--servers", "3", "--nemeses", NEMESES.join(",")];
  const run = await runMain([...args, "--out", OUT]);
  t.comment(run.stderr);
  t.comment(run.stdout);
  const verdict = JSON.parse(readFileSync(join(OUT, "verdict.json"), "utf8")) as Verdict;
  t.equal(verdict.valid, true, `seed ${verdict.seed}: ${run.stdout}`);
  t.equal(run.code, 0);
  for (const name of ["register", "append", "watch", "election"]) {
    const history = parseHistory(readFileSync(join(OUT, "history", `${name}.jsonl`), "utf8"));
    t.ok(history.length > 2000, `${name}: ${history.length} lines of history`);
  }
  t.match(readFileSync(join(OUT, "report.html"), "utf8"), "Raftsman under attack");
});
