import type { Call } from "../history.js";
import { textOf, versionOf } from "./call-values.js";
import { type CheckResult, checkResult, type Violation } from "./check-result.js";
import { isCovered, itemsOf, type Segment, segmentsOf, type Witnessed } from "./watch-record.js";

/** History is kept for minutes (docs/adr/0030): who comes back within this time goes on. */
const RESUMABLE_NS = 30e9;

type Report = (kind: string, key: string, message: string, calls: readonly Call[]) => void;

interface Findings {
  readonly calls: readonly Call[];
  readonly segments: readonly Segment[];
  /** Every event that some watcher saw, by its version. */
  readonly reference: ReadonlyMap<number, Witnessed>;
  readonly report: Report;
}

/**
 * The promises of watches (etcd's robustness suite names them): ordered, unique, reliable,
 * resumable, bookmarkable. All watchers see one order; from where a watcher began up to where it
 * got, nothing is missed and nothing is told twice, over every resumption; a bookmark is told only
 * after everything before it; acknowledged writes are events, refused ones are not; a list is the
 * sum of the events up to its version.
 */
export function checkWatch(calls: readonly Call[]): CheckResult {
  const violations: Violation[] = [];
  const report: Report = (kind, key, message, shown) => {
    violations.push({ kind, key, message, calls: shown });
  };
  const segments = segmentsOf(calls);
  for (const segment of segments) checkOrder(segment, report);
  const reference = referenceOf(segments, report);
  const findings: Findings = { calls, segments, reference, report };
  for (const segment of segments) checkNothingMissed(segment, findings);
  checkWrites(findings);
  checkStories(findings);
  checkLists(findings);
  checkCaughtUp(findings);
  checkResumed(findings);
  const events = segments.reduce((sum, segment) => sum + segment.events.length, 0);
  const watches = calls.filter(({ f }) => f === "watch").length;
  const watchers = new Set(segments.map(({ watcher }) => watcher)).size;
  const undecided = segments.length === 0 ? ["nobody watched"] : [];
  const counts = { watchers, watches, events, lists: segments.length, calls: calls.length };
  return checkResult(violations, undecided, counts);
}

/** Within one watcher, versions only grow, over bookmarks and resumptions too. */
function checkOrder({ watcher, list, fromVersion, events }: Segment, report: Report): void {
  let last = { version: fromVersion, call: list, type: "list" };
  const seen = new Set<number>();
  for (const event of events) {
    const isBookmark = event.type === "BOOKMARK";
    const what = `${event.type} ${event.name} at ${event.version}`;
    if (!isBookmark && seen.has(event.version))
      report("duplicate", watcher, `was told ${what} twice`, [event.call]);
    else if (event.version < last.version || (event.version === last.version && !isBookmark)) {
      const kind = last.type === "BOOKMARK" ? "bookmark" : "order";
      report(kind, watcher, `was told ${what} after ${last.type} ${last.version}`, [
        last.call,
        event.call,
      ]);
    }
    if (!isBookmark) seen.add(event.version);
    last = event;
  }
}

/** What happened at each version; two watchers never differ about it. */
function referenceOf(segments: readonly Segment[], report: Report): Map<number, Witnessed> {
  const reference = new Map<number, Witnessed>();
  for (const { watcher, events } of segments) {
    for (const event of events) {
      if (event.type === "BOOKMARK") continue;
      const other = reference.get(event.version);
      if (other === undefined) reference.set(event.version, event);
      else if (!isSame(other, event)) {
        const both = `saw ${describe(event)}, another saw ${describe(other)}`;
        report("disagreement", watcher, `at ${event.version} ${both}`, [other.call, event.call]);
      }
    }
  }
  return reference;
}

function isSame(a: Witnessed, b: Witnessed): boolean {
  return a.type === b.type && a.name === b.name && a.value === b.value;
}

function describe({ type, name, value }: Witnessed): string {
  return `${type} ${name}=${value}`;
}

/** Everything that anybody saw between a watcher's beginning and its end, it saw too. */
function checkNothingMissed(segment: Segment, { reference, report }: Findings): void {
  const { watcher, fromVersion, endVersion, events } = segment;
  const seen = new Set(events.map(({ version }) => version));
  for (const [version, event] of reference) {
    if (version <= fromVersion || version > endVersion || seen.has(version)) continue;
    const beyond = events.find((other) => other.version > version);
    const kind = beyond?.type === "BOOKMARK" ? "bookmark" : "missed";
    const what = `${describe(event)} at ${version}`;
    report(kind, watcher, `was never told ${what}, but of what came later`, [
      event.call,
      beyond?.call ?? segment.lastCall,
    ]);
  }
}

/** Acknowledged writes are events at their version, in the order of time; refused ones are none. */
function checkWrites({ calls, segments, reference, report }: Findings): void {
  const bySource = new Map<string, Witnessed[]>();
  for (const event of reference.values()) {
    const source = event.type === "DELETED" ? `${event.name}/deleted` : sourceOf(event);
    bySource.set(source, [...(bySource.get(source) ?? []), event]);
  }
  for (const call of calls) {
    if (!isWrite(call)) continue;
    const source =
      call.f === "delete"
        ? `${call.key}/deleted`
        : sourceOf({ name: call.key, value: textOf(call.input, "value") });
    const events = bySource.get(source) ?? [];
    bySource.delete(source);
    const version = versionOf(call);
    const shown = [call, ...events.map((event) => event.call)];
    if (events.length > 1)
      report("duplicate", call.key, `one ${call.f} made ${events.length} events`, shown);
    if (call.outcome === "fail" && events.length > 0 && call.f !== "delete")
      report("refused-but-done", call.key, `a refused ${call.f} made an event`, shown);
    if (call.f === "delete" && events.length === 0 && mustBeSeen(call, { calls, segments }))
      report("lost", call.key, "an acknowledged delete is no event", shown);
    if (call.outcome !== "ok" || Number.isNaN(version)) continue;
    if (events.length === 0 && segments.some((segment) => covers(segment, version)))
      report("lost", call.key, `the ${call.f} acknowledged at ${version} is no event`, shown);
    if (events.some((event) => event.version !== version))
      report("wrong-version", call.key, `acknowledged at ${version}, told otherwise`, shown);
  }
  for (const [event] of bySource.values())
    if (event !== undefined && event.type !== "DELETED")
      report("phantom", event.name, `nobody wrote ${describe(event)}`, [event.call]);
  checkRealTime({ calls, report });
}

function sourceOf({ name, value }: { readonly name: string; readonly value: string }): string {
  return `${name}=${value}`;
}

function isWrite({ f }: Call): boolean {
  return f === "create" || f === "update" || f === "delete";
}

/** A delete has no version of its own: whoever listed before and saw a later write saw it. */
function mustBeSeen(
  { outcome, startNs, endNs }: Call,
  { calls, segments }: Pick<Findings, "calls" | "segments">,
): boolean {
  if (outcome !== "ok") return false;
  const later = calls.find((call) => call.startNs > endNs && isWrite(call) && versionOf(call) > 0);
  if (later === undefined) return false;
  const version = versionOf(later);
  return segments.some((segment) => segment.list.endNs < startNs && segment.endVersion >= version);
}

function covers({ fromVersion, endVersion }: Segment, version: number): boolean {
  return fromVersion < version && version <= endVersion;
}

/** Who began after another had ended has the greater version; a list sees what was acknowledged. */
function checkRealTime({ calls, report }: Pick<Findings, "calls" | "report">): void {
  const known = calls.filter((call) => call.outcome === "ok" && !Number.isNaN(versionOf(call)));
  const writes = known.filter(isWrite).sort((a, b) => a.endNs - b.endNs);
  const later = known.filter((call) => isWrite(call) || call.f === "list");
  let newest: Call | null = null;
  let next = 0;
  for (const call of later.sort((a, b) => a.startNs - b.startNs)) {
    for (let done = writes[next]; done !== undefined && done.endNs < call.startNs; ) {
      if (newest === null || versionOf(done) > versionOf(newest)) newest = done;
      next += 1;
      done = writes[next];
    }
    if (newest === null || versionOf(call) >= versionOf(newest)) continue;
    const kind = call.f === "list" ? "stale-read" : "order";
    const message = `${call.f} answered ${versionOf(call)} after ${versionOf(newest)} had ended`;
    report(kind, call.key, message, [newest, call]);
  }
}

/** Each object is added, then modified, then deleted: as one watcher that saw all would be told. */
function checkStories({ segments, reference, report }: Findings): void {
  const first = earliestList(segments);
  if (first === null) return;
  const alive = new Set(itemsOf(first.list).map(({ name }) => name));
  const order = [...reference.values()].sort((a, b) => a.version - b.version);
  let reached = first.fromVersion;
  for (const event of order) {
    // Beyond what all saw together, a story may lack its beginning.
    if (event.version > reached && !isCovered(segments, reached, event.version)) return;
    reached = Math.max(reached, event.version);
    const fits = (event.type === "ADDED") !== alive.has(event.name);
    if (!fits) report("story", event.name, `${event.type} does not follow`, [event.call]);
    if (event.type === "DELETED") alive.delete(event.name);
    else alive.add(event.name);
  }
}

function earliestList(segments: readonly Segment[]): Segment | null {
  const byVersion = [...segments].sort((a, b) => a.fromVersion - b.fromVersion);
  return byVersion[0] ?? null;
}

/** A list at a version is what the events up to it make of an earlier list. */
function checkLists({ segments, reference, report }: Findings): void {
  const first = earliestList(segments);
  if (first === null) return;
  const order = [...reference.values()].sort((a, b) => a.version - b.version);
  const lists = segments.map(({ list }) => list).sort((a, b) => versionOf(a) - versionOf(b));
  const state = new Map(itemsOf(first.list).map(({ name, value }) => [name, value]));
  let next = 0;
  for (const list of lists) {
    const version = versionOf(list);
    for (let event = order[next]; event !== undefined && event.version <= version; ) {
      if (event.version > first.fromVersion) applyEvent(state, event);
      next += 1;
      event = order[next];
    }
    if (!isCovered(segments, first.fromVersion, version)) return;
    const listed = new Map(itemsOf(list).map(({ name, value }) => [name, value]));
    const odd = [...new Set([...listed.keys(), ...state.keys()])].filter(
      (name) => listed.get(name) !== state.get(name),
    );
    if (odd.length === 0) continue;
    const names = odd.slice(0, 3).join(", ");
    const message = `the list at ${version} differs from the events before it: ${names}`;
    report("list", list.key, message, [list]);
  }
}

function applyEvent(state: Map<string, string>, event: Witnessed): void {
  if (event.type === "DELETED") state.delete(event.name);
  else state.set(event.name, event.value);
}

/** In the calm at the end every watcher reached the last acknowledged write. */
function checkCaughtUp({ calls, segments, report }: Findings): void {
  const versions = calls.filter((call) => isWrite(call) && call.outcome === "ok").map(versionOf);
  const last = versions.reduce((max, version) => (version > max ? version : max), 0);
  const ends = new Map(segments.map((segment) => [segment.watcher, segment]));
  for (const [watcher, segment] of ends)
    if (segment.endVersion < last) {
      const message = `got to ${segment.endVersion} and never to ${last}, though the calm came`;
      report("stalled", watcher, message, [segment.lastCall]);
    }
}

/** Who comes back soon goes on where he was, whatever happened to the servers meanwhile. */
function checkResumed({ calls, report }: Pick<Findings, "calls" | "report">): void {
  const last = new Map<string, Call>();
  for (const call of calls) {
    if (call.f !== "list" && call.f !== "watch") continue;
    const before = last.get(call.key);
    if (call.outcome === "ok") last.set(call.key, call);
    const isExpired = call.outcome === "fail" && textOf(call.output, "reason") === "Expired";
    if (call.f !== "watch" || !isExpired || before === undefined) continue;
    if (call.startNs - before.endNs > RESUMABLE_NS) continue;
    const seconds = ((call.startNs - before.endNs) / 1e9).toFixed(1);
    const message = `its history was gone after ${seconds} s: ${call.error}`;
    report("not-resumable", call.key, message, [before, call]);
  }
}
