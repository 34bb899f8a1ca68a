import t from "tap";
import type { Call } from "../history.js";
import { checkAppend } from "./append-checker.js";
import { call, kindsOf } from "./planted.js";

const append = (element: string, at: number, outcome: Call["outcome"] = "ok"): Call =>
  call("append", [at, at + 1], { input: { element }, outcome });
const read = (items: readonly string[], at: number): Call =>
  call("read", [at, at + 1], { output: { items } });

const slow = call("append", [2, 20], { input: { element: "c" } });
const GOOD = [append("a", 0), append("b", 2), read(["a", "b"], 4)];

void t.test("valid: all there, in order; unknown ones may or may not be", (t) => {
  t.equal(checkAppend(GOOD).valid, true);
  const maybe = append("c", 6, "info");
  t.equal(checkAppend([...GOOD, maybe, read(["a", "b"], 20)]).valid, true);
  t.equal(checkAppend([...GOOD, maybe, read(["a", "b", "c"], 20)]).valid, true);
  const late = [...GOOD, maybe, append("d", 10), read(["a", "b", "d", "c"], 20)];
  t.equal(checkAppend(late).valid, true, "an unknown one may land late");
  t.end();
});

void t.test("planted violations are found", (t) => {
  const cases: readonly [string, readonly Call[], readonly string[]][] = [
    ["lost", [...GOOD, append("c", 6), read(["a", "b"], 8)], ["lost"]],
    ["lost again", [...GOOD, read(["a"], 8)], ["lost", "stale-read"]],
    ["stale", [...GOOD, read(["a"], 8), read(["a", "b"], 10)], ["stale-read"]],
    [
      "stale for the first reader",
      [...GOOD.slice(0, 2), read(["a"], 4), read(["a", "b"], 8)],
      ["stale-read"],
    ],
    ["all gone", [...GOOD, read([], 8)], ["lost", "stale-read"]],
    ["duplicate", [...GOOD, read(["a", "b", "a"], 8)], ["duplicate"]],
    ["phantom", [...GOOD, read(["a", "b", "x"], 8)], ["phantom"]],
    ["refused", [...GOOD, append("c", 6, "fail"), read(["a", "b", "c"], 8)], ["refused-but-done"]],
    ["order in time", [append("a", 0), append("b", 2), read(["b", "a"], 4)], ["order"]],
    ["readers differ", [...GOOD, slow, read(["a", "c", "b"], 8)], ["order"]],
    ["from the future", [read(["a"], 0), append("a", 5), read(["a"], 8)], ["phantom"]],
    [
      "an unknown one vanishes",
      [...GOOD, append("c", 6, "info"), read(["a", "b", "c"], 8), read(["a", "b"], 10)],
      ["stale-read"],
    ],
  ];
  for (const [name, calls, kinds] of cases) {
    const result = checkAppend(calls);
    t.equal(result.valid, false, name);
    t.same(kindsOf(result), kinds, name);
  }
  t.end();
});

void t.test("a list that nobody read is no evidence", (t) => {
  t.equal(checkAppend([append("a", 0)]).valid, "unknown");
  t.end();
});
