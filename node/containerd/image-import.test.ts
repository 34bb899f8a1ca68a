import { join } from "node:path";
import t from "tap";
import { writeImageArchive } from "./image-archive.js";
import { importImageArchive } from "./image-import.js";
import { startTestContainerd } from "./test-containerd.js";

void t.test("an import", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  t.teardown(() => host.destroy());
  const { runtime, socketPath, instance } = host;
  const { signal } = new AbortController();
  const archive = join(host.dir, "image.tar");
  const name = "localhost/raftsman-test/one:1";
  const content = Buffer.from("one");
  await writeImageArchive(archive, {
    name,
    layers: [[{ type: "file", path: "one", content }]],
    config: { Cmd: ["/one"] },
  });

  await t.test("waits for a containerd that has just died and is started again", async (t) => {
    process.kill((await instance.pid()) ?? 0, "SIGKILL");
    await importImageArchive(socketPath, archive, signal);
    t.match(await runtime.imageStatus(name, signal), { repoTags: [name] });
  });

  await t.test("of a file that is none says so", async (t) => {
    const none = join(host.dir, "none.tar");
    await t.rejects(importImageArchive(socketPath, none, signal), {
      code: "ImageImportFailed",
      message: /cannot import .*none\.tar: .*no such file/,
    });
  });
});
