import { randomInt } from "node:crypto";
import type { AdminApi } from "./admin-api.js";

/** Where tokens are kept: Secrets of this type, named with this prefix and the token's id. */
export const TOKEN_SECRETS = "/api/v1/namespaces/kube-system/secrets";
export const TOKEN_TYPE = "bootstrap.kubernetes.io/token";
export const TOKEN_NAME_PREFIX = "bootstrap-token-";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const ID_LENGTH = 6;
const SECRET_LENGTH = 16;

/** Secret as a whole; the id alone lets nobody in. */
export interface JoinToken {
  readonly id: string;
  readonly token: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/**
 * Makes a token that lets servers or agents join for a while. Throws CommandError as AdminApi.send
 * does.
 */
export async function createJoinToken(
  api: AdminApi,
  options: { readonly as: "server" | "agent"; readonly ttlMs: number; readonly madeBy: string },
): Promise<JoinToken> {
  const { as, ttlMs, madeBy } = options;
  const [id, secret] = [randomText(ID_LENGTH), randomText(SECRET_LENGTH)];
  const expiresAt = new Date(Date.now() + ttlMs).toISOString();
  const stringData = {
    "token-id": id,
    "token-secret": secret,
    expiration: expiresAt,
    description: `made by ${madeBy}, for ${as}s`,
    "usage-bootstrap-authentication": "true",
    ...(as === "server" ? { "usage-raftsman-server": "true" } : {}),
  };
  await api.send("POST", TOKEN_SECRETS, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: TOKEN_NAME_PREFIX + id },
    type: TOKEN_TYPE,
    stringData,
  });
  return { id, token: `${id}.${secret}`, expiresAt };
}

/** Takes a token back. Throws CommandError as AdminApi.send does. */
export async function deleteJoinToken(api: AdminApi, id: string): Promise<void> {
  await api.send("DELETE", `${TOKEN_SECRETS}/${TOKEN_NAME_PREFIX}${id}`);
}

function randomText(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}
