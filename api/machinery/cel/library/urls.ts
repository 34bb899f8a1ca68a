import { CelOpaque, type CelValue, EntryMap, failure } from "../cel-values.js";
import { type Overload, define, looking } from "../overload.js";

interface Url {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** An absolute URL or an absolute path, as Go's url.ParseRequestURI takes them; null: neither. */
function parseUrl(text: string): Url | null {
  if (/[\p{Cc} ]/u.test(text) || /%(?![0-9a-fA-F]{2})/u.test(text)) return null;
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?]*)(?:\?(.*))?$/u.exec(text);
  if (match === null) return null;
  const [, scheme = "", authority = "", path = "", query = ""] = match;
  if (scheme === "" && !text.startsWith("/")) return null;
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host !== "" && hostParts(host) === null) return null;
  return { text, scheme: scheme.toLowerCase(), host, path, query };
}

function hostParts(host: string): { readonly name: string; readonly port: string } | null {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:[\]]*)(?::(\d*))?$/u.exec(host);
  if (match === null) return null;
  return { name: (match[1] ?? "").replace(/^\[|\]$/gu, ""), port: match[2] ?? "" };
}

const TYPE = "kubernetes.URL";
const of = (value: CelOpaque): Url => value.value as Url;

function url(text: string): CelValue {
  const parsed = parseUrl(text);
  if (parsed === null) return failure(`URL parse error during conversion from string: ${text}`);
  return new CelOpaque(TYPE, parsed, text);
}

function queryOf({ query }: Url): CelValue {
  const values = new Map<string, string[]>();
  for (const pair of query.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const at = pair.indexOf("=");
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    const list = values.get(name) ?? [];
    list.push(decoded(at < 0 ? "" : pair.slice(at + 1)));
    values.set(name, list);
  }
  return new EntryMap(values);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** Kubernetes' library for URLs. */
export const URLS: readonly Overload[] = [
  define("url(string): URL", url, { cost: looking }),
  define("isURL(string): bool", (text: string) => parseUrl(text) !== null, { cost: looking }),
  define("URL.getScheme(): string", (value: CelOpaque) => of(value).scheme),
  define("URL.getHost(): string", (value: CelOpaque) => of(value).host),
  define("URL.getHostname(): string", (value: CelOpaque) => hostParts(of(value).host)?.name ?? ""),
  define("URL.getPort(): string", (value: CelOpaque) => hostParts(of(value).host)?.port ?? ""),
  define("URL.getEscapedPath(): string", (value: CelOpaque) => of(value).path),
  define("URL.getQuery(): map<string,list<string>>", (value: CelOpaque) => queryOf(of(value))),
];
