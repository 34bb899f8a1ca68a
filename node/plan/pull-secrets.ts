import type { Secret } from "../../api/schema/types/core-v1.gen.js";
import type { RegistryAuth } from "../cri/cri-types.js";
import { parseImageName } from "./image-name.js";

interface AuthEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}
type AuthEntries = Readonly<Record<string, AuthEntry>>;

/** Credentials, and whose they are. */
export interface PullCredential {
  readonly auth: RegistryAuth;
  readonly secret: Secret;
}

/**
 * The credentials for an image's registry that these Secrets hold, in the order in which they are
 * to be tried: those for a longer path first ("Images", section "Interpretation of config.json").
 * Empty: none is for it. A Secret that cannot be read is passed over, as the registry may not need
 * it.
 */
export function pullCredentials(image: string, secrets: readonly Secret[]): PullCredential[] {
  const name = parseImageName(image);
  if (!name.ok) return [];
  const target = { host: name.registry, path: name.repository };
  return secrets
    .flatMap((secret) => Object.entries(authsOf(secret)).map((entry) => ({ secret, entry })))
    .map(({ secret, entry: [server, entry] }) => ({ secret, entry, at: placeOf(server) }))
    .filter(({ at }) => covers(at, target))
    .sort((a, b) => b.at.path.length - a.at.path.length)
    .map(({ secret, entry }) => ({ secret, auth: authOf(entry) }));
}

/**
 * Without the server's address, as the kubelet has it: the runtime would compare it with the host
 * that it asks, which may be a mirror, and reads a port in it as something else.
 */
function authOf(entry: AuthEntry): RegistryAuth {
  const [username, password] = userAndPassword(entry);
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(entry.identitytoken === undefined ? {} : { identityToken: entry.identitytoken }),
    ...(entry.registrytoken === undefined ? {} : { registryToken: entry.registrytoken }),
  };
}

function userAndPassword(entry: AuthEntry): readonly [string | undefined, string | undefined] {
  if (entry.auth === undefined || entry.auth === "") return [entry.username, entry.password];
  const decoded = new TextDecoder().decode(Buffer.from(entry.auth, "base64"));
  const colon = decoded.indexOf(":");
  return [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

/** Docker's newer file has them below `auths`, the older one at its top. */
function authsOf({ data = {} }: Secret): AuthEntries {
  const config = readJson<{ readonly auths?: AuthEntries }>(data[".dockerconfigjson"]);
  return config?.auths ?? readJson<AuthEntries>(data[".dockercfg"]) ?? {};
}

function readJson<T>(base64: string | undefined): T | null {
  if (base64 === undefined) return null;
  try {
    return JSON.parse(Buffer.from(base64, "base64").toString()) as T | null;
  } catch {
    return null;
  }
}

interface Place {
  readonly host: string;
  readonly path: string;
}

/** `https://index.docker.io/v1/` is Docker's registry, whatever the path of its API is. */
function placeOf(server: string): Place {
  const [host = "", ...parts] = server.replace(/^https?:\/\//, "").split("/");
  const path = parts.join("/").replace(/\/$/, "");
  if (host === "index.docker.io" || host === "registry-1.docker.io")
    return { host: "docker.io", path: "" };
  return { host, path: path === "v1" || path === "v2" ? "" : path };
}

/** Each part of a host's name may hold `*`; `r.io/team` is for all images below it. */
function covers(place: Place, target: Place): boolean {
  const [parts, others] = [place.host.split("."), target.host.split(".")];
  if (parts.length !== others.length) return false;
  if (!parts.every((part, i) => matchesGlob(part, others[i] ?? ""))) return false;
  return place.path === "" || `${target.path}/`.startsWith(`${place.path}/`);
}

function matchesGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split("*").map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pieces.join(".*")}$`, "u").test(text);
}
