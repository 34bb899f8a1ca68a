import { type CharClass, contains } from "./char-class.js";
import { type Assertion, RegexError, type RegexNode, parseRegex } from "./regex-parser.js";

/*
 * Regular expressions in time linear to the text, whatever the pattern (Russ Cox, "Regular
 * Expression Matching Can Be Simple And Fast"): no pattern and no text can stall whoever matches
 * them. Patterns are RE2's, as Kubernetes' are.
 */

type Instruction =
  | { readonly op: "char"; readonly chars: CharClass; readonly next: number }
  | { readonly op: "assert"; readonly what: Assertion; readonly next: number }
  /** The first is preferred. */
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "match" };

/** A piece of the text, in UTF-16 code units, the end excluded. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
}

/** How much work is left; it shrinks with use. One unit is a few nanoseconds. */
export interface RegexBudget {
  steps: number;
}

/** The budget that a match used up was not enough to know. */
export class RegexBudgetError extends Error {
  override readonly name = "RegexBudgetError";
}

/** Larger programs are refused, as RE2 refuses them. */
const INSTRUCTIONS_MAX = 10_000;
const STATES_MAX = 512;
const NONE = -1;
const LINE_FEED = 10;

/** A state of the automaton: where the threads stand, and what came before. */
interface State {
  readonly seeds: readonly number[];
  readonly before: Side;
  readonly ascii: (State | "match" | undefined)[];
  readonly others: Map<number, State | "match">;
}

/** What a character is to assertions. */
type Side = "edge" | "lineFeed" | "word" | "other";

/** A regular expression that was accepted. */
export class LinearRegex {
  /** Instructions; the more, the more a match may cost. */
  readonly size: number;
  private readonly program: readonly Instruction[];
  private readonly start: number;
  private readonly states = new Map<string, State>();

  /** Throws RegexError. Most callers want compileRegex. */
  constructor(pattern: string) {
    const built = new Assembler();
    this.start = built.add(parseRegex(pattern), built.push({ op: "match" }));
    this.program = built.program;
    this.size = this.program.length;
  }

  /** True when it matches somewhere in the text. Throws RegexBudgetError. */
  test(text: string, budget: RegexBudget = { steps: Infinity }): boolean {
    let state = this.state([this.start], "edge");
    for (let at = 0; at < text.length; ) {
      const code = text.codePointAt(at) ?? 0;
      at += code > 0xffff ? 2 : 1;
      spend(budget, 1);
      const known = code < 128 ? state.ascii[code] : state.others.get(code);
      const next = known ?? this.advance(state, code, budget);
      if (next === "match") return true;
      state = next;
    }
    return this.closure(state.seeds, [state.before, "edge"], budget).some(
      (index) => this.program[index]?.op === "match",
    );
  }

  /** The first match from `from` on, of several at one place the preferred one; null: none. */
  find(text: string, from = 0, budget: RegexBudget = { steps: Infinity }): RegexMatch | null {
    let threads: Thread[] = [];
    let found: RegexMatch | null = null;
    let before: Side = from === 0 ? "edge" : sideOf(codeBefore(text, from));
    for (let at = from; ; ) {
      const code = at < text.length ? (text.codePointAt(at) ?? 0) : NONE;
      const sides: readonly [Side, Side] = [before, code === NONE ? "edge" : sideOf(code)];
      if (found === null) threads.push({ at: this.start, start: at });
      if (threads.length === 0) return found;
      const next: Thread[] = [];
      const seen = new Set<number>();
      const waiting = new Set<number>();
      for (const thread of threads) {
        const done = this.follow(thread, { seen, waiting, sides, code, next }, budget);
        if (!done) continue;
        found = { start: thread.start, end: at };
        // Threads behind this one are less preferred.
        break;
      }
      if (code === NONE) return found;
      threads = next;
      before = sides[1];
      at += code > 0xffff ? 2 : 1;
    }
  }

  /** Every match, none within another, at most `limit` of them. */
  findAll(
    text: string,
    limit = Infinity,
    budget: RegexBudget = { steps: Infinity },
  ): readonly RegexMatch[] {
    const all: RegexMatch[] = [];
    for (let at = 0, previousEnd = NONE; at <= text.length && all.length < limit; ) {
      const match = this.find(text, at, budget);
      if (match === null) break;
      const empty = match.start === match.end;
      // An empty match right behind another one does not count (Go: regexp, FindAll).
      if (!empty || match.start !== previousEnd) all.push(match);
      previousEnd = match.end;
      at = empty ? match.end + (isPair(text, match.end) ? 2 : 1) : match.end;
    }
    return all;
  }

  private advance(state: State, code: number, budget: RegexBudget): State | "match" {
    const side = sideOf(code);
    const reached = this.closure(state.seeds, [state.before, side], budget);
    const next = new Set<number>();
    let matched = false;
    for (const index of reached) {
      const instruction = this.program[index];
      if (instruction?.op === "match") matched = true;
      else if (instruction?.op === "char" && contains(instruction.chars, code)) {
        next.add(instruction.next);
      }
    }
    // A match may begin at any character.
    next.add(this.start);
    const result = matched
      ? "match"
      : this.state(
          [...next].sort((a, b) => a - b),
          side,
        );
    if (code < 128) state.ascii[code] = result;
    else if (state.others.size < STATES_MAX) state.others.set(code, result);
    return result;
  }

  private state(seeds: readonly number[], before: Side): State {
    const key = `${before}${seeds.join()}`;
    const known = this.states.get(key);
    if (known !== undefined) return known;
    const made: State = { seeds, before, ascii: [], others: new Map() };
    if (this.states.size >= STATES_MAX) this.states.clear();
    this.states.set(key, made);
    return made;
  }

  /** Every instruction that is reached without a character. */
  private closure(
    seeds: readonly number[],
    [before, after]: readonly [Side, Side],
    budget: RegexBudget,
  ): readonly number[] {
    const seen = new Set<number>();
    const open = [...seeds];
    const reached: number[] = [];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const instruction = this.program[index];
      if (instruction?.op === "split") open.push(instruction.second, instruction.first);
      else if (instruction?.op !== "assert") reached.push(index);
      else if (holds(instruction.what, before, after)) open.push(instruction.next);
    }
    spend(budget, STEPS_PER_INSTRUCTION * seen.size);
    return reached;
  }

  /** Takes a thread as far as the next character; true when it matched. */
  private follow(thread: Thread, round: Round, budget: RegexBudget): boolean {
    const open = [thread.at];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (round.seen.has(index)) continue;
      round.seen.add(index);
      spend(budget, STEPS_PER_INSTRUCTION);
      const instruction = this.program[index];
      if (instruction?.op === "match") return true;
      if (instruction?.op === "split") open.push(instruction.second, instruction.first);
      else if (instruction?.op === "assert") {
        if (holds(instruction.what, round.sides[0], round.sides[1])) open.push(instruction.next);
      } else if (instruction?.op === "char") {
        const goes = round.code !== NONE && contains(instruction.chars, round.code);
        if (!goes || round.waiting.has(instruction.next)) continue;
        round.waiting.add(instruction.next);
        round.next.push({ at: instruction.next, start: thread.start });
      }
    }
    return false;
  }
}

/** What a step of an automaton without a table costs beside a look into the table. */
const STEPS_PER_INSTRUCTION = 10;

interface Thread {
  readonly at: number;
  readonly start: number;
}

interface Round {
  readonly seen: Set<number>;
  readonly waiting: Set<number>;
  readonly sides: readonly [Side, Side];
  readonly code: number;
  readonly next: Thread[];
}

/** A pattern that was read, or why it was not, in the words of Go's regexp. */
export type CompiledRegex =
  | { readonly ok: true; readonly regex: LinearRegex }
  | { readonly ok: false; readonly message: string };

const compiled = new Map<string, CompiledRegex>();
const COMPILED_MAX = 1_000;

/** Compiles a pattern; the newest ones are kept. */
export function compileRegex(pattern: string): CompiledRegex {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const result = compile(pattern);
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(pattern, result);
  return result;
}

function compile(pattern: string): CompiledRegex {
  try {
    return { ok: true, regex: new LinearRegex(pattern) };
  } catch (error) {
    if (error instanceof RegexError) return { ok: false, message: error.message };
    throw error;
  }
}

/** Builds the program from its end to its start. */
class Assembler {
  readonly program: Instruction[] = [];

  push(instruction: Instruction): number {
    if (this.program.length >= INSTRUCTIONS_MAX) {
      throw new RegexError("error parsing regexp: expression too large");
    }
    return this.program.push(instruction) - 1;
  }

  /** Where the node begins, going on at `next`. */
  add(node: RegexNode, next: number): number {
    switch (node.kind) {
      case "class":
        return this.push({ op: "char", chars: node.chars, next });
      case "assert":
        return this.push({ op: "assert", what: node.what, next });
      case "sequence":
        return node.parts.reduceRight((end, part) => this.add(part, end), next);
      case "choice": {
        const starts = node.parts.map((part) => this.add(part, next));
        const last = starts.pop() ?? next;
        return starts.reduceRight(
          (second, first) => this.push({ op: "split", first, second }),
          last,
        );
      }
      default:
        return this.repeat(node, next);
    }
  }

  private repeat(node: RegexNode & { readonly kind: "repeat" }, next: number): number {
    const { part, min, max, greedy } = node;
    const split = (inner: number, past: number): Instruction => ({
      op: "split",
      first: greedy ? inner : past,
      second: greedy ? past : inner,
    });
    let start = next;
    if (max === Infinity) {
      const loop = this.push({ op: "match" });
      const inner = this.add(part, loop);
      this.program[loop] = split(inner, next);
      start = loop;
    } else {
      for (let count = min; count < max; count += 1) {
        start = this.push(split(this.add(part, start), next));
      }
    }
    for (let count = 0; count < min; count += 1) start = this.add(part, start);
    return start;
  }
}

function spend(budget: RegexBudget, steps: number): void {
  budget.steps -= steps;
  if (budget.steps < 0) throw new RegexBudgetError("the text is too long for the pattern");
}

function holds(what: Assertion, before: Side, after: Side): boolean {
  switch (what) {
    case "textStart":
      return before === "edge";
    case "textEnd":
      return after === "edge";
    case "lineStart":
      return before === "edge" || before === "lineFeed";
    case "lineEnd":
      return after === "edge" || after === "lineFeed";
    case "wordEdge":
      return (before === "word") !== (after === "word");
    default:
      return (before === "word") === (after === "word");
  }
}

function sideOf(code: number): Side {
  if (code === LINE_FEED) return "lineFeed";
  const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return letter || (code >= 48 && code <= 57) || code === 95 ? "word" : "other";
}

function codeBefore(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  const pair = unit >= 0xdc00 && unit <= 0xdfff && at > 1;
  return (pair ? text.codePointAt(at - 2) : unit) ?? 0;
}

function isPair(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}
