import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { serverUrlsOf } from "../../deploy/local-cluster/cluster-status.js";
import { readClusterState } from "../../deploy/local-cluster/cluster-state.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { adminFilesOf, SteadyWriter } from "./features/steady-writer.js";
import { followGuide, readGuide } from "./guide.js";
import { TestCluster } from "./test-cluster.js";

/**
 * The guides of clusters of servers, word by word: their commands are run as they stand there, and
 * print what is written there. One cluster with simulated pods, made by the first guide.
 */

t.setTimeout(500_000);

const GUIDE_MS = 150_000;
const cluster = new TestCluster("guide");
t.teardown(() => cluster.destroy());
const bin = join(cluster.home, "bin");
mkdirSync(bin);
const command = join(import.meta.dirname, "../../../deploy/raftsman.js");
writeFileSync(join(bin, "raftsman"), `#!/bin/sh\nexec ${process.execPath} ${command} "$@"\n`, {
  mode: 0o755,
});

async function follow(t: Test, name: string): Promise<void> {
  const cwd = mkdtempSync(join(cluster.home, "cwd-"));
  const env = { ...cluster.env, PATH: `${bin}:${process.env["PATH"]}`, HOME: cwd };
  const { code, outcomes } = await followGuide(readGuide(name), {
    cwd,
    env,
    timeoutMs: GUIDE_MS,
  });
  for (const { step, output, missing } of outcomes)
    t.same(missing, [], `${name}: ${step.commands.trim().split("\n")[0]}`, { output });
  t.equal(code, 0, name);
  rmSync(cwd, { recursive: true, force: true });
}

await t.test("clusters.md", (t) => follow(t, "clusters.md"));

await t.test("rolling-restart.md, and no request fails meanwhile", async (t) => {
  const layout = layoutOf(cluster.home, cluster.name);
  const state = readClusterState(layout);
  if (state === null) throw new Error("clusters.md left no cluster");
  const writer = new SteadyWriter({
    servers: serverUrlsOf(state),
    ...adminFilesOf(layout, join(cluster.home, "admin")),
  });
  t.teardown(() => writer.stop());
  await writer.untilWritten(10);
  await follow(t, "rolling-restart.md");
  await writer.untilWritten(10);
  await writer.stop();
  t.comment(`${writer.acknowledged.length} writes`);
  t.same(writer.failures, []);
});

await t.test("backup.md", (t) => follow(t, "backup.md"));
await t.test("quorum-loss.md", (t) => follow(t, "quorum-loss.md"));
await t.test("store-size.md", (t) => follow(t, "store-size.md"));
