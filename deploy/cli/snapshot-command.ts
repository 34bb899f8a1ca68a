import { existsSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { CodedError, messageOf } from "../../base/errors.js";
import { readSnapshotInfo, restoreSnapshot, type SnapshotInfo } from "../../consensus/main.js";
import { storeFolderOf } from "../server/claim-member.js";
import { AdminApi, type ClusterOptions } from "./admin-api.js";
import { unlessInterrupted } from "./interrupt.js";
import { CommandError, type OutputFormat, printData } from "./output.js";

const PATH = "/raftsman/v1/snapshot";

/**
 * `raftsman snapshot save FILE`: everything acknowledged until now, as one file of this user alone,
 * checked before it gets its name. Throws CommandError "Unsafe" when the file is there already.
 */
export async function snapshotSaveCommand(
  file: string,
  options: ClusterOptions & { readonly output: OutputFormat },
): Promise<void> {
  const path = resolve(file);
  if (existsSync(path))
    throw new CommandError("Unsafe", `${path} is there already`, {
      hint: "Choose another name: a snapshot is never overwritten.",
    });
  if (!existsSync(dirname(path)))
    throw new CommandError("Failed", `there is no folder ${dirname(path)}`, { hint: "Make it." });
  await unlessInterrupted("Nothing was saved.", (signal) => save(path, { ...options, signal }));
}

async function save(
  path: string,
  options: ClusterOptions & { readonly output: OutputFormat; readonly signal: AbortSignal },
): Promise<void> {
  const temporary = `${path}.part`;
  try {
    await AdminApi.find(options).download(PATH, { file: temporary, signal: options.signal });
    const info = await infoOf(temporary);
    renameSync(temporary, path);
    printInfo(info, { ...options, file: path });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** `raftsman snapshot status FILE`: reads and checks all of it. Throws CommandError "Failed". */
export async function snapshotStatusCommand(
  file: string,
  options: { readonly output: OutputFormat },
): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path))
    throw new CommandError("Failed", `there is no ${path}`, {
      hint: "raftsman snapshot save FILE",
    });
  printInfo(await infoOf(path), { ...options, file: path });
}

/**
 * `raftsman snapshot restore FILE --data-dir D`: makes a server's store from a snapshot; the server
 * that is then started there is a cluster of its own with everything the snapshot holds. Throws
 * CommandError "Unsafe" when the folder has a store already.
 */
export async function snapshotRestoreCommand(
  file: string,
  options: { readonly dataDir: string; readonly name?: string; readonly output: OutputFormat },
): Promise<void> {
  const dataDir = resolve(options.dataDir);
  const store = storeFolderOf({ dataDir });
  if (existsSync(store))
    throw new CommandError("Unsafe", `${store} is there already: it is some server's data`, {
      hint: "Stop that server and move the folder away, or name another --data-dir.",
    });
  const name = options.name ?? hostname().toLowerCase();
  const made = await checked(() => restoreSnapshot({ file: resolve(file), dataDir: store, name }));
  const { clusterId, memberId, revision, keys, hash } = made;
  printData(options.output, { name, dataDir, clusterId, memberId, revision, keys, hash }, () => [
    [`${keys} keys restored for the server ${name}, a new cluster ${clusterId}`],
    [`start it: raftsman server --name ${name} --data-dir ${dataDir}`],
  ]);
}

function infoOf(path: string): Promise<SnapshotInfo> {
  return checked(() => readSnapshotInfo(path));
}

async function checked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const hint =
      error instanceof CodedError && error.code === "SnapshotCorrupt"
        ? "Take another: raftsman snapshot save, or one of a server's folder backups."
        : "";
    throw new CommandError("Failed", messageOf(error), { hint, cause: error });
  }
}

function printInfo(
  { hash, revision, keys, sizeBytes }: SnapshotInfo,
  { output, file }: { readonly output: OutputFormat; readonly file: string },
): void {
  printData(output, { hash, revision, keys, sizeBytes }, () => [
    ["FILE", "HASH", "REVISION", "KEYS", "SIZE"],
    [file, hash, String(revision), String(keys), String(sizeBytes)],
  ]);
}
