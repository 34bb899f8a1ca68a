import { join } from "node:path";
import { validateLabelValue, validateQualifiedName } from "../../api/machinery/names.js";
import { CommandError } from "../cli/output.js";
import type { EvictionConfig } from "../../node/plan/eviction-thresholds.js";
import { unsafeSysctlProblem } from "../../node/plan/host-admission.js";
import type { ImagePolicy } from "../../node/plan/image-garbage.js";
import type { ReservedResources } from "../../node/plan/node-object.js";
import {
  DEFAULT_CLUSTER_CIDR,
  nameOf,
  parseListen,
  refuseUnknown,
  text,
} from "../server/server-config.js";

import {
  parseEviction,
  parseImagePolicy,
  parseMaxPods,
  parseReserved,
  RESOURCE_FIELDS,
} from "./resource-config.js";

/** What an agent is told. Paths are absolute. */
export interface AgentConfig {
  readonly name: string;
  readonly cluster: string;
  /** URLs of the API, tried in turn. */
  readonly servers: readonly string[];
  readonly dataDir: string;
  readonly runDir: string;
  /** What the runtime and DNS print. */
  readonly logDir: string;
  /** The folder of static pods' manifests. */
  readonly manifests: string;
  readonly runtime: "containerd" | "hollow" | { readonly socket: string };
  /** The node's InternalIP. */
  readonly nodeAddress: string;
  /** Where the agent's own HTTPS port listens. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly clusterCidr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly registryMirrors: Readonly<Record<string, string>>;
  /** How many pods the node takes. */
  readonly maxPods: number;
  /** What pods must leave to the host's own processes. */
  readonly reserved: ReservedResources;
  readonly imagePolicy: ImagePolicy;
  readonly allowedUnsafeSysctls: readonly string[];
  readonly eviction: EvictionConfig;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export const DEFAULT_AGENT_PORT = 10250;

const FIELDS = [
  "name",
  "cluster",
  "servers",
  "dataDir",
  "runDir",
  "logDir",
  "manifests",
  "runtime",
  "nodeAddress",
  "listen",
  "clusterCidr",
  "labels",
  "taints",
  "registryMirrors",
  "allowedUnsafeSysctls",
  ...RESOURCE_FIELDS,
];

/**
 * Checks a configuration (file and flags already merged) and fills in defaults. Throws CommandError
 * "Usage".
 */
export function parseAgentConfig(input: Readonly<Record<string, unknown>>): AgentConfig {
  refuseUnknown(input, FIELDS);
  const dataDir = text(input, "dataDir", null);
  return {
    name: nameOf(input, "node"),
    cluster: text(input, "cluster", "dev"),
    servers: parseServers(input["servers"]),
    dataDir,
    runDir: text(input, "runDir", join(dataDir, "run")),
    logDir: text(input, "logDir", join(dataDir, "log")),
    manifests: text(input, "manifests", join(dataDir, "manifests")),
    runtime: parseRuntime(text(input, "runtime", "containerd")),
    nodeAddress: text(input, "nodeAddress", null),
    listen: parseListen(text(input, "listen", `0.0.0.0:${DEFAULT_AGENT_PORT}`)),
    clusterCidr: text(input, "clusterCidr", DEFAULT_CLUSTER_CIDR),
    labels: parseLabels(input["labels"]),
    taints: parseTaints(input["taints"]),
    registryMirrors: parseMirrors(input["registryMirrors"]),
    maxPods: parseMaxPods(input["maxPods"]),
    reserved: parseReserved(input),
    imagePolicy: parseImagePolicy(input),
    allowedUnsafeSysctls: parseSysctls(input["allowedUnsafeSysctls"]),
    eviction: parseEviction(input),
  };
}

/** `a=b` texts or `a=b,c=d` to an object. Throws CommandError "Usage". */
export function parsePairList(values: readonly string[], what: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of values.flatMap((value) => value.split(",")).filter((each) => each !== "")) {
    const at = pair.indexOf("=");
    if (at <= 0) throw usage(`${what}: ${JSON.stringify(pair)} is not of the form name=value`);
    pairs[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return pairs;
}

/** `key=value:Effect,key2:Effect` as kubectl taint takes it. Throws CommandError "Usage". */
export function parseTaintList(value: string): readonly Taint[] {
  return value
    .split(",")
    .filter((each) => each !== "")
    .map((each) => {
      const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(each);
      if (match === null)
        throw usage(`taints: ${JSON.stringify(each)} is not of the form key=value:NoSchedule`);
      const [, key = "", taintValue, effect] = match;
      return {
        key,
        ...(taintValue === undefined ? {} : { value: taintValue }),
        effect: effect as Taint["effect"],
      };
    });
}

function parseServers(value: unknown): readonly string[] {
  const servers = typeof value === "string" ? [value] : value;
  if (!Array.isArray(servers) || servers.length === 0)
    throw usage("servers: name at least one, such as https://10.0.0.1:6443");
  for (const server of servers as unknown[])
    if (typeof server !== "string" || !/^https:\/\/[^/]+$/.test(server))
      throw usage(`servers: ${JSON.stringify(server)} is not a URL such as https://10.0.0.1:6443`);
  return servers as readonly string[];
}

function parseSysctls(value: unknown): readonly string[] {
  const field = "allowedUnsafeSysctls";
  const patterns = typeof value === "string" ? value.split(",") : (value ?? []);
  if (!Array.isArray(patterns)) throw usage(`${field} must be a list of texts`);
  return patterns.map((pattern: unknown) => {
    const problem = typeof pattern === "string" ? unsafeSysctlProblem(pattern) : "is no text";
    if (problem !== null) throw usage(`${field}: ${JSON.stringify(pattern)} ${problem}`);
    return pattern as string;
  });
}

function parseRuntime(value: string): AgentConfig["runtime"] {
  if (value === "containerd" || value === "hollow") return value;
  const socket = /^unix:\/\/(\/.+)$/.exec(value)?.[1];
  if (socket === undefined)
    throw usage(`runtime: ${JSON.stringify(value)} is none of containerd, hollow, unix:///SOCKET`);
  return { socket };
}

function parsePairs(value: unknown, field: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw usage(`${field} must be an object of texts`);
  for (const [name, each] of Object.entries(value))
    if (typeof each !== "string") throw usage(`${field}.${name} must be a text`);
  return value as Readonly<Record<string, string>>;
}

/** What the API would refuse is refused here: the node would never get to be one. */
function parseLabels(value: unknown): Readonly<Record<string, string>> {
  const labels = parsePairs(value, "labels");
  for (const [key, each] of Object.entries(labels)) {
    const [problem] = [...validateQualifiedName(key), ...validateLabelValue(each)];
    if (problem !== undefined)
      throw usage(`labels: ${JSON.stringify(`${key}=${each}`)} is no label: ${problem}`);
  }
  return labels;
}

/** Registry to the URL of its mirror. Throws CommandError "Usage". */
export function parseMirrors(value: unknown): Readonly<Record<string, string>> {
  const mirrors = parsePairs(value, "registryMirrors");
  for (const url of Object.values(mirrors))
    if (!/^https?:\/\/[^/]/.test(url))
      throw usage(`registryMirrors: ${JSON.stringify(url)} is no URL such as http://10.0.0.9:5000`);
  return mirrors;
}

function parseTaints(value: unknown): readonly Taint[] {
  if (value === undefined) return [];
  if (typeof value === "string") return parseTaintList(value);
  if (!Array.isArray(value)) throw usage("taints must be a list, or a text key=value:Effect");
  return value.flatMap((each) => parseTaintList(String(each)));
}

function usage(message: string): CommandError {
  return new CommandError("Usage", message, { hint: "See docs/configuration.md." });
}
