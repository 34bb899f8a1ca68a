import { hostname } from "node:os";
import { join } from "node:path";
import { PEER_NAME_PREFIX, PEER_ORGANIZATION } from "../../consensus/main.js";
import { ensureServerPki, type ServerPki } from "../pki/cluster-pki.js";
import { firstAddressOf } from "./cidr.js";
import type { ServerConfig } from "./server-config.js";

/**
 * The keys and certificates of a server, with the names and addresses that clients may know it by;
 * made where they are missing.
 */
export function ensurePkiOf(config: ServerConfig, memberId: string): Promise<ServerPki> {
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  return ensureServerPki(join(config.dataDir, "pki"), {
    names: [...service, `${service[2]}.cluster.local`, "localhost", hostname(), config.name],
    addresses: [
      ...new Set([
        "127.0.0.1",
        config.advertiseAddress,
        firstAddressOf(config.serviceCidr),
        ...(config.vip === null ? [] : [config.vip]),
      ]),
    ].filter((address) => address !== "0.0.0.0"),
    peer: { commonName: PEER_NAME_PREFIX + memberId, organizations: [PEER_ORGANIZATION] },
    nowMs: Date.now(),
  });
}
