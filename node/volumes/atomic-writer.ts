import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { assert } from "../../base/assert.js";
import { hasErrno } from "../errno.js";
import type { Payload } from "./volume-payload.js";

const DATA_LINK = "..data";

/**
 * Makes a folder show exactly these files, all at once for whoever reads it: they are written into
 * a new hidden folder, then one symbolic link is swapped. Returns false when the folder shows them
 * already. `groupId` owns the files when given.
 */
export async function writeAtomically(
  dir: string,
  payload: Payload,
  options: { readonly groupId: number | null },
): Promise<boolean> {
  for (const path of payload.keys()) assertInside(path);
  const link = join(dir, DATA_LINK);
  const oldName = await readlink(link).catch(() => null);
  if (oldName !== null && (await shows(join(dir, oldName), payload))) {
    // Whoever wrote it may have died right after the swap.
    await linkTopLevel(dir, payload);
    await removeOldVersions(dir, oldName);
    return false;
  }
  const fresh = await mkdtemp(join(dir, "..v-"));
  await chmod(fresh, 0o755);
  for (const [path, file] of payload) {
    const target = join(fresh, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, file.content);
    // As a group reads what root owns: fsGroup adds the group's read bit.
    await chmod(target, options.groupId === null ? file.mode : file.mode | 0o040);
    if (options.groupId !== null) await chown(target, 0, options.groupId);
  }
  const staged = join(dir, "..data_tmp");
  await rm(staged, { force: true });
  await symlink(fresh.slice(dir.length + 1), staged);
  await rename(staged, link);
  await linkTopLevel(dir, payload);
  await removeOldVersions(dir, fresh.slice(dir.length + 1));
  return true;
}

/** Whether the version in `dir` has just these files with these bytes. */
async function shows(dir: string, payload: Payload): Promise<boolean> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  if (files.length !== payload.size) return false;
  for (const [path, file] of payload) {
    const content = await readFile(join(dir, path)).catch(() => null);
    if (content === null || !content.equals(file.content)) return false;
  }
  return true;
}

/** Every first path segment is a link through ..data; names that are gone lose theirs. */
async function linkTopLevel(dir: string, payload: Payload): Promise<void> {
  const wanted = new Set(Array.from(payload.keys(), (path) => path.split("/", 1)[0] ?? path));
  for (const name of await readdir(dir)) {
    if (name.startsWith("..") || wanted.has(name)) continue;
    if ((await lstat(join(dir, name))).isSymbolicLink()) await rm(join(dir, name));
  }
  for (const name of wanted) {
    try {
      await symlink(join(DATA_LINK, name), join(dir, name));
    } catch (error) {
      if (!hasErrno(error, "EEXIST")) throw error;
    }
  }
}

async function removeOldVersions(dir: string, keep: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith("..v-") && name !== keep)
      await rm(join(dir, name), { recursive: true, force: true });
  }
}

/** The API server refuses such paths: one here is our bug. */
function assertInside(path: string): void {
  const clean = normalize(path);
  assert(!clean.startsWith("..") && !clean.startsWith("/"), `path outside the volume: ${path}`);
}
