import type { Call, Json } from "../history.js";
import { listOf, textOf, versionOf } from "./call-values.js";

/** One event of a watch, or one object of a list, as its watcher saw it. */
export interface SeenEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly name: string;
  readonly version: number;
  readonly value: string;
}

/** An event and the watch call that delivered it. */
export interface Witnessed extends SeenEvent {
  readonly call: Call;
}

/** What one watcher followed from one list on, over all its resumed watches. */
export interface Segment {
  readonly watcher: string;
  readonly list: Call;
  readonly fromVersion: number;
  /** Up to here it was told everything: the last event or bookmark. */
  readonly endVersion: number;
  readonly events: readonly Witnessed[];
  readonly lastCall: Call;
}

export function eventsOf(call: Call): SeenEvent[] {
  return listOf(call.output, "events").map(seenEvent);
}

/** The objects of a list call. */
export function itemsOf(call: Call): SeenEvent[] {
  return listOf(call.output, "items").map((item) => ({ ...seenEvent(item), type: "ADDED" }));
}

function seenEvent(event: Json): SeenEvent {
  return {
    type: textOf(event, "type") as SeenEvent["type"],
    name: textOf(event, "name"),
    version: Number(textOf(event, "version")),
    value: textOf(event, "value"),
  };
}

/**
 * The segments of every watcher; the key of a list or watch call names it. A watch goes on where
 * the last one of its watcher ended.
 */
export function segmentsOf(calls: readonly Call[]): Segment[] {
  const segments: Segment[] = [];
  const current = new Map<string, Segment & { readonly events: Witnessed[] }>();
  for (const call of calls) {
    if (call.outcome !== "ok") continue;
    if (call.f === "list") {
      const version = versionOf(call);
      const place = { list: call, fromVersion: version, endVersion: version, lastCall: call };
      const begun = { watcher: call.key, ...place, events: [] };
      current.set(call.key, begun);
      segments.push(begun);
    }
    const segment = current.get(call.key);
    if (call.f !== "watch" || segment === undefined) continue;
    const events = eventsOf(call);
    segment.events.push(...events.map((event) => ({ ...event, call })));
    const last = events.at(-1);
    const grown = { lastCall: call, ...(last === undefined ? {} : { endVersion: last.version }) };
    Object.assign(segment, grown);
  }
  return segments;
}

/** Whether some watchers together were told of everything in (from, to]. */
export function isCovered(segments: readonly Segment[], from: number, to: number): boolean {
  let reached = from;
  const byStart = [...segments].sort((a, b) => a.fromVersion - b.fromVersion);
  for (const { fromVersion, endVersion } of byStart)
    if (fromVersion <= reached) reached = Math.max(reached, endVersion);
  return reached >= to;
}
