import { dirname } from "node:path";
import type { Random } from "../../base/random.js";
import type { AppendFile, FileSystem } from "../../consensus/simulation.js";

/** Thrown to stop a write in the middle: the power is gone. */
export class PowerLoss extends Error {
  override readonly name = "PowerLoss";
}

class SimFile {
  bytes = Buffer.alloc(256);
  sizeBytes = 0;
  /** What of it survives a power loss for certain. */
  syncedBytes = 0;

  get content(): Buffer {
    return this.bytes.subarray(0, this.sizeBytes);
  }

  append(more: Uint8Array): void {
    const sizeBytes = this.sizeBytes + more.length;
    if (sizeBytes > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(sizeBytes, 2 * this.bytes.length));
      this.content.copy(larger);
      this.bytes = larger;
    }
    this.bytes.set(more, this.sizeBytes);
    this.sizeBytes = sizeBytes;
  }
}

/** A name that was given or taken away and may not survive yet. */
interface NameChange {
  readonly folder: string;
  readonly path: string;
  /** Null: the name is gone. */
  readonly file: SimFile | null;
}

const SECTOR_BYTES = 512;

/**
 * A disk and the page cache before it: what was written is seen at once, and survives a power loss
 * once it was synced. A power loss keeps any part of the rest.
 */
export class SimDisk implements FileSystem {
  tornTails = 0;
  /** What may still be written before the power goes; null: it stays. */
  writesLeft: number | null = null;
  /** Only then writes count: where whoever writes has its power taken in the middle. */
  isCounting = false;
  private names = new Map<string, SimFile>();
  private readonly durableNames = new Map<string, SimFile>();
  private changes: NameChange[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  makeFolder(): void {
    // Folders are there once something is in them.
  }

  readdir(folder: string): string[] {
    const found: string[] = [];
    for (const path of this.names.keys())
      if (dirname(path) === folder) found.push(path.slice(folder.length + 1));
    return found.sort();
  }

  read(path: string): Buffer {
    return Buffer.from(this.file(path).content);
  }

  readPart(path: string, offset: number, length: number): Buffer {
    return Buffer.from(this.file(path).content.subarray(offset, offset + length));
  }

  sizeOf(path: string): number {
    return this.file(path).sizeBytes;
  }

  open(path: string, mode: "create" | "existing"): AppendFile {
    if (mode === "create") {
      this.spend();
      if (this.names.has(path)) throw new Error(`${path} exists`);
      this.setName(path, new SimFile());
    }
    const file = this.file(path);
    return {
      append: (bytes) => {
        this.spend();
        file.append(bytes);
      },
      fdatasync: () => {
        this.spend();
        file.syncedBytes = file.sizeBytes;
      },
      close: () => {},
    };
  }

  truncate(path: string, sizeBytes: number): void {
    const file = this.file(path);
    file.sizeBytes = sizeBytes;
    file.syncedBytes = sizeBytes;
    if (path.endsWith(".wal")) this.tornTails += 1;
  }

  rename(from: string, to: string): void {
    this.spend();
    const file = this.file(from);
    this.setName(from, null);
    this.setName(to, file);
  }

  remove(path: string): void {
    this.spend();
    const names = [...this.names.keys()];
    for (const name of names)
      if (name === path || name.startsWith(`${path}/`)) this.setName(name, null);
  }

  fsyncFolder(folder: string): void {
    this.spend();
    this.keepNames(this.changes.filter((change) => change.folder === folder));
    this.changes = this.changes.filter((change) => change.folder !== folder);
  }

  freeBytes(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  /** The power goes and comes back. */
  losePower(): void {
    // A journal keeps the order of names.
    this.keepNames(this.changes.slice(0, this.random.below(this.changes.length + 1)));
    this.changes = [];
    this.names = new Map(this.durableNames);
    for (const file of this.names.values()) this.tear(file);
  }

  /** Turns over one bit of a file whose path matches, at rest; false when there is none. */
  flipBit(matches: (path: string) => boolean, keepEndBytes: number): boolean {
    const paths = [...this.names.keys()].filter(matches).sort();
    const path = paths[this.random.below(Math.max(1, paths.length))];
    const file = path === undefined ? undefined : this.names.get(path);
    const size = (file?.sizeBytes ?? 0) - keepEndBytes;
    if (file === undefined || size <= 0) return false;
    const at = this.random.below(size);
    file.bytes[at] = (file.bytes[at] ?? 0) ^ (1 << this.random.below(8));
    return true;
  }

  /** The disk is replaced by an empty one. */
  wipe(): void {
    this.names.clear();
    this.durableNames.clear();
    this.changes = [];
  }

  private keepNames(changes: readonly NameChange[]): void {
    for (const { path, file } of changes) {
      if (file === null) this.durableNames.delete(path);
      else this.durableNames.set(path, file);
    }
  }

  /** Of what was not synced some of the front is there; and of that, some sectors are not. */
  private tear(file: SimFile): void {
    const loose = file.sizeBytes - file.syncedBytes;
    if (loose <= 0) return;
    file.sizeBytes = file.syncedBytes + this.random.below(loose + 1);
    for (let at = file.syncedBytes; at < file.sizeBytes; at += SECTOR_BYTES)
      if (this.random.below(4) === 0)
        file.bytes.fill(0, at, Math.min(at + SECTOR_BYTES, file.sizeBytes));
    file.syncedBytes = file.sizeBytes;
  }

  private file(path: string): SimFile {
    const file = this.names.get(path);
    if (file === undefined)
      throw Object.assign(new Error(`${path} does not exist`), { code: "ENOENT" });
    return file;
  }

  private setName(path: string, file: SimFile | null): void {
    if (file === null) this.names.delete(path);
    else this.names.set(path, file);
    this.changes.push({ folder: dirname(path), path, file });
  }

  private spend(): void {
    if (this.writesLeft === null || !this.isCounting) return;
    if (this.writesLeft === 0) throw new PowerLoss("the power is gone");
    this.writesLeft -= 1;
  }
}
