import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { runMain } from "./run-main.js";
import type { Verdict } from "./verdict.js";

/** How a run ends that says nothing of the product. */

const TIMEOUT_MS = 420_000;

t.setTimeout(TIMEOUT_MS);

void t.test("a run that proves nothing exits 5", { timeout: TIMEOUT_MS }, async (t) => {
  const out = mkdtempSync(join(tmpdir(), "chaos-"));
  t.teardown(() => rmSync(out, { recursive: true, force: true }));
  const args = ["--minutes", "0.05", "--workloads", "append", "--nemeses", "kill-api"];
  const run = await runMain([...args, "--seed", "3", "--out", out]);
  t.equal(run.code, 5, run.stdout);
  t.match(run.stdout, "inconclusive: append:");
  const verdict = JSON.parse(readFileSync(join(out, "verdict.json"), "utf8")) as Verdict;
  t.same([verdict.valid, verdict.seed], ["unknown", 3]);
});

void t.test("interrupted, it takes the cluster down", { timeout: TIMEOUT_MS }, async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), "rm-"));
  t.teardown(() => rmSync(temporary, { recursive: true, force: true }));
  const args = ["--nemeses", "kill-api", "--out", join(temporary, "out")];
  const run = await runMain(args, { interruptAt: /nemeses kill-api/, temporary });
  t.equal(run.code, 130, run.stderr);
  t.same(readdirSync(temporary), ["out"], "and nothing is left of it");
});

void t.test("what is not understood is refused before anything starts", async (t) => {
  const wrong = await runMain(["--nemeses", "earthquake"]);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, "there is no such one; known: kill,");
  const alone = await runMain(["--nemeses", "partition-halves"]);
  t.equal(alone.code, 2);
  t.match(alone.stderr, "needs several servers");
});
