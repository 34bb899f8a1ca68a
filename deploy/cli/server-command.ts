import { hostname } from "node:os";
import { resolve } from "node:path";
import { primaryAddress } from "../local-cluster/primary-address.js";
import { parseServerConfig, readConfigFile } from "../server/server-config.js";
import { runServer } from "../server/server-process.js";

/** `raftsman server`: flags win over the file, the file over defaults. */
export async function serverCommand(options: {
  config?: string;
  name?: string;
  dataDir?: string;
  listen?: string;
  advertise?: string;
  vip?: string;
  etcdApi?: string;
  etcdApiUnsafe?: boolean;
  forceNewCluster?: boolean;
  unsafeNoFsync?: boolean;
  chaosHooks?: boolean;
  nodeUsageWeight?: string;
  peerListen?: string;
  metricsListen?: string;
  join?: string;
  token?: string;
  caHash?: string;
}): Promise<void> {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const address = primaryAddress();
  const token = options.token ?? process.env["RAFTSMAN_TOKEN"];
  const config = parseServerConfig({
    name: hostname().toLowerCase(),
    cluster: process.env["RAFTSMAN_CLUSTER"] ?? "dev",
    dataDir: "/var/lib/raftsman/server",
    ...(address === null ? {} : { advertiseAddress: address }),
    ...file,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.dataDir === undefined ? {} : { dataDir: resolve(options.dataDir) }),
    ...(options.listen === undefined ? {} : { listen: options.listen }),
    ...(options.advertise === undefined ? {} : { advertiseAddress: options.advertise }),
    ...(options.vip === undefined ? {} : { vip: options.vip }),
    ...(options.etcdApi === undefined ? {} : { etcdApi: options.etcdApi }),
    ...(options.etcdApiUnsafe === true ? { etcdApiUnsafe: true } : {}),
    ...(options.forceNewCluster === true ? { forceNewCluster: true } : {}),
    ...(options.unsafeNoFsync === true ? { unsafeNoFsync: true } : {}),
    ...(options.chaosHooks === true ? { chaosHooks: true } : {}),
    ...(options.nodeUsageWeight === undefined ? {} : { nodeUsageWeight: options.nodeUsageWeight }),
    ...(options.peerListen === undefined ? {} : { peerListen: options.peerListen }),
    ...(options.metricsListen === undefined ? {} : { metricsListen: options.metricsListen }),
    ...(options.join === undefined ? {} : { join: options.join }),
    ...(token === undefined ? {} : { token }),
    ...(options.caHash === undefined ? {} : { caHash: options.caHash }),
  });
  await runServer(config);
}
