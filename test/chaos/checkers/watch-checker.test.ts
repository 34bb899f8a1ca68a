import t from "tap";
import type { Call, Json } from "../history.js";
import { call, kindsOf, version } from "./planted.js";
import { checkWatch } from "./watch-checker.js";

const WRITES = [
  call("create", [0, 1], { key: "x", input: { value: "1" }, output: version(11) }),
  call("update", [2, 3], { key: "x", input: { value: "2" }, output: version(12) }),
  call("create", [4, 5], { key: "y", input: { value: "3" }, output: version(13) }),
  call("delete", [6, 7], { key: "x", input: {}, output: {} }),
];
const event = (type: string, name: string, at: number, value: string): Json => ({
  type,
  name,
  version: String(at),
  value,
});
const EVENTS = [
  event("ADDED", "x", 11, "1"),
  event("MODIFIED", "x", 12, "2"),
  event("ADDED", "y", 13, "3"),
  event("DELETED", "x", 14, "2"),
];
const bookmark = (at: number): Json => event("BOOKMARK", "", at, "");

/** A watcher that lists at 10 and is told `events` in watches of these. */
function watcher(key: string, ...watches: readonly (readonly Json[])[]): Call[] {
  const listed = call("list", [-2, -1], { key, output: version(10, { items: [] }) });
  const calls = watches.map((events, i) =>
    call("watch", [20 + i, 21 + i], { key, output: { events } }),
  );
  return [listed, ...calls];
}

function kinds(...watchers: readonly Call[][]): string[] {
  return kindsOf(checkWatch([...WRITES, ...watchers.flat()]));
}

void t.test("valid: all watchers see one order, resumed or not, with bookmarks", (t) => {
  const result = checkWatch([
    ...WRITES,
    ...watcher("a", EVENTS),
    ...watcher("b", EVENTS.slice(0, 2), [bookmark(12)], [...EVENTS.slice(2), bookmark(20)]),
  ]);
  t.same(result.violations, []);
  t.equal(result.valid, true);
  t.equal(result.counts["events"], 10);
  t.end();
});

void t.test("planted violations are found", (t) => {
  const [added = null, modified = null, second = null, deleted = null] = EVENTS;
  const whole = watcher("a", EVENTS);
  const cases: readonly [string, Call[], readonly string[]][] = [
    ["missed", watcher("b", [added, second, deleted]), ["missed"]],
    ["missed at a resumption", watcher("b", [added], [second, deleted]), ["missed"]],
    ["twice", watcher("b", [added, added, modified, second, deleted]), ["duplicate"]],
    ["twice at a resumption", watcher("b", [added, modified], EVENTS), ["duplicate"]],
    ["order", watcher("b", [modified, added, second, deleted]), ["order"]],
    ["bookmark too early", watcher("b", [added, bookmark(13), deleted]), ["bookmark"]],
    [
      "event before its bookmark",
      watcher("b", [added, bookmark(13), modified, second, deleted]),
      ["bookmark"],
    ],
    [
      "another value",
      watcher("b", [added, event("MODIFIED", "x", 12, "1"), second, deleted]),
      ["disagreement"],
    ],
    ["stalled", watcher("b", [added, modified]), ["stalled"]],
  ];
  for (const [name, broken, expected] of cases)
    t.same(kinds(whole, broken).sort(), [...expected].sort(), name);
  t.end();
});

void t.test("planted: writes and events that do not fit each other", (t) => {
  const all = (events: readonly Json[]): Call[][] => [watcher("a", events), watcher("b", events)];
  const extra = event("ADDED", "z", 15, "9");
  t.same(kinds(...all([...EVENTS, extra])), ["phantom"]);
  const without = EVENTS.filter((_, i) => i !== 1);
  t.same(kinds(...all(without)), ["lost"], "an acknowledged write that nobody was told of");
  const refused = call("create", [8, 9], { key: "z", input: { value: "9" }, outcome: "fail" });
  const done = checkWatch([...WRITES, refused, ...watcher("a", [...EVENTS, extra])]);
  t.same(kindsOf(done), ["refused-but-done"]);
  const unknown = { ...refused, outcome: "info" as const, endNs: Number.POSITIVE_INFINITY };
  t.equal(checkWatch([...WRITES, unknown, ...watcher("a", [...EVENTS, extra])]).valid, true);
  const twice = [...EVENTS, extra, event("MODIFIED", "z", 16, "9")];
  t.same(kindsOf(checkWatch([...WRITES, unknown, ...watcher("a", twice)])), ["duplicate"]);
  const undeleted = [...EVENTS.slice(0, 3), event("ADDED", "z", 15, "9")];
  const after = call("create", [8, 9], { key: "z", input: { value: "9" }, output: version(15) });
  const kept = checkWatch([...WRITES, after, ...watcher("a", undeleted)]);
  t.same(kindsOf(kept), ["lost"], "a delete that nobody was told of");
  const story = [...EVENTS, event("MODIFIED", "x", 15, "2")];
  t.ok(kinds(...all(story)).includes("story"), "modified after it was deleted");
  t.end();
});

void t.test("planted: a watch that cannot be resumed", (t) => {
  const gone = { key: "a", input: { from: "14" }, output: { reason: "Expired" } };
  const at = (seconds: number): Call =>
    call("watch", [seconds * 1e9, (seconds + 1) * 1e9], { ...gone, outcome: "fail" });
  const seen = [...WRITES, ...watcher("a", EVENTS)];
  t.same(kindsOf(checkWatch([...seen, at(5)])), ["not-resumable"]);
  t.equal(checkWatch([...seen, at(300)]).valid, true, "after minutes it may have been compacted");
  t.end();
});

void t.test("planted: lists that are stale or not the sum of the events", (t) => {
  const relist = (items: readonly Json[], at: number): Call =>
    call("list", [30, 31], { key: "b", output: version(at, { items }) });
  const base = [...WRITES, ...watcher("a", [...EVENTS, bookmark(20)])];
  const right = relist([event("", "y", 13, "3")], 14);
  t.equal(checkWatch([...base, right]).valid, true);
  const wrong = relist([event("", "x", 12, "2"), event("", "y", 13, "3")], 14);
  t.same(kindsOf(checkWatch([...base, wrong])), ["list"]);
  const stale = relist([event("", "x", 12, "2")], 12);
  t.same(kindsOf(checkWatch([...base, stale])), ["stale-read", "stalled"]);
  t.end();
});
