import {
  type CharClass,
  PERL_CLASSES,
  POSIX_CLASSES,
  classOf,
  foldCase,
  unicodeClass,
  union,
} from "./char-class.js";

/** A parsed regular expression of RE2's syntax (github.com/google/re2, doc/syntax.txt). */
export type RegexNode =
  | { readonly kind: "class"; readonly chars: CharClass }
  | { readonly kind: "assert"; readonly what: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly parts: readonly RegexNode[] }
  | {
      readonly kind: "repeat";
      readonly part: RegexNode;
      readonly min: number;
      /** Infinity: without end. */
      readonly max: number;
      readonly greedy: boolean;
    };

/** A place between two characters. */
export type Assertion =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "wordEdge"
  | "noWordEdge";

/** What keeps a text from being a regular expression, in the words of Go's regexp. */
export class RegexError extends Error {
  override readonly name = "RegexError";
}

interface Flags {
  readonly fold: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

const REPEAT_MAX = 1_000;
const DEPTH_MAX = 250;
const LINE_FEED = 10;
const CODE_MAX = 0x10ffff;
const ANY = classOf([[0, CODE_MAX]]);
const NOT_LINE_FEED = classOf([[LINE_FEED, LINE_FEED]], true);
const ESCAPES: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);

/** Parses it. Throws RegexError. */
export function parseRegex(pattern: string): RegexNode {
  const parser = new RegexParser(pattern);
  return parser.parse();
}

class RegexParser {
  private readonly pattern: string;
  private readonly chars: readonly string[];
  private at = 0;
  private depth = 0;
  private flags: Flags = { fold: false, multiline: false, dotAll: false, ungreedy: false };

  constructor(pattern: string) {
    this.pattern = pattern;
    this.chars = Array.from(pattern);
  }

  parse(): RegexNode {
    const node = this.choice();
    if (this.at < this.chars.length) throw this.error("unexpected )", this.pattern);
    return node;
  }

  private choice(): RegexNode {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) throw this.error("expression nests too deeply", this.pattern);
    const parts = [this.sequence()];
    while (this.take("|")) parts.push(this.sequence());
    this.depth -= 1;
    return parts.length === 1 ? (parts[0] as RegexNode) : { kind: "choice", parts };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    for (;;) {
      const char = this.chars[this.at];
      if (char === undefined || char === "|" || char === ")") break;
      const start = this.at;
      const atoms = this.atom();
      const last = atoms.pop();
      parts.push(...atoms);
      if (last !== undefined) parts.push(this.repeats(last, start));
    }
    return parts.length === 1 ? (parts[0] as RegexNode) : { kind: "sequence", parts };
  }

  /** More than one only for a quoted text; none for flags. */
  private atom(): RegexNode[] {
    const char = this.chars[this.at] ?? "";
    this.at += 1;
    const { multiline, dotAll } = this.flags;
    switch (char) {
      case "(":
        return this.group();
      case "[":
        return [this.inClass(this.bracket())];
      case ".":
        return [{ kind: "class", chars: dotAll ? ANY : NOT_LINE_FEED }];
      case "^":
        return [{ kind: "assert", what: multiline ? "lineStart" : "textStart" }];
      case "$":
        return [{ kind: "assert", what: multiline ? "lineEnd" : "textEnd" }];
      case "*":
      case "+":
      case "?":
        throw this.error("missing argument to repetition operator", char);
      case "\\":
        return this.escaped();
      default:
        return [this.literal(char.codePointAt(0) ?? 0)];
    }
  }

  private literal(code: number): RegexNode {
    return this.inClass(classOf([[code, code]]));
  }

  private inClass(chars: CharClass): RegexNode {
    return { kind: "class", chars: this.flags.fold ? foldCase(chars) : chars };
  }

  private group(): RegexNode[] {
    const outer = this.flags;
    if (this.take("?")) {
      if (!this.groupName()) {
        const kept = this.readFlags();
        if (kept === null) return [];
        this.flags = kept;
      }
    }
    const node = this.choice();
    if (!this.take(")")) throw this.error("missing closing )", this.pattern);
    this.flags = outer;
    return [node];
  }

  /** `P<name>` or `<name>`. */
  private groupName(): boolean {
    const rest = this.chars.slice(this.at, this.at + NAME_MAX).join("");
    const match = /^P?<(\w+)>/u.exec(rest);
    if (match === null) return false;
    this.at += match[0].length;
    return true;
  }

  /** Flags for the group that begins; null: for the rest of the group around it. */
  private readFlags(): Flags | null {
    const start = this.at - 2;
    let flags = this.flags;
    let on = true;
    for (;;) {
      const char = this.chars[this.at];
      this.at += 1;
      if (char === ":") return flags;
      if (char === ")") {
        this.flags = flags;
        return null;
      }
      if (char === "-" && on) on = false;
      else if (char === "i") flags = { ...flags, fold: on };
      else if (char === "m") flags = { ...flags, multiline: on };
      else if (char === "s") flags = { ...flags, dotAll: on };
      else if (char === "U") flags = { ...flags, ungreedy: on };
      else {
        const shown = this.chars.slice(start, this.at).join("");
        throw this.error("invalid or unsupported Perl syntax", shown);
      }
    }
  }

  private escaped(): RegexNode[] {
    const char = this.chars[this.at];
    if (char === undefined) throw this.error("trailing backslash at end of expression", "");
    const assertion = ASSERTIONS.get(char);
    if (assertion !== undefined) {
      this.at += 1;
      return [{ kind: "assert", what: assertion }];
    }
    if (char === "Q") return this.quoted();
    return [this.inClass(this.escape())];
  }

  private quoted(): RegexNode[] {
    this.at += 1;
    const nodes: RegexNode[] = [];
    for (; this.at < this.chars.length; this.at += 1) {
      if (this.chars[this.at] === "\\" && this.chars[this.at + 1] === "E") {
        this.at += 2;
        return nodes;
      }
      nodes.push(this.literal(this.chars[this.at]?.codePointAt(0) ?? 0));
    }
    return nodes;
  }

  /** Behind a backslash: a class or one character. */
  private escape(): CharClass {
    const char = this.chars[this.at] ?? "";
    this.at += 1;
    const perl = PERL_CLASSES.get(char);
    if (perl !== undefined) return perl;
    if (char === "p" || char === "P") return this.property(char === "P");
    const code = char === "x" ? this.hex() : this.octal(char);
    const known = code ?? ESCAPES.get(char);
    if (known !== undefined) return classOf([[known, known]]);
    if (/^[\p{L}\p{N}]$/u.test(char) || char === "") {
      throw this.error("invalid escape sequence", `\\${char}`);
    }
    const own = char.codePointAt(0) ?? 0;
    return classOf([[own, own]]);
  }

  private property(negated: boolean): CharClass {
    let name = this.chars[this.at] ?? "";
    this.at += 1;
    if (name === "{") {
      const end = this.chars.indexOf("}", this.at);
      name = end < 0 ? "" : this.chars.slice(this.at, end).join("");
      this.at = end + 1;
    }
    const inverted = name.startsWith("^");
    const plain = inverted ? name.slice(1) : name;
    const found = /^\w+$/u.test(plain) ? unicodeClass(plain, negated !== inverted) : null;
    if (found === null) throw this.error("invalid character class range", `\\p{${name}}`);
    return found;
  }

  private hex(): number {
    const braced = this.take("{");
    const end = braced ? this.chars.indexOf("}", this.at) : this.at + 2;
    const digits = this.chars.slice(this.at, Math.max(end, this.at)).join("");
    const code = /^[0-9a-fA-F]{1,8}$/u.test(digits) ? Number.parseInt(digits, 16) : CODE_MAX + 1;
    if (code > CODE_MAX || (!braced && digits.length < 2)) {
      throw this.error("invalid escape sequence", `\\x${digits}`);
    }
    this.at = braced ? end + 1 : end;
    return code;
  }

  /** `\0`, `\07`, `\123`; a digit alone would refer back to a group, which RE2 has not. */
  private octal(first: string): number | undefined {
    if (!/^[0-7]$/u.test(first)) return undefined;
    let digits = first;
    while (digits.length < 3 && /^[0-7]$/u.test(this.chars[this.at] ?? "")) {
      digits += this.chars[this.at] ?? "";
      this.at += 1;
    }
    if (first !== "0" && digits.length === 1) {
      throw this.error("invalid escape sequence", `\\${first}`);
    }
    return Number.parseInt(digits, 8);
  }

  private bracket(): CharClass {
    const start = this.at - 1;
    const negated = this.take("^");
    const parts: CharClass[] = [];
    for (let first = true; ; first = false) {
      const char = this.chars[this.at];
      if (char === undefined) throw this.error("missing closing ]", this.from(start));
      if (char === "]" && !first) {
        this.at += 1;
        return union(parts, negated);
      }
      parts.push(this.posix() ?? this.rangeOrChar(start));
    }
  }

  private posix(): CharClass | null {
    if (this.chars[this.at] !== "[" || this.chars[this.at + 1] !== ":") return null;
    const rest = this.chars.slice(this.at, this.at + NAME_MAX).join("");
    const match = /^\[:(\^?)([a-z]+):\]/u.exec(rest);
    if (match === null) return null;
    const ranges = POSIX_CLASSES.get(match[2] ?? "");
    if (ranges === undefined) throw this.error("invalid character class range", match[0]);
    this.at += match[0].length;
    return classOf(ranges, match[1] === "^");
  }

  private rangeOrChar(start: number): CharClass {
    const from = this.at;
    const low = this.bracketChar();
    const next = this.chars[this.at + 1];
    const single = singleOf(low);
    if (single === null || this.chars[this.at] !== "-" || next === "]" || next === undefined) {
      return low;
    }
    this.at += 1;
    const high = singleOf(this.bracketChar());
    if (high === null || high < single) {
      const shown = this.chars.slice(from, this.at).join("");
      throw this.error("invalid character class range", shown || this.from(start));
    }
    return classOf([[single, high]]);
  }

  private bracketChar(): CharClass {
    const char = this.chars[this.at] ?? "";
    this.at += 1;
    if (char === "\\") return this.escape();
    const code = char.codePointAt(0) ?? 0;
    return classOf([[code, code]]);
  }

  private repeats(node: RegexNode, start: number): RegexNode {
    let result = node;
    let repeated = false;
    for (;;) {
      const from = this.at;
      const bounds = this.bounds();
      if (bounds === null) return result;
      const lazy = this.take("?");
      const text = this.chars.slice(from, this.at).join("");
      if (repeated) throw this.error("invalid nested repetition operator", text);
      const [min, max] = bounds;
      const tooMany = min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX) || max < min;
      if (tooMany) throw this.error("invalid repeat count", text || this.from(start));
      const greedy = lazy === this.flags.ungreedy;
      result = { kind: "repeat", part: result, min, max, greedy };
      repeated = true;
    }
  }

  private bounds(): readonly [min: number, max: number] | null {
    if (this.take("*")) return [0, Infinity];
    if (this.take("+")) return [1, Infinity];
    if (this.take("?")) return [0, 1];
    if (this.chars[this.at] !== "{") return null;
    const rest = this.chars.slice(this.at, this.at + NAME_MAX).join("");
    const match = /^\{(\d+)(?:(,)(\d*))?\}/u.exec(rest);
    // A brace that begins no count stands for itself.
    if (match === null) return null;
    this.at += match[0].length;
    const min = Number(match[1]);
    if (match[2] === undefined) return [min, min];
    return [min, match[3] === "" ? Infinity : Number(match[3])];
  }

  private take(char: string): boolean {
    if (this.chars[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private from(start: number): string {
    return this.chars.slice(start).join("");
  }

  private error(what: string, where: string): RegexError {
    return new RegexError(`error parsing regexp: ${what}: \`${where}\``);
  }
}

/** Names of groups and classes are looked for in so many characters. */
const NAME_MAX = 64;

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  ["A", "textStart"],
  ["z", "textEnd"],
  ["b", "wordEdge"],
  ["B", "noWordEdge"],
]);

function singleOf({ ranges, tests, negated }: CharClass): number | null {
  const [only, ...more] = ranges;
  if (only === undefined || more.length > 0 || tests.length > 0 || negated) return null;
  return only[0] === only[1] ? only[0] : null;
}
