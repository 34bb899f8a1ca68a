import { readFile } from "node:fs/promises";

/** Files that are read again now and then, since somebody may replace them: certificates. */
export class RereadFiles {
  private readonly paths: readonly string[];
  private last: readonly Buffer[] | null = null;

  constructor(paths: readonly string[]) {
    this.paths = paths;
  }

  /**
   * What they hold, in the order of the paths; null when all are as they were the last time.
   * Rejects with what the system said, and then knows nothing of a last time.
   */
  async read(): Promise<readonly Buffer[] | null> {
    const { last } = this;
    this.last = null;
    const read = await Promise.all(this.paths.map((path) => readFile(path)));
    this.last = read;
    return read.every((bytes, i) => last?.[i]?.equals(bytes) === true) ? null : read;
  }
}
