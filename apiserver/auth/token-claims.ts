import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import type { Identity } from "../server/http-types.js";
import { GROUP_AUTHENTICATED } from "./identity.js";

/** An object by name and uid: a later one of the same name is another. */
export interface NamedUid {
  readonly name: string;
  readonly uid: string;
}

/** What a service-account token says. Times in seconds since 1970. */
export interface TokenClaims {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly id: string;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expires: number;
  readonly namespace: string;
  readonly serviceAccount: NamedUid;
  readonly pod: NamedUid | null;
  readonly secret: NamedUid | null;
  readonly node: NamedUid | null;
}

const USER_PREFIX = "system:serviceaccount:";
const ALL_GROUP = "system:serviceaccounts";
const EXTRA = "authentication.kubernetes.io/";

/** The user name of a service account. */
export function serviceAccountUser(namespace: string, name: string): string {
  return `${USER_PREFIX}${namespace}:${name}`;
}

/** The account behind a user name, or null for any other user. */
export function serviceAccountOf(user: string): { namespace: string; name: string } | null {
  if (!user.startsWith(USER_PREFIX)) return null;
  const parts = user.slice(USER_PREFIX.length).split(":");
  const [namespace = "", name = ""] = parts;
  return parts.length === 2 && namespace !== "" && name !== "" ? { namespace, name } : null;
}

/** The groups that every account of a namespace is in. */
export function serviceAccountGroups(namespace: string): string[] {
  return [ALL_GROUP, `${ALL_GROUP}:${namespace}`, GROUP_AUTHENTICATED];
}

/** The claims as they are signed. */
export function encodeClaims(claims: TokenClaims): object {
  const { pod, secret, node } = claims;
  return {
    aud: claims.audiences,
    exp: claims.expires,
    iat: claims.issuedAt,
    iss: claims.issuer,
    jti: claims.id,
    "kubernetes.io": {
      namespace: claims.namespace,
      ...(node === null ? {} : { node }),
      ...(pod === null ? {} : { pod }),
      ...(secret === null ? {} : { secret }),
      serviceaccount: claims.serviceAccount,
    },
    nbf: claims.notBefore,
    sub: serviceAccountUser(claims.namespace, claims.serviceAccount.name),
  };
}

/** Null when something is missing or of the wrong type, or parts contradict each other. */
export function decodeClaims(body: JsonObject): TokenClaims | null {
  const own = objectOf(body["kubernetes.io"]);
  const serviceAccount = namedUid(own?.["serviceaccount"]);
  const { aud, exp, iat, iss, jti, nbf, sub } = body;
  const namespace = own?.["namespace"];
  if (own === null || serviceAccount === null || typeof namespace !== "string") return null;
  if (typeof exp !== "number" || typeof nbf !== "number" || typeof iat !== "number") return null;
  if (typeof iss !== "string" || typeof jti !== "string") return null;
  if (!Array.isArray(aud) || !aud.every((one) => typeof one === "string")) return null;
  if (sub !== serviceAccountUser(namespace, serviceAccount.name)) return null;
  return {
    issuer: iss,
    audiences: aud,
    id: jti,
    issuedAt: iat,
    notBefore: nbf,
    expires: exp,
    namespace,
    serviceAccount,
    pod: namedUid(own["pod"]),
    secret: namedUid(own["secret"]),
    node: namedUid(own["node"]),
  };
}

/** Whom the bearer of the token is. */
export function identityOfClaims(claims: TokenClaims): Identity {
  const { namespace, serviceAccount, pod, node } = claims;
  return {
    name: serviceAccountUser(namespace, serviceAccount.name),
    uid: serviceAccount.uid,
    groups: serviceAccountGroups(namespace),
    extra: {
      [`${EXTRA}credential-id`]: [`JTI=${claims.id}`],
      ...(node === null ? {} : boundExtra("node", node)),
      ...(pod === null ? {} : boundExtra("pod", pod)),
    },
  };
}

function boundExtra(kind: string, { name, uid }: NamedUid): Record<string, readonly string[]> {
  const names = { [`${EXTRA}${kind}-name`]: [name] };
  return uid === "" ? names : { ...names, [`${EXTRA}${kind}-uid`]: [uid] };
}

function objectOf(value: JsonValue | undefined): JsonObject | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}

function namedUid(value: JsonValue | undefined): NamedUid | null {
  const object = objectOf(value);
  const name = object?.["name"];
  const uid = object?.["uid"];
  return typeof name === "string" && typeof uid === "string" ? { name, uid } : null;
}
