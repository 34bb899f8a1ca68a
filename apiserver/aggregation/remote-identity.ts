import type { Identity, RequestHeaders } from "../server/http-types.js";
import { REMOTE_HEADERS } from "./front-proxy.js";

type Headers = Record<string, string | string[]>;

/** Characters of a header's name (RFC 9110 §5.6.2) but for %, which marks the others. */
const PLAIN = /[!#$&'*+\-.^_`|~0-9A-Za-z]/u;
const CLAIM = /^x-remote-(?:user|uid|group|extra-.*)$/u;

/** What tells an extension API server for whom a call is made. Pure. */
export function remoteHeaders({ name, uid, groups, extra }: Identity): Headers {
  const headers: Headers = {
    [REMOTE_HEADERS.user]: asBytes(name),
  };
  if (uid !== "") headers[REMOTE_HEADERS.uid] = asBytes(uid);
  if (groups.length > 0) headers[REMOTE_HEADERS.group] = groups.map(asBytes);
  for (const [key, values] of Object.entries(extra))
    headers[`${REMOTE_HEADERS.extraPrefix}${escaped(key)}`] = values.map(asBytes);
  return headers;
}

/** A client's headers without those by which it would say itself who it is. Pure. */
export function withoutClaims(headers: RequestHeaders): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CLAIM.test(name)));
}

/** Header values are bytes; node:http takes them as characters of one byte each. */
function asBytes(value: string): string {
  return Buffer.from(value).toString("latin1");
}

function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (PLAIN.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
