import { chmod, mkdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { VolumeMount } from "../../api/schema/types/core-v1.gen.js";
import { hasErrno } from "../errno.js";
import { expandReferences } from "../plan/expansion.js";

/** The part of its volume that a mount names, "" for all of it; or why it names none. */
export type SubPathResult =
  | { readonly ok: true; readonly subPath: string }
  | { readonly ok: false; readonly message: string };

/**
 * The API server has checked what is written; what variables of the container make of it is
 * known only here.
 */
export function subPathOf(mount: VolumeMount, env: ReadonlyMap<string, string>): SubPathResult {
  const { subPath: plain = "", subPathExpr = "" } = mount;
  if (subPathExpr === "") return { ok: true, subPath: plain };
  const missing = new Set<string>();
  const subPath = expandReferences(subPathExpr, (name) => {
    const value = env.get(name) ?? "";
    if (value === "") missing.add(name);
    return value;
  });
  if (missing.size > 0)
    return { ok: false, message: `missing value for ${[...missing].sort().join(", ")}` };
  if (subPath.startsWith("/"))
    return { ok: false, message: `subPath "${subPath}" must not be an absolute path` };
  if (subPath.split("/").includes(".."))
    return { ok: false, message: `subPath "${subPath}" must not contain ".."` };
  return { ok: true, subPath };
}

/**
 * The real path of a part of a volume, made when it is not there; null when a link leads out of
 * the volume, or when it is not there and must not be made.
 */
export async function resolveSubPath(
  base: string,
  subPath: string,
  { make }: { readonly make: boolean },
): Promise<string | null> {
  const root = await realpath(base);
  const path = join(root, subPath);
  if (!isInside(root, path)) return null;
  try {
    const real = await realpath(path);
    return isInside(root, real) ? real : null;
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
    if (!make) return null;
  }
  // The part that is there must be inside before anything is made below it.
  const missing = [path];
  for (let parent = join(path, ".."); isInside(root, parent); parent = join(parent, "..")) {
    const real = await realpath(parent).catch(() => null);
    if (real === null) {
      missing.unshift(parent);
      continue;
    }
    if (!isInside(root, real)) return null;
    break;
  }
  // Who may write to the volume may write to its parts: also a group or a user that is not root.
  const mode = (await stat(root)).mode & 0o7777;
  for (const folder of missing) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, mode);
  }
  return path;
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
