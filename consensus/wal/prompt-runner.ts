import { AppendDisk, type DiskRequest } from "./append-disk.js";
import type { DiskRunner } from "./disk-runner.js";
import type { FileSystem } from "./file-system.js";

/** Larger ones are somebody's bulk, or many clients': for them the thread costs next to nothing. */
const SMALL_BYTES = 8 * 1024;
/** A write that takes longer is the sign of a disk that may stand still. */
const QUICK_MS = 5;
/** So many quick writes one after the other, and the disk is thought to be quick again. */
const QUICK_WRITES = 100;

export interface PromptRunnerDeps {
  readonly files: FileSystem;
  readonly folder: string;
  /** The file that the thread goes on in; null: it will be asked for one. */
  readonly name: string | null;
  /** Whether nobody waits for this process while it waits for its disk. */
  readonly mayWait: () => boolean;
  readonly monotonicMs: () => number;
}

/**
 * Writes a small append on the spot, in the caller's thread, while the disk is quick and the caller
 * may wait; everything else by `thread`. Two hand-overs between threads take as long as such a write.
 * A disk that begins to stall holds the caller up for one write. docs/adr/0393.
 */
export function promptRunner(thread: DiskRunner, deps: PromptRunnerDeps): DiskRunner {
  const { files, folder, mayWait, monotonicMs } = deps;
  let { name } = deps;
  let own: AppendDisk | null = null;
  let quickWrites = 0;
  const note = (sinceMs: number): void => {
    quickWrites = monotonicMs() - sinceMs <= QUICK_MS ? quickWrites + 1 : 0;
  };
  const closeOwn = (): void => {
    own?.close();
    own = null;
  };
  const isPrompt = (request: DiskRequest): boolean =>
    request.type === "append" &&
    request.bytes.length <= SMALL_BYTES &&
    quickWrites >= QUICK_WRITES &&
    mayWait();

  return {
    run: async (request) => {
      const sinceMs = monotonicMs();
      if (name !== null && isPrompt(request)) {
        own ??= new AppendDisk(files, { folder, name });
        own.run(request);
        return note(sinceMs);
      }
      if (request.type === "create") {
        closeOwn();
        name = request.name;
      }
      await thread.run(request);
      if (request.type === "append") note(sinceMs);
    },
    close: async () => {
      closeOwn();
      await thread.close();
    },
  };
}
