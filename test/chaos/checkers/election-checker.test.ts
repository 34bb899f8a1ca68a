import t from "tap";
import type { Call, Json } from "../history.js";
import { checkElection } from "./election-checker.js";
import { call, kindsOf, version } from "./planted.js";

const acquire = (holder: string, transitions: number, at: number): Call =>
  call("acquire", [at, at + 1], { input: { holder }, output: version(at, { transitions }) });
const write = (id: string, claim: readonly [string, number], at: number | null): Call => {
  const [holder, transitions] = claim;
  const input = { id, holder, transitions };
  if (at === null) return call("write", [90, 91], { input, outcome: "fail" });
  return call("write", [at, at + 1], { input, output: version(at) });
};
const seen = (id: string, claim: readonly [string, number], at: number): Json => ({
  type: "write",
  lease: "k",
  id,
  holder: claim[0],
  transitions: claim[1],
  version: String(at),
});
const observe = (events: readonly Json[]): Call =>
  call("observe", [95, 96], { output: { from: 0, to: 100, events } });

const A = ["a", 0] as const;
const B = ["b", 1] as const;
const ALL = [seen("1", A, 12), seen("2", B, 22)];
const ASKED = [acquire("a", 0, 10), write("1", A, 12), acquire("b", 1, 20), write("2", B, 22)];
const GOOD = [...ASKED, observe(ALL)];

void t.test("valid: each wrote in its own term; the paused one was refused", (t) => {
  const result = checkElection([...GOOD, write("3", A, null)]);
  t.same(result.violations, []);
  t.equal(result.valid, true);
  t.same(result.counts, { takeovers: 2, accepted: 2, refused: 1, calls: 6 });
  t.equal(checkElection([...GOOD, acquire("b", 1, 20)]).valid, true, "renewed");
  t.end();
});

void t.test("planted violations are found", (t) => {
  const cases: readonly [string, readonly Call[], readonly string[]][] = [
    ["a late write is acknowledged", [...ASKED, write("3", A, 23)], ["fence-broken"]],
    ["a write that nobody sent", [...ASKED, observe([...ALL, seen("3", B, 25)])], ["phantom"]],
    [
      "a late write of unknown outcome is observed",
      [...ASKED, { ...write("3", A, null), outcome: "info" }, observe([...ALL, seen("3", A, 25)])],
      ["fence-broken"],
    ],
    [
      "a refused write is there",
      [...ASKED, write("3", B, null), observe([...ALL, seen("3", B, 25)])],
      ["refused-but-done"],
    ],
    ["an acknowledged write is not", [...ASKED, write("3", B, 24), observe(ALL)], ["lost"]],
    ["two leaders of one term", [...ASKED, acquire("c", 1, 24)], ["two-leaders"]],
    ["wrote before it took over", [...ASKED, write("3", B, 15)], ["fence-broken"]],
    ["wrote in another's term", [...ASKED, write("3", ["a", 1], 23)], ["fence-broken"]],
    [
      "a takeover that only an observer saw",
      [
        ...ASKED,
        write("3", B, 40),
        observe([
          ...ALL,
          { type: "taken", lease: "k", holder: "c", transitions: 2, version: "30" },
          seen("3", B, 40),
        ]),
      ],
      ["fence-broken"],
    ],
  ];
  for (const [name, calls, kinds] of cases) t.same(kindsOf(checkElection(calls)), kinds, name);
  t.end();
});

void t.test("without a change of the holder nothing was tested", (t) => {
  const seenOne = call("observe", [95, 96], {
    output: { from: 0, to: 15, events: ALL.slice(0, 1) },
  });
  const result = checkElection([...ASKED.slice(0, 2), seenOne]);
  t.equal(result.valid, "unknown");
  t.match(result.undecided, [/changes of the holder/]);
  t.end();
});

void t.test("what nobody observed is not known to be right", (t) => {
  const part = (from: number, to: number, events: readonly Json[]): Call =>
    call("observe", [95, 96], { output: { from, to, events } });
  const [first = null, second = null] = ALL;
  const gap = checkElection([...ASKED, part(0, 13, [first]), part(15, 30, [second])]);
  t.equal(gap.valid, "unknown");
  t.same(gap.undecided, ["what was accepted after version 13 was not observed"]);
  t.equal(checkElection([...ASKED, part(0, 13, [first])]).valid, "unknown", "nor what came last");
  const joined = [part(0, 13, [first]), part(13, 30, [second])];
  t.equal(checkElection([...ASKED, ...joined]).valid, true, "resumed where it ended");
  t.end();
});
