import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { kubectlPath } from "../../api/streaming/test-kubectls.js";
import { TestServer } from "../../apiserver/test-server.js";
import { followGuide, readGuide } from "../e2e/guide.js";

/** docs/guides/admission-policies.md, word by word. */

t.setTimeout(120_000);

const server = await TestServer.start();
t.teardown(() => server.close());

await t.test("admission-policies.md", async (t) => {
  const bin = join(server.dir, "bin");
  mkdirSync(bin);
  symlinkSync(kubectlPath("1.33"), join(bin, "kubectl"));
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await server.send("GET", account);
  const { code, outcomes } = await followGuide(readGuide("admission-policies.md"), {
    cwd: server.dir,
    env: {
      ...process.env,
      HOME: server.dir,
      PATH: `${bin}:${process.env["PATH"]}`,
      KUBECONFIG: await server.kubeconfig(),
    },
    timeoutMs: 100_000,
  });
  for (const { step, output, missing } of outcomes)
    t.same(missing, [], step.commands.trim().split("\n")[0] ?? "", { output });
  t.equal(code, 0);
});
