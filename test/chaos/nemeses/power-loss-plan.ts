import { dirname } from "node:path";
import type { FsyncRecordLine } from "../../../consensus/main.js";

/** What a power loss does to one file. */
export type Loss =
  /** Its name never reached the disk. */
  | { readonly type: "vanish"; readonly path: string }
  /** Its new name did not. */
  | { readonly type: "rename-back"; readonly path: string; readonly to: string }
  /** Bytes after its last fdatasync did not. */
  | { readonly type: "truncate"; readonly path: string; readonly size: number };

interface Tracked {
  durableSize: number;
  /** Null: a power loss takes the file away. */
  durablePath: string | null;
}

/**
 * What is lost of the files as they are (`sizes`, by path) when the power goes now, as the record
 * tells. A removed file is taken to be gone for good; one that the record does not know is left
 * alone. Pure.
 */
export function planPowerLoss(
  record: readonly FsyncRecordLine[],
  sizes: ReadonlyMap<string, number>,
): Loss[] {
  const losses: Loss[] = [];
  for (const [path, { durableSize, durablePath }] of trackedFiles(record)) {
    const size = sizes.get(path);
    if (size === undefined) continue;
    if (durablePath === null) {
      losses.push({ type: "vanish", path });
      continue;
    }
    if (size > durableSize) losses.push({ type: "truncate", path, size: durableSize });
    if (durablePath !== path) losses.push({ type: "rename-back", path, to: durablePath });
  }
  return losses;
}

function trackedFiles(record: readonly FsyncRecordLine[]): Map<string, Tracked> {
  const files = new Map<string, Tracked>();
  for (const line of record) {
    const file = files.get(line.path);
    switch (line.op) {
      case "create":
        files.set(line.path, { durableSize: 0, durablePath: null });
        break;
      case "sync":
        if (file !== undefined) file.durableSize = line.size;
        break;
      case "rename":
        if (file === undefined) break;
        files.delete(line.path);
        files.set(line.to, file);
        break;
      case "remove":
        files.delete(line.path);
        break;
      case "syncFolder":
        for (const [path, tracked] of files)
          if (dirname(path) === line.path) tracked.durablePath = path;
    }
  }
  return files;
}

/** The record of a disk on which everything that is there is durable: what a power loss leaves. */
export function recordOfDurable(sizes: ReadonlyMap<string, number>): FsyncRecordLine[] {
  const lines: FsyncRecordLine[] = [];
  for (const [path, size] of sizes)
    lines.push(
      { op: "create", path },
      { op: "sync", path, size },
      { op: "syncFolder", path: dirname(path) },
    );
  return lines;
}

/** Parses a record; a line that the kill cut short tells of nothing. */
export function parseRecord(text: string): FsyncRecordLine[] {
  return text.split("\n").flatMap((line) => {
    if (!line.endsWith("}")) return [];
    return [JSON.parse(line) as FsyncRecordLine];
  });
}
