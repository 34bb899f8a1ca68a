import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a group needs of a file, and of a folder besides: to enter it, and to own what comes. */
const FILE_BITS = 0o660;
const FOLDER_BITS = 0o2770;

/**
 * Makes everything of a volume the group's, as fsGroup asks. `onRootMismatch`: not where the
 * volume's own folder is so already (fsGroupChangePolicy, KEP-695).
 */
export async function giveToGroup(
  root: string,
  { groupId, onRootMismatch }: { readonly groupId: number; readonly onRootMismatch: boolean },
): Promise<void> {
  if (onRootMismatch) {
    const { gid, mode } = await lstat(root);
    if (gid === groupId && (mode & FOLDER_BITS) === FOLDER_BITS) return;
  }
  await give(root, groupId);
}

/** The folder itself last: as long as it differs, the work is not done. */
async function give(path: string, groupId: number): Promise<void> {
  const found = await lstat(path);
  if (found.isDirectory())
    for (const name of await readdir(path)) await give(join(path, name), groupId);
  if (found.gid !== groupId) await lchown(path, found.uid, groupId);
  if (found.isSymbolicLink()) return;
  const bits = found.isDirectory() ? FOLDER_BITS : FILE_BITS;
  const mode = found.mode & 0o7777;
  if ((mode & bits) !== bits) await chmod(path, mode | bits);
}
