/** A set of code points: ranges, both ends included, and tests for what Unicode names. */
export interface CharClass {
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly tests: readonly ((text: string) => boolean)[];
  readonly negated: boolean;
}

type Range = readonly [low: number, high: number];

const DIGIT: readonly Range[] = [[48, 57]];
const WORD: readonly Range[] = [...DIGIT, [65, 90], [95, 95], [97, 122]];
const SPACE: readonly Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];

/** The classes with a letter: \d, \w and \s, and what is not in them. */
export const PERL_CLASSES: ReadonlyMap<string, CharClass> = new Map([
  ["d", classOf(DIGIT)],
  ["D", classOf(DIGIT, true)],
  ["w", classOf(WORD)],
  ["W", classOf(WORD, true)],
  ["s", classOf(SPACE)],
  ["S", classOf(SPACE, true)],
]);

const UPPER: Range = [65, 90];
const LOWER: Range = [97, 122];

/** The classes that POSIX names, such as [:alpha:]. */
export const POSIX_CLASSES: ReadonlyMap<string, readonly Range[]> = new Map<
  string,
  readonly Range[]
>([
  ["alnum", [...DIGIT, UPPER, LOWER]],
  ["alpha", [UPPER, LOWER]],
  ["ascii", [[0, 127]]],
  [
    "blank",
    [
      [9, 9],
      [32, 32],
    ],
  ],
  [
    "cntrl",
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ["digit", DIGIT],
  ["graph", [[33, 126]]],
  ["lower", [LOWER]],
  ["print", [[32, 126]]],
  [
    "punct",
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126],
    ],
  ],
  [
    "space",
    [
      [9, 13],
      [32, 32],
    ],
  ],
  ["upper", [UPPER]],
  ["word", WORD],
  ["xdigit", [...DIGIT, [65, 70], [97, 102]]],
]);

/** A class of these ranges alone. */
export function classOf(ranges: readonly Range[], negated = false): CharClass {
  return { ranges, tests: [], negated };
}

/** What Unicode calls by this name, such as L, Lu or Greek; null: nothing. */
export function unicodeClass(name: string, negated: boolean): CharClass | null {
  for (const property of [name, `Script=${name}`]) {
    try {
      const one = new RegExp(`^\\p{${property}}$`, "u");
      return { ranges: [], tests: [(text) => one.test(text)], negated };
    } catch {
      // It is not a name of this kind.
    }
  }
  return null;
}

/** Both classes together, neither of them changed. */
export function union(parts: readonly CharClass[], negated: boolean): CharClass {
  const ranges = parts.filter((part) => !part.negated).flatMap((part) => part.ranges);
  const tests = parts.flatMap((part) =>
    part.negated ? [(text: string) => contains(part, text.codePointAt(0) ?? 0)] : [...part.tests],
  );
  return { ranges, tests, negated };
}

/** The class with the other case of every letter in it. Large ranges gain ASCII letters alone. */
export function foldCase(one: CharClass): CharClass {
  const ranges: Range[] = [...one.ranges];
  for (const [low, high] of one.ranges) {
    if (high - low > FOLDED_MAX) {
      ranges.push(...foldedAscii(low, high));
      continue;
    }
    for (let code = low; code <= high; code += 1) {
      const text = String.fromCodePoint(code);
      for (const other of [text.toLowerCase(), text.toUpperCase()]) {
        const folded = other.codePointAt(0) ?? code;
        const single = other.length === String.fromCodePoint(folded).length;
        if (single && folded !== code) ranges.push([folded, folded]);
      }
    }
  }
  const tests = one.tests.map(
    (test) => (text: string) => test(text) || test(text.toLowerCase()) || test(text.toUpperCase()),
  );
  return { ranges, tests, negated: one.negated };
}

const FOLDED_MAX = 512;

function foldedAscii(low: number, high: number): Range[] {
  const all: Range[] = [];
  for (const [[first, last], shift] of [
    [UPPER, 32],
    [LOWER, -32],
  ] as const) {
    const [from, to] = [Math.max(low, first), Math.min(high, last)];
    if (from <= to) all.push([from + shift, to + shift]);
  }
  return all;
}

/** True when the code point is in the class. */
export function contains({ ranges, tests, negated }: CharClass, code: number): boolean {
  for (const [low, high] of ranges) {
    if (code >= low && code <= high) return !negated;
  }
  if (tests.length > 0) {
    const text = String.fromCodePoint(code);
    if (tests.some((test) => test(text))) return !negated;
  }
  return negated;
}
