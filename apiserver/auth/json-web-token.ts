import { createHash, type KeyObject, sign, verify } from "node:crypto";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";

/** A key that signs, or one that only checks. */
export interface TokenKey {
  /** What tokens and the published key set name it by. */
  readonly id: string;
  readonly key: KeyObject;
}

/** A token taken apart; nothing of it has been checked. */
export interface ParsedToken {
  readonly keyId: string;
  readonly claims: JsonObject;
  readonly signedPart: string;
  readonly signature: Buffer;
}

/** The only way in which tokens are signed: nobody gets to choose a weaker one. */
const ALGORITHM = "RS256";
const TOKEN_LENGTH_MAX = 16 * 1024;

/** The name of a key: the same on every server, and for both halves of a pair. */
export function keyIdOf(publicKey: KeyObject): string {
  const bytes = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(bytes).digest("base64url");
}

/** Signs in the thread pool: it takes a good part of a millisecond. */
export function signToken(claims: object, { id, key }: TokenKey): Promise<string> {
  const head = encodePart({ alg: ALGORITHM, kid: id });
  const signedPart = `${head}.${encodePart(claims)}`;
  return new Promise((resolve, reject) => {
    sign("RSA-SHA256", Buffer.from(signedPart), key, (error, signature) => {
      if (error !== null) reject(error);
      else resolve(`${signedPart}.${signature.toString("base64url")}`);
    });
  });
}

/** Null for anything that is no token signed our way. */
export function parseToken(text: string): ParsedToken | null {
  if (text.length > TOKEN_LENGTH_MAX) return null;
  const parts = text.split(".");
  const [head = "", body = "", signature = ""] = parts;
  if (parts.length !== 3) return null;
  const header = decodePart(head);
  const claims = decodePart(body);
  if (header?.["alg"] !== ALGORITHM || claims === null) return null;
  const { kid } = header;
  if (typeof kid !== "string") return null;
  return {
    keyId: kid,
    claims,
    signedPart: `${head}.${body}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

/** Whether `key` signed it. */
export function isSignedBy(token: ParsedToken, key: KeyObject): boolean {
  return verify("RSA-SHA256", Buffer.from(token.signedPart), key, token.signature);
}

function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decodePart(text: string): JsonObject | null {
  try {
    const value = JSON.parse(Buffer.from(text, "base64url").toString()) as JsonValue;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
