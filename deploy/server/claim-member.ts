import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "../../base/logger.js";
import { claimDataDir, type Identity, ownerOfDataDir } from "../../consensus/main.js";
import { CommandError } from "../cli/output.js";
import { writeSharedFiles } from "../pki/cluster-pki.js";
import { openBundle } from "../pki/key-bundle.js";
import { requestJoin } from "./join-request.js";
import type { ServerConfig } from "./server-config.js";

const ID_BYTES = 8;

/** Where a server's consensus process keeps its data. */
export function storeFolderOf(config: Pick<ServerConfig, "dataDir">): string {
  return join(config.dataDir, "store");
}

/** Where others reach this server. */
export function urlsOf(config: ServerConfig): {
  readonly apiUrl: string;
  readonly peerUrl: string;
} {
  const host = config.advertiseAddress;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    apiUrl: `https://${name}:${config.listen.port}`,
    peerUrl: `wss://${name}:${config.peerListen.port}`,
  };
}

/**
 * Which member this server is. One whose data folder is empty joins the cluster that it was told,
 * or founds one; the folder then says so for good. Throws CommandError, ConsensusError.
 */
export async function claimMember(config: ServerConfig, logger: Logger): Promise<Identity> {
  const folder = storeFolderOf(config);
  const { name } = config;
  if (config.join === null || ownerOfDataDir(folder) !== null)
    return claimDataDir(folder, { name });
  const memberId = randomBytes(ID_BYTES).toString("hex");
  logger.info("this server joins a cluster", { name, memberId, servers: config.join.urls });
  const asked = { as: "server", name, memberId, ...urlsOf(config) };
  const { answer } = await requestJoin(config.join, asked);
  const { clusterId, keys } = answer;
  if (typeof clusterId !== "string")
    throw new CommandError("Failed", "the cluster's answer cannot be read", {
      hint: "Is it of the same release?",
    });
  writeSharedFiles(join(config.dataDir, "pki"), await openBundle(keys, config.join.token));
  return claimDataDir(folder, { name, join: { clusterId, memberId } });
}
