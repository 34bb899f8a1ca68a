import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { SeededRandom } from "../base/random.js";
import { damageEach, fill, type Outcome, outcomes } from "./test-damage.js";

t.setTimeout(240_000);

void t.test("damage is healed or refused, never answered from", (t) =>
  damageEach(t, { rounds: 2, seed: 1 }),
);

void t.test("a start that died while it read the store is not repeated", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-died-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "data");
  const expected = await fill(dataDir, new SeededRandom(7));
  const tables = readdirSync(join(dataDir, "store")).filter((name) => name.endsWith(".ldb"));
  for (const name of tables) writeFileSync(join(dataDir, "store", name), "no table");
  writeFileSync(join(dataDir, "store.reading"), "");
  const [is] = outcomes([dataDir]) as [Outcome];
  t.equal(is.deaths, 0);
  t.ok(is.found === expected, "it was made again from snapshot and log");
  t.notOk(readdirSync(dataDir).includes("store.reading"), "the next start reads the store again");
});
