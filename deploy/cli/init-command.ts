import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { claimDataDir, ownerOfDataDir } from "../../consensus/main.js";
import { primaryAddress } from "../local-cluster/primary-address.js";
import { caHashOf, readSharedFiles } from "../pki/cluster-pki.js";
import { renderKubeconfig } from "../pki/kubeconfig.js";
import { writePrivateFile } from "../pki/private-files.js";
import { storeFolderOf, urlsOf } from "../server/claim-member.js";
import { parseServerConfig, readConfigFile } from "../server/server-config.js";
import { ensurePkiOf } from "../server/server-pki.js";
import { CommandError, type OutputFormat, printData } from "./output.js";

/**
 * `raftsman init`: makes the authorities, the keys and the configuration of a cluster's first
 * server; `raftsman server --config FILE` then runs it. Throws CommandError "Unsafe" when the
 * folder belongs to a server already.
 */
export async function initCommand(options: {
  readonly config?: string;
  readonly advertise?: string;
  readonly vip?: string;
  readonly listen?: string;
  readonly dataDir?: string;
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}): Promise<void> {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const address = primaryAddress();
  const input = {
    name: hostname().toLowerCase(),
    cluster: process.env["RAFTSMAN_CLUSTER"] ?? "dev",
    dataDir: "/var/lib/raftsman/server",
    ...(address === null ? {} : { advertiseAddress: address }),
    ...file,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.dataDir === undefined ? {} : { dataDir: resolve(options.dataDir) }),
    ...(options.advertise === undefined ? {} : { advertiseAddress: options.advertise }),
    ...(options.vip === undefined ? {} : { vip: options.vip }),
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  };
  const config = parseServerConfig(input);
  const configFile = join(config.dataDir, "server.json");
  const kubeconfig = join(config.dataDir, "kubeconfig");
  const next = `raftsman server --config ${configFile}`;
  const { apiUrl } = urlsOf(config);
  const endpoint = config.vip === null ? apiUrl : `https://${config.vip}:${config.listen.port}`;
  const told = { dryRun: options.dryRun === true, dataDir: config.dataDir, configFile, kubeconfig };
  if (ownerOfDataDir(storeFolderOf(config)) !== null)
    throw new CommandError("Unsafe", `${config.dataDir} belongs to a server already`, {
      hint: `Run it: ${next}`,
    });
  if (options.dryRun === true) {
    printData(options.output, { ...told, endpoint, caHash: null, next }, () => [
      [`would make ${join(config.dataDir, "pki")}, ${configFile}, ${kubeconfig}`],
      [next],
    ]);
    return;
  }
  const { memberId } = claimDataDir(storeFolderOf(config), { name: config.name });
  const pki = await ensurePkiOf(config, memberId);
  writePrivateFile(configFile, `${JSON.stringify(input, null, 2)}\n`);
  const text = renderKubeconfig({
    clusterName: `raftsman-${config.cluster}`,
    userName: "kubernetes-admin",
    server: endpoint,
    caFile: pki.caFile,
    client: pki.admin,
  });
  writePrivateFile(kubeconfig, text);
  const caHash = caHashOf(readSharedFiles(join(config.dataDir, "pki"))["ca.crt"] ?? "");
  printData(options.output, { ...told, endpoint, caHash, next }, () => [[next]]);
}
