import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { hasCode, messageOf } from "../../base/errors.js";
import type { Computer } from "../computer.js";
import { ConsensusError } from "../consensus-errors.js";
import { foldersOf, prepareDataDir } from "../data-dir.js";
import { type Identity, openIdentity } from "../group/identity.js";
import { realComputer } from "../real-computer.js";
import { readSnapshot, writeSnapshot } from "../store/snapshot-file.js";
import { loadStore } from "../store/store-loader.js";
import { type OpenedSnapshot, refound, type StoreSummary, summaryOf } from "./refound.js";

const ETCD_PAGE_BYTES = 512;
const SHA256_BYTES = 32;

/** What `raftsman snapshot status` tells of a file. */
export interface SnapshotInfo extends StoreSummary {
  readonly sizeBytes: number;
}

/**
 * Reads a snapshot from its beginning to its end and checks all of it. Throws ConsensusError
 * SnapshotCorrupt, or what the system throws when there is no such file.
 */
export async function readSnapshotInfo(file: string): Promise<SnapshotInfo> {
  const sizeBytes = statSync(file).size;
  const folder = mkdtempSync(join(tmpdir(), "raftsman-snapshot-"));
  try {
    const opened = await openSnapshot(realComputer({ fsync: false, record: null }), {
      file,
      folder: join(folder, "store"),
    });
    const summary = summaryOf(opened.store);
    await opened.map.close();
    return { ...summary, sizeBytes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Makes a member's data folder from a snapshot: a new group of this member alone, with everything
 * that the snapshot holds. All or nothing: `dataDir` must not exist, and appears when it is whole.
 * Throws ConsensusError SnapshotCorrupt, DataDirInUse, DiskFull; what the system throws.
 */
export async function restoreSnapshot(options: {
  readonly file: string;
  readonly dataDir: string;
  readonly name: string;
}): Promise<Identity & StoreSummary> {
  const { file, dataDir, name } = options;
  if (existsSync(dataDir))
    throw new ConsensusError("DataDirInUse", `${dataDir} is there already`, {
      details: { dataDir },
    });
  const computer = realComputer({ fsync: true, record: null });
  const { files } = computer;
  const temporary = `${dataDir}.restoring`;
  rmSync(temporary, { recursive: true, force: true });
  prepareDataDir(files, temporary);
  const identity = openIdentity(files, temporary, { name });
  const folders = foldersOf(temporary);
  files.makeFolder(folders.snapshots);
  const opened = await openSnapshot(computer, { file, folder: folders.store });
  await refound(opened.store, identity.memberId);
  const runner = computer.openDisk({ folder: folders.snapshots, name: null });
  const view = opened.map.view();
  try {
    await writeSnapshot(view, opened.store.marker.applied, runner);
  } finally {
    await runner.close();
    await view.close();
  }
  const summary = summaryOf(opened.store);
  await opened.map.close();
  renameSync(temporary, dataDir);
  files.fsyncFolder(dirname(dataDir));
  return { ...identity, ...summary };
}

async function openSnapshot(
  computer: Computer,
  { file, folder }: { readonly file: string; readonly folder: string },
): Promise<OpenedSnapshot> {
  const map = await computer.openMap(folder);
  try {
    const hasTail = await wasSavedByEtcdctl(file);
    await readSnapshot(computer.files, { path: file, hasTail }, map);
    const loaded = await loadStore(map);
    if (loaded.state === "whole") return { map, store: loaded.store };
    throw corrupt(file, loaded.state === "broken" ? loaded.why : "it holds nothing");
  } catch (error) {
    await map.close();
    throw hasCode(error, "Malformed") ? corrupt(file, messageOf(error)) : error;
  }
}

/** True for a file whose hash stands at its end, behind whole pages (consensus/etcd-api/). */
async function wasSavedByEtcdctl(file: string): Promise<boolean> {
  const { size } = statSync(file);
  if (size % ETCD_PAGE_BYTES !== SHA256_BYTES) return false;
  const hash = createHash("sha256");
  const pages = size - SHA256_BYTES;
  if (pages > 0) await pipeline(createReadStream(file, { end: pages - 1 }), hash);
  const [tail] = await createReadStream(file, { start: pages }).toArray();
  return hash.digest().equals(tail as Buffer);
}

function corrupt(file: string, why: string): ConsensusError {
  return new ConsensusError("SnapshotCorrupt", `${file} is no whole snapshot: ${why}`, {
    details: { file },
  });
}
