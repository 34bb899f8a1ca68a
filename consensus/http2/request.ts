import type { HeaderList } from "./hpack.js";

/** What a request says before its body (RFC 9113 §8.3.1). */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** All that are not pseudo-headers. */
  readonly headers: HeaderList;
  /** How long the body is to be; null: it is not said. */
  readonly contentLength: number | null;
}

const PSEUDO = [":method", ":scheme", ":path", ":authority"];
/** RFC 9113 §8.2.2. */
const OF_ONE_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** The request that a list of headers is; null when it is malformed (RFC 9113 §8.1.1). */
export function requestOf(list: HeaderList): RequestHead | null {
  const pseudo: Record<string, string> = {};
  const headers: (readonly [string, string])[] = [];
  let contentLength: number | null = null;
  for (const header of list) {
    const [name, value] = header;
    if (name.startsWith(":")) {
      if (headers.length > 0 || name in pseudo || !PSEUDO.includes(name)) return null;
      pseudo[name] = value;
      continue;
    }
    if (name === "" || /[A-Z]/.test(name) || OF_ONE_CONNECTION.has(name)) return null;
    if (name === "te" && value !== "trailers") return null;
    if (name === "content-length") {
      if (contentLength !== null || !/^\d{1,15}$/.test(value)) return null;
      contentLength = Number(value);
    }
    headers.push(header);
  }
  const { ":method": method, ":path": path, ":scheme": scheme } = pseudo;
  if (method === undefined || scheme === undefined || path === undefined || path === "")
    return null;
  return { method, path, headers, contentLength };
}
