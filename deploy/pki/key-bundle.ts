import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { CodedError } from "../../base/errors.js";

/** Files by name, encrypted with a key that is derived from a join token. All fields are base64. */
export interface SealedBundle {
  readonly version: 1;
  readonly salt: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** `WrongToken`: the bundle was not made for this token, or it was changed on the way. */
export type KeyBundleErrorCode = "WrongToken";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** RFC 5116 §5.1: 96 bits; drawn anew with every key. */
const IV_BYTES = 12;
const SALT_BYTES = 16;
/** RFC 7914: 32 MiB and about 100 ms, once per server that joins. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** Encrypts files (name to text) to whoever holds the token. */
export async function sealBundle(
  files: Readonly<Record<string, string>>,
  token: string,
): Promise<SealedBundle> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, await keyOf(token, salt), iv);
  const data = Buffer.concat([cipher.update(JSON.stringify(files), "utf8"), cipher.final()]);
  const base64 = (bytes: Buffer): string => bytes.toString("base64");
  return {
    version: 1,
    salt: base64(salt),
    iv: base64(iv),
    tag: base64(cipher.getAuthTag()),
    data: base64(data),
  };
}

/** The files in a bundle. Throws CodedError "WrongToken". */
export async function openBundle(
  bundle: unknown,
  token: string,
): Promise<Readonly<Record<string, string>>> {
  const { version, salt, iv, tag, data } = { ...(bundle as Record<string, unknown>) };
  if (version !== 1) throw wrong("its format is not known here");
  const bytes = (value: unknown): Buffer => Buffer.from(String(value), "base64");
  try {
    const key = await keyOf(token, bytes(salt));
    const decipher = createDecipheriv(CIPHER, key, bytes(iv), { authTagLength: 16 });
    decipher.setAuthTag(bytes(tag));
    const text = Buffer.concat([decipher.update(bytes(data)), decipher.final()]).toString("utf8");
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch (cause) {
    throw wrong("it does not open with this token", cause);
  }
}

function keyOf(token: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(token, salt, KEY_BYTES, COST, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function wrong(why: string, cause: unknown = null): CodedError<KeyBundleErrorCode> {
  return new CodedError("WrongToken", `the cluster's keys cannot be opened: ${why}`, { cause });
}
