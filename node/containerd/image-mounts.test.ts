import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { aPod } from "../plan/plan-fixtures.js";
import { planImageMount } from "../plan/image-mount.js";
import { NodePaths } from "../node-paths.js";
import { TestObjects } from "../test-pods.js";
import { mountsBelow } from "../volumes/mounts.js";
import { PodVolumes } from "../volumes/pod-volumes.js";
import { writeImageArchive } from "./image-archive.js";
import { importImageArchive } from "./image-import.js";
import { ContainerdImageMounts } from "./image-mounts.js";
import { startTestContainerd, type TestContainerd } from "./test-containerd.js";

const [ONE, TWO] = ["localhost/test/one:1", "localhost/test/two:1"];
const { signal } = new AbortController();

void t.test("what mount(8) is called with", (t) => {
  const overlay = {
    type: "overlay",
    source: "overlay",
    options: ["index=off", "lowerdir=/s/snapshots/2/fs:/s/snapshots/1/fs"],
  };
  t.strictSame(planImageMount(overlay, "/d"), {
    workDir: "/s/snapshots",
    commands: [
      [
        "--no-mtab",
        "-t",
        "overlay",
        "-o",
        "ro,noexec,index=off,lowerdir=2/fs:1/fs",
        "overlay",
        "/d",
      ],
    ],
  });
  t.match(planImageMount({ type: "bind", source: "/s/1/fs", options: ["ro", "rbind"] }, "/d"), {
    commands: [
      ["--no-mtab", "--bind", "/s/1/fs", "/d"],
      ["--no-mtab", "-o", "remount,bind,ro,noexec", "/d"],
    ],
  });
  t.equal(planImageMount({ type: "btrfs", source: "/x", options: [] }, "/d"), null);
  t.end();
});

void t.test("images as volumes", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const mounts = new ContainerdImageMounts(host.socketPath, host.runtime);
  t.teardown(async () => {
    mounts.close();
    await host.destroy();
  });
  const file = (path: string, text: string) =>
    ({ type: "file", path, content: Buffer.from(text), mode: 0o755 }) as const;
  const lower = [file("model", "old"), file("only-below", "below")];
  await importImage(host, ONE, [[file("model", "one")]]);
  await importImage(host, TWO, [lower, [file("model", "two"), file("sub/part", "part")]]);
  await t.test("one layer and several", (t) => checkLayers(t, host, mounts));
  await t.test("of a pod, until it is removed", (t) => checkPod(t, host, mounts));
});

async function importImage(
  host: TestContainerd,
  name: string,
  layers: Parameters<typeof writeImageArchive>[1]["layers"],
): Promise<void> {
  const archive = join(host.dir, "image.tar");
  await writeImageArchive(archive, { name, layers, config: {} });
  await importImageArchive(host.socketPath, archive, signal);
}

async function idOf(host: TestContainerd, name: string): Promise<string> {
  return (await host.runtime.imageStatus(name, signal))?.id ?? "";
}

async function checkLayers(
  t: Test,
  host: TestContainerd,
  mounts: ContainerdImageMounts,
): Promise<void> {
  const volumes = volumesOf(host, mounts);
  const pod = aPod({});
  for (const [name, files] of [
    [ONE, ["model"]],
    [TWO, ["model", "only-below", "sub"]],
  ] as const) {
    const volume = { name: name === ONE ? "one" : "two", image: { reference: name } };
    const imageId = await idOf(host, name);
    t.equal(await volumes.mountImage(pod, volume, { imageId, signal }), null);
    const dir = join(new NodePaths(host.dir).volumes(pod.metadata.uid), volume.name);
    t.strictSame(await readdir(dir), files);
    t.equal(await readFile(join(dir, "model"), "utf8"), volume.name);
    await t.rejects(writeFile(join(dir, "model"), "x"), { code: "EROFS" });
    const line = (await readFile("/proc/self/mountinfo", "utf8"))
      .split("\n")
      .find((each) => each.includes(` ${dir} `));
    t.match(line, /noexec/u);
  }
  await volumes.remove(pod.metadata.uid);
}

async function checkPod(t: Test, host: TestContainerd, mounts: ContainerdImageMounts) {
  const paths = new NodePaths(host.dir);
  const volume = { name: "data", image: { reference: TWO } };
  const container = {
    name: "main",
    volumeMounts: [
      { name: "data", mountPath: "/data" },
      { name: "data", mountPath: "/part", subPath: "sub" },
    ],
  };
  const pod = aPod({ volumes: [volume], containers: [container] });
  const { uid } = pod.metadata;
  const dir = join(paths.volumes(uid), "data");
  const imageId = await idOf(host, TWO);
  t.equal(await volumesOf(host, mounts).mountImage(pod, volume, { imageId, signal }), null);
  // The next agent finds it, and the image may go meanwhile.
  const next = volumesOf(host, mounts);
  t.equal(await next.mountImage(pod, volume, { imageId, signal }), null);
  t.equal((await mountsBelow(dir)).length, 1, "once");
  await host.runtime.removeImage(TWO, signal);
  t.equal(await readFile(join(dir, "only-below"), "utf8"), "below");
  t.match(await next.mountsOf(pod, container, new Map()), {
    ok: true,
    mounts: [
      { containerPath: "/data", hostPath: dir, readonly: true },
      { containerPath: "/part", hostPath: join(dir, "sub"), readonly: true },
    ],
  });
  const strange = {
    name: "main",
    volumeMounts: [{ name: "data", mountPath: "/x", subPath: "no" }],
  };
  t.match(await next.mountsOf(pod, strange, new Map()), {
    ok: false,
    message: 'subPath "no" is not in the image of "data"',
  });
  await next.remove(uid);
  t.strictSame(await mountsBelow(paths.pod(uid)), []);
  await mounts.release(`raftsman-image-volume/${uid}/data`);
  t.match(await next.mountImage(pod, volume, { imageId: "sha256:none", signal }), /data/u);
  const without = new PodVolumes({ ...depsOf(host), imageMounts: null });
  t.match(await without.mountImage(pod, volume, { imageId, signal }), /cannot mount images/u);
}

function depsOf(host: TestContainerd) {
  const ownNode = () => undefined;
  return { paths: new NodePaths(host.dir), objects: new TestObjects(), ownNode };
}

function volumesOf(host: TestContainerd, imageMounts: ContainerdImageMounts): PodVolumes {
  return new PodVolumes({ ...depsOf(host), imageMounts });
}
