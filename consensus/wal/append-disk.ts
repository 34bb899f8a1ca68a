import { join } from "node:path";
import { crc32 } from "node:zlib";
import { assert } from "../../base/assert.js";
import { failPoint } from "../fail-point.js";
import type { AppendFile, FileSystem } from "./file-system.js";

/** What log and snapshots ask of their disk; each request is durable when it is done. */
export type DiskRequest =
  | { readonly type: "append"; readonly bytes: Uint8Array }
  /** Opens a new file that begins with these bytes; the one before it is complete. */
  | { readonly type: "create"; readonly name: string; readonly bytes: Uint8Array }
  /** Completes the open file: reads it back, compares, and only then gives it its real name. */
  | { readonly type: "publish"; readonly name: string; readonly as: string; readonly crc: number }
  | { readonly type: "remove"; readonly names: readonly string[] };

const READ_PART_BYTES = 4 * 1024 * 1024;

/** The half that touches the disk; it decides nothing. Runs in a thread of its own. */
export class AppendDisk {
  private readonly folder: string;
  private readonly files: FileSystem;
  private current: AppendFile | null;

  /** Goes on in file `name`; null: the first request creates one. */
  constructor(files: FileSystem, { folder, name }: { folder: string; name: string | null }) {
    this.folder = folder;
    this.files = files;
    this.current = name === null ? null : files.open(join(folder, name), "existing");
  }

  /**
   * Returns once it is durable. Throws what the file system throws; nothing may be asked of it
   * afterwards.
   */
  run(request: DiskRequest): void {
    switch (request.type) {
      case "append":
        return this.append(request.bytes);
      case "create":
        this.close();
        this.current = this.files.open(join(this.folder, request.name), "create");
        failPoint("segment-create");
        this.append(request.bytes);
        return this.files.fsyncFolder(this.folder);
      case "publish":
        return this.publish(request);
      case "remove":
        // Oldest first: what is left after a crash is still without a gap.
        for (const name of [...request.names].sort()) {
          failPoint("segment-delete");
          this.files.remove(join(this.folder, name));
        }
        this.files.fsyncFolder(this.folder);
    }
  }

  close(): void {
    this.current?.close();
    this.current = null;
  }

  private append(bytes: Uint8Array): void {
    assert(this.current !== null, "append before the first file was created");
    failPoint("before-append");
    this.current.append(bytes);
    failPoint("after-append");
    this.current.fdatasync();
    failPoint("after-fsync");
  }

  private publish({ name, as, crc }: { name: string; as: string; crc: number }): void {
    this.close();
    const path = join(this.folder, name);
    let sum = 0;
    let offset = 0;
    for (;;) {
      const part = this.files.readPart(path, offset, READ_PART_BYTES);
      if (part.length === 0) break;
      sum = crc32(part, sum);
      offset += part.length;
    }
    if (sum !== crc) throw new Error(`${path} does not read back as it was written`);
    failPoint("before-rename");
    this.files.rename(path, join(this.folder, as));
    failPoint("after-rename");
    this.files.fsyncFolder(this.folder);
  }
}
