import { existsSync, readFileSync } from "node:fs";
import { isIP, isIPv4 } from "node:net";
import { join } from "node:path";
import { validateDns1123Subdomain } from "../../api/machinery/names.js";
import { parseQuantity, wholeValue } from "../../api/machinery/quantity.js";
import { CommandError } from "../cli/output.js";

/** Everything a server process is told. Paths are absolute. */
export interface ServerConfig {
  readonly name: string;
  readonly cluster: string;
  readonly dataDir: string;
  readonly runDir: string;
  /** Where the API listens. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The address others reach this server at; it stands in the endpoints of default/kubernetes. */
  readonly advertiseAddress: string;
  /** Where the consensus processes of the other servers connect. */
  readonly peerListen: { readonly host: string; readonly port: number };
  /** How a server with an empty data folder becomes a member; null: it founds a cluster. */
  readonly join: JoinConfig | null;
  /** The address that whichever server leads holds; null: none. */
  readonly vip: string | null;
  /** Where etcd's API is served, on loopback alone; null: nowhere. */
  readonly etcdApi: { readonly host: string; readonly port: number } | null;
  /** The API server's own keys may be written through it. */
  readonly etcdApiUnsafe: boolean;
  /** Where the consensus process serves metrics by plain HTTP; null: nowhere. */
  readonly metricsListen: { readonly host: string; readonly port: number } | null;
  /** Backups of the store in `<dataDir>/backups`; null: none. */
  readonly backups: { readonly everyHours: number; readonly kept: number } | null;
  /** What keys, values and their history may take up. */
  readonly storeLimitBytes: number;
  /** Make the data a cluster of this server alone: the majority of the old one is lost for good. */
  readonly forceNewCluster: boolean;
  readonly serviceCidr: string;
  readonly clusterCidr: string;
  /** Of the scheduler's plugin NodeUsage; 0: it is off. */
  readonly nodeUsageWeight: number;
  /**
   * Answer writes before they are on disk. For the chaos suite alone: it loses data on a power cut.
   */
  readonly unsafeNoFsync: boolean;
  /** Let SIGUSR2 disturb the api process; for the chaos suite alone. */
  readonly chaosHooks: boolean;
}

/** Where and with what to join a cluster. */
export interface JoinConfig {
  /** APIs of its servers, tried in turn. */
  readonly urls: readonly string[];
  /** Secret; made by `raftsman token create`. */
  readonly token: string;
  /** Of the cluster's authority: `sha256:` and 64 hex digits. */
  readonly caHash: string;
}

export const DEFAULT_SERVICE_CIDR = "10.96.0.0/16";
export const DEFAULT_CLUSTER_CIDR = "10.244.0.0/16";
export const DEFAULT_API_PORT = 6443;
export const DEFAULT_STORE_LIMIT_BYTES = 8 * 2 ** 30;
const STORE_LIMIT_MIN_BYTES = 2 ** 20;

type Plain = Readonly<Record<string, unknown>>;

/** A JSON document from a file named on the command line. Throws CommandError "Usage". */
export function readConfigFile(path: string): Plain {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CommandError("Usage", `cannot read the configuration ${path}`, {
      hint: "It must be a JSON document with the fields of docs/configuration.md.",
      cause,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw usage(`${path} must hold one JSON object`);
  return value as Plain;
}

const SERVER_FIELDS = [
  "name",
  "cluster",
  "dataDir",
  "runDir",
  "listen",
  "advertiseAddress",
  "vip",
  "etcdApi",
  "etcdApiUnsafe",
  "peerListen",
  "metricsListen",
  "join",
  "token",
  "tokenFile",
  "caHash",
  "backups",
  "storeLimit",
  "forceNewCluster",
  "serviceCidr",
  "clusterCidr",
  "nodeUsageWeight",
  "unsafeNoFsync",
  "chaosHooks",
];

/**
 * Checks a configuration (file and flags already merged) and fills in defaults. Throws CommandError
 * "Usage".
 */
export function parseServerConfig(input: Plain): ServerConfig {
  refuseUnknown(input, SERVER_FIELDS);
  const dataDir = text(input, "dataDir", null);
  const listen = parseListen(text(input, "listen", `0.0.0.0:${DEFAULT_API_PORT}`));
  return {
    name: nameOf(input, "server"),
    cluster: text(input, "cluster", "dev"),
    dataDir,
    runDir: text(input, "runDir", join(dataDir, "run")),
    listen,
    advertiseAddress: parseAddress(text(input, "advertiseAddress", listen.host)),
    vip: parseVip(input["vip"]),
    etcdApi: parseEtcdApi(input["etcdApi"]),
    etcdApiUnsafe: input["etcdApiUnsafe"] === true,
    peerListen: parsePeerListen(input["peerListen"], listen),
    metricsListen: parseMetricsListen(input["metricsListen"]),
    // Who is a member needs no token any more.
    join: belongsToMember(dataDir) ? null : parseJoin(input),
    backups: parseBackups(input["backups"]),
    storeLimitBytes: parseStoreLimit(input["storeLimit"]),
    forceNewCluster: input["forceNewCluster"] === true,
    serviceCidr: text(input, "serviceCidr", DEFAULT_SERVICE_CIDR),
    clusterCidr: text(input, "clusterCidr", DEFAULT_CLUSTER_CIDR),
    nodeUsageWeight: parseWeight(input["nodeUsageWeight"]),
    unsafeNoFsync: input["unsafeNoFsync"] === true,
    chaosHooks: input["chaosHooks"] === true,
  };
}

/**
 * The name of a server or a node, which becomes part of certificates, folders and objects. Throws
 * CommandError "Usage".
 */
export function nameOf(input: Plain, what: "server" | "node"): string {
  const name = text(input, "name", null);
  const [problem] = validateDns1123Subdomain(name);
  if (problem === undefined) return name;
  throw usage(`name: ${JSON.stringify(name)} cannot name a ${what}: ${problem}`);
}

/** Throws CommandError "Usage" for what is neither an IP address nor a host's name. */
function parseAddress(address: string): string {
  if (isIP(address) !== 0 || validateDns1123Subdomain(address.toLowerCase()).length === 0)
    return address;
  throw usage(`advertiseAddress: ${JSON.stringify(address)} is no address such as 10.0.0.1`);
}

function parseBackups(value: unknown): ServerConfig["backups"] {
  if (value === undefined || value === null) return { everyHours: 12, kept: 5 };
  if (value === false) return null;
  const { everyHours, kept, ...rest } = { ...(value as Plain) };
  const isGood = (one: unknown, least: number): one is number =>
    typeof one === "number" && one >= least && one <= 10_000;
  if (isGood(everyHours, 0.001) && isGood(kept, 1) && Object.keys(rest).length === 0)
    return { everyHours, kept: Math.floor(kept) };
  throw usage('backups: false, or such as {"everyHours": 12, "kept": 5}');
}

/** Throws CommandError "Usage" for what is no quantity, or too little to start with. */
function parseStoreLimit(value: unknown): number {
  if (value === undefined || value === null) return DEFAULT_STORE_LIMIT_BYTES;
  const limit = typeof value === "string" ? parseQuantity(value) : null;
  const bytes = limit === null ? Number.NaN : Number(wholeValue(limit));
  if (bytes >= STORE_LIMIT_MIN_BYTES) return bytes;
  throw usage(`storeLimit: ${JSON.stringify(value)} is not a size of at least 1Mi, such as 8Gi`);
}

/** As kube-scheduler takes the weights of its plugins. Throws CommandError "Usage". */
function parseWeight(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const weight = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof weight === "number" && Number.isInteger(weight) && weight >= 0 && weight <= 100)
    return weight;
  throw usage(`nodeUsageWeight: ${JSON.stringify(value)} is not a whole number from 0 to 100`);
}

function parseVip(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && isIPv4(value)) return value;
  throw usage(`vip: ${JSON.stringify(value)} is not an IPv4 address such as 10.0.0.5`);
}

/** Whoever reaches it reads Secrets: it has neither TLS nor a password. */
function parseEtcdApi(value: unknown): ServerConfig["etcdApi"] {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw usage("etcdApi must be a text such as 127.0.0.1:2379");
  const listen = parseListen(value.replace(/^:/, "127.0.0.1:"));
  if (isIPv4(listen.host) && listen.host.startsWith("127.")) return listen;
  throw usage(`etcdApi: ${JSON.stringify(value)} is not on loopback, such as 127.0.0.1:2379`);
}

/** The server's first start is over: the store has written down whose folder it is. */
export function belongsToMember(dataDir: string): boolean {
  return existsSync(join(dataDir, "store", "identity.json"));
}

function parseMetricsListen(value: unknown): ServerConfig["metricsListen"] {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return parseListen(value.replace(/^:/, "127.0.0.1:"));
  throw usage("metricsListen must be a text such as 127.0.0.1:6445");
}

/** By default the port after the API's. */
function parsePeerListen(
  value: unknown,
  api: { readonly host: string; readonly port: number },
): ServerConfig["peerListen"] {
  if (value === undefined) return { host: api.host, port: api.port === 0 ? 0 : api.port + 1 };
  if (typeof value === "string") return parseListen(value);
  throw usage("peerListen must be a text such as 0.0.0.0:6444");
}

/** Throws CommandError "Usage". */
export function parseJoin(input: Plain): JoinConfig | null {
  if (input["join"] === undefined || input["join"] === null) return null;
  const given = typeof input["join"] === "string" ? input["join"].split(",") : input["join"];
  const urls = Array.isArray(given) ? (given as unknown[]) : [];
  if (urls.length === 0) throw usage("join: name a server's API, such as https://10.0.0.1:6443");
  for (const url of urls)
    if (typeof url !== "string" || !/^https:\/\/[^/]+\/?$/.test(url))
      throw usage(`join: ${JSON.stringify(url)} is not a URL such as https://10.0.0.1:6443`);
  const tokenFile = input["tokenFile"];
  const token =
    typeof tokenFile === "string" ? readTextFile(tokenFile) : text(input, "token", null);
  if (!/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token))
    throw usage("token: it has the form abcdef.0123456789abcdef");
  const caHash = text(input, "caHash", null);
  if (!/^sha256:[0-9a-f]{64}$/.test(caHash))
    throw usage("caHash: it has the form sha256: and 64 hex digits; raftsman token create says it");
  return { urls: urls as string[], token, caHash };
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new CommandError("Usage", `cannot read the token in ${path}`, { hint: "", cause });
  }
}

/** `host:port` or `:port`. Throws CommandError "Usage". */
export function parseListen(value: string): { host: string; port: number } {
  const match = /^(.*):(\d{1,5})$/.exec(value);
  const port = Number(match?.[2]);
  if (match === null || port > 65535)
    throw usage(`${JSON.stringify(value)} is not an address such as 0.0.0.0:6443`);
  const host = match[1] === "" || match[1] === undefined ? "0.0.0.0" : match[1];
  return { host, port };
}

/**
 * The string in `input[field]`, or `fallback`; null means it must be given. Throws CommandError
 * "Usage".
 */
export function text(input: Plain, field: string, fallback: string | null): string {
  const value = input[field] ?? fallback;
  if (typeof value !== "string" || value === "") throw usage(`${field} is missing or not a text`);
  return value;
}

/**
 * Throws CommandError "Usage" when `input` has a field that is not in `known`: a typo is never
 * ignored.
 */
export function refuseUnknown(input: Plain, known: readonly string[]): void {
  const unknown = Object.keys(input).filter((field) => !known.includes(field));
  if (unknown.length > 0)
    throw usage(`unknown configuration field ${unknown.join(", ")}; known: ${known.join(", ")}`);
}

function usage(message: string): CommandError {
  return new CommandError("Usage", message, { hint: "See docs/configuration.md." });
}
