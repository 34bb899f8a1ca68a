import type { CelIssue } from "./ast.js";
import { encodeUtf8 } from "./cel-bytes.js";
import { CelUint, type CelValue } from "./cel-values.js";

export interface Token {
  readonly kind: "ident" | "literal" | "punctuation" | "end";
  /** As it stands in the source. */
  readonly text: string;
  readonly at: number;
  /** Of a literal. */
  readonly value?: CelValue;
}

/** Stops reading an expression. */
export class SyntaxIssue extends Error {
  override readonly name = "SyntaxIssue";
  readonly issue: CelIssue;
  constructor(at: number, message: string) {
    super(message);
    this.issue = { at, message };
  }
}

const SPACE = /(?:[\t\n\f\r ]|\/\/[^\n]*)+/uy;
const IDENT = /[A-Za-z_]\w*/uy;
const NUMBER =
  /0x[0-9a-fA-F]+[uU]?|(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[uU]?/uy;
const STRING = /(?:[bB][rR]?|[rR][bB]?)?(?:"""|'''|"|')/uy;
const PUNCTUATION = /&&|\|\||[<>=!]=|[-+*/%<>!?:.,()[\]{}]/uy;

/** Cuts an expression into tokens; the last one is "end". Throws SyntaxIssue. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    at += textAt(SPACE, source, at).length;
    if (at >= source.length) {
      tokens.push({ kind: "end", text: "<EOF>", at });
      return tokens;
    }
    const token = tokenAt(source, at);
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(source: string, at: number): Token {
  if (textAt(STRING, source, at) !== "") return stringAt(source, at);
  const word = textAt(IDENT, source, at);
  if (word !== "") {
    const value = WORDS.get(word);
    return value === undefined
      ? { kind: word === "in" ? "punctuation" : "ident", text: word, at }
      : { kind: "literal", text: word, at, value };
  }
  const number = textAt(NUMBER, source, at);
  if (number !== "") return { kind: "literal", text: number, at, value: numberOf(number, at) };
  const sign = textAt(PUNCTUATION, source, at);
  if (sign !== "") return { kind: "punctuation", text: sign, at };
  const shown = String.fromCodePoint(source.codePointAt(at) ?? 0);
  throw new SyntaxIssue(at, `Syntax error: token recognition error at: '${shown}'`);
}

const WORDS: ReadonlyMap<string, CelValue> = new Map<string, CelValue>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function textAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? "";
}

const INT_MAX = 2n ** 63n;
const UINT_MAX = 2n ** 64n;

function numberOf(text: string, at: number): CelValue {
  const unsigned = /[uU]$/u.test(text);
  const digits = unsigned ? text.slice(0, -1) : text;
  if (!digits.startsWith("0x") && /[.eE]/u.test(digits)) {
    if (unsigned) throw new SyntaxIssue(at, "invalid uint literal");
    return Number(digits);
  }
  const value = BigInt(digits);
  if (unsigned) {
    if (value >= UINT_MAX) throw new SyntaxIssue(at, "invalid uint literal");
    return new CelUint(value);
  }
  // One more than the largest one is fit to be negated.
  if (value > INT_MAX) throw new SyntaxIssue(at, "invalid int literal");
  return value;
}

function stringAt(source: string, start: number): Token {
  const opening = textAt(STRING, source, start);
  const prefix = opening.replace(/["']+$/u, "").toLowerCase();
  const quote = opening.slice(prefix.length);
  const raw = prefix.includes("r");
  const bytes = prefix.includes("b");
  const parts: (string | number)[] = [];
  for (let at = start + opening.length; ; ) {
    const char = source[at];
    const lineEnds = quote.length === 1 && (char === "\n" || char === "\r");
    if (char === undefined || lineEnds) {
      const shown = source.slice(start, at);
      throw new SyntaxIssue(start, `Syntax error: token recognition error at: '${shown}'`);
    }
    if (source.startsWith(quote, at)) {
      const text = source.slice(start, at + quote.length);
      return { kind: "literal", text, at: start, value: bytes ? toBytes(parts) : toText(parts) };
    }
    if (char !== "\\" || raw) {
      parts.push(char);
      at += 1;
      if (char === "\\" && source[at] !== undefined && source[at] !== "\n") {
        parts.push(source[at] ?? "");
        at += 1;
      }
      continue;
    }
    at += escapeAt(source, { at, bytes, parts });
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ["?", "?"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
]);
const CODE = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/uy;

/** How many characters the escape takes; what it means is added to the parts. */
function escapeAt(
  source: string,
  {
    at,
    bytes,
    parts,
  }: { readonly at: number; readonly bytes: boolean; readonly parts: (string | number)[] },
): number {
  const plain = ESCAPES.get(source[at + 1] ?? "");
  if (plain !== undefined) {
    parts.push(plain);
    return 2;
  }
  CODE.lastIndex = at;
  const match = CODE.exec(source);
  const digits = match?.[1] ?? match?.[2] ?? match?.[3];
  const code = digits === undefined ? Number.parseInt(match?.[4] ?? "x", 8) : parseHex(digits);
  const unicode = match?.[2] ?? match?.[3];
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (match === null || surrogate || code > 0x10ffff || (bytes && unicode !== undefined)) {
    const shown = source.slice(at, at + 2);
    throw new SyntaxIssue(at, `Syntax error: token recognition error at: '${shown}'`);
  }
  parts.push(bytes ? code : String.fromCodePoint(code));
  return match[0].length;
}

function parseHex(digits: string): number {
  return Number.parseInt(digits, 16);
}

function toText(parts: readonly (string | number)[]): string {
  return parts.join("");
}

function toBytes(parts: readonly (string | number)[]): Uint8Array {
  const bytes: number[] = [];
  let text = "";
  for (const part of [...parts, 0]) {
    if (typeof part === "string") text += part;
    else {
      bytes.push(...encodeUtf8(text), part);
      text = "";
    }
  }
  return Uint8Array.from(bytes.slice(0, -1));
}
