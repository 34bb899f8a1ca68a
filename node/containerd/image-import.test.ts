import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { writeImageArchive } from "./image-archive.js";
import { importImageArchive } from "./image-import.js";
import { loadImages } from "./image-loader.js";
import { startTestContainerd } from "./test-containerd.js";

void t.test("an import", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  t.teardown(() => host.destroy());
  const { runtime, socketPath, instance } = host;
  const { signal } = new AbortController();
  const archive = join(host.dir, "image.tar");
  const name = "localhost/raftsman-test/one:1";
  await writeImageArchive(archive, {
    name,
    layers: [[{ type: "file", path: "one", content: Buffer.from("one") }]],
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

  await t.test("gives images the names that pods ask for", async (t) => {
    const load = (oci: string | null, as: string | null): Promise<readonly string[]> =>
      loadImages(socketPath, ociArchive(host.dir, archive, oci), { as, signal });
    t.same(await loadImages(socketPath, archive, { as: null, signal }), [name]);
    t.same(await load("web:1", null), ["docker.io/library/web:1"]);
    t.match(await runtime.imageStatus("web:1", signal), { repoTags: ["docker.io/library/web:1"] });
    t.same(await load("r.io/a/web:2", "web:3"), ["docker.io/library/web:3"]);
    t.equal(await runtime.imageStatus("r.io/a/web:2", signal), null);
    for (const unnamed of ["7", null]) {
      t.same(await load(unnamed, "localhost/web:4"), ["localhost/web:4"]);
      t.ok(await runtime.imageStatus("localhost/web:4", signal));
      await t.rejects(load(unnamed, null), { message: /name it with --as NAME:TAG/ });
    }
    await t.rejects(load(null, "Web"), { message: /"Web" is no name of an image/ });
    // Asked of containerd itself: its CRI part hears of removals a moment later.
    const ls = ["-a", socketPath, "-n", "k8s.io", "images", "ls", "-q"];
    t.notMatch(execFileSync("ctr", ls).toString(), /import-|invalid/);
  });
});

/** The image of a docker archive as an OCI layout that calls it `ref`; null: nothing. */
function ociArchive(dir: string, dockerArchive: string, ref: string | null): string {
  const from = join(dir, "docker");
  const layout = join(dir, "oci");
  const blobs = join(layout, "blobs/sha256");
  for (const folder of [from, blobs]) mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-C", from, "-xf", dockerArchive]);
  const [image] = JSON.parse(readFileSync(join(from, "manifest.json"), "utf8")) as {
    Config: string;
    Layers: string[];
  }[];
  const blob = (bytes: Buffer, mediaType: string): object => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const type = (name: string): string => `application/vnd.oci.image.${name}`;
  const read = (file: string): Buffer => readFileSync(join(from, file));
  const manifest = {
    schemaVersion: 2,
    mediaType: type("manifest.v1+json"),
    config: blob(read(image?.Config ?? ""), type("config.v1+json")),
    layers: (image?.Layers ?? []).map((layer) => blob(read(layer), type("layer.v1.tar"))),
  };
  const described = blob(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
  const annotations = ref === null ? {} : { "org.opencontainers.image.ref.name": ref };
  const index = { schemaVersion: 2, manifests: [{ ...described, annotations }] };
  writeFileSync(join(layout, "index.json"), JSON.stringify(index));
  writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const archive = join(dir, "oci.tar");
  execFileSync("tar", ["-C", layout, "-cf", archive, "."]);
  return archive;
}
