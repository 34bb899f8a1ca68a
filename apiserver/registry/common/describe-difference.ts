import { semanticEqual } from "./semantic-equal.js";

const LINES_MAX = 40;

/**
 * What differs between two values, one line for each: `- path: old`, `+ path: new`. For people who
 * wonder which field of theirs was refused; cut off after some lines.
 */
export function describeDifference(before: unknown, after: unknown): string {
  const lines: string[] = [];
  collect(before, after, { path: "", lines });
  const shown = lines.slice(0, LINES_MAX);
  if (lines.length > LINES_MAX) shown.push(`… and ${lines.length - LINES_MAX} more`);
  return shown.join("\n");
}

function collect(
  before: unknown,
  after: unknown,
  { path, lines }: { path: string; lines: string[] },
): void {
  const field = path.slice(path.lastIndexOf(".") + 1);
  if (semanticEqual(before, after, field)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i += 1)
      collect(before[i], after[i], { path: `${path}[${i}]`, lines });
  } else if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of [...keys].sort()) {
      const next = path === "" ? key : `${path}.${key}`;
      collect(before[key], after[key], { path: next, lines });
    }
  } else {
    if (before !== undefined) lines.push(`- ${path}: ${JSON.stringify(before)}`);
    if (after !== undefined) lines.push(`+ ${path}: ${JSON.stringify(after)}`);
  }
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
