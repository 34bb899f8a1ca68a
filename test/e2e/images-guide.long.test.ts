import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { followGuide, readGuide } from "./guide.js";
import { TestCluster } from "./test-cluster.js";

/** docs/guides/images.md, word by word, on a node with real containers. */

t.setTimeout(600_000);

const GUIDE_MS = 300_000;

void t.test("images.md", async (t) => {
  const cluster = new TestCluster("img");
  t.teardown(() => cluster.destroy());
  await cluster.ok(["up", "--empty"]);
  const bin = join(cluster.home, "bin");
  const cwd = join(cluster.home, "cwd");
  for (const folder of [bin, cwd]) mkdirSync(folder);
  const command = join(import.meta.dirname, "../../../deploy/raftsman.js");
  writeFileSync(join(bin, "raftsman"), `#!/bin/sh\nexec ${process.execPath} ${command} "$@"\n`, {
    mode: 0o755,
  });
  // Buildah keeps what it makes with the cluster, and goes with it.
  const storage = join(cluster.home, "storage.conf");
  const graph = join(cluster.home, "storage");
  writeFileSync(
    storage,
    `[storage]\ndriver = "vfs"\ngraphroot = "${graph}"\nrunroot = "${graph}-run"\n`,
  );
  const env = {
    ...cluster.env,
    KUBECONFIG: cluster.kubeconfig,
    PATH: `${bin}:${process.env["PATH"]}`,
    HOME: cwd,
    CONTAINERS_STORAGE_CONF: storage,
  };
  const { code, outcomes } = await followGuide(readGuide("images.md"), {
    cwd,
    env,
    timeoutMs: GUIDE_MS,
  });
  for (const { step, output, missing } of outcomes)
    t.same(missing, [], step.commands.trim().split("\n")[0] ?? "", { output });
  t.equal(code, 0);

  const { code: noName, stderr } = await cluster.raftsman([
    "image",
    "import",
    join(cwd, "hello-2.tar"),
  ]);
  t.equal(noName, 1);
  t.match(stderr, /it does not say what its image is called: name it with --as/);
});
