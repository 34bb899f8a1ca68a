import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ConsensusError } from "../consensus-errors.js";
import type { FileSystem } from "../wal/file-system.js";

/** Whose data folder it is. Written once, before anything else. */
export interface Identity {
  /** Drawn when the group was founded: servers of another group are turned away. */
  readonly clusterId: string;
  /** Drawn for this folder alone: a server that lost its disk is another member. */
  readonly memberId: string;
  readonly name: string;
  /** The group began with this member alone. */
  readonly isFounder: boolean;
}

const FILE = "identity.json";
const FORMAT_VERSION = 1;

/** 16 hex digits. */
export function newId(): string {
  return randomBytes(8).toString("hex");
}

/**
 * The identity that stands in the folder. In an empty folder: that of whoever joins (`join`), or a
 * new one that founds a group. Throws WrongMember, UnknownFormat.
 */
export function openIdentity(
  files: FileSystem,
  dataDir: string,
  wanted: {
    readonly name: string;
    readonly join?: { readonly clusterId: string; readonly memberId: string };
  },
): Identity {
  const found = readIdentity(files, dataDir);
  if (found !== null) {
    if (found.name === wanted.name) return found;
    throw new ConsensusError(
      "WrongMember",
      `the data folder ${dataDir} belongs to ${found.name}, not to ${wanted.name}`,
      { details: { dataDir, name: found.name } },
    );
  }
  const { name, join: joined } = wanted;
  // Folders of earlier releases: the name stood in the log.
  const isOld = files.readdir(dataDir).includes("wal");
  const identity: Identity =
    joined !== undefined && !isOld
      ? { ...joined, name, isFounder: false }
      : { clusterId: newId(), memberId: isOld ? name : newId(), name, isFounder: true };
  writeIdentity(files, dataDir, identity);
  return identity;
}

/** Null in a folder that has none. Throws UnknownFormat. */
export function readIdentity(files: FileSystem, dataDir: string): Identity | null {
  if (!files.readdir(dataDir).includes(FILE)) return null;
  const path = join(dataDir, FILE);
  try {
    const value = JSON.parse(files.read(path).toString("utf8")) as Record<string, unknown>;
    const { version, clusterId, memberId, name, isFounder } = value;
    if (
      version === FORMAT_VERSION &&
      typeof clusterId === "string" &&
      typeof memberId === "string" &&
      typeof name === "string"
    )
      return { clusterId, memberId, name, isFounder: isFounder === true };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ConsensusError(
    "UnknownFormat",
    `${path} cannot be read: use a newer release, or remove the folder and let this server join`,
    { details: { path } },
  );
}

function writeIdentity(files: FileSystem, dataDir: string, identity: Identity): void {
  const path = join(dataDir, FILE);
  const temporary = `${path}.tmp`;
  if (files.readdir(dataDir).includes(`${FILE}.tmp`)) files.remove(temporary);
  const file = files.open(temporary, "create");
  file.append(Buffer.from(`${JSON.stringify({ version: FORMAT_VERSION, ...identity })}\n`));
  file.fdatasync();
  file.close();
  files.rename(temporary, path);
  files.fsyncFolder(dataDir);
}
