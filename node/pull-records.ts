import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "../base/errors.js";
import { hasErrno } from "./errno.js";
import type { PullRecord } from "./plan/pull-access.js";

/** A record on disk is not one; remove it, and who uses its image asks the registry again. */
export type PullRecordErrorCode = "BadPullRecord";

/**
 * What this node has pulled, and for whom, in files: the agent may be started anew between a pull
 * and the next pod that names its image. A simulated node remembers nothing.
 */
export class PullRecords {
  private readonly pulledDir: string;
  private readonly pullingDir: string;
  private readonly simulated: boolean;

  constructor(dir: string, { simulated }: { readonly simulated: boolean }) {
    this.pulledDir = join(dir, "pulled");
    this.pullingDir = join(dir, "pulling");
    this.simulated = simulated;
  }

  /**
   * Null: this node never pulled the image. Throws BadPullRecord, or the error of the file system.
   */
  async read(imageId: string): Promise<PullRecord | null> {
    if (this.simulated) return null;
    const path = this.pulledPath(imageId);
    try {
      return parseRecord(await readFile(path, "utf8"), path);
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return null;
      throw error;
    }
  }

  /** An image of this name may have come without a record: the agent ended during its pull. */
  async wasInterrupted(imageName: string): Promise<boolean> {
    if (this.simulated) return false;
    try {
      await readFile(this.pullingPath(imageName));
      return true;
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return false;
      throw error;
    }
  }

  /** To be called before a pull. */
  async begin(imageName: string): Promise<void> {
    if (this.simulated) return;
    await mkdir(this.pullingDir, { recursive: true, mode: 0o700 });
    await writeFile(this.pullingPath(imageName), imageName, { mode: 0o600 });
  }

  /** To be called after it; null: it failed. */
  async end(imageName: string, record: PullRecord | null): Promise<void> {
    if (this.simulated) return;
    if (record !== null) {
      await mkdir(this.pulledDir, { recursive: true, mode: 0o700 });
      const path = this.pulledPath(record.imageId);
      const fresh = `${path}.new`;
      await writeFile(fresh, `${JSON.stringify(record)}\n`, { mode: 0o600 });
      await rename(fresh, path);
    }
    await rm(this.pullingPath(imageName), { force: true });
  }

  /** Forgets images that are not on the node any more. */
  async keepOnly(imageIds: readonly string[]): Promise<void> {
    if (this.simulated) return;
    const kept = new Set(imageIds.map((id) => fileOf(id)));
    for (const file of await filesIn(this.pulledDir))
      if (!kept.has(file)) await rm(join(this.pulledDir, file), { force: true });
  }

  private pulledPath(imageId: string): string {
    return join(this.pulledDir, fileOf(imageId));
  }

  private pullingPath(imageName: string): string {
    return join(this.pullingDir, fileOf(imageName));
  }
}

/** Names of images hold what names of files must not. */
function fileOf(text: string): string {
  return `${createHash("sha256").update(text).digest("hex")}.json`;
}

async function filesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  }
}

function parseRecord(text: string, path: string): PullRecord {
  let record: Partial<PullRecord> | null = null;
  try {
    record = JSON.parse(text) as Partial<PullRecord> | null;
  } catch {
    // Said below.
  }
  if (record?.formatVersion === 1 && record.repositories !== undefined) return record as PullRecord;
  throw new CodedError<PullRecordErrorCode>(
    "BadPullRecord",
    `${path} is no record of a pull of format 1; remove it: its image is pulled again`,
  );
}
