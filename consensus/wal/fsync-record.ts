import { openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { AppendFile, FileSystem } from "./file-system.js";
import { nodeFileSystem } from "./node-file-system.js";
import { slowedFileSystem } from "./slow-disk.js";

/**
 * One line of the record: what became of a file, or what is durable. A power loss leaves of each
 * file what its last `sync` says, under the name that it had at the last `syncFolder` of its folder.
 */
export type FsyncRecordLine =
  | { readonly op: "create"; readonly path: string }
  /** Its first `size` bytes survive a power loss. */
  | { readonly op: "sync"; readonly path: string; readonly size: number }
  | { readonly op: "rename"; readonly path: string; readonly to: string }
  | { readonly op: "remove"; readonly path: string }
  /** The names in this folder survive a power loss. */
  | { readonly op: "syncFolder"; readonly path: string };

/** How a disk is used. */
export interface DiskOptions {
  /** Off: nothing survives a power loss. For tests and benchmarks only. */
  readonly fsync: boolean;
  /**
   * The file that takes down what is durable, for a power loss that is played afterwards; null: no
   * record. A line is written after the system call that it tells of and before anybody else hears
   * of it, so that the record never promises too much.
   */
  readonly record: string | null;
  /** See slowedFileSystem; absent: the disk is as fast as it is. */
  readonly slowFile?: string;
}

/** The real disk, with a record of what is durable on it where one is asked for. */
export function recordedFileSystem({ fsync, record, slowFile }: DiskOptions): FileSystem {
  const real = nodeFileSystem({ fsync });
  const files = slowFile === undefined ? real : slowedFileSystem(real, slowFile);
  if (record === null) return files;
  files.makeFolder(dirname(record));
  // Several threads append to it: each line is one write.
  const fd = openSync(record, "a", 0o600);
  const note = (line: FsyncRecordLine): void => {
    writeSync(fd, `${JSON.stringify(line)}\n`);
  };
  return {
    ...files,
    open: (path, mode) => {
      const file = files.open(path, mode);
      if (mode === "create") note({ op: "create", path });
      return recordedFile(file, {
        size: mode === "create" ? 0 : files.sizeOf(path),
        onSync: (size) => fsync && note({ op: "sync", path, size }),
      });
    },
    truncate: (path, size) => {
      files.truncate(path, size);
      if (fsync) note({ op: "sync", path, size });
    },
    rename: (path, to) => {
      files.rename(path, to);
      note({ op: "rename", path, to });
    },
    remove: (path) => {
      files.remove(path);
      note({ op: "remove", path });
    },
    fsyncFolder: (path) => {
      files.fsyncFolder(path);
      if (fsync) note({ op: "syncFolder", path });
    },
  };
}

function recordedFile(
  file: AppendFile,
  { size, onSync }: { size: number; onSync: (size: number) => void },
): AppendFile {
  let written = size;
  return {
    append: (bytes) => {
      file.append(bytes);
      written += bytes.length;
    },
    fdatasync: () => {
      file.fdatasync();
      onSync(written);
    },
    close: () => file.close(),
  };
}
