import { mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { followGuide, readGuide } from "../guide.js";
import type { TestCluster } from "../test-cluster.js";

const GUIDE_MS = 400_000;

/** The guide about volumes, word by word: data that outlives pods, claims in use, what is left. */
export async function volumes(t: Test, cluster: TestCluster): Promise<void> {
  const cwd = mkdtempSync(join(cluster.home, "guide-"));
  const kubectl = cluster.kubectl();
  symlinkSync(kubectl.path, join(cwd, "kubectl"));
  const env = {
    ...process.env,
    KUBECONFIG: cluster.kubeconfig,
    HOME: cwd,
    PATH: `${cwd}:${process.env["PATH"]}`,
  };
  const { code, outcomes } = await followGuide(readGuide("volumes.md"), {
    cwd,
    env,
    timeoutMs: GUIDE_MS,
  });
  for (const { step, output, missing } of outcomes)
    t.same(missing, [], step.commands.trim().split("\n")[0] ?? "", { output });
  t.equal(code, 0);
}
