import { CodedError } from "../base/errors.js";

/**
 * Why a consensus process cannot start or go on.
 * - DataDirInUse: another server runs on this data folder.
 * - DiskFull: no space left, or too little to start with.
 * - DiskFailed: the disk refused a write or an fsync; what it holds is no longer known.
 * - WalCorrupt: the log is damaged before its end; it may hold acknowledged writes, so nothing is
 *   skipped.
 * - SnapshotCorrupt: no snapshot that the log continues from can be read.
 * - StoreCorrupt: a record of the LevelDB store does not match its checksum; the next start
 *   rebuilds the store.
 * - UnknownFormat: written by a newer release.
 * - WrongMember: the data folder belongs to another member.
 * - PeerAddressInUse: the address for peers cannot be listened on.
 * - MetricsAddressInUse: the address for metrics cannot be listened on.
 * - Removed: the group goes on without this member.
 * - SocketPathTooLong: the system allows 107 bytes for the path of a unix socket.
 */
export type ConsensusErrorCode =
  | "DataDirInUse"
  | "DiskFull"
  | "DiskFailed"
  | "WalCorrupt"
  | "SnapshotCorrupt"
  | "StoreCorrupt"
  | "UnknownFormat"
  | "WrongMember"
  | "PeerAddressInUse"
  | "MetricsAddressInUse"
  | "Removed"
  | "SocketPathTooLong";

/** A failure that ends a consensus process, or keeps it from starting. */
export class ConsensusError extends CodedError<ConsensusErrorCode> {
  override readonly name: string = "ConsensusError";
}

/** Maps what the file system threw while writing below `path`. */
export function toDiskError(error: unknown, path: string): ConsensusError {
  if (error instanceof ConsensusError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const details = { path, systemCode: code };
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ConsensusError(
      "DiskFull",
      `no space left on the disk of ${path}: free some, then start the server again`,
      { details, cause: error },
    );
  return new ConsensusError(
    "DiskFailed",
    `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
    { details, cause: error },
  );
}
