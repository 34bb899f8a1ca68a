import { readFileSync } from "node:fs";
import type { FileSystem } from "./file-system.js";

const DELAY_MAX_MS = 60_000;

/**
 * A disk that can be made slow, to see what that does to a group: while `file` exists, each
 * fdatasync takes as many milliseconds longer as stand in it. For tests and chaos alone.
 */
export function slowedFileSystem(files: FileSystem, file: string): FileSystem {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  return {
    ...files,
    open: (path, mode) => {
      const opened = files.open(path, mode);
      return {
        append: (bytes) => opened.append(bytes),
        fdatasync: () => {
          const delayMs = delayIn(file);
          if (delayMs > 0) Atomics.wait(nobody, 0, 0, delayMs);
          opened.fdatasync();
        },
        close: () => opened.close(),
      };
    },
  };
}

function delayIn(file: string): number {
  try {
    const delayMs = Number(readFileSync(file, "utf8"));
    return Number.isFinite(delayMs) ? Math.min(delayMs, DELAY_MAX_MS) : 0;
  } catch {
    return 0;
  }
}
