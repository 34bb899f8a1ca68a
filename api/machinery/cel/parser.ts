import type { ComprehensionMacro, Expr, ListItem, MapEntry, StructExpr } from "./ast.js";
import { SyntaxIssue, type Token, tokensOf } from "./lexer.js";

const DEPTH_MAX = 250;
const SOURCE_MAX = 100_000;
const INT_MIN_DIGITS = 2n ** 63n;
/** What may not be the name of a variable or function. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    "as break const continue else for function if import let loop package namespace return var " +
    "void while"
  ).split(" "),
);
const OPERATORS: readonly (readonly string[])[] = [
  ["<", "<=", ">=", ">", "==", "!=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Parses an expression. Throws SyntaxIssue. */
export function parseExpression(source: string): Expr {
  const length = Array.from(source, () => 1).length;
  if (length > SOURCE_MAX) {
    const text = `expression code point size exceeds limit: size: ${length}, limit: ${SOURCE_MAX}`;
    throw new SyntaxIssue(0, text);
  }
  return new Parser(tokensOf(source)).parse();
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  parse(): Expr {
    const expr = this.expression();
    if (this.token.kind !== "end") throw this.unexpected("<EOF>");
    return expr;
  }

  private get token(): Token {
    return this.tokens[Math.min(this.position, this.tokens.length - 1)] as Token;
  }

  private expression(): Expr {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) {
      throw new SyntaxIssue(this.token.at, `expression recursion limit exceeded: ${DEPTH_MAX}`);
    }
    const condition = this.logic(false);
    const { at } = this.token;
    let result = condition;
    if (this.take("?")) {
      const then = this.logic(false);
      this.expect(":");
      result = call("_?_:_", at, [condition, then, this.expression()]);
    }
    this.depth -= 1;
    return result;
  }

  /** `a || b || c`, of terms `d && e`. */
  private logic(and: boolean): Expr {
    const next = (): Expr => (and ? this.binary(0) : this.logic(true));
    const first = next();
    const { at } = this.token;
    const terms = [first];
    while (this.take(and ? "&&" : "||")) terms.push(next());
    return terms.length === 1 ? first : { kind: "logic", at, and, terms };
  }

  private binary(level: number): Expr {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (let length = 0; ; length += 1) {
      const { text, kind, at } = this.token;
      if (kind !== "punctuation" || !operators.includes(text)) return left;
      if (length > DEPTH_MAX) {
        throw new SyntaxIssue(at, `expression recursion limit exceeded: ${DEPTH_MAX}`);
      }
      this.position += 1;
      const right = this.binary(level + 1);
      left = call(text === "in" ? "@in" : `_${text}_`, at, [left, right]);
    }
  }

  private unary(): Expr {
    const { at, text, kind } = this.token;
    const sign = kind === "punctuation" && (text === "!" || text === "-") ? text : "";
    if (sign === "") return this.member();
    let count = 0;
    while (this.take(sign)) count += 1;
    const { value } = this.token;
    if (sign === "-" && count === 1 && (typeof value === "bigint" || typeof value === "number")) {
      return this.member(at);
    }
    const operand = this.member();
    return count % 2 === 1 ? call(sign === "!" ? "!_" : "-_", at, [operand]) : operand;
  }

  /** With `minusAt` the number that comes is negative. */
  private member(minusAt: number | null = null): Expr {
    let expr = this.primary(minusAt);
    for (let length = 0; ; length += 1) {
      const { at } = this.token;
      if (length > DEPTH_MAX) {
        throw new SyntaxIssue(at, `expression recursion limit exceeded: ${DEPTH_MAX}`);
      }
      if (this.take(".")) expr = this.selected(expr, at);
      else if (this.take("[")) {
        const optional = this.take("?");
        const index = this.expression();
        this.expect("]");
        expr = call(optional ? "_[?_]" : "_[_]", at, [expr, index]);
      } else if (this.token.text === "{" && qualifiedName(expr) !== null) {
        expr = this.struct(qualifiedName(expr) ?? "");
      } else return expr;
    }
  }

  private selected(operand: Expr, at: number): Expr {
    const optional = this.take("?");
    const { kind, text } = this.token;
    if (kind !== "ident") throw this.unexpected("IDENTIFIER");
    this.position += 1;
    const open = this.token;
    if (!optional && this.take("(")) {
      const args = this.list(")");
      return expandMember(text, operand, args, open.at) ?? methodCall(text, operand, args, open.at);
    }
    return { kind: "select", at, operand, field: text, optional, test: false };
  }

  private primary(minusAt: number | null): Expr {
    const { token } = this;
    this.position += 1;
    if (token.kind === "literal") return literal(token, minusAt);
    if (token.text === "(") {
      const inner = this.expression();
      this.expect(")");
      return inner;
    }
    if (token.text === "[") return { kind: "list", at: token.at, items: this.items() };
    if (token.text === "{") return { kind: "map", at: token.at, entries: this.entries() };
    if (token.text === "." && this.token.kind === "ident") return this.primary(null);
    if (token.kind === "ident") return this.named(token);
    this.position -= 1;
    throw this.unexpected(
      "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, " +
        "STRING, BYTES, IDENTIFIER}",
    );
  }

  private named({ text, at }: Token): Expr {
    if (RESERVED.has(text)) throw new SyntaxIssue(at, `reserved identifier: ${text}`);
    const open = this.token;
    if (!this.take("(")) return { kind: "ident", at, name: text };
    const args = this.list(")");
    const [only] = args;
    if (text !== "has" || args.length !== 1) return call(text, open.at, args);
    if (only?.kind !== "select" || only.test || only.optional) {
      throw new SyntaxIssue(open.at, "invalid argument to has() macro");
    }
    return { ...only, at: open.at, test: true };
  }

  private list(end: string): readonly Expr[] {
    const items: Expr[] = [];
    if (this.take(end)) return items;
    do items.push(this.expression());
    while (this.take(","));
    this.expect(end);
    return items;
  }

  private items(): readonly ListItem[] {
    const items: ListItem[] = [];
    while (!this.take("]")) {
      const optional = this.take("?");
      items.push({ value: this.expression(), optional });
      if (!this.take(",") && this.token.text !== "]") throw this.unexpected("{']', ','}");
    }
    return items;
  }

  private entries(): readonly MapEntry[] {
    const entries: MapEntry[] = [];
    while (!this.take("}")) {
      const optional = this.take("?");
      const key = this.expression();
      const { at } = this.token;
      this.expect(":");
      entries.push({ at, key, value: this.expression(), optional });
      if (!this.take(",") && this.token.text !== "}") throw this.unexpected("{'}', ','}");
    }
    return entries;
  }

  private struct(typeName: string): StructExpr {
    const { at } = this.token;
    this.position += 1;
    const fields: StructExpr["fields"][number][] = [];
    while (!this.take("}")) {
      const optional = this.take("?");
      const { kind, text, at: fieldAt } = this.token;
      if (kind !== "ident") throw this.unexpected("IDENTIFIER");
      this.position += 1;
      this.expect(":");
      fields.push({ at: fieldAt, name: text, value: this.expression(), optional });
      if (!this.take(",") && this.token.text !== "}") throw this.unexpected("{'}', ','}");
    }
    return { kind: "struct", at, typeName, fields };
  }

  private take(text: string): boolean {
    if (this.token.kind !== "punctuation" || this.token.text !== text) return false;
    this.position += 1;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(`'${text}'`);
  }

  private unexpected(expected: string): SyntaxIssue {
    const { text, at } = this.token;
    return new SyntaxIssue(at, `Syntax error: mismatched input '${text}' expecting ${expected}`);
  }
}

function literal({ value, at }: Token, minusAt: number | null): Expr {
  const negative = minusAt !== null;
  if (typeof value === "bigint") {
    if (!negative && value === INT_MIN_DIGITS) throw new SyntaxIssue(at, "invalid int literal");
    return { kind: "literal", at: minusAt ?? at, value: negative ? -value : value };
  }
  const plain = value ?? null;
  const signed = negative && typeof plain === "number" ? -plain : plain;
  return { kind: "literal", at: minusAt ?? at, value: signed };
}

function call(name: string, at: number, args: readonly Expr[]): Expr {
  return { kind: "call", at, name, target: null, args };
}

function methodCall(name: string, target: Expr, args: readonly Expr[], at: number): Expr {
  return { kind: "call", at, name, target, args };
}

/** `a.b.c` → "a.b.c"; null: it is no name. */
export function qualifiedName(expr: Expr): string | null {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.test || expr.optional) return null;
  const outer = qualifiedName(expr.operand);
  return outer === null ? null : `${outer}.${expr.field}`;
}

const QUANTIFIERS: ReadonlyMap<string, ComprehensionMacro> = new Map<string, ComprehensionMacro>([
  ["all", "all"],
  ["exists", "exists"],
  ["exists_one", "existsOne"],
  ["existsOne", "existsOne"],
]);
const TRANSFORMS: ReadonlySet<string> = new Set([
  "transformList",
  "transformMap",
  "transformMapEntry",
]);

/** What a macro stands for; null: it is an ordinary method. */
function expandMember(name: string, target: Expr, args: readonly Expr[], at: number): Expr | null {
  const shape = shapeOf(name, args.length);
  if (shape === null) return null;
  const variables = args.slice(0, shape.variables).map((arg) => {
    if (arg.kind === "ident") return arg.name;
    throw new SyntaxIssue(arg.at, "argument must be a simple name");
  });
  if (variables.length === 2 && variables[0] === variables[1]) {
    throw new SyntaxIssue(at, `duplicate variable name: ${variables[0]}`);
  }
  const body = args.at(-1) as Expr;
  const [variable = ""] = variables;
  if (shape.macro === "optMap") {
    return { kind: "optMap", at, target, variable, body, flat: name === "optFlatMap" };
  }
  const filter = args.length - shape.variables === 2 ? (args[shape.variables] ?? null) : null;
  return { kind: "comprehension", at, macro: shape.macro, range: target, variables, filter, body };
}

function shapeOf(
  name: string,
  count: number,
): { readonly macro: ComprehensionMacro | "optMap"; readonly variables: number } | null {
  const quantifier = QUANTIFIERS.get(name);
  if (quantifier !== undefined) {
    if (count === 2 || count === 3) return { macro: quantifier, variables: count - 1 };
  } else if (name === "map" && (count === 2 || count === 3)) return { macro: "map", variables: 1 };
  else if (name === "filter" && count === 2) return { macro: "filter", variables: 1 };
  else if (TRANSFORMS.has(name) && (count === 3 || count === 4)) {
    return { macro: name as ComprehensionMacro, variables: 2 };
  } else if ((name === "optMap" || name === "optFlatMap") && count === 2) {
    return { macro: "optMap", variables: 1 };
  }
  return null;
}
