import { join } from "node:path";
import { Level } from "level";
import { ConsensusError } from "./consensus-errors.js";

/**
 * Held for as long as the process lives; the kernel lets go of it when the process dies, however it
 * dies.
 */
export interface DataDirLock {
  release(): Promise<void>;
}

/**
 * Makes sure that one process works on a data folder. Node has no file locks; an empty LevelDB has
 * one, taken with fcntl. Throws DataDirInUse.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const db = new Level(join(dataDir, "lock"), { writeBufferSize: 65_536, cacheSize: 0 });
  try {
    await db.open();
  } catch (error) {
    if (isLocked(error))
      throw new ConsensusError(
        "DataDirInUse",
        `the data folder ${dataDir} is in use by another server: ` +
          "stop that one first, or name another folder",
        { details: { dataDir }, cause: error },
      );
    throw error;
  }
  return { release: () => db.close() };
}

function isLocked(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  return cause?.code === "LEVEL_LOCKED";
}
