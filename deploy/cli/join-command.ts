import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { parseAgentConfig } from "../agent/agent-config.js";
import { runAgent } from "../agent/agent-process.js";
import { primaryAddress } from "../local-cluster/primary-address.js";
import { requestCertificate } from "../pki/certificate-authority.js";
import { readTextIfPresent, writePrivateFile } from "../pki/private-files.js";
import { requestJoin } from "../server/join-request.js";
import { parseJoin } from "../server/server-config.js";
import { CommandError } from "./output.js";
import { serverCommand } from "./server-command.js";

export interface JoinOptions {
  readonly token: string;
  readonly caHash: string;
  readonly as: "server" | "agent";
  readonly name?: string;
  readonly dataDir?: string;
  readonly listen?: string;
  readonly advertise?: string;
  readonly runtime?: string;
}

/**
 * `raftsman join URL`: makes this computer a server or a node of the cluster, and runs it. Joining
 * again with the same folder only runs it. Throws CommandError.
 */
export async function joinCommand(url: string, options: JoinOptions): Promise<void> {
  const { token, caHash, name, dataDir, listen, advertise } = options;
  if (options.as === "server") {
    const place = { ...(name && { name }), ...(dataDir && { dataDir }), ...(listen && { listen }) };
    return serverCommand({ join: url, token, caHash, ...place, ...(advertise && { advertise }) });
  }
  const joined = parseJoin({ join: url, token, caHash });
  const folder = resolve(dataDir ?? "/var/lib/raftsman/agent");
  const nodeName = name ?? hostname().toLowerCase();
  const address = advertise ?? primaryAddress();
  if (joined === null || address === null)
    throw new CommandError("Failed", "this computer has no address that others could reach", {
      hint: "Name one: --advertise 10.0.0.9",
    });
  const pki = join(folder, "pki");
  const known = readTextIfPresent(join(pki, "servers.json"));
  let servers: unknown = known === null ? null : JSON.parse(known);
  if (readTextIfPresent(join(pki, "node.crt")) === null || servers === null) {
    const names = { commonName: nodeName, ipAddresses: ["127.0.0.1", address] };
    const { requestPem, keyPem } = await requestCertificate(names);
    const asked = { as: "agent", name: nodeName, csr: requestPem };
    const { answer, caPem } = await requestJoin(joined, asked);
    servers = Array.isArray(answer["servers"]) ? answer["servers"] : [];
    writePrivateFile(join(pki, "ca.crt"), caPem);
    writePrivateFile(join(pki, "node.key"), keyPem);
    writePrivateFile(join(pki, "servers.json"), JSON.stringify(servers));
    writePrivateFile(join(pki, "node.crt"), String(answer["certificate"]));
  }
  const config = parseAgentConfig({
    name: nodeName,
    servers: (servers as readonly string[]).length === 0 ? [url] : servers,
    dataDir: folder,
    nodeAddress: address,
    ...(listen === undefined ? {} : { listen }),
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
  });
  await runAgent(config);
}
