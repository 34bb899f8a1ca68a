import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hasErrno } from "../errno.js";
import { isFolderName } from "../plan/volume-source.js";

/** The folders that this agent keeps for volumes; they outlive pods and the agent. */
export class LocalVolumes {
  private readonly dir: string;
  /** Two pods may share a volume: one makes its folder, the other waits. */
  private readonly making = new Map<string, Promise<void>>();

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes the folder of a volume unless it is there: anybody may write, as in an emptyDir. */
  async ensure(path: string): Promise<void> {
    const known = this.making.get(path);
    if (known !== undefined) return known;
    const making = this.make(path).finally(() => this.making.delete(path));
    this.making.set(path, making);
    return making;
  }

  /** Deletes a volume's folder and what is in it; false for a name that is none of a folder. */
  async remove(name: string): Promise<boolean> {
    if (!isFolderName(name)) return false;
    await rm(join(this.dir, name), { recursive: true, force: true });
    return true;
  }

  private async make(path: string): Promise<void> {
    try {
      await lstat(path);
      return;
    } catch (error) {
      if (!hasErrno(error, "ENOENT")) throw error;
    }
    // It appears with its mode, or not at all. No volume has such a name.
    const fresh = join(this.dir, `.${path.slice(this.dir.length + 1)}`);
    await mkdir(this.dir, { recursive: true, mode: 0o711 });
    await mkdir(fresh, { recursive: true });
    await chmod(fresh, 0o777);
    await rename(fresh, path);
  }
}
