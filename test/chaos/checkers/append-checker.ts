import { type Call, callsByKey } from "../history.js";
import { listOf, textOf } from "./call-values.js";
import { type CheckResult, checkResult, type Violation } from "./check-result.js";

interface Found {
  readonly key: string;
  readonly violations: Violation[];
}

/**
 * Whether each list only ever grew at its end, by what was appended: nothing lost, nothing twice,
 * nothing refused and done, one order for all readers and true to time. Elements are appended once
 * each, so that this is decided without a search. A read answers {items: […]}; an append is given
 * {element}.
 */
export function checkAppend(calls: readonly Call[]): CheckResult {
  const violations: Violation[] = [];
  let reads = 0;
  let unread = 0;
  const byKey = callsByKey(calls);
  for (const [key, ofKey] of byKey) {
    const found: Found = { key, violations };
    const okReads = ofKey.filter(isRead);
    reads += okReads.length;
    const longest = longestRead(okReads);
    if (longest === null) {
      unread += ofKey.some(({ outcome }) => outcome === "ok") ? 1 : 0;
      continue;
    }
    checkReadsAgree(found, okReads, longest);
    checkElements(found, ofKey, longest);
    checkLost(found, ofKey, okReads);
    checkRealTime(found, ofKey, longest);
  }
  const undecided = unread > 0 ? [`${unread} lists were appended to and never read`] : [];
  return checkResult(violations, undecided, { keys: byKey.size, reads, calls: calls.length });
}

function isRead({ f, outcome }: Call): boolean {
  return f === "read" && outcome === "ok";
}

function isAppend({ f, outcome }: Call): boolean {
  return f === "append" && outcome === "ok";
}

function itemsOf(read: Call): readonly string[] {
  return listOf(read.output, "items").map(String);
}

function elementOf(append: Call): string {
  return textOf(append.input, "element");
}

function longestRead(reads: readonly Call[]): Call | null {
  let longest: Call | null = null;
  for (const read of reads)
    if (longest === null || itemsOf(read).length > itemsOf(longest).length) longest = read;
  return longest;
}

function report(found: Found, violation: Omit<Violation, "key">): void {
  found.violations.push({ key: found.key, ...violation });
}

/** Every read saw the beginning of the longest one, and no later read saw less. */
function checkReadsAgree(found: Found, reads: readonly Call[], longest: Call): void {
  const order = itemsOf(longest);
  for (const read of reads) {
    const items = itemsOf(read);
    const at = items.findIndex((item, i) => item !== order[i]);
    if (at >= 0) {
      const message = `two reads disagree at place ${at}: ${items[at]} and ${order[at]}`;
      report(found, { kind: "order", message, calls: [read, longest] });
    }
  }
  for (const [earlier, later] of inTurn(reads, (read) => itemsOf(read).length)) {
    const [more, fewer] = [itemsOf(earlier).length, itemsOf(later).length];
    const message = `a read saw ${fewer} elements after one that saw ${more}`;
    report(found, { kind: "stale-read", message, calls: [earlier, later] });
  }
}

/**
 * Pairs in which the later call began after the earlier one had ended and yet has less: for each
 * later one, the earlier one with the most.
 */
function inTurn(calls: readonly Call[], sizeOf: (call: Call) => number): [Call, Call][] {
  const byEnd = [...calls].sort((a, b) => a.endNs - b.endNs);
  const byStart = [...calls].sort((a, b) => a.startNs - b.startNs);
  const wrong: [Call, Call][] = [];
  let most: Call | null = null;
  let next = 0;
  for (const later of byStart) {
    for (let done = byEnd[next]; done !== undefined && done.endNs < later.startNs; ) {
      if (most === null || sizeOf(done) > sizeOf(most)) most = done;
      next += 1;
      done = byEnd[next];
    }
    if (most !== null && sizeOf(later) < sizeOf(most)) wrong.push([most, later]);
  }
  return wrong;
}

/** What stands in the list was appended, once, and not refused. */
function checkElements(found: Found, calls: readonly Call[], longest: Call): void {
  const appends = new Map(
    calls.filter(({ f }) => f === "append").map((call) => [elementOf(call), call]),
  );
  const seen = new Set<string>();
  for (const item of itemsOf(longest)) {
    const append = appends.get(item);
    if (append === undefined) {
      const message = `${item} is in the list and nobody appended it`;
      report(found, { kind: "phantom", message, calls: [longest] });
    } else if (seen.has(item)) {
      const message = `${item} was appended once and is there twice`;
      report(found, { kind: "duplicate", message, calls: [append, longest] });
    } else if (append.outcome === "fail") {
      const message = `appending ${item} was refused, and it is there`;
      report(found, { kind: "refused-but-done", message, calls: [append, longest] });
    } else if (append.startNs > longest.endNs) {
      const message = `${item} was read before it was appended`;
      report(found, { kind: "phantom", message, calls: [append, longest] });
    }
    seen.add(item);
  }
}

/**
 * Whatever was acknowledged before a read began is in it. What the last read misses is lost; what
 * another read misses, that one was stale.
 */
function checkLost(found: Found, calls: readonly Call[], reads: readonly Call[]): void {
  const appends = calls.filter(isAppend);
  // An element is missed once: the first read that misses it tells it best.
  const missed = new Map<Call, Call>();
  const newestFirst = [...reads].sort((a, b) => b.startNs - a.startNs);
  for (const read of newestFirst) {
    const items = new Set(itemsOf(read));
    for (const append of appends)
      if (append.endNs < read.startNs && !items.has(elementOf(append))) missed.set(append, read);
  }
  const [last] = newestFirst;
  const left = new Set(last === undefined ? [] : itemsOf(last));
  for (const [append, read] of missed) {
    const message = `${elementOf(append)} was acknowledged and is not in a read that began later`;
    const kind = left.has(elementOf(append)) ? "stale-read" : "lost";
    report(found, { kind, message, calls: [append, read] });
  }
}

/** What was acknowledged before another append began stands before it. */
function checkRealTime(found: Found, calls: readonly Call[], longest: Call): void {
  const items = itemsOf(longest);
  const place = new Map(items.map((item) => [item, items.indexOf(item)]));
  const appends = calls.filter((call) => call.f === "append" && place.has(elementOf(call)));
  const placeOf = (call: Call): number => place.get(elementOf(call)) ?? 0;
  for (const [earlier, later] of inTurn(appends, placeOf)) {
    const [first, second] = [elementOf(earlier), elementOf(later)];
    const message = `${second} stands before ${first}, which had ended when it began`;
    report(found, { kind: "order", message, calls: [earlier, later] });
  }
}
