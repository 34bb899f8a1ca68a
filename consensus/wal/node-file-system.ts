import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { AppendFile, FileSystem } from "./file-system.js";

/**
 * The real disk. With `fsync: false` nothing survives a power loss: for tests and benchmarks only.
 */
export function nodeFileSystem(options: { readonly fsync: boolean }): FileSystem {
  const fsyncFolder = (path: string): void => {
    if (options.fsync) withFile(path, "r", fsyncSync);
  };
  return {
    makeFolder: (path) => {
      // Data of the cluster is nobody else's business.
      if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined)
        fsyncFolder(dirname(path));
    },
    readdir: (path) => readdirSync(path).sort(),
    read: (path) => readFileSync(path),
    readPart: (path, offset, length) => {
      const part = Buffer.allocUnsafe(length);
      let read = 0;
      withFile(path, "r", (fd) => {
        read = readSync(fd, part, 0, length, offset);
      });
      return part.subarray(0, read);
    },
    sizeOf: (path) => statSync(path).size,
    open: (path, mode) => openAppendFile(path, mode, options.fsync),
    truncate: (path, sizeBytes) => {
      withFile(path, "r+", (fd) => {
        ftruncateSync(fd, sizeBytes);
        if (options.fsync) fsyncSync(fd);
      });
    },
    rename: renameSync,
    remove: (path) => rmSync(path, { force: true, recursive: true }),
    fsyncFolder,
    freeBytes: (path) => {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    },
  };
}

function openAppendFile(path: string, mode: "create" | "existing", fsync: boolean): AppendFile {
  const fd = openSync(path, mode === "create" ? "ax" : "a", 0o600);
  return {
    append: (bytes) => {
      let done = 0;
      while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
    },
    fdatasync: () => {
      if (fsync) fdatasyncSync(fd);
    },
    close: () => closeSync(fd),
  };
}

function withFile(path: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(path, flags);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}
