/**
 * How deep arrays and objects may lie in each other; deeper ones are refused. JSON.stringify
 * recurses and overflows its stack below Kubernetes' limit of 10,000.
 */
export const JSON_DEPTH_MAX = 1_000;

/**
 * What a scan found: why the text is no JSON (null: it is), and the members that an object names
 * twice.
 */
export interface JsonScan {
  readonly syntaxError: string | null;
  /** Paths such as `spec.containers[0].image`, in the order in which the second ones stand. */
  readonly duplicates: readonly string[];
}

interface Level {
  /** Null: an array. */
  readonly keys: Set<string> | null;
  /** Key or index of the value being read. */
  step: string | number;
}

/**
 * Reads JSON for what JSON.parse does not tell: members given twice, and what is wrong in the words
 * of Go's decoder, which is what users know. Ten times slower than JSON.parse; for strict checks
 * and for texts that do not parse.
 */
export function scanJson(text: string): JsonScan {
  return new JsonScanner(text).scan();
}

/** True when the text nests deeper than JSON_DEPTH_MAX. Does not check anything else. */
export function nestsTooDeep(text: string): boolean {
  // Each level needs at least an opening and a closing character.
  if (text.length < 2 * JSON_DEPTH_MAX) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = endOfString(text, i);
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
    if (depth > JSON_DEPTH_MAX) return true;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i += 1;
    else if (code === 0x22) return i;
  }
  return text.length;
}

const END_ERROR = "unexpected end of JSON input";
const ESCAPES = '"\\/bfnrt';

class JsonScanner {
  private readonly text: string;
  private at = 0;
  private error: string | null = null;
  private readonly duplicates: string[] = [];
  private readonly levels: Level[] = [];

  constructor(text: string) {
    this.text = text;
  }

  scan(): JsonScan {
    this.readValues();
    if (this.error === null) {
      this.skipSpace();
      if (this.at < this.text.length) this.fail("after top-level value");
    }
    return { syntaxError: this.error, duplicates: this.duplicates };
  }

  /** Reads one value with everything in it; the nesting is kept in `levels`, not on the stack. */
  private readValues(): void {
    let more = this.beginValue();
    while (more && this.error === null) {
      const level = this.levels.at(-1);
      if (level === undefined) return;
      more = level.keys === null ? this.continueArray(level) : this.continueObject(level);
    }
  }

  /** Starts a value. True unless the text cannot go on. */
  private beginValue(): boolean {
    this.skipSpace();
    const char = this.text.charAt(this.at);
    if (char === "{" || char === "[") return this.open(char);
    if (char === '"') return this.readString() !== null;
    if (char === "-" || (char >= "0" && char <= "9")) return this.readNumber();
    for (const word of ["true", "false", "null"]) {
      if (char === word.charAt(0)) return this.readWord(word);
    }
    return this.fail("looking for beginning of value");
  }

  private open(char: "{" | "["): boolean {
    this.at += 1;
    if (this.levels.length >= JSON_DEPTH_MAX) {
      this.error = "exceeded max depth";
      return false;
    }
    this.levels.push({ keys: char === "{" ? new Set() : null, step: char === "{" ? "" : -1 });
    return true;
  }

  private continueArray(level: Level): boolean {
    this.skipSpace();
    const first = level.step === -1;
    const char = this.text.charAt(this.at);
    if (char === "]") return this.close();
    if (!first) {
      if (char !== ",") return this.fail("after array element");
      this.at += 1;
    }
    level.step = Number(level.step) + 1;
    return this.beginValue();
  }

  private continueObject(level: Level): boolean {
    this.skipSpace();
    const first = level.keys?.size === 0;
    const char = this.text.charAt(this.at);
    if (char === "}") return this.close();
    if (!first) {
      if (char !== ",") return this.fail("after object key:value pair");
      this.at += 1;
      this.skipSpace();
    }
    if (this.text.charAt(this.at) !== '"')
      return this.fail("looking for beginning of object key string");
    const key = this.readString();
    if (key === null) return false;
    level.step = key;
    if (level.keys?.has(key) === true) this.duplicates.push(this.path());
    level.keys?.add(key);
    this.skipSpace();
    if (this.text.charAt(this.at) !== ":") return this.fail("after object key");
    this.at += 1;
    return this.beginValue();
  }

  private close(): boolean {
    this.at += 1;
    this.levels.pop();
    return true;
  }

  private path(): string {
    let path = "";
    for (const { step } of this.levels) {
      if (typeof step === "number") path += `[${step}]`;
      else path += path === "" ? step : `.${step}`;
    }
    return path;
  }

  /** The string's value, or null after an error. */
  private readString(): string | null {
    const start = this.at;
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22) {
        this.at += 1;
        return JSON.parse(this.text.slice(start, this.at)) as string;
      }
      if (code < 0x20) return this.failNull("in string literal");
      if (code === 0x5c && !this.readEscape()) return null;
    }
    return this.failNull("in string literal");
  }

  private readEscape(): boolean {
    this.at += 1;
    const char = this.text.charAt(this.at);
    if (char !== "" && ESCAPES.includes(char)) return true;
    if (char !== "u") return this.fail("in string escape code");
    for (let digit = 0; digit < 4; digit += 1) {
      this.at += 1;
      if (!/^[0-9a-fA-F]$/.test(this.text.charAt(this.at)))
        return this.fail("in \\u hexadecimal character escape");
    }
    return true;
  }

  private readNumber(): boolean {
    if (this.text.charAt(this.at) === "-") this.at += 1;
    if (this.text.charAt(this.at) === "0") this.at += 1;
    else if (!this.readDigits()) return this.fail("in numeric literal");
    if (this.text.charAt(this.at) === ".") {
      this.at += 1;
      if (!this.readDigits()) return this.fail("after decimal point in numeric literal");
    }
    if (this.text.charAt(this.at).toLowerCase() === "e") {
      this.at += 1;
      if (["+", "-"].includes(this.text.charAt(this.at))) this.at += 1;
      if (!this.readDigits()) return this.fail("in exponent of numeric literal");
    }
    return true;
  }

  private readDigits(): boolean {
    const start = this.at;
    while (this.text.charCodeAt(this.at) >= 0x30 && this.text.charCodeAt(this.at) <= 0x39)
      this.at += 1;
    return this.at > start;
  }

  private readWord(word: string): boolean {
    for (let i = 0; i < word.length; i += 1) {
      if (this.text.charAt(this.at) !== word.charAt(i))
        return this.fail(`in literal ${word} (expecting '${word.charAt(i)}')`);
      this.at += 1;
    }
    return true;
  }

  private skipSpace(): void {
    for (; this.at < this.text.length; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  private fail(where: string): false {
    const char = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    this.error =
      this.at >= this.text.length ? END_ERROR : `invalid character ${quoteChar(char)} ${where}`;
    return false;
  }

  private failNull(where: string): null {
    this.fail(where);
    return null;
  }
}

function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return "'\"'";
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
