import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { kubectlPath } from "../../api/streaming/test-kubectls.js";
import type { TestServer } from "../../apiserver/test-server.js";
import { followGuide, readGuide } from "../e2e/guide.js";

const TIMEOUT_MS = 120_000;

/**
 * Follows a guide of docs/guides word by word, as administrator of that server with kubectl 1.33;
 * each step is an assertion. `env` is laid over the environment.
 */
export async function followWithKubectl(
  t: Test,
  name: string,
  { server, env = {} }: { readonly server: TestServer; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  const bin = join(server.dir, "bin");
  mkdirSync(bin);
  symlinkSync(kubectlPath("1.33"), join(bin, "kubectl"));
  const { code, outcomes } = await followGuide(readGuide(name), {
    cwd: server.dir,
    env: {
      ...process.env,
      HOME: server.dir,
      PATH: `${bin}:${process.env["PATH"]}`,
      KUBECONFIG: await server.kubeconfig(),
      ...env,
    },
    timeoutMs: TIMEOUT_MS,
  });
  for (const { step, output, missing } of outcomes)
    t.same(missing, [], step.commands.trim().split("\n")[0] ?? "", { output });
  t.equal(code, 0);
}
