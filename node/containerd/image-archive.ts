import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { arch } from "node:process";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";
import { assert } from "../../base/assert.js";

/** One thing in a layer. Paths are inside the image, without a leading slash. */
export type ArchiveEntry =
  | {
      readonly type: "file";
      readonly path: string;
      /** The bytes, or the file on this machine that has them. */
      readonly content: Uint8Array | { readonly fromFile: string };
      /** Default 0644. */
      readonly mode?: number;
    }
  | { readonly type: "directory"; readonly path: string; readonly mode?: number }
  | { readonly type: "symlink"; readonly path: string; readonly target: string }
  | { readonly type: "hardlink"; readonly path: string; readonly target: string };

/** How a container of the image runs, in the image format's own words. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
}

/** An image to be written: layers, lowest first. */
export interface ImageSource {
  /** With tag, such as docker.io/library/web:1. */
  readonly name: string;
  /** Entries, or a tar file made elsewhere (debootstrap, tar). */
  readonly layers: readonly (readonly ArchiveEntry[] | { readonly tarFile: string })[];
  readonly config: ImageConfig;
}

/**
 * Writes an image as a docker archive (what `docker save` writes), which `ctr images import` and
 * importImageArchive read. The same source gives the same bytes.
 */
export async function writeImageArchive(path: string, image: ImageSource): Promise<void> {
  const out = createWriteStream(path, { mode: 0o644 });
  try {
    const layers: string[] = [];
    for (const layer of image.layers) {
      const digest = await writeLayer(out, layer);
      layers.push(digest);
    }
    const config = Buffer.from(
      JSON.stringify({
        architecture: arch === "x64" ? "amd64" : arch,
        os: "linux",
        created: "1970-01-01T00:00:00Z",
        config: image.config,
        rootfs: { type: "layers", diff_ids: layers.map((digest) => `sha256:${digest}`) },
        history: layers.map(() => ({ created: "1970-01-01T00:00:00Z" })),
      }),
    );
    const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
    await writeTarFile(out, configName, config);
    const manifest = [
      {
        Config: configName,
        RepoTags: [image.name],
        Layers: layers.map((digest) => `${digest}.tar`),
      },
    ];
    await writeTarFile(out, "manifest.json", Buffer.from(JSON.stringify(manifest)));
    await write(out, Buffer.alloc(1024));
  } finally {
    out.end();
    await finished(out);
  }
}

/** Writes the layer into the archive under its digest's name; returns the digest. */
async function writeLayer(out: Writable, layer: ImageSource["layers"][number]): Promise<string> {
  if ("tarFile" in layer) {
    const digest = await hashOf(layer.tarFile);
    const { size } = await stat(layer.tarFile);
    await write(out, tarHeader({ path: `${digest}.tar`, type: "0", mode: 0o644, size }));
    for await (const chunk of createReadStream(layer.tarFile)) await write(out, chunk as Buffer);
    await write(out, padding(size));
    return digest;
  }
  const tar = await layerTar(layer);
  const digest = createHash("sha256").update(tar).digest("hex");
  await writeTarFile(out, `${digest}.tar`, tar);
  return digest;
}

async function layerTar(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const { path } = entry;
    switch (entry.type) {
      case "file": {
        const { content, mode = 0o644 } = entry;
        const bytes = "fromFile" in content ? await readFile(content.fromFile) : content;
        parts.push(tarHeader({ path, type: "0", mode, size: bytes.length }));
        parts.push(Buffer.from(bytes), padding(bytes.length));
        break;
      }
      case "directory":
        parts.push(tarHeader({ path: `${path}/`, type: "5", mode: entry.mode ?? 0o755, size: 0 }));
        break;
      case "symlink":
      case "hardlink": {
        const type = entry.type === "symlink" ? "2" : "1";
        parts.push(tarHeader({ path, type, mode: 0o777, size: 0, target: entry.target }));
        break;
      }
    }
  }
  parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

async function writeTarFile(out: Writable, path: string, bytes: Buffer): Promise<void> {
  await write(out, tarHeader({ path, type: "0", mode: 0o644, size: bytes.length }));
  await write(out, bytes);
  await write(out, padding(bytes.length));
}

interface TarEntry {
  readonly path: string;
  readonly type: "0" | "1" | "2" | "5";
  readonly mode: number;
  readonly size: number;
  readonly target?: string;
}

/** One 512-byte header of the POSIX ustar format: owner root, time zero. */
function tarHeader(entry: TarEntry): Buffer {
  const header = Buffer.alloc(512);
  assert(Buffer.byteLength(entry.path) <= 100, `path too long for tar: ${entry.path}`);
  const octal = (value: number, digits: number): string =>
    `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(entry.path, 0);
  header.write(octal(entry.mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(entry.size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write("        ", 148);
  header.write(entry.type, 156);
  header.write(entry.target ?? "", 157);
  header.write("ustar\x0000", 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}

async function write(out: Writable, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    out.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
