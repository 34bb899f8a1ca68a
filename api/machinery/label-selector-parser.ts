import { type FieldError, fieldErrorMessage, fieldErrorsMessage, invalid } from "./field-errors.js";
import { validateQualifiedName } from "./names.js";
import type { Requirement, SelectorOperator } from "./selectors.js";

type Result<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly message: string };

interface Token {
  readonly type: "identifier" | "symbol" | "end" | "error";
  readonly text: string;
}

const SYMBOLS = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];
const OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map<string, SelectorOperator>([
  ["in", "in"],
  ["notin", "notin"],
  ["=", "="],
  ["==", "=="],
  ["!=", "!="],
  [">", "gt"],
  ["<", "lt"],
]);
const EXPECTED_OPERATOR = "in, notin, =, ==, !=, gt, lt";

/**
 * The grammar of label selectors as clients write them (k8s.io/apimachinery, pkg/labels at v1.36).
 * `in` and `notin` are operators only where an operator may stand, and values elsewhere.
 */
export class LabelSelectorParser {
  private readonly tokens: readonly Token[];
  private readonly check: (requirement: Requirement) => readonly FieldError[];
  private at = 0;

  constructor(text: string, check: (requirement: Requirement) => readonly FieldError[]) {
    this.tokens = scan(text);
    this.check = check;
  }

  parse(): Result<{ requirements: readonly Requirement[] }> {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.peek();
      if (token.type === "end") return { ok: true, requirements };
      if (token.type !== "identifier" && token.text !== "!") {
        return fail(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      const parsed = this.parseRequirement();
      if (!parsed.ok) return fail(`unable to parse requirement: ${parsed.message}`);
      requirements.push(parsed.requirement);
      const separator = this.next();
      if (separator.type === "end") return { ok: true, requirements };
      if (separator.text !== ",")
        return fail(`found '${separator.text}', expected: ',' or 'end of string'`);
      const after = this.peek();
      if (after.type !== "identifier" && after.text !== "!")
        return fail(`found '${after.text}', expected: identifier after ','`);
    }
  }

  private parseRequirement(): Result<{ requirement: Requirement }> {
    let token = this.next();
    const negated = token.type === "symbol" && token.text === "!";
    if (negated) token = this.next();
    if (token.type !== "identifier") return fail(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const keyErrors = validateQualifiedName(key);
    // Kubernetes names no field here: the path of a request's selector is empty.
    if (keyErrors.length > 0)
      return fail(fieldErrorMessage(invalid("<nil>", key, keyErrors.join("; "))));
    if (negated) return this.checked({ key, operator: "!", values: [] });
    const following = this.peek();
    if (following.type === "end" || isSymbol(following, ","))
      return this.checked({ key, operator: "exists", values: [] });
    const operatorToken = this.next();
    const operator = OPERATORS.get(operatorToken.text);
    if (operator === undefined || operatorToken.type === "error")
      return fail(`found '${operatorToken.text}', expected: ${EXPECTED_OPERATOR}`);
    const values =
      operator === "in" || operator === "notin" ? this.parseValues() : this.parseExactValue();
    if (!values.ok) return values;
    return this.checked({ key, operator, values: [...new Set(values.values)].sort() });
  }

  private checked(requirement: Requirement): Result<{ requirement: Requirement }> {
    const errors = this.check(requirement);
    return errors.length > 0 ? fail(fieldErrorsMessage(errors)) : { ok: true, requirement };
  }

  private parseExactValue(): Result<{ values: readonly string[] }> {
    const token = this.peek();
    if (token.type === "end" || isSymbol(token, ",")) return { ok: true, values: [""] };
    this.at += 1;
    if (token.type === "identifier") return { ok: true, values: [token.text] };
    return fail(`found '${token.text}', expected: identifier`);
  }

  /** Reads `(a,b)`; between commas or parentheses nothing stands for the empty value. */
  private parseValues(): Result<{ values: readonly string[] }> {
    const open = this.next();
    if (!isSymbol(open, "(")) return fail(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.type !== "identifier" && !isSymbol(first, ",") && !isSymbol(first, ")"))
      return fail(`found '${first.text}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      let token = this.next();
      if (token.type === "identifier") {
        values.push(token.text);
        token = this.next();
        if (!isSymbol(token, ",") && !isSymbol(token, ")"))
          return fail(`found '${token.text}', expected: ',' or ')'`);
      } else if (isSymbol(token, ",") || isSymbol(token, ")")) {
        values.push("");
      } else {
        return fail(`found '${token.text}', expected: ',', or identifier`);
      }
      if (token.text === ")") return { ok: true, values };
    }
  }

  private peek(): Token {
    return this.tokens[this.at] ?? END;
  }

  private next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }
}

const END: Token = { type: "end", text: "" };

function fail(message: string): { ok: false; message: string } {
  return { ok: false, message };
}

function isSymbol(token: Token, text: string): boolean {
  return token.type === "symbol" && token.text === text;
}

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
    if (symbol !== undefined) {
      tokens.push({ type: "symbol", text: symbol });
      at += symbol.length;
      continue;
    }
    const end = at + (/^[^\s=!(),><]+/.exec(text.slice(at))?.[0].length ?? 0);
    tokens.push({ type: "identifier", text: text.slice(at, end) });
    at = end;
  }
  return tokens;
}
