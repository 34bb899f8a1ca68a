import { hostname } from "node:os";
import { resolve } from "node:path";
import { parseAgentConfig, parsePairList, parseTaintList } from "../agent/agent-config.js";
import { RESOURCE_FIELDS } from "../agent/resource-config.js";
import { runAgent } from "../agent/agent-process.js";
import { primaryAddress } from "../local-cluster/primary-address.js";
import { readConfigFile } from "../server/server-config.js";

/** `raftsman agent`: flags win over the file, the file over defaults. */
export async function agentCommand(options: {
  config?: string;
  name?: string;
  server?: string;
  dataDir?: string;
  manifests?: string;
  runtime?: string;
  labels?: string;
  taints?: string;
  maxPods?: string;
  systemReserved?: string;
  kubeReserved?: string;
  evictionHard?: string;
  evictionSoft?: string;
  evictionSoftGracePeriod?: string;
  evictionMinimumReclaim?: string;
  evictionPressureTransitionPeriod?: string;
  evictionMaxPodGracePeriod?: string;
  allowedUnsafeSysctls?: string;
  registryMirror: readonly string[];
}): Promise<void> {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const address = primaryAddress();
  const config = parseAgentConfig({
    name: hostname().toLowerCase(),
    cluster: process.env["RAFTSMAN_CLUSTER"] ?? "dev",
    dataDir: "/var/lib/raftsman/agent",
    ...(address === null ? {} : { nodeAddress: address }),
    ...file,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.server === undefined ? {} : { servers: options.server.split(",") }),
    ...(options.dataDir === undefined ? {} : { dataDir: resolve(options.dataDir) }),
    ...(options.manifests === undefined ? {} : { manifests: resolve(options.manifests) }),
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
    ...(options.labels === undefined ? {} : { labels: parsePairList([options.labels], "labels") }),
    ...(options.taints === undefined ? {} : { taints: parseTaintTexts(options.taints) }),
    ...fieldFlags(options),
    ...(options.registryMirror.length === 0
      ? {}
      : { registryMirrors: parsePairList(options.registryMirror, "--registry-mirror") }),
  });
  await runAgent(config);
}

/** Those that were given, under the names of the fields. */
function fieldFlags(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = [...RESOURCE_FIELDS, "allowedUnsafeSysctls"];
  const names = fields.filter((name) => options[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

/** Checks the flag at once, so that the message names the flag and not the field. */
function parseTaintTexts(value: string): string {
  parseTaintList(value);
  return value;
}
