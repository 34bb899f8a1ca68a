/** A file open for writing at its end. */
export interface AppendFile {
  append(bytes: Uint8Array): void;
  /** What was appended survives a power loss once this returns. */
  fdatasync(): void;
  close(): void;
}

/**
 * The files of a data folder, as log and snapshots use them. Synchronous: it runs in a thread of
 * its own. Everything may throw what the system throws. A simulation puts its own disk here.
 */
export interface FileSystem {
  /** Creates the folder and those above it; they survive a power loss. */
  makeFolder(path: string): void;
  /** The names in a folder, in byte order. */
  readdir(path: string): string[];
  read(path: string): Buffer;
  /** Up to `length` bytes from `offset` on; fewer at the end of the file. */
  readPart(path: string, offset: number, length: number): Buffer;
  sizeOf(path: string): number;
  /** Opens for append; a new file must not exist yet. */
  open(path: string, mode: "create" | "existing"): AppendFile;
  truncate(path: string, sizeBytes: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes created, renamed and removed names in this folder survive a power loss. */
  fsyncFolder(path: string): void;
  /** What is free for us on the disk of this folder. */
  freeBytes(path: string): number;
}
