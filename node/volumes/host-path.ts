import { mkdir, open, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import type { HostPathVolumeSource } from "../../api/schema/types/core-v1.gen.js";
import { hasErrno } from "../errno.js";

const KINDS: Readonly<Record<string, { readonly what: string; is(stats: Stats): boolean }>> = {
  Directory: { what: "a directory", is: (stats) => stats.isDirectory() },
  DirectoryOrCreate: { what: "a directory", is: (stats) => stats.isDirectory() },
  File: { what: "a file", is: (stats) => stats.isFile() },
  FileOrCreate: { what: "a file", is: (stats) => stats.isFile() },
  Socket: { what: "a socket file", is: (stats) => stats.isSocket() },
  CharDevice: { what: "a character device", is: (stats) => stats.isCharacterDevice() },
  BlockDevice: { what: "a block device", is: (stats) => stats.isBlockDevice() },
};

/** Makes and checks what a hostPath volume names. Returns null, or why it cannot be mounted. */
export async function prepareHostPath(source: HostPathVolumeSource): Promise<string | null> {
  const { path, type = "" } = source;
  if (type === "DirectoryOrCreate") await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === "FileOrCreate") await (await open(path, "a", 0o644)).close();
  const kind = KINDS[type];
  if (kind === undefined) {
    // No check asked for: the runtime makes a folder of a path that is not there.
    return null;
  }
  try {
    const found = await stat(path);
    return kind.is(found) ? null : `hostPath type check failed: ${path} is not ${kind.what}`;
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
    return `hostPath type check failed: ${path} is not ${kind.what}`;
  }
}
