import type { RegistryAuth } from "../cri/cri-types.js";
import { parseImageName } from "./image-name.js";

interface AuthEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/**
 * The credentials for an image's registry from the texts of .dockerconfigjson; the first that
 * names the registry wins. Null: none does. A text that cannot be read is passed over, as the
 * registry may not need it.
 */
export function registryAuth(image: string, configs: readonly string[]): RegistryAuth | null {
  const name = parseImageName(image);
  if (!name.ok) return null;
  for (const text of configs) {
    for (const [server, entry] of Object.entries(parseAuths(text))) {
      if (hostOf(server) !== name.registry) continue;
      const [username, password] = userAndPassword(entry);
      return {
        serverAddress: server,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(entry.identitytoken === undefined ? {} : { identityToken: entry.identitytoken }),
        ...(entry.registrytoken === undefined ? {} : { registryToken: entry.registrytoken }),
      };
    }
  }
  return null;
}

function userAndPassword(entry: AuthEntry): readonly [string | undefined, string | undefined] {
  if (entry.auth === undefined || entry.auth === "") return [entry.username, entry.password];
  const decoded = new TextDecoder().decode(Buffer.from(entry.auth, "base64"));
  const colon = decoded.indexOf(":");
  return [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

function parseAuths(text: string): Readonly<Record<string, AuthEntry>> {
  try {
    const config = JSON.parse(text) as { readonly auths?: Readonly<Record<string, AuthEntry>> };
    return config.auths ?? {};
  } catch {
    return {};
  }
}

function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, "").split("/", 1)[0] ?? server;
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}
