import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CodedError } from "../../base/errors.js";
import { keyIdOf, type TokenKey } from "./json-web-token.js";

/** Where the keys of service-account tokens are, and in whose name they are signed. */
export interface ServiceAccountOptions {
  /** PEM of the RSA key that signs. */
  readonly signingKeyFile: string;
  /** PEM of the keys whose signatures are believed, the signing one's among them. */
  readonly publicKeyFiles: readonly string[];
  /** A URL, such as https://kubernetes.default.svc.cluster.local. */
  readonly issuer: string;
}

/** The keys, read. */
export interface TokenKeys {
  readonly signing: TokenKey;
  /** Public keys by id. */
  readonly trusted: ReadonlyMap<string, KeyObject>;
}

/** `BadServiceAccountKey`: a file holds no RSA key of 2048 bits or more. */
export type TokenKeysErrorCode = "BadServiceAccountKey";

const RSA_BITS_MIN = 2_048;

/** Throws "BadServiceAccountKey", or what reading a file threw. */
export async function readTokenKeys(options: ServiceAccountOptions): Promise<TokenKeys> {
  const { signingKeyFile, publicKeyFiles } = options;
  const key = parseKey(signingKeyFile, await readFile(signingKeyFile), createPrivateKey);
  const signing = { id: keyIdOf(createPublicKey(key)), key };
  const trusted = new Map<string, KeyObject>();
  for (const file of publicKeyFiles) {
    const publicKey = parseKey(file, await readFile(file), createPublicKey);
    trusted.set(keyIdOf(publicKey), publicKey);
  }
  return { signing, trusted };
}

/** The key set that anybody may check tokens with (RFC 7517). */
export function jsonWebKeySet(keys: TokenKeys): object {
  return {
    keys: [...keys.trusted].map(([kid, key]) => {
      const { kty, n, e } = key.export({ format: "jwk" });
      return { use: "sig", kty, kid, alg: "RS256", n, e };
    }),
  };
}

function parseKey(file: string, pem: Buffer, parse: (pem: Buffer) => KeyObject): KeyObject {
  let key: KeyObject | null = null;
  let cause: unknown = null;
  try {
    key = parse(pem);
  } catch (error) {
    cause = error;
  }
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key?.asymmetricKeyType === "rsa" && bits >= RSA_BITS_MIN) return key;
  const message = `${file} holds no RSA key of ${RSA_BITS_MIN} bits or more`;
  throw new CodedError<TokenKeysErrorCode>("BadServiceAccountKey", message, {
    cause,
    details: { file },
  });
}
