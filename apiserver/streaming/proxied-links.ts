/**
 * Where the pages of a proxied server are seen by a browser: what they name by an absolute path is
 * below `prefix` there.
 */
export interface ProxiedPlace {
  /** The path of the proxy itself, percent-encoded, without a slash at its end. */
  readonly prefix: string;
  /** What stands for the proxied server in URLs that name a host, in lower case. */
  readonly hosts: readonly string[];
}

/** The attributes that hold one URL, by element; what style sheets and scripts name is not seen. */
const URL_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ["href"],
  applet: ["codebase"],
  area: ["href"],
  audio: ["src"],
  base: ["href"],
  blockquote: ["cite"],
  body: ["background"],
  button: ["formaction"],
  command: ["icon"],
  del: ["cite"],
  embed: ["src"],
  form: ["action"],
  frame: ["longdesc", "src"],
  head: ["profile"],
  html: ["manifest"],
  iframe: ["longdesc", "src"],
  img: ["longdesc", "src", "usemap"],
  input: ["src", "usemap", "formaction"],
  ins: ["cite"],
  link: ["href"],
  object: ["classid", "codebase", "data", "usemap"],
  q: ["cite"],
  script: ["src"],
  source: ["src"],
  video: ["poster", "src"],
};

/** Elements whose content is no markup, up to their end tag. */
const RAW_TEXT = new Set(["script", "style", "textarea", "title", "xmp", "noframes"]);
/** A tag that is longer is passed on as it is. */
const TAG_CHARS_MAX = 64 * 1024;
/** What stands before a path: a scheme and a host, or a host alone. */
const HOST = /^(?:https?:)?\/\/([^/?#]*)(?=\/)/iu;

/** A URL of a proxied server as it is seen through the proxy; what leads elsewhere stays. */
export function proxiedUrl(url: string, { prefix, hosts }: ProxiedPlace): string {
  const host = HOST.exec(url);
  if (host !== null && !hosts.includes((host[1] ?? "").toLowerCase())) return url;
  const path = host === null ? url : url.slice(host[0].length);
  if (!path.startsWith("/") || path.startsWith("//")) return url;
  const isBelow = path.startsWith(prefix) && /^(?:[/?#]|$)/u.test(path.slice(prefix.length));
  return isBelow ? path : prefix + path;
}

/**
 * Rewrites the links of a page while it passes by, piece by piece. Texts are taken as Latin-1, one
 * character a byte: markup is ASCII in every encoding of the web that matters, and all else stays.
 */
export class LinkRewriter {
  private readonly place: ProxiedPlace;
  private held = "";
  /** The element whose raw text we are in; "" for none. */
  private raw = "";

  constructor(place: ProxiedPlace) {
    this.place = place;
  }

  push(text: string): string {
    this.held += text;
    let out = "";
    for (;;) {
      const start = this.markupStart();
      out += this.held.slice(0, start);
      this.held = this.held.slice(start);
      if (this.held === "") return out;
      const length = markupLength(this.held);
      if (length === 0 && this.held.length <= TAG_CHARS_MAX) return out;
      // Markup that does not end in a sensible length: its "<" is a text like others.
      const markup = this.held.slice(0, length === 0 ? 1 : length);
      this.held = this.held.slice(markup.length);
      out += this.rewritten(markup);
    }
  }

  /** What was held back because more could have come. */
  end(): string {
    const rest = this.held;
    this.held = "";
    return rest;
  }

  private markupStart(): number {
    if (this.raw === "") {
      const start = this.held.indexOf("<");
      return start < 0 ? this.held.length : start;
    }
    const start = this.held.toLowerCase().indexOf(`</${this.raw}`);
    // The end tag may be cut in two.
    return start < 0 ? Math.max(0, this.held.length - this.raw.length - 1) : start;
  }

  private rewritten(markup: string): string {
    const name = /^<(\/?[a-z][^\s/>]*)/iu.exec(markup)?.[1]?.toLowerCase() ?? "";
    if (this.raw !== "") {
      if (name === `/${this.raw}`) this.raw = "";
      return markup;
    }
    if (RAW_TEXT.has(name)) this.raw = name;
    const wanted = Object.hasOwn(URL_ATTRIBUTES, name) ? URL_ATTRIBUTES[name] : undefined;
    if (wanted === undefined) return markup;
    const place = { ...this.place, prefix: escaped(this.place.prefix) };
    let out = "";
    let done = 0;
    for (const { key, start, end } of readTag(markup)?.attributes ?? []) {
      if (!wanted.includes(key.toLowerCase())) continue;
      out += markup.slice(done, start) + proxiedUrl(markup.slice(start, end), place);
      done = end;
    }
    return out + markup.slice(done);
  }
}

/** How long the comment, tag or other markup is that a text begins with; 0: it is not all here. */
function markupLength(text: string): number {
  if (text.startsWith("<!--")) {
    const end = text.indexOf("-->", 4);
    return end < 0 ? 0 : end + 3;
  }
  if (text.length < 4 && "<!--".startsWith(text)) return 0;
  if (!/^<[a-z/!?]/iu.test(text)) return 1;
  return readTag(text)?.length ?? 0;
}

interface Tag {
  readonly length: number;
  /** Where the value stands in the text, without its quotes. */
  readonly attributes: readonly {
    readonly key: string;
    readonly start: number;
    readonly end: number;
  }[];
}

/** By hand and not by an expression: it takes one look at each character. Null: it has no end. */
function readTag(text: string): Tag | null {
  const skip = (from: number, chars: string): number => {
    let at = from;
    while (at < text.length && chars.includes(text.charAt(at))) at += 1;
    return at;
  };
  const until = (from: number, chars: string): number => {
    let at = from;
    while (at < text.length && !chars.includes(text.charAt(at))) at += 1;
    return at;
  };
  const attributes: { key: string; start: number; end: number }[] = [];
  let at = until(1, `${SPACE}>`);
  for (;;) {
    at = skip(at, `${SPACE}/`);
    if (at >= text.length) return null;
    if (text.charAt(at) === ">") return { length: at + 1, attributes };
    const keyStart = at;
    // An equals sign that follows nothing belongs to the name.
    at = until(at + 1, `${SPACE}/>=`);
    const key = text.slice(keyStart, at);
    const equals = skip(at, SPACE);
    if (text.charAt(equals) !== "=") continue;
    const value = skip(equals + 1, SPACE);
    const quote = text.charAt(value);
    const isQuoted = quote === '"' || quote === "'";
    const start = isQuoted ? value + 1 : value;
    const end = until(start, isQuoted ? quote : `${SPACE}>`);
    if (end >= text.length) return null;
    attributes.push({ key, start, end });
    at = isQuoted ? end + 1 : end;
  }
}

const SPACE = " \t\n\f\r";

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
